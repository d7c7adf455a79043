"""Spaces in which a named method of SciPy searches."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.errors import FitError

X = np.geomspace(1e2, 1e6, 20)
RUNS = {"x": X, "loss": 1.5 + 30.0 * X**-0.4}
START = {"E": 1.2, "A": 20.0, "alpha": 0.35}


@pytest.mark.parametrize("space", ["working", "natural", "logarithms"])
@pytest.mark.parametrize("gradient", ["analytic", "numerical"])
def test_every_space_leads_to_the_optimum(space, gradient):
    fit = ss.fit(
        "power_offset",
        RUNS,
        "squared",
        starts=[START],
        method="BFGS",
        space=space,
        gradient=gradient,
    )
    assert fit.parameters["E"] == pytest.approx(1.5, abs=0.02)
    assert fit.parameters["alpha"] == pytest.approx(0.4, abs=0.02)


def test_the_logarithm_of_a_floor_is_searched_from_its_start():
    """An averaged loss stops where its gradient, here by the logarithm, is small."""
    weights = np.full(len(X), 1e-9)
    where = [
        ss.fit(
            "power_offset",
            RUNS,
            "squared",
            weights=weights,
            starts=[START],
            method="L-BFGS-B",
            space=space,
        ).parameters["E"]
        for space in ("working", "logarithms")
    ]
    assert where == pytest.approx([START["E"]] * 2, rel=1e-12)


def test_an_unknown_space_is_refused():
    with pytest.raises(FitError, match=r"unknown space 'log'.*working, natural, logarithms"):
        ss.fit("power_offset", RUNS, starts=[START], method="BFGS", space="log")
