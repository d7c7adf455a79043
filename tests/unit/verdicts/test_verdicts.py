"""Verdicts on published numbers."""

from __future__ import annotations

import pytest

from scaling_studies.verdicts import judge

TARGET = {"quantity": "alpha", "value": 2.0, "where": "Table 1"}


@pytest.mark.parametrize(
    ("tolerance", "kind", "refit", "interval", "expected"),
    [
        (0.1, "absolute", 2.09, None, "reproduced"),
        (0.1, "absolute", 2.11, None, "not_reproduced"),
        (0.1, "absolute", 2.11, (1.9, 2.2), "within_interval"),
        (0.1, "absolute", 2.11, (2.05, 2.2), "not_reproduced"),
        (0.1, "relative", 2.19, None, "reproduced"),
        (0.1, "relative", 2.21, None, "not_reproduced"),
        (0.1, "relative_at_most", 1.0, None, "reproduced"),
        (0.1, "relative_at_most", 2.21, None, "not_reproduced"),
        (None, None, 2.1, (1.9, 2.2), "within_interval"),
        (None, None, 2.1, (2.05, 2.2), "not_reproduced"),
        (None, None, 2.1, None, "not_testable"),
        (0.1, "absolute", None, None, "not_testable"),
        (0.1, "absolute", float("nan"), None, "not_testable"),
    ],
)
def test_verdict(tolerance, kind, refit, interval, expected):
    target = TARGET | ({"tolerance": tolerance, "tolerance_kind": kind} if tolerance else {})
    verdict, reason = judge.judge(target, refit, interval)
    assert verdict == expected
    assert verdict in judge.VERDICTS
    assert reason.endswith(".")


def test_an_objective_below_the_published_one_is_said_to_be_lower():
    target = TARGET | {"tolerance": 0.1, "tolerance_kind": "relative_at_most"}
    assert "lower by 0.5 (relative)" in judge.judge(target, 1.0, None)[1]
    assert "within the tolerance" in judge.judge(target, 2.1, None)[1]


def test_known_failure_gives_its_reason():
    target = TARGET | {
        "tolerance": 0.1,
        "tolerance_kind": "absolute",
        "expected": "not_reproduced",
        "reason": "The released table lacks half of the runs.",
    }
    verdict, reason = judge.judge(target, 3.0, None)
    assert verdict == "not_reproduced"
    assert "lacks half of the runs" in reason


def test_number_expected_to_fail_may_come_back():
    target = TARGET | {
        "tolerance": 0.1,
        "tolerance_kind": "absolute",
        "expected": "not_reproduced",
        "reason": "It did not.",
    }
    assert judge.judge(target, 2.0, None)[0] == "reproduced"


def test_published_parameters_are_judged_by_another_fit():
    fits = {
        "published": {"title": "As printed", "quantities": {"alpha": 2.0}},
        "refit": {"title": "Refit", "quantities": {"alpha": 2.5}},
    }
    intervals = {
        "published": {"intervals": {}},
        "refit": {"intervals": {"alpha": {"low": 2.3, "high": 2.7}}},
    }
    targets = {"published": [TARGET | {"compare_with": "refit"}]}
    table = judge.verdict_table("study", targets, fits, intervals)
    assert list(table.columns) == list(judge.COLUMNS)
    row = table.iloc[0]
    assert (row["fit"], row["refit"], row["verdict"]) == ("published", 2.5, "not_reproduced")
    assert "Refit" in row["reason"]


@pytest.mark.parametrize(
    ("estimator", "subject"),
    [
        ("parametric", "The refit"),
        ("evaluate", "The published law on these rows"),
        ("printed", "The arithmetic of printed numbers"),
    ],
)
def test_a_reason_names_what_was_held_against_the_published_number(estimator, subject):
    fits = {"law": {"title": "Law", "estimator": estimator, "quantities": {"alpha": 2.0000031}}}
    targets = {"law": [TARGET | {"tolerance": 1e-5, "tolerance_kind": "absolute"}]}
    table = judge.verdict_table("study", targets, fits, {"law": {"intervals": {}}})
    assert table["reason"].iloc[0] == (
        f"{subject} differs by 3.1×10⁻⁶, within the tolerance of 1×10⁻⁵."
    )
