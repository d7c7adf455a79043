"""Checks of rows, conventions, choices and print: planted mistakes are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from checked_studies import (
    AXES,
    EVALUATED,
    REFIT,
    checked_study,
    found,
    made_card,
    simulated_runs,
)

from scaling_studies.checks.kinds import (
    choice_sensitivity,
    dependent_rows,
    duplicate_points,
    extrapolation_rank,
    flop_convention,
    incomparable_units,
    parameter_convention,
    published_table_audit,
    reporting_checklist,
)
from scaling_studies.checks.part import checked_part

QUIET = {"resample": {"kind": "none"}}


def with_embeddings(share):
    """Runs whose total size exceeds that without embeddings by a share of it."""
    runs = simulated_runs()
    return runs.assign(
        params_non_embedding=runs["params_total"] / (1.0 + share(runs["params_total"]))
    )


# parameter_convention

WITHOUT = REFIT | {"title": "Other N", "axes": AXES | {"params": "params_non_embedding"}}


def test_embeddings_that_weigh_on_small_models_move_the_exponents():
    runs = with_embeddings(lambda size: 3.0 * (size / 2e7) ** -0.5)
    said = found(parameter_convention.find, checked_study(runs, total=REFIT, other=WITHOUT))
    assert "N total and without embeddings give" in said["warning"][0][1]


def test_embeddings_of_a_constant_share_do_not():
    runs = with_embeddings(lambda size: 0.02 + 0.0 * size)
    said = found(parameter_convention.find, checked_study(runs, total=REFIT, other=WITHOUT))
    assert not said["warning"]
    assert any("N total and without embeddings give" in text for _, text in said["info"])


def test_an_unknown_meaning_of_n_is_told():
    runs = simulated_runs().drop(columns="params_convention")
    said = found(parameter_convention.find, checked_study(runs, refit=REFIT | QUIET))
    assert "What N counts is not known" in said["warning"][0][1]
    assert not found(parameter_convention.find, checked_study(refit=REFIT | QUIET))["warning"]


# flop_convention


def test_compute_that_is_not_6nd_is_told():
    runs = simulated_runs()
    off = found(
        flop_convention.find,
        checked_study(runs.assign(flops=1.5 * runs["flops_6nd"]), refit=REFIT | QUIET),
    )
    assert "1.5 times 6ND" in off["warning"][0][1]
    assert not found(flop_convention.find, checked_study(runs, refit=REFIT | QUIET))["warning"]


def test_ranges_stand_side_by_side_for_each_meaning_of_c():
    half = np.arange(60) % 2 == 0
    runs = simulated_runs(
        flops_convention=np.where(half, "6ND_total", "attention"),
        experiment=np.where(half, "a", "b"),
    )
    entries = {
        name: REFIT | QUIET | {"rows": {"where": {"experiment": name}}} for name in ("a", "b")
    }
    said = found(flop_convention.find, checked_study(runs, **entries))
    start = "a (exponent of best size, N* ∝ Cᵃ) (made):"
    text = next(text for _, text in said["info"] if text.startswith(start))
    assert "if C is 6ND with all parameters (1 fit)" in text
    assert "if C is 6ND with attention added (1 fit)" in text


def test_an_unknown_meaning_of_c_is_told():
    runs = simulated_runs(flops_convention="unknown")
    said = found(flop_convention.find, checked_study(runs, refit=REFIT | QUIET))
    assert "What C counts is not known" in said["warning"][0][1]


# dependent_rows


@pytest.mark.parametrize(
    ("kind", "groups", "severity", "words"),
    [
        ("pairs", 12, "warning", "up to 2.2 times too narrow"),
        ("pairs", 1, "warning", "belong to one group"),
        ("pairs", 60, "info", "a group of its own"),
        ("cluster", 12, "info", "drawn together in 1 fit"),
        ("cluster", 4, "warning", "4 independent groups"),
    ],
)
def test_how_rows_of_a_group_are_drawn(kind, groups, severity, words):
    runs = simulated_runs(group_id=[f"group_{place % groups}" for place in range(60)])
    said = found(
        dependent_rows.find, checked_study(runs, refit=REFIT | {"resample": {"kind": kind}})
    )
    assert [name for name in said if said[name]] == [severity]
    assert words in said[severity][0][1]


def test_both_ways_of_drawing_show_both_widths():
    runs = simulated_runs(group_id=[f"group_{place % 12}" for place in range(60)])
    context = checked_study(runs, rows=REFIT, groups=REFIT | {"resample": {"kind": "cluster"}})
    said = found(dependent_rows.find, context)
    widths = [context.interval(fit, "a_opt").width for fit in ("groups", "rows")]
    words = f"Cᵃ) is {widths[0] / widths[1]:.2g} times"
    assert any(words in text for _, text in said["info"])


# duplicate_points


def test_a_row_that_stands_there_twice_is_counted():
    runs = simulated_runs()
    twin = runs.iloc[[7]].assign(run_id="twin", row_key="twin", group_id="twin")
    said = found(
        duplicate_points.find,
        checked_study(pd.concat([runs, twin], ignore_index=True), refit=REFIT | QUIET),
    )
    assert said["warning"][0][1].startswith("1 of 61 fitted rows")
    assert not found(duplicate_points.find, checked_study(refit=REFIT | QUIET))["warning"]


def test_equal_numbers_of_runs_that_differ_otherwise_are_two_measurements():
    runs = simulated_runs(width=512.0)
    twin = runs.iloc[[7]].assign(run_id="twin", row_key="twin", group_id="twin", width=1024.0)
    context = checked_study(pd.concat([runs, twin], ignore_index=True), refit=REFIT | QUIET)
    assert not found(duplicate_points.find, context)["warning"]


def test_measurements_that_others_publish_too_are_named():
    said = found(
        duplicate_points.find,
        checked_study(simulated_runs(provenance_group="figure_4"), refit=REFIT | QUIET),
    )
    assert any("published more than once" in text for _, text in said["info"])


# incomparable_units


@pytest.mark.parametrize(
    ("columns", "severity", "words"),
    [
        ({}, "info", "name no tokenizer"),
        ({"tokenizer": "one"}, "info", "hold for one tokenizer (one)"),
        ({"tokenizer": ["one", "two"] * 30}, "fail", "under 2 tokenizers"),
    ],
)
def test_tokenizers_of_losses_per_token(columns, severity, words):
    said = found(
        incomparable_units.find, checked_study(simulated_runs(**columns), refit=REFIT | QUIET)
    )
    assert [name for name in said if said[name]] == [severity]
    assert words in said[severity][0][1]


def test_errors_have_no_tokenizer():
    context = checked_study(refit=REFIT | QUIET)
    fractions = checked_part(made_card({"refit": REFIT}, runs="fraction"), {})
    context = replace(context, card=fractions)
    assert list(incomparable_units.find(context)) == []


# choice_sensitivity


def test_small_models_that_leave_the_law_make_the_choice_of_rows_matter():
    runs = simulated_runs(noise=0.0005)
    bend = 1.0 + 0.1 * (runs["params_total"] / 2e7) ** -0.8
    # Groups that a card names are taken as they are; a test would find those that the bend makes.
    every = REFIT | {"resample": {"kind": "cluster", "groups": "run_id"}}
    larger = every | {"rows": {"where": {"params_total": {"above": 2e8}}}, "title": "Larger"}
    context = checked_study(runs.assign(value=runs["value"] * bend), all=every, larger=larger)
    ((fit_id, text),) = found(choice_sensitivity.find, context)["warning"]
    assert fit_id == "all" and text.startswith("2 fits of “Additive power laws")
    assert "exponent of best size" in text


def test_choices_that_hardly_matter_are_within_the_interval():
    wide = REFIT | {"objective": {"name": "huber_log", "delta": 2e-3}, "title": "Another delta"}
    said = found(choice_sensitivity.find, checked_study(a=REFIT, b=wide))
    assert not said["warning"] and "interval" in said["info"][0][1]


def test_fits_of_other_rows_are_no_choice():
    rows = {name: {"rows": {"where": {"params_total": limit}}} for name, limit in (
        ("small", {"below": 6e8}), ("large", {"above": 6e8}))}  # fmt: skip
    entries = {name: REFIT | QUIET | rows[name] for name in rows}
    assert list(choice_sensitivity.find(checked_study(**entries))) == []


# extrapolation_rank


@pytest.mark.parametrize(("best", "severity"), [("additive", "info"), ("kaplan", "warning")])
def test_a_ranking_that_turns_round_is_flagged(best, severity):
    laws = [best, *({"additive", "kaplan"} - {best})]
    ranking = pd.DataFrame(
        {
            "fit": laws,
            "law": laws,
            "in_sample_rank": [1.0 if law == "additive" else 2.0 for law in laws],
            "extrapolation_rank": [1.0, 2.0],
            "extrapolation_error": [0.01, 0.03],
        }
    )
    context = replace(checked_study(refit=REFIT | QUIET), ranking=ranking.to_dict("records"))
    said = found(extrapolation_rank.find, context)
    assert [name for name in said if said[name]] == [severity]


@pytest.mark.parametrize("flipped", [False, True])
def test_laws_that_predict_the_same_rows_are_compared(flipped):
    runs = simulated_runs(noise=0.0)
    size = runs["params_total"]
    small = size < 2e9
    bent = 1.5 + 30.0 * size**-0.2
    power = np.polynomial.polynomial.polyfit(np.log(size[small]), np.log(bent[small]), 1)
    straight = np.exp(power[0]) * size ** power[1]
    runs["value"] = np.where(small, bent, straight if flipped else bent)
    shared = REFIT | QUIET | {
        "axes": {"x": "params_total"},
        "rows": {"where": {"params_total": {"below": 2e9}}},
        "held_out": "rest",
    }  # fmt: skip
    context = checked_study(
        runs,
        offset=shared | {"law": "power_offset"},
        power=shared | {"law": "power", "title": "Plain"},
    )
    said = found(extrapolation_rank.find, context)
    ((fit_id, text),) = said["warning" if flipped else "info"]
    assert fit_id == "offset" and ("worse" in text) == flipped


# published_table_audit


def test_printed_numbers_that_do_not_follow_are_told_with_their_reason():
    target = {"where": "Table 3"}
    printed = {
        "title": "Printed",
        "law": "compute_optimal",
        "estimator": "printed",
        "fixed": {"G": 1.0, "a": 0.5},
        "quantities": {
            "right": {"expression": "6 * 1.00e9 * 2.00e10"},
            "wrong": {"expression": "6 * 1.00e9 * 3.00e10"},
        },
        "targets": [
            target | {"quantity": "right", "value": "1.20e20"},
            target | {"quantity": "wrong", "value": "1.20e20", "reason": "Tokens are misprinted."},
        ],
    }
    said = found(published_table_audit.find, checked_study(printed=printed))
    ((fit_id, text),) = said["warning"]
    assert fit_id == "printed"
    assert text == (
        "wrong: Arithmetic of printed numbers gives 1.8×10²⁰ against 1.2×10²⁰; rounding explains "
        "1.788×10²⁰ to 1.812×10²⁰ and no more. Tokens are misprinted."
    )
    assert said["info"] == [(None, "1 printed number follows from other printed ones.")]


def test_verdicts_on_measured_rows_are_no_audit():
    target = {"quantity": "alpha", "value": "0.90"}
    entry = REFIT | QUIET | {"targets": [target | {"where": "Table 1"}]}
    assert list(published_table_audit.find(checked_study(refit=entry))) == []


# reporting_checklist


def test_what_is_recorded_and_what_is_not():
    bare = found(reporting_checklist.find, checked_study(refit=REFIT | QUIET))["info"][0][1]
    recorded, missing = bare.split(" Not recorded here")
    assert "what N counts" in recorded and "rows that can be fitted" in recorded
    assert "the tokenizer" in missing and "published uncertainties" in missing
    entry = REFIT | QUIET | {
        "rows": {"drop_largest": {"column": "params_total", "count": 5}},
        "held_out": "rest",
        "objective": {"name": "huber_log", "delta": 1e-3},
        "targets": [{"quantity": "E", "value": 1.7, "standard_error": 0.1, "where": "Table 1"}],
    }  # fmt: skip
    full = checked_study(simulated_runs(tokenizer="one"), refit=entry)
    recorded, missing = found(reporting_checklist.find, full)["info"][0][1].split(" Not recorded")
    assert "the tokenizer" in recorded and "published uncertainties" in recorded
    assert "the starts of the search" in missing


def test_constants_alone_are_called_that():
    printed = EVALUATED | QUIET | {"estimator": "printed", "fixed": {"G": 1.0, "a": 0.5},
                                   "law": "compute_optimal"}  # fmt: skip
    text = found(reporting_checklist.find, checked_study(printed=printed))["info"][0][1]
    assert text == "Recorded here: constants as printed, and no rows to fit them to."
