"""Check published_table_audit: whether printed numbers follow from each other."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.published_table_audit import find
from scaling_studies.verdicts.judge import OWN_REFIT

TARGETS = [
    {"quantity": "x", "value": 3.0},
    {"quantity": "x", "value": 2.0, "reason": "A misprint."},
    {"quantity": "y", "value": 2.0, "reason": "Of another."},
]


def verdict(word: str, quantity: str = "x", published: float = 2.0, **changes) -> dict:
    return {
        "fit": "a",
        "quantity": quantity,
        "published": published,
        "refit": 2.54321,
        "verdict": word,
        "confirmation": None,
    } | changes


def audit(*verdicts: dict, points=None, **changes):
    fit = made_fit(points, entry={"targets": TARGETS}, **{"estimator": "printed"} | changes)
    return said(find, made_study(verdicts, a=fit, b=made_fit()))


def test_a_printed_number_that_does_not_follow_is_told_with_its_reason():
    assert audit(verdict("not_reproduced"), verdict("not_reproduced", published=3.0)) == [
        (
            "warning",
            "a",
            "x: other printed numbers give 2.543, printed is 2. A misprint.",
            "x",
            2.54321,
        ),
        ("warning", "a", "x: other printed numbers give 2.543, printed is 3.", "x", 2.54321),
    ]


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 printed number follows"), (2, "2 printed numbers follow")]
)
def test_printed_numbers_that_follow_are_counted(count, words):
    others = [verdict("within_interval"), verdict("not_testable")]
    assert audit(*[verdict("reproduced")] * count, *others) == [
        ("info", None, f"{words} from other printed ones.", None, float(count))
    ]


def test_numbers_of_our_own_and_of_refits_are_no_audit():
    ours = verdict("not_reproduced", confirmation=OWN_REFIT)
    refit = verdict("reproduced", fit="b")
    assert audit(ours, refit) == []


@pytest.mark.parametrize(
    ("provenance", "audited"),
    [("printed", True), ("measured", False), (["printed", "measured"] * 4, False)],
)
def test_a_law_evaluated_on_printed_rows_is_audited(provenance, audited):
    points = rows(provenance=provenance)
    found = audit(verdict("reproduced"), points=points, estimator="evaluate")
    assert len(found) == audited
