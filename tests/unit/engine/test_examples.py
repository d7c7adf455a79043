"""Examples in docstrings run; every public call has one."""

from __future__ import annotations

import doctest
import importlib
import sys

import pytest

import scaling_studies as ss

#: Modules of the mathematics with examples that no public call leads to.
FURTHER = (
    "scaling_studies.models.projection",
    "scaling_studies.engine.validation.backtest",
    "scaling_studies.engine.planning.robust",
)
CALLS = sorted(set(ss.__all__) - {"FitError", "ScalingStudiesError", "laws"})


def module_of(name: str) -> str:
    """Module that defines a public name."""
    return getattr(ss, name).__module__


@pytest.mark.parametrize("name", CALLS)
def test_every_public_call_has_an_example(name):
    assert ">>> " in getattr(ss, name).__doc__


@pytest.mark.parametrize(
    "module", sorted({*map(module_of, CALLS), "scaling_studies.laws", *FURTHER})
)
def test_examples_run(module):
    importlib.import_module(module)
    outcome = doctest.testmod(sys.modules[module])
    assert outcome.attempted and not outcome.failed
