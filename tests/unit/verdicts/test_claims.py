"""Single claims of the literature."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import artefact, uncertainty
from simulated_pages import Page

from scaling_studies.errors import CardError
from scaling_studies.fits.uncertainty import Interval
from scaling_studies.pages.claims import render_claims
from scaling_studies.verdicts.claims import (
    SCHEMA,
    claim_table,
    fits_of_rows,
    judge_claims,
    read_claims,
)
from scaling_studies.verdicts.facts import Facts
from scaling_studies.verdicts.theory import THEORIES

CARRIED = Path(__file__).resolve().parents[3] / "data/claims/claims.csv"
EMPTY = dict.fromkeys(("stated", "gives", "holds", "part", "says", "cannot"), "")
CLAIM = EMPTY | {
    "claim": "x1",
    "source": "abstract",
    "about": "Nobody 2020",
    "statement": "Exponent",
    "kind": "law",
}
FACTS = Facts({"s_2020/f": artefact()}, {"s_2020/f": uncertainty(alpha=Interval(0.31, 0.38))})


def judged(**changes: str) -> dict:
    (row,) = judge_claims([CLAIM | changes], FACTS)
    return row


@pytest.mark.parametrize(
    ("gives", "stated", "verdict", "evidence"),
    [
        ("400 * log10(2)", "120", "holds", "arithmetic"),
        ("10 ** 1.2", "15", "holds", "arithmetic"),
        ("5.76e23 / 1.21e20", "5706", "does_not_hold", "arithmetic"),
        ("{s_2020/f.alpha}", "0.35", "holds", "study"),
        ("{s_2020/f.alpha}", "0.36", "does_not_hold", "study"),
        ("{other_2021/f.alpha}", "0.36", "cannot_be_tested", None),
    ],
)
def test_a_number_holds_when_it_rounds_to_what_is_stated(gives, stated, verdict, evidence):
    row = judged(gives=gives, stated=stated)
    assert (row["verdict"], row["evidence"]) == (verdict, evidence)
    assert (row["found"] is None) == (verdict == "cannot_be_tested")


@pytest.mark.parametrize(
    ("holds", "verdict"),
    [("{s_2020/f.alpha.low} < 0.33 < {s_2020/f.alpha.high}", "holds"), ("1 > 2", "does_not_hold")],
)
def test_a_statement_holds_when_it_is_true(holds, verdict):
    row = judged(holds=holds, says="The fit gives {s_2020/f.alpha:.2f}.")
    assert (row["verdict"], row["sentence"]) == (verdict, "The fit gives 0.35.")
    assert list(row) == SCHEMA.names and claim_table([row]).to_pylist() == [row]


@pytest.mark.parametrize(
    ("holds", "part", "verdict"),
    [
        ("{s_2020/f.alpha} > 0.3", "1 > 2", "holds"),
        ("{s_2020/f.alpha} > 0.4", "{s_2020/f.alpha} > 0.3", "holds_in_part"),
        ("{s_2020/f.alpha} > 0.4", "{s_2020/f.alpha} > 0.38", "does_not_hold"),
        ("", "{s_2020/f.alpha} > 0.3", "holds_in_part"),
        ("", "{s_2020/f.alpha} > 0.4", "does_not_hold"),
        ("{s_2020/f.alpha} > 0.4", "{other_2021/f.alpha} > 0.3", "cannot_be_tested"),
        ("{s_2020/f.alpha} > 0.4", "{s_2020/f.beta.low} > 0.3", "cannot_be_tested"),
    ],
)
def test_a_weaker_statement_is_asked_where_the_claim_is_not_true_or_not_asked(holds, part, verdict):
    assert judged(holds=holds, part=part, says="So it is.")["verdict"] == verdict


def test_claims_ask_what_the_rows_of_a_fit_span():
    rows = pd.DataFrame({"params": [3e6, np.nan, 5e7], "dataset": ["a", "b", "c"]})
    facts = Facts(FACTS.fits, FACTS.intervals, {"s_2020/f": rows})
    claim = CLAIM | {
        "holds": "{s_2020/f.params.least} >= 3e6 and {s_2020/f.params.most} < 4e7",
        "says": "{s_2020/f.params.least:.1C} to {s_2020/f.params.most:.2C}.",
    }
    assert fits_of_rows([CLAIM, claim, claim]) == ["s_2020/f"]
    (row,) = judge_claims([claim], facts)
    assert (row["verdict"], row["sentence"]) == ("does_not_hold", "3M to 50M.")
    for column in ("tokens", "dataset"):
        with pytest.raises(CardError, match="no number"):
            judge_claims([claim | {"holds": f"{{s_2020/f.{column}.least}} > 1"}], facts)
    with pytest.raises(CardError, match="no number"):
        judge_claims([claim], FACTS)


def test_claims_ask_for_sums_over_the_fitted_rows():
    rows = pd.DataFrame({"flops": [1e18, 2e18, 9e20], "role": ["fit", "fit", "held_out"]})
    facts = Facts(FACTS.fits, FACTS.intervals, {"s_2020/f": rows})
    claim = CLAIM | {
        "stated": "300",
        "gives": "{s_2020/f.flops.most} / {s_2020/f.flops.fitted_total}",
    }
    assert fits_of_rows([claim]) == ["s_2020/f"]
    (row,) = judge_claims([claim], facts)
    assert (row["verdict"], row["evidence"]) == ("holds", "study")
    assert row["found"] == pytest.approx(300.0)
    # Held-out rows may lack the number, fitted ones may not.
    for place, known in ((2, 3e18), (0, None)):
        less = rows.assign(flops=rows["flops"].where(rows.index != place))
        facts = Facts(FACTS.fits, FACTS.intervals, {"s_2020/f": less})
        assert facts.number("s_2020/f", "flops", "fitted_total") == known


def test_open_ends_are_infinite_and_what_has_no_interval_is_not_tested():
    one_sided = uncertainty(alpha=Interval(0.31, None, note="Open above."))
    facts = Facts({"s_2020/f": artefact()}, {"s_2020/f": one_sided})
    claims = [
        CLAIM | {"holds": "{s_2020/f.alpha.high} > 1e9", "says": "To {s_2020/f.alpha.high:.2f}."},
        CLAIM | {"holds": "{s_2020/f.beta.low} < 1", "says": "From {s_2020/f.beta.low:.2f}."},
    ]
    first, second = judge_claims(claims, facts)
    assert (first["verdict"], first["sentence"]) == ("holds", "To ∞.")
    assert second["verdict"] == "cannot_be_tested"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "asks nothing"),
        ({"gives": "{s_2020/f.nothing}", "stated": "1"}, "no number"),
        ({"gives": "log(-1.0)", "stated": "1"}, "no finite number"),
    ],
)
def test_a_claim_that_cannot_be_read_is_named(changes, words):
    with pytest.raises(CardError, match=words) as caught:
        judged(**changes)
    assert "claims.x1" in str(caught.value)


def test_claims_ask_what_a_theory_gives():
    facts = Facts(FACTS.fits, FACTS.intervals, theories={"theory/made": lambda: {"half": 0.5}})
    claim = CLAIM | {"holds": "{theory/made.half} < 1", "says": "It is {theory/made.half:.1f}."}
    (row,) = judge_claims([claim], facts)
    assert (row["verdict"], row["evidence"], row["studies"]) == ("holds", "simulation", "")
    assert row["sentence"] == "It is 0.5."
    both = claim | {"holds": "{theory/made.half} > {s_2020/f.alpha}"}
    (row,) = judge_claims([both], facts)
    assert (row["evidence"], row["studies"]) == ("study", "s_2020")
    for name in ("half.low", "whole"):
        with pytest.raises(CardError, match="no number"):
            judge_claims([claim | {"holds": f"{{theory/made.{name}}} < 1"}], facts)


def test_theories_that_claims_name_give_what_they_ask():
    rows = [row for row in read_claims(CARRIED) if "{theory/" in row["holds"] + row["part"]]
    judged = judge_claims(rows, Facts({}, {}, theories=THEORIES))
    assert len(judged) == 4 and {row["evidence"] for row in judged} == {"simulation"}
    assert {row["verdict"] for row in judged} == {"holds", "holds_in_part"}


def test_every_claim_about_laws_has_one_answer():
    rows = read_claims(CARRIED)
    assert sum(row["kind"] == "law" for row in rows) == 161
    assert len({row["claim"] for row in rows}) == len(rows)
    for row in rows:
        stated = bool(row["holds"] or row["part"])
        assert bool(row["gives"]) + stated + bool(row["cannot"]) == 1, row["claim"]
        assert bool(row["says"]) == stated
        assert row["stated"] or not row["gives"]
    assert sum(row["kind"] == "law" and not row["cannot"] for row in rows) >= 110
    wikipedia = [row for row in rows if row["source"].startswith("Wikipedia")]
    assert len(wikipedia) == 91 and sum(not row["cannot"] for row in wikipedia) >= 77


def test_two_of_the_ratios_of_the_encyclopedia_are_wrong_by_arithmetic():
    with CARRIED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["statement"].startswith("Table, N")]
    ratios = [row for row in rows if "over Gopher" in row["statement"]]
    wrong = [row["stated"] for row in judge_claims(ratios, FACTS) if row["verdict"] != "holds"]
    assert len(ratios) == 9 and wrong == ["5706", "2819"]


def test_the_page_has_every_claim_without_a_script():
    rows = [
        judged(gives="6 * 0.1 * 1.7", stated="1.0"),
        judged(cannot="No runs.") | {"claim": "x2"},
    ]
    page = Page(render_claims(rows))
    assert (
        "Of 2 claims about laws, 1 hold, 0 hold in part, 0 do not, and 1 cannot be tested here."
        in page.text
    )
    assert "No runs." in page.text and page.text.count("Nobody 2020") == 2


@pytest.mark.parametrize(
    ("gives", "stated", "said"),
    [
        ("1 / 3", "0.3", "Arithmetic gives 0.333, which rounds to what is stated."),
        ("1 / 3", "0.333", "Arithmetic gives 0.3333, which rounds to what is stated."),
        ("1 / 3", "0.4", "Arithmetic gives 0.333 against 0.4."),
    ],
)
def test_a_value_is_said_with_three_digits_and_one_more_than_is_stated(gives, stated, said):
    assert judged(gives=gives, stated=stated)["sentence"] == said


def test_an_interval_without_ends_or_a_note_why_tests_nothing():
    unknown = Facts({"s_2020/f": artefact()}, {"s_2020/f": uncertainty(alpha=Interval(None, None))})
    claim = CLAIM | {"holds": "{s_2020/f.alpha.low} < 1", "says": "So it is."}
    (row,) = judge_claims([claim], unknown)
    assert row["verdict"] == "cannot_be_tested"


def test_a_claim_names_each_study_that_it_asks_once():
    row = judged(
        holds="{s_2020/f.alpha} > {other_2021/f.alpha} and {s_2020/f.beta} > 0", says="So it is."
    )
    assert row["studies"] == "s_2020 other_2021"
    assert row["sentence"] == "Not run this time: other_2021."
