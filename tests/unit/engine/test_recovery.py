"""Noise-free tables give the truth back, for every law, from many random truths."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from truths import TRUTHS

import scaling_studies as ss

#: Truths in the everyday run, and in the full one (``-m slow``).
EVERYDAY, FULL = 4, 100
#: One fit takes a second or more.
EXPENSIVE = {"multi_power", "data_constrained"}
#: Truths of two breaks on which a coarser search agreed about another optimum.
MISSED = (9, 158, 320, 405, 409, 455, 649, 831, 979)


def recovery_errors(name: str, seeds: Iterable[int]) -> dict[int, tuple[float, float]]:
    """Largest relative parameter error and absolute misfit of each truth."""
    law = ss.get_law(name)
    found = {}
    for seed in seeds:
        truth, frame = TRUTHS[name](np.random.default_rng(seed))
        response = law.value(truth, frame)
        fit = ss.fit(
            law,
            {**frame, law.response: response},
            law.objective,
            response=law.response,
            confirm=False,
        )
        error = max(abs(fit.parameters[key] / value - 1.0) for key, value in truth.items())
        misfit = float(np.max(np.abs(fit.fitted() - response)))
        assert fit.converged
        found[seed] = error, misfit
    return found


@pytest.mark.parametrize("name", sorted(TRUTHS))
def test_truth_is_recovered(name):
    seeds = range(1 if name in EXPENSIVE else EVERYDAY)
    for seed, (error, misfit) in recovery_errors(name, seeds).items():
        assert error < 1e-6, f"truth {seed}: parameters to {error:.1e}, values to {misfit:.1e}"


def test_two_breaks_are_found_where_a_coarser_search_was_sure_of_others():
    for seed, (error, misfit) in recovery_errors("broken_two", MISSED).items():
        assert error < 1e-6, f"truth {seed}: parameters to {error:.1e}, values to {misfit:.1e}"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TRUTHS))
def test_truth_is_recovered_from_a_hundred_truths(name):
    for seed, (error, misfit) in recovery_errors(name, range(FULL)).items():
        assert error < 1e-6, f"truth {seed}: parameters to {error:.1e}, values to {misfit:.1e}"
