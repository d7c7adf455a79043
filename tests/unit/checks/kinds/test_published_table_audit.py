"""Check published_table_audit: whether printed numbers follow from each other."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, said

from scaling_studies.checks.kinds.published_table_audit import find


def verdict(word: str, **changes) -> dict:
    return {
        "fit": "a",
        "quantity": "x",
        "refit": 2.54321,
        "verdict": word,
        "reason": "Printed numbers give 2.5. A misprint.",
        "evidence": "arithmetic",
        "counted": True,
    } | changes


def audit(*verdicts: dict):
    return said(find, made_study(verdicts, a=made_fit(estimator="printed"), b=made_fit()))


def test_a_printed_number_that_does_not_follow_is_told_with_its_reason():
    assert audit(verdict("does_not_come_back")) == [
        ("warning", "a", "x: Printed numbers give 2.5. A misprint.", "x", 2.54321)
    ]


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 printed number follows"), (2, "2 printed numbers follow")]
)
def test_printed_numbers_that_follow_are_counted(count, words):
    verdicts = [verdict("exact"), verdict("compatible")][:count]
    assert audit(*verdicts, verdict("cannot_be_tested")) == [
        ("info", None, f"{words} from other printed ones.", None, float(count))
    ]


def test_refits_and_what_is_not_counted_are_no_audit():
    refit = verdict("does_not_come_back", fit="b", evidence="refit")
    assert audit(refit, verdict("does_not_come_back", counted=False)) == []
