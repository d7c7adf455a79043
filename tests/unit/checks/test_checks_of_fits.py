"""Checks of optima, asymptotes, intervals and rounding: planted mistakes are found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from checked_studies import EVALUATED, REFIT, TRUTH, checked_study, found, simulated_runs
from fit_artefacts import uncertainty

from scaling_studies import fit
from scaling_studies.checks.context import CheckContext
from scaling_studies.checks.kinds import (
    early_stop,
    ill_conditioning,
    interval_plausibility,
    parabola_bias,
    rounded_parameters,
    unidentified_asymptote,
)
from scaling_studies.checks.rounding import largest_shift
from scaling_studies.fits.uncertainty import Interval

#: The truth, not rounded.
PRECISE = {name: value * 1.0000001 for name, value in TRUTH.items()}
QUIET = {"resample": {"kind": "none"}}
CURVE = REFIT | QUIET | {"law": "power_offset", "axes": {"x": "params_total"}}


def curve(offset: float, noise: float = 0.01) -> pd.DataFrame:
    """Runs whose loss is a power law of size with an offset."""
    runs = simulated_runs()
    scatter = np.exp(np.random.default_rng(6).normal(0.0, noise, len(runs)))
    return runs.assign(value=(offset + 30.0 * runs["params_total"] ** -0.2) * scatter)


# early_stop


def test_a_confirmed_optimum_is_said_to_be_one():
    said = found(early_stop.find, checked_study(refit=REFIT | QUIET))
    assert not said["fail"] and not said["warning"]
    assert said["info"][0][1].startswith("1 fit is confirmed")


def test_published_parameters_far_from_the_optimum_fail():
    published = EVALUATED | {"fixed": PRECISE | {"E": 1.6500001}}
    context = checked_study(refit=REFIT | QUIET, published=published)
    (fit_id, text), *more = found(early_stop.find, context)["fail"]
    assert fit_id == "published" and not more
    best = context.fits["refit"].objective_value
    assert context.fits["published"].objective_value > best
    assert "60 rows" in text and "“Refit”" in text


def test_published_parameters_at_the_optimum_pass():
    optimum = checked_study(refit=REFIT | QUIET).fits["refit"].parameters
    said = found(
        early_stop.find, checked_study(refit=REFIT | QUIET, at=EVALUATED | {"fixed": optimum})
    )
    assert (
        "at",
        "The published parameters are the optimum of their objective on these 60 rows.",
    ) in (said["info"])


def test_few_independent_groups_do_not_convict():
    published = EVALUATED | {"fixed": PRECISE | {"E": 1.6500001}}
    runs = simulated_runs(group_id=np.repeat(["a", "b", "c", "d"], 15))
    said = found(early_stop.find, checked_study(runs, refit=REFIT | QUIET, published=published))
    assert not said["fail"]
    assert "4 independent groups of rows" in said["warning"][0][1]


def test_a_gap_within_chance_is_no_reproach():
    said = found(
        early_stop.find, checked_study(refit=REFIT | QUIET, true=EVALUATED | {"fixed": PRECISE})
    )
    assert not said["fail"] and not said["warning"]
    assert any("cannot tell the two apart" in text for fit_id, text in said["info"] if fit_id)


def test_a_gap_that_rounding_can_make_is_no_early_stop():
    cut = EVALUATED | {"fixed": TRUTH | {"alpha": 0.3, "beta": 0.4}}
    said = found(early_stop.find, checked_study(refit=REFIT | QUIET, cut=cut))
    assert not said["fail"] and not said["warning"]
    assert any("Rounding" in text for fit_id, text in said["info"] if fit_id == "cut")


def test_a_search_above_another_of_the_same_rows_fails():
    context = checked_study(stopped=REFIT | QUIET, refit=REFIT | QUIET)
    assert not found(early_stop.find, context)["fail"]
    stopped = context.fits["stopped"]
    context.fits["stopped"] = replace(stopped, objective_value=1.02 * stopped.objective_value)
    (fit_id, text), *more = found(early_stop.find, context)["fail"]
    assert fit_id == "stopped" and "2\N{NO-BREAK SPACE}% lower" in text and not more


def test_a_search_with_more_freedom_is_no_rival():
    held = REFIT | QUIET | {"fixed": {"E": 1.5}}
    context = checked_study(held=held, refit=REFIT | QUIET)
    assert context.fits["held"].objective_value > context.fits["refit"].objective_value
    assert not found(early_stop.find, context)["fail"]


@pytest.mark.parametrize(
    ("evidence", "artefact", "severity"),
    [
        ({"disagreement": -1e-3}, {}, "fail"),
        ({}, {"converged": False}, "warning"),
        ({"starts": 24, "share_at_optimum": 1 / 24}, {}, "warning"),
        ({"starts": 24, "share_at_optimum": 2 / 24}, {}, "info"),
    ],
)
def test_evidence_against_a_search_is_told(evidence, artefact, severity):
    context = checked_study(refit=REFIT | QUIET)
    refit = context.fits["refit"]
    context.fits["refit"] = replace(refit, evidence=refit.evidence | evidence, **artefact)
    said = found(early_stop.find, context)
    assert [name for name in said if said[name]] == [severity]


# ill_conditioning


def test_sizes_that_hardly_differ_leave_a_ridge():
    narrow = simulated_runs(params=(1e9, 1.02e9))
    said = found(ill_conditioning.find, checked_study(narrow, refit=REFIT | QUIET))
    assert said["fail"] or said["warning"]


def test_sizes_over_three_decades_leave_none():
    said = found(ill_conditioning.find, checked_study(refit=REFIT | QUIET))
    assert list(map(len, said.values())) == [0, 0, 1]


def test_a_ridge_names_the_parameters_of_its_weakest_direction():
    context = checked_study(refit=REFIT | QUIET)
    evidence = context.fits["refit"].evidence
    evidence |= {
        "condition_number": 4e6,
        "weak_directions": "+0.9 E; -0.9 B +0.4 beta +0.1 A",
    }
    text = found(ill_conditioning.find, context)["warning"][0][1]
    assert "mixture of B and beta" in text and "2,000 times" in text


# unidentified_asymptote


def test_rows_that_never_level_off_do_not_show_an_asymptote():
    said = found(unidentified_asymptote.find, checked_study(curve(0.0, noise=0.05), refit=CURVE))
    assert "do not show that the loss levels off" in said["warning"][0][1]


def test_rows_that_level_off_do():
    said = found(unidentified_asymptote.find, checked_study(curve(2.0), refit=CURVE))
    assert not said["warning"] and "bounds E on both sides in 1 fit" in said["info"][0][1]


# interval_plausibility


def printed_with(half_width: float) -> dict:
    return {
        "title": "Printed",
        "law": "compute_optimal",
        "estimator": "printed",
        "fixed": {"G": 1.0, "a": 0.5},
        "printed_intervals": {"level": 0.95, "of": {"a_opt": [0.5 - half_width, 0.5 + half_width]}},
    }


def test_an_interval_that_would_take_a_thousandfold_of_rows_fails():
    context = checked_study(refit=REFIT, printed=printed_with(3e-4))
    # Its ends are written to four digits: half a unit of the last belongs to the interval.
    ratio = context.interval("refit", "a_opt").standard_error / (3.5e-4 / 1.959964)
    (fit_id, text), *_ = found(interval_plausibility.find, context)["fail"]
    assert fit_id == "printed" and ratio > 10
    needed = float(text.split("would take ")[1].split(" points")[0].replace(",", ""))
    assert needed == pytest.approx(60 * ratio**2, rel=0.05)


def test_an_interval_as_wide_as_ours_is_plausible():
    ours = checked_study(refit=REFIT).interval("refit", "a_opt").standard_error
    context = checked_study(refit=REFIT, printed=printed_with(1.96 * ours))
    said = found(interval_plausibility.find, context)
    assert not said["fail"]
    assert any("1 printed uncertainty is plausible" in text for _, text in said["info"])


def test_printed_standard_errors_are_held_against_ours():
    target = {"quantity": "alpha", "value": 0.34, "where": "Table 1"}
    for error, severity in ((1e-6, "fail"), (0.01, "info")):
        entry = REFIT | {"targets": [target | {"standard_error": error}]}
        assert found(interval_plausibility.find, checked_study(refit=entry))[severity]


def test_resamples_that_do_not_converge_are_counted():
    context = checked_study(refit=REFIT)
    assert not found(interval_plausibility.find, context)["warning"]
    context.intervals["refit"] = replace(context.intervals["refit"], converged_share=0.8)
    assert (
        "20\N{NO-BREAK SPACE}% of the resampled"
        in (found(interval_plausibility.find, context)["warning"][0][1])
    )


def test_a_bootstrap_far_from_the_profile_is_told():
    context = checked_study(refit=REFIT)
    intervals = context.intervals["refit"].intervals
    middle, half = context.fits["refit"].parameters["E"], intervals["E"].high - intervals["E"].low
    intervals["E"] = replace(intervals["E"], low=middle - 3 * half, high=middle + 3 * half)
    assert found(interval_plausibility.find, context)["warning"]
    context.intervals["refit"] = replace(context.intervals["refit"], kind="cluster")
    said = found(interval_plausibility.find, context)
    assert not said["warning"]
    assert any("Drawn in whole groups" in text for _, text in said["info"])


# rounded_parameters


def test_exponents_cut_to_one_digit_shift_the_predictions():
    said = found(
        rounded_parameters.find,
        checked_study(cut=EVALUATED | {"fixed": TRUTH | {"alpha": 0.3, "beta": 0.4}}),
    )
    assert [fit_id for fit_id, _ in said["warning"]] == ["cut"]


def test_exponents_at_full_precision_are_enough():
    exact = EVALUATED | {"fixed": PRECISE}
    context = checked_study(exact=exact)
    said = found(rounded_parameters.find, context)
    assert not said["warning"] and "enough in 1 fit" in said["info"][0][1]
    assert 0 < largest_shift(context, "exact") < 1e-4


def test_the_largest_shift_is_the_slope_times_half_a_digit():
    context = checked_study(cut=EVALUATED | {"fixed": TRUTH | {"E": 1.7, "A": 400.0, "B": 1500.0}})
    rows = context.fitted["cut"]
    size, data = rows["params"], rows["tokens"]
    parts = {
        "E": 0.05 * np.ones(len(size)),
        "B": 50.0 * data ** -TRUTH["beta"],
        "alpha": TRUTH["A"] * size ** -TRUTH["alpha"] * -0.005 * np.log(size),
        "beta": TRUTH["B"] * data ** -TRUTH["beta"] * -0.005 * np.log(data),
    }
    expected = sum(abs((part / rows["predicted"]).mean()) for part in parts.values())
    assert largest_shift(context, "cut") == pytest.approx(expected, rel=0.05)


# parabola_bias


def isoflop_study(missed: float = 1.0) -> CheckContext:
    """Parabolas of five budgets next to the law of the surface; the last one's sizes are missed."""
    context = checked_study(refit=REFIT)
    budget = np.repeat(np.geomspace(1e18, 1e21, 5), 7)
    size = np.sqrt(budget / 120.0) * np.tile(np.geomspace(0.15, 8.0, 7), 5)
    size[-7:] *= missed
    data = budget / (6.0 * size)
    loss = TRUTH["E"] + TRUTH["A"] * size ** -TRUTH["alpha"] + TRUTH["B"] * data ** -TRUTH["beta"]
    parabolas = fit(
        "compute_optimal",
        {"params": size, "flops": budget, "loss": loss},
        response="loss",
        estimator="isoflop",
    )
    context.fits["parabolas"] = replace(
        context.fits["refit"],
        title="Parabolas",
        estimator="isoflop",
        quantities={"a_opt": parabolas.parameters["a"]},
        messages=list(parabolas.messages),
        evidence=parabolas.evidence.as_dict(),
    )
    context.points["parabolas"] = context.points["refit"]
    context.intervals["parabolas"] = uncertainty()
    context.card.fits["parabolas"] = context.card.fits["refit"]
    return context


def test_budgets_without_a_minimum_among_the_sizes_are_told():
    inside = found(parabola_bias.find, isoflop_study())
    assert any("Every budget has a minimum" in text for _, text in inside["info"])
    far = found(parabola_bias.find, isoflop_study(missed=100.0))
    assert far["warning"][0][1].startswith("1 of its budgets")


def test_the_law_of_the_surface_stands_next_to_the_parabolas():
    context = isoflop_study()
    a_opt = context.fits["parabolas"].quantities["a_opt"]
    near, wide = (Interval(a_opt - half, a_opt + half) for half in (1e-4, 1.0))
    context.intervals["parabolas"] = uncertainty(a_opt=near)
    theirs = context.fits["refit"].quantities["a_opt"]
    outside = abs(theirs - a_opt) > 1e-4
    assert outside and "outside the interval" in found(parabola_bias.find, context)["warning"][0][1]
    context.intervals["parabolas"] = uncertainty(a_opt=wide)
    assert not found(parabola_bias.find, context)["warning"]
    assert math.isfinite(a_opt)
