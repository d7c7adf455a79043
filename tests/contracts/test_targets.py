"""The project's list of published numbers, and the cards that judge them, say the same."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from scaling_studies.cards import load
from scaling_studies.laws import get_law

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests/certified/published_numbers.csv"
OWN = ROOT / "tests/certified/reference_values.csv"
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
