"""Resamples of a card's fit: how they are drawn, and statistics of all of them together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry
from fit_artefacts import runs
from power_resamples import drawn, fitted, summed_up

import scaling_studies as ss
from scaling_studies.fits.resampling import resample_study, wald_statistic


def boot(numbers=range(2, 6), **settings) -> pd.DataFrame:
    """The same resamples by the public calls."""
    rows = runs().iloc[:7]
    fit = ss.fit("power", {"x": rows["params_total"], "loss": rows["value"]}, "squared_log")
    result = ss.bootstrap(fit, len(numbers), seed=9, first=numbers.start, **settings)
    frame = result.frame()[
        ["resample", "A", "alpha", "objective_value", "converged", "found_elsewhere"]
    ]
    return frame.assign(freedom=float(result.freedom if result.freedom is not None else np.nan))


GROUPS = runs()["group_id"][:7].to_numpy()
HALVES = np.array(["x", "x", "x", "y", "y", "y", "y"])


@pytest.mark.parametrize(
    ("resample", "settings"),
    [
        (None, {"kind": "pairs"}),
        ({"reason": "said"}, {"kind": "pairs"}),
        ({"kind": "cluster"}, {"kind": "cluster", "groups": GROUPS}),
        ({"kind": "stratified"}, {"kind": "stratified", "strata": GROUPS}),
        ({"kind": "stratified", "groups": "half"}, {"kind": "stratified", "strata": HALVES}),
        ({"kind": "parametric"}, {"kind": "parametric"}),
    ],
)
def test_resamples_are_those_of_the_public_call(resample, settings):
    table = runs().assign(half=[*HALVES, "y"] * 2)
    changes = {"resample": resample} if resample else {}
    pd.testing.assert_frame_equal(drawn(table, **changes), boot(**settings), rtol=1e-6)


def test_responses_are_redrawn_from_their_published_intervals():
    table = runs().assign(value_low=runs()["value"] - 0.1, value_high=runs()["value"] + 0.3)
    found = drawn(table, resample={"kind": "parametric", "response_interval": True})
    value = runs()["value"][:7].to_numpy()
    expected = boot(kind="parametric", response_interval=(value - 0.1, value + 0.3))
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_how_and_why_it_was_resampled_is_told():
    _, found = summed_up(
        {"A": np.arange(50.0)}, resample={"kind": "cluster", "reason": "Runs depend."}
    )
    assert (found.kind, found.reason) == ("cluster", "Runs depend.")


def test_the_wald_statistic_is_the_distance_in_standard_errors():
    generator = np.random.default_rng(0)
    draws = pd.DataFrame({"a": generator.normal(0, 2, 5000), "b": generator.normal(0, 1, 5000)})
    found = wald_statistic(draws, {"a": 5.0, "b": 2.0}, {"a": 1.0, "b": 2.0})
    assert found == pytest.approx((4.0 / 2.0) ** 2, rel=0.05)
    both = wald_statistic(draws, {"a": 3.0, "b": 3.0}, {"a": 1.0, "b": 2.0})
    difference = np.array([2.0, 1.0])
    expected = difference @ np.linalg.inv(np.cov(draws.to_numpy(), rowvar=False)) @ difference
    assert both == pytest.approx(expected)


def test_a_card_may_ask_for_a_wald_statistic():
    values = np.random.default_rng(1).normal(30.0, 2.0, 200)
    wald = {"wald_against": {"A": 25.0, "alpha": 0.2}}
    draws = {"A": values, "alpha": np.random.default_rng(2).normal(0.3, 0.01, 200)}
    _, found = summed_up(draws, {"A": 30.0, "alpha": 0.3}, quantities={"wald": wald})
    interval = found.intervals["wald"]
    assert interval.low is None and interval.high is None
    expected = wald_statistic(pd.DataFrame(draws), {"A": 30.0, "alpha": 0.3}, wald["wald_against"])
    assert interval.value == pytest.approx(expected)


def test_the_covariance_may_be_that_of_another_fit():
    values = np.random.default_rng(1).normal(30.0, 2.0, 200)
    wald = {"wald_against": {"A": 25.0, "alpha": 0.2}, "covariance_of": "other"}
    entry, artefact, points = fitted(quantities={"wald": wald})
    frame = pd.DataFrame({"resample": np.arange(200), "A": values, "alpha": 0.3})
    frame = frame.assign(objective_value=1.0, converged=True, freedom=np.nan, found_elsewhere=False)
    other = pd.DataFrame(np.random.default_rng(3).normal(size=(90, 2)), columns=["A", "alpha"])
    _, found = resample_study("s", "f", fit_entry(entry), artefact, points, {"other": other}, frame)
    expected = wald_statistic(other, artefact.quantities, wald["wald_against"])
    assert found.intervals["wald"].value == pytest.approx(expected)


def test_what_is_made_of_a_statistic_of_the_rows_is_known_of_the_fit_alone():
    made = {"correlation": {"of": "r_squared", "power": 0.5}, "twice": {"expression": "2 * mae"}}
    entry, artefact, points = fitted(quantities=made)
    assert artefact.quantities["correlation"] == pytest.approx(
        artefact.quantities["r_squared"] ** 0.5
    )
    draws = drawn(quantities=made)
    frame, summary = resample_study("study", "fit", fit_entry(entry), artefact, points, {}, draws)
    assert frame[["correlation", "twice"]].isna().to_numpy().all()
    assert not made.keys() & summary.intervals.keys()
