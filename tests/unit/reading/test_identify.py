"""What a design cannot determine is said before anything is fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_tables import RUNS

from scaling_studies.reading.identify import identifiable, laws_that_can_be_fitted, levels

SIZES = np.geomspace(1e7, 1e9, 8)


def design(params, tokens) -> pd.DataFrame:
    return pd.DataFrame({"params": params, "tokens": tokens})


REFUSED = {
    "one size": (design(1.1e8, np.geomspace(5e8, 8e10, 8)), "All runs have one size"),
    "one amount of data": (design(SIZES, 2e9), "All runs have one amount of data"),
    "one ratio": (design(SIZES, 20 * SIZES), "one ratio of 20 tokens a parameter"),
    "one ratio, nearly": (design(SIZES, SIZES * [20, 22, 19, 20, 21, 20, 18, 20]), "rise together"),
    "one compute": (design(SIZES, 1e18 / SIZES), "traded for one another"),
    "a few per cent": (design(1.07e7 * (1 + 0.0007 * np.arange(8)), SIZES * 30), "span only 0.49"),
    "two sizes": (design([1e8, 4e8] * 4, np.geomspace(1e9, 5e10, 8)), "2 different sizes"),
    "five runs": (design([1e7, 1e7, 1e8, 1e8, 1e9], [1e9, 1e10, 3e9, 1e9, 2e10]), "5 different"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_design_that_cannot_identify_is_refused_with_the_reason(name):
    frame, said = REFUSED[name]
    found = identifiable(frame, "additive")
    assert not found
    assert said in found.sentence.replace("%", "").replace("\N{NO-BREAK SPACE}", ""), found.sentence


@pytest.mark.parametrize("law", ["additive", "kaplan", "overtrained"])
def test_a_grid_identifies(law):
    assert identifiable(RUNS, law)
    assert identifiable(RUNS.rename(columns={"tokens": "samples"}), law)


def test_isoflops_of_several_budgets_identify():
    budgets, sizes = np.meshgrid([1e18, 1e19, 1e20], np.geomspace(0.4, 2.5, 5))
    params = np.sqrt(budgets / 120) * sizes
    frame = design(params.ravel(), (budgets / 6 / params).ravel())
    assert identifiable(frame, "additive")


def test_one_axis_laws_are_offered_where_two_axes_are_refused():
    def offered(frame):
        return {(found.law, *found.axes.values()) for found in laws_that_can_be_fitted(frame)}

    assert ("power_offset", "tokens") in offered(REFUSED["one size"][0])
    assert ("power_offset", "params") in offered(REFUSED["one ratio"][0])
    assert ("power_offset", "params") in offered(REFUSED["one amount of data"][0])
    few = design(1.07e7 * (1 + 0.0007 * np.arange(8)), 2e9)
    assert offered(few) == set()


def test_a_law_of_one_axis_is_refused_where_the_other_varies_by_itself():
    assert "sizes of the runs differ" in identifiable(RUNS, "power", {"x": "tokens"}).sentence
    assert (
        "amounts of data of the runs differ"
        in identifiable(RUNS, "power", {"x": "params"}).sentence
    )


def test_what_is_not_there_is_said():
    assert identifiable(RUNS[["params"]], "additive").sentence == "The runs have no samples."
    assert "no size, data or compute" in identifiable(RUNS[["loss"]], "power").sentence


@settings(max_examples=60)
@given(st.floats(1.0, 1e4), st.integers(4, 12), st.floats(0.0, 0.01))
def test_a_constant_ratio_is_never_identified_however_it_is_rounded(ratio, number, noise):
    params = np.geomspace(1e7, 1e9, number)
    wiggle = 1 + noise * np.cos(np.arange(number))
    assert not identifiable(design(params, np.round(ratio * params * wiggle)), "additive")


def test_values_within_two_per_cent_are_one_level():
    assert levels(np.array([1e8, 1.01e8, 2e8, 2.03e8, 4e8])) == 3
