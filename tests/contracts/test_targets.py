"""The project's list of published numbers, and the cards that judge them, say the same."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import artefact, uncertainty
from solved_again import CLAIMS, COUNT, solved_again

from scaling_studies.cards import load
from scaling_studies.laws import get_law
from scaling_studies.verdicts.claims import judge_claims, read_claims
from scaling_studies.verdicts.facts import Facts

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests/certified/published_numbers.csv"
OWN = ROOT / "tests/certified/reference_values.csv"
#: Fits behind two ratios of compute, and the sizes below which they took runs.
OVERTRAINED = {"redpajama": 5e8, "redpajama_error17": 2e9}
CARDS = load.load_cards(ROOT / "config/studies")


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_list_and_the_cards_hold_the_same_numbers_with_the_same_digits():
    in_cards = {
        (study, fit, target.quantity): [
            str(target.value or ""),
            str(target.standard_error or ""),
            " to ".join(map(str, target.interval or ())),
        ]
        for study, fit, entry in load.each_fit(CARDS)
        for target in entry.targets
        if not target.is_joint
    }
    in_list = {
        (row["study"], row["fit"], row["quantity"]): [
            row["printed"],
            row["standard_error"],
            row["interval"],
        ]
        for row in listed(LIST)
    }
    assert in_cards == in_list
    assert all(row["where_printed"] for row in listed(LIST))


def test_every_number_that_was_solved_again_is_judged_once():
    solved = solved_again()
    names = [*(number.name for number in solved), *CLAIMS]
    assert len(names) == len(set(names)) == COUNT


def test_claims_that_were_solved_again_are_judged_as_they_were_found():
    carried = read_claims(ROOT / "data/claims/claims.csv")
    wanted = {claim: verdict for claim, verdict in CLAIMS.values()}
    asked = [row for row in carried if row["claim"] in wanted]
    points = {f"gadre_2024/{fit}": gadre_runs(below) for fit, below in OVERTRAINED.items()}
    found = dict.fromkeys(points, artefact())
    judged = judge_claims(asked, Facts(found, dict.fromkeys(points, uncertainty()), points))
    assert {row["claim"]: row["verdict"] for row in judged} == wanted


def gadre_runs(below: float) -> pd.DataFrame:
    """RedPajama runs of Gadre 2024, those of 20 tokens a parameter fitted up to a size."""
    runs = pd.read_csv(ROOT / "data/gadre_2024/runs.csv").query("dataset == 'redpajama'")
    multiplier, size = runs["tokens"] / runs["params"], runs["params"]
    fitted = ((multiplier == 20) & (size < below)) | ((multiplier == 320) & (size < 2e7))
    return runs.assign(
        params_total=size,
        flops=6.0 * size * runs["tokens"],
        role=np.where(fitted, "fit", "held_out"),
    )


def test_a_number_that_was_solved_again_and_fails_has_its_reason_in_the_card():
    targets = {
        (study, fit, target.quantity): target
        for study, fit, entry in load.each_fit(CARDS)
        for target in entry.targets
    }
    known = [targets[number.key] for number in solved_again()]
    failing = [target for target in known if target.expected]
    assert len(failing) > 15
    assert min(len(target.reason or "") for target in failing) > 40


def test_published_values_are_text_so_that_no_digit_is_lost():
    numbers = [
        (study, fit, target.quantity)
        for study, fit, entry in load.each_fit(CARDS)
        for target in entry.targets
        for value in (target.value, target.standard_error, *(target.interval or ()))
        if value is not None and not isinstance(value, str)
    ]
    assert numbers == []


@pytest.mark.parametrize("row", listed(OWN), ids=lambda row: f"{row['study']}-{row['quantity']}")
def test_values_of_our_own_are_no_published_numbers(row: dict[str, str]):
    targets = CARDS[row["study"]].fits[row["fit"]].targets
    assert row["value"] not in {str(target.value) for target in targets}


@pytest.mark.parametrize(("quantity", "axis"), [("alpha", "params"), ("beta", "tokens")])
def test_exponents_in_one_panel_are_exponents_of_one_thing(quantity, axis):
    """A law of x alone calls the exponent of compute α too: it is no exponent of size."""
    shown = [(s, f, e) for s, f, e in load.each_fit(CARDS) if quantity in (e.headline or ())]
    assert shown
    assert [(s, f) for s, f, e in shown if axis not in get_law(e.law).axis_names] == []
