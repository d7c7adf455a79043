"""Check incomparable_units: losses per piece of text, and their tokenizers."""

from __future__ import annotations

import pytest
from made_studies import LOSS, made_fit, made_study, rows, said

from scaling_studies.checks.kinds.incomparable_units import PER_PIECE, find


@pytest.mark.parametrize("unit", PER_PIECE)
def test_losses_whose_tokenizer_is_not_known(unit):
    fits = {"a": made_fit(), "b": made_fit(estimator="evaluate")}
    assert said(find, made_study(measurements=[LOSS | {"unit": unit}], **fits)) == [
        (
            "info",
            None,
            f"Losses of 2 fits are in {unit.replace('_', ' ')}, and the rows name no tokenizer: "
            "compare exponents with other studies, not losses, E or coefficients.",
            None,
            None,
        )
    ]


def test_all_units_are_told():
    measured = [LOSS | {"unit": unit} for unit in PER_PIECE]
    assert said(find, made_study(measurements=measured, a=made_fit()))[0][2].startswith(
        "Losses of 1 fit are in bits per token, nats per token, nats per word and perplexity, and"
    )


def test_losses_that_hold_for_one_tokenizer_each():
    cuts = {"a": "y", "b": "x", "c": "z", "d": "w", "e": "v", "f": "y"}
    fits = {name: made_fit(rows(tokenizer=cut)) for name, cut in cuts.items()}
    assert said(find, made_study(**fits)) == [
        (
            "info",
            None,
            "Losses of 6 fits hold for one tokenizer (v, w, x, y and z): E and coefficients "
            "compare only under it.",
            None,
            None,
        )
    ]


def test_losses_under_several_tokenizers_fail():
    measured = [LOSS | {"unit": unit} for unit in PER_PIECE]
    fit = made_fit(rows(tokenizer=list("dbcabdca")))
    assert said(find, made_study(measurements=measured, a=fit)) == [
        (
            "fail",
            "a",
            "Losses in bits per token, nats per token, nats per word and perplexity under 4 "
            "tokenizers are fitted together: a, b, c and d.",
            "tokenizers",
            4.0,
        )
    ]


@pytest.mark.parametrize(
    ("measurement", "response"),
    [
        (LOSS | {"unit": "bits_per_byte"}, {"metric": "loss"}),
        (LOSS | {"unit": {"from": "unit"}}, {"metric": "loss"}),
        (LOSS, {"metric": "error"}),
        (LOSS, {"metric": "loss", "column": "params_total"}),
    ],
)
@pytest.mark.parametrize("tokenizer", ["one", ["one", "two"] * 4])
def test_other_units_do_not_depend_on_a_tokenizer(measurement, response, tokenizer):
    fit = made_fit(rows(tokenizer=tokenizer), entry={"response": response})
    assert said(find, made_study(measurements=[measurement], a=fit)) == []


def test_the_table_of_a_fit_says_its_unit():
    fits = {
        "a": made_fit(entry={"table": "runs"}),
        "b": made_fit(entry={"table": "others"}),
        "c": made_fit(entry={"source_study": "other_2021"}),
    }
    others = {"other_2021": {"runs": {"measurements": [LOSS | {"unit": "perplexity"}]}}}
    assert said(find, made_study(others=others, **fits))[0][2].startswith(
        "Losses of 2 fits are in nats per token and perplexity,"
    )
