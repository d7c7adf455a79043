"""Resamples of a card's fit: how they are drawn, and what they are summed up to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry
from fit_artefacts import runs
from scipy.special import ndtr, ndtri

import scaling_studies as ss
from scaling_studies.fits.reductions import Coverage, redrawn_responses
from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.resampling import draw_resamples, resample_study, wald_statistic

POWER = {
    "title": "A power law",
    "law": "power",
    "response": {"metric": "loss"},
    "axes": {"x": "params_total"},
}


def fitted(table: pd.DataFrame | None = None, **changes):
    entry = POWER | changes
    artefact, points = fit_study(
        "study", "fit", fit_entry(entry), runs() if table is None else table, {}
    )
    return entry, artefact, points


def drawn(table: pd.DataFrame | None = None, numbers=range(2, 6), **changes) -> pd.DataFrame:
    entry, artefact, points = fitted(table, **changes)
    return draw_resamples(
        "study", "fit", fit_entry(entry), artefact, points, numbers=numbers, seed=9, runs=table
    )


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


def summed_up(
    draws: dict[str, np.ndarray],
    estimates: dict[str, float] | None = None,
    freedom: float = np.nan,
    **changes,
):
    """Summary of given resamples of the power law."""
    entry, artefact, points = fitted(**changes)
    size = len(draws["A"])
    frame = pd.DataFrame({"resample": np.arange(size), "A": 0.0, "alpha": 0.3} | draws)
    frame = frame.assign(objective_value=1.0, converged=np.arange(size) % 4 > 0, freedom=freedom)
    frame["found_elsewhere"] = np.arange(size) % 2 > 0
    artefact = replace(artefact, quantities=artefact.quantities | (estimates or {}))
    return resample_study("study", "fit", fit_entry(entry), artefact, points, {}, frame)


def test_an_interval_holds_95_per_cent_of_the_resamples():
    draws = {"A": np.random.default_rng(0).permutation(1001.0 + np.arange(1001))}
    frame, found = summed_up(draws, {"A": 1501.0})
    assert (found.study, found.fit, found.kind, found.resamples) == ("study", "fit", "pairs", 1001)
    assert found.level == 0.95 and found.reason is None
    assert found.converged_share == pytest.approx(750 / 1001)
    assert found.elsewhere_share == pytest.approx(500 / 1001)
    interval = found.intervals["A"]
    assert (interval.low, interval.median, interval.high) == (1026.0, 1501.0, 1976.0)
    assert interval.standard_error == pytest.approx(np.sqrt(1001 * 1002 / 12))
    assert list(frame) == [
        "resample", "A", "alpha", *ss.get_law("power").derived, "objective_value", "converged",
    ]  # fmt: skip


def test_what_does_not_vary_has_no_interval():
    _, found = summed_up({"A": 30.0 + np.arange(100.0)})
    assert "alpha" not in found.intervals and "A" in found.intervals


@pytest.mark.parametrize("size", [5, 39])
def test_a_handful_of_resamples_makes_no_interval(size):
    assert summed_up({"A": 30.0 + np.arange(float(size))})[1].intervals == {}
    assert summed_up({"A": 30.0 + np.arange(40.0)})[1].intervals


def test_resamples_without_an_estimate_are_left_out():
    values = np.concatenate([30.0 + np.arange(41.0), [np.nan, np.inf]])
    assert summed_up({"A": values}, {"A": 50.0})[1].intervals["A"].low == 31.0


def test_how_and_why_it_was_resampled_is_told():
    _, found = summed_up(
        {"A": np.arange(50.0)}, resample={"kind": "cluster", "reason": "Runs depend."}
    )
    assert (found.kind, found.reason) == ("cluster", "Runs depend.")


def test_printed_intervals_do_not_change_the_level_of_resampled_ones():
    printed = {"level": 0.8, "of": {"A": [1.0, 2.0]}}
    draws = {"A": 30.0 + np.arange(41.0)}
    _, found = summed_up(draws, {"A": 50.0}, printed_intervals=printed)
    assert found.level == 0.95 and found.intervals["A"].low == 31.0


HELD_OUT = {
    "rows": {"where": {"params_total": {"max": 2e8}}},
    "held_out": "rest",
    "quantities": {"error": {"held_out": "relative_error"}},
}


def error_draws(errors: np.ndarray) -> dict[str, np.ndarray]:
    """Resamples of A whose relative error in the held-out row is as given."""
    _, _, points = fitted(**HELD_OUT)
    row = points[points["role"] == "held_out"].iloc[0]
    return {"A": (1.0 + errors) * row["observed"] * row["x"] ** 0.3}


def test_a_relative_error_is_resampled_with_its_sign():
    signed = np.linspace(-0.1, 0.3, 401)
    frame, found = summed_up(error_draws(signed), {"error": 1e-6}, **HELD_OUT)
    interval = found.intervals["error"]
    assert (interval.low, interval.high) == pytest.approx((0.0, 0.29))
    assert interval.low <= 1e-6 <= interval.high and interval.note == ""
    # The quantity itself stays the absolute value that papers print.
    assert frame["error"].to_numpy() == pytest.approx(np.abs(signed))
    assert interval.median == pytest.approx(np.median(np.abs(signed)))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_errors_on_one_side_of_zero_keep_their_interval(sign):
    draws = error_draws(sign * np.linspace(0.1, 0.3, 201))
    frame, found = summed_up(draws, {"error": 0.2}, **HELD_OUT)
    ends = np.quantile(frame["error"], [0.025, 0.975])
    assert (found.intervals["error"].low, found.intervals["error"].high) == pytest.approx(ends)


@pytest.mark.parametrize("kind", ["pairs", "parametric"])
@pytest.mark.parametrize(("estimate", "inside"), [(29.0, False), (72.0, False), (32.0, True)])
def test_no_interval_excludes_its_estimate(kind, estimate, inside):
    draws = {"A": 30.0 + np.arange(41.0)}
    interval = summed_up(draws, {"A": estimate}, resample={"kind": kind})[1].intervals["A"]
    if inside:
        assert interval.low <= estimate <= interval.high and interval.note == ""
    else:
        assert interval.ends is None and "off to one side" in interval.note


def test_percentiles_of_drawn_rows_are_corrected_for_a_bias_that_is_not_small():
    # Four fifths of the refits lie below the fit: z = 0.8416, the ends are those of 2 z -+ 1.96.
    draws = {"A": np.arange(1.0, 1002.0)}
    interval = summed_up(draws, {"A": 801.0})[1].intervals["A"]
    ends = np.quantile(draws["A"], ndtr(2 * ndtri(800.5 / 1001) + np.array([-1.959964, 1.959964])))
    assert (interval.low, interval.high) == pytest.approx(tuple(ends), abs=1.0)
    drawn = summed_up(draws, {"A": 801.0}, resample={"kind": "parametric"})[1].intervals["A"]
    assert (drawn.low, drawn.high) == pytest.approx((26.0, 976.0))
    slight = summed_up(draws, {"A": 690.0})[1].intervals["A"]
    assert (slight.low, slight.high) == pytest.approx((26.0, 976.0))


@pytest.mark.parametrize(
    "statistic", ["rms_log_error", "rmsle", "rms_error", "mean_absolute_error"]
)
def test_errors_without_a_sign_have_no_interval(statistic):
    changes = HELD_OUT | {
        "rows": {"where": {"params_total": {"max": 1e8}}},
        "quantities": {"error": {"held_out": statistic}},
    }
    draws = {"A": np.random.default_rng(0).normal(30.0, 2.0, 200)}
    _, found = summed_up(draws, {"error": 0.1, "A": 30.0}, **changes)
    assert found.intervals["error"].ends is None
    assert found.intervals["error"].note.startswith("An error of several rows")
    assert found.intervals["A"].ends


def test_the_objective_has_no_interval():
    _, artefact, points = fitted()
    frame = pd.DataFrame({"resample": np.arange(99), "A": 30.0 + np.arange(99.0), "alpha": 0.3})
    frame = frame.assign(
        objective_value=np.arange(99.0), converged=True, freedom=5.0, found_elsewhere=False
    )
    _, found = resample_study("s", "f", fit_entry(POWER), artefact, points, {}, frame)
    assert found.intervals["objective_value"].ends is None


@pytest.mark.parametrize(("freedom", "known"), [(0.0, False), (1.0, True)])
def test_without_a_degree_of_freedom_intervals_are_open(freedom, known):
    _, found = summed_up({"A": 30.0 + np.arange(99.0)}, {"A": 70.0}, freedom=freedom)
    assert found.freedom == freedom
    assert (found.intervals["A"].ends is not None) is known
    assert known or found.intervals["A"].note.startswith("No degree of freedom")


def test_the_standard_error_is_the_one_that_t_multiplies():
    draws = {"A": 70.0 + np.random.default_rng(0).standard_t(3, 40_000)}
    found = summed_up(draws, {"A": 70.0}, freedom=3.0)[1].intervals["A"]
    assert found.standard_error == pytest.approx(1.0, rel=0.02)
    assert (found.high - found.low) / 2 == pytest.approx(3.1824, rel=0.03)


def test_what_the_rows_leave_open_has_an_open_interval():
    entry, artefact, points = fitted()
    frame = pd.DataFrame({"resample": np.arange(99), "A": 30.0 + np.arange(99.0), "alpha": 0.3})
    frame = frame.assign(objective_value=1.0, converged=True, freedom=5.0, found_elsewhere=False)
    artefact = replace(artefact, undetermined=["A"], quantities={"A": 70.0, "log_A": 4.2})
    _, found = resample_study("s", "f", fit_entry(entry), artefact, points, {}, frame)
    assert found.intervals["A"].ends is None and "do not determine" in found.intervals["A"].note
    assert found.intervals["log_A"].ends


def test_an_end_at_the_bound_of_a_parameter_is_open():
    draws = {"A": np.full(99, 30.0), "alpha": np.linspace(0.2, 0.5, 99)}
    bounds = {"alpha": [0.0, 0.45]}
    draws["alpha"] = np.minimum(draws["alpha"], 0.45)
    found = summed_up(draws, {"alpha": 0.3}, bounds=bounds)[1].intervals["alpha"]
    assert found.high is None and found.low == pytest.approx(0.2075, abs=0.01)
    assert found.note == "The rows do not bound it above: every value to 0.45 lies inside."


def test_few_refits_without_an_estimate_make_no_interval():
    values = np.concatenate([30.0 + np.arange(94.0), np.full(6, np.nan)])
    found = summed_up({"A": values}, {"A": 70.0})[1].intervals["A"]
    assert found.ends is None and "without an estimate" in found.note


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


def problems() -> pd.DataFrame:
    """Twelve problems with correct answers among 100 samples, and where coverage is wanted."""
    names = [f"p{place}" for place in range(12)]
    solved = pd.DataFrame(
        {"row_key": names, "run_id": names, "group_id": np.repeat(list("abcd"), 3)}
    )
    solved = solved.assign(metric="solved", eval_set="e", samples_drawn=100.0)
    solved["value"] = np.arange(1.0, 13.0)
    at = pd.DataFrame({"row_key": ["k1", "k2", "k3", "k4"], "metric": "k", "eval_set": "e"})
    at["value"] = [1.0, 5.0, 20.0, 60.0]
    table = pd.concat([solved, at], ignore_index=True)
    return table.assign(
        table="t", status="ok", value_low=np.nan, value_high=np.nan, value_std=np.nan
    )


@pytest.mark.parametrize("kind", ["pairs", "cluster"], ids=["rows", "groups"])
def test_reduced_rows_are_redrawn_before_the_reduction(kind):
    changes = {
        "response": {"metric": "solved"},
        "law": "coverage",
        "axes": {"samples_drawn": "samples_drawn"},
        "reduce": {"kind": "coverage", "at": {"metric": "k"}},
        "resample": {"kind": kind},
    }
    table = problems()
    _, _, points = fitted(table, **changes)
    assert points["samples_drawn"].tolist() == [1.0, 5.0, 20.0, 60.0]
    reduced = Coverage(
        pd.DataFrame({"samples_drawn": 100.0, "observed": np.arange(1.0, 13.0)}),
        np.array([1.0, 5.0, 20.0, 60.0]),
        "study",
    )
    groups = np.repeat(np.arange(4), 3) if kind == "cluster" else None
    expected = ss.bootstrap(
        ss.fit("coverage", points, ss.get_law("coverage").objective, response="observed"),
        4,
        seed=9,
        first=2,
        kind="parametric",
        responses=redrawn_responses(reduced, 12, groups, 9),
        units=12 if groups is None else 4,
    )
    found = drawn(table, **changes)
    assert set(found.pop("freedom")) == {11.0 if groups is None else 3.0}
    pd.testing.assert_frame_equal(found, expected.frame()[list(found)], rtol=1e-6)


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
