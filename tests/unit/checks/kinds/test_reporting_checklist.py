"""Check reporting_checklist: what is recorded of what a report should state."""

from __future__ import annotations

import pytest
from made_studies import LOSS, made_fit, made_study, rows, said

from scaling_studies.checks.kinds.reporting_checklist import find

SAID = {"objective": {"name": "huber_log"}, "starts": {"E": [1.0]}}
CERTAIN = {"targets": [{"quantity": "x"}]}
UNCERTAIN = {"targets": [{"quantity": "x"}, {"quantity": "y", "standard_error": 0.1}]}
ALL_UNCERTAIN = {"targets": [{"quantity": "y", "standard_error": 0.1}]}
INTERVALS = {"printed_intervals": {"level": 0.8, "of": {"x": [1, 2]}}}


def test_everything_is_recorded():
    entry = SAID | UNCERTAIN | {"axes": {"params": "params_total"}}
    points = rows(
        role=["fit"] * 7 + ["held_out"],
        tokenizer="one",
        params_convention="total",
        flops_convention="6ND_total",
    )
    assert said(find, made_study(a=made_fit(points, entry))) == [
        (
            "info",
            None,
            "Recorded here: rows that can be fitted, the objective, the starts of the search, "
            "published uncertainties, rows that were predicted and not fitted, what N counts, what "
            "C counts and the tokenizer.",
            "recorded",
            8.0,
        )
    ]


def test_what_is_missing_is_listed():
    entry = {"axes": {"params": "params_total"}}
    assert said(find, made_study(a=made_fit(entry=entry))) == [
        (
            "info",
            None,
            "Recorded here: rows that can be fitted. Not recorded here, whether or not the "
            "publication states it: the objective, the starts of the search, published "
            "uncertainties, rows that were predicted and not fitted, what N counts, what C counts "
            "and the tokenizer.",
            "recorded",
            1.0,
        )
    ]


def test_what_does_not_apply_is_left_out():
    fit = made_fit(entry={"axes": {"x": "params_total"}})
    text = said(find, made_study(measurements=[LOSS | {"unit": "bits_per_byte"}], a=fit))[0][2]
    assert "counts" not in text and "tokenizer" not in text


def test_one_fit_that_does_not_say_is_enough_for_what_it_counts():
    entry = {"axes": {"params": "params_total"}}
    stated = rows(tokenizer="one", params_convention="total", flops_convention="6ND_total")
    context = made_study(a=made_fit(stated, entry), b=made_fit(rows(), entry))
    assert said(find, context)[0][2].endswith("what N counts, what C counts and the tokenizer.")
    assert said(find, context)[0][4] == 1.0


def test_one_fit_that_has_it_is_enough_for_what_a_study_has():
    entry = SAID | UNCERTAIN | {"axes": {"x": "tokens"}}
    held_out = rows(role=["fit"] * 7 + ["held_out"])
    plain = [LOSS | {"unit": "bits_per_byte"}]
    context = made_study(measurements=plain, a=made_fit(held_out, entry), b=made_fit())
    assert "Not recorded" not in said(find, context)[0][2]


@pytest.mark.parametrize("unit", ["nats_per_token", "bits_per_token"])
def test_losses_per_token_need_a_tokenizer(unit):
    found = said(find, made_study(measurements=[LOSS | {"unit": unit}], a=made_fit()))
    assert found[0][2].endswith("and the tokenizer.")


def test_published_parameters_alone_are_no_rows_that_can_be_fitted():
    context = made_study(a=made_fit(estimator="evaluate", entry={"objective": "huber"}))
    assert said(find, context)[0][2].startswith("Recorded here: the objective. Not recorded here")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, ""),
        (CERTAIN, ""),
        (UNCERTAIN, " and uncertainties"),
        (ALL_UNCERTAIN, " and uncertainties"),
        (INTERVALS, " and uncertainties"),
    ],
)
def test_constants_alone(entry, words):
    context = made_study(a=made_fit(rows(0), entry, estimator="printed"))
    text = f"Recorded here: constants{words} as printed, and no rows to fit them to."
    assert said(find, context) == [("info", None, text, None, None)]


def test_a_study_without_fits_records_nothing():
    assert said(find, made_study()) == []
