"""Intervals of resampled quantities: how wide, around what, and which are left open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry
from power_resamples import POWER, fitted, summed_up
from scipy.special import ndtr, ndtri

import scaling_studies as ss
from scaling_studies.fits.resampling import resample_study


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
