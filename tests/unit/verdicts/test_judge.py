"""Verdicts on published numbers."""

from __future__ import annotations

import pytest
from fit_artefacts import artefact, uncertainty

from scaling_studies.cards.models.target import Target
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Interval
from scaling_studies.verdicts.judge import (
    SCHEMA,
    VERDICTS,
    Ours,
    judge,
    reason,
    verdict_rows,
    verdict_table,
)

TARGET = Target(quantity="alpha", value=2.0, where="Table 1")


def with_tolerance(tolerance: float, kind: str, **changes) -> Target:
    return changed(TARGET, tolerance=tolerance, tolerance_kind=kind, **changes)


def changed(target: Target, **changes) -> Target:
    return Target.model_validate(target.as_dict() | changes)


@pytest.mark.parametrize(
    ("kind", "refit", "verdict"),
    [
        ("absolute", 2.099, "reproduced"),
        ("absolute", 1.901, "reproduced"),
        ("absolute", 2.101, "not_reproduced"),
        ("absolute", 1.899, "not_reproduced"),
        ("relative", 2.199, "reproduced"),
        ("relative", 1.801, "reproduced"),
        ("relative", 2.201, "not_reproduced"),
        ("relative", 1.799, "not_reproduced"),
        ("relative_at_most", 2.199, "reproduced"),
        ("relative_at_most", 1.0, "reproduced"),
        ("relative_at_most", 2.201, "not_reproduced"),
    ],
)
def test_a_number_comes_back_within_its_tolerance(kind, refit, verdict):
    assert judge(with_tolerance(0.1, kind), Ours(refit)) == verdict


def test_a_number_at_its_tolerance_comes_back():
    for kind, refit in (("absolute", 2.5), ("relative", 3.0), ("relative_at_most", 3.0)):
        assert judge(with_tolerance(0.5, kind), Ours(refit)) == "reproduced"


@pytest.mark.parametrize(("refit", "verdict"), [(-2.19, "reproduced"), (-2.21, "not_reproduced")])
def test_a_relative_tolerance_of_a_negative_number_is_of_its_size(refit, verdict):
    assert judge(with_tolerance(0.1, "relative", value=-2.0), Ours(refit)) == verdict


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((1.99, 2.2), "within_interval"),
        ((2.0, 2.2), "within_interval"),
        ((2.01, 2.2), "not_reproduced"),
        ((1.8, 2.01), "within_interval"),
        ((1.8, 2.0), "within_interval"),
        ((1.8, 1.99), "not_reproduced"),
    ],
)
@pytest.mark.parametrize("target", [TARGET, with_tolerance(0.05, "absolute")])
def test_a_number_comes_back_within_our_interval(target, interval, verdict):
    assert judge(target, Ours(2.1, interval)) == verdict


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_without_a_value_of_ours_nothing_is_tested(value):
    target = with_tolerance(0.1, "absolute")
    assert judge(target, Ours(value, (1.0, 3.0))) == "not_testable"
    assert reason(target, Ours(value), "not_testable") == (
        "The fit gives no finite value for this quantity."
    )
    assert reason(changed(target, reason="No rows."), Ours(value), "not_testable") == "No rows."


def test_without_tolerance_and_interval_nothing_is_tested():
    assert judge(TARGET, Ours(2.0)) == "not_testable"
    assert reason(TARGET, Ours(2.1), "not_testable") == (
        "The refit gives 2.1 against 2; neither a tolerance nor an interval is known."
    )


KNOWN = {"expected": "not_reproduced", "reason": "The table lacks half of the runs."}


def test_a_known_failure_stays_one_inside_a_wide_interval():
    target = changed(with_tolerance(0.1, "absolute"), **KNOWN)
    assert judge(target, Ours(3.0, (1.0, 5.0))) == "not_reproduced"
    assert judge(changed(TARGET, **KNOWN), Ours(3.0)) == "not_reproduced"


def test_a_number_expected_to_fail_may_come_back():
    assert judge(changed(with_tolerance(0.1, "absolute"), **KNOWN), Ours(2.0)) == "reproduced"


# reasons


def why(target: Target, ours: Ours) -> str:
    return reason(target, ours, judge(target, ours))


@pytest.mark.parametrize(
    ("target", "value", "text"),
    [
        (
            with_tolerance(0.1, "absolute"),
            1.9512,
            "The refit differs by 0.049, within the tolerance of 0.1.",
        ),
        (
            with_tolerance(0.1, "relative", value=-2.0),
            -2.1,
            "The refit differs by 0.05 (relative), within the tolerance of 0.1 (relative).",
        ),
        (
            with_tolerance(0.1, "relative_at_most"),
            2.1,
            "The refit differs by 0.05 (relative), within the tolerance of 0.1 (relative, "
            "upwards).",
        ),
        (
            with_tolerance(0.1, "relative_at_most"),
            2.0,
            "The refit differs by 0 (relative), within the tolerance of 0.1 (relative, upwards).",
        ),
        (
            with_tolerance(0.1, "relative_at_most"),
            1.0,
            "The refit is lower by 0.5 (relative), which counts as reached.",
        ),
        (
            with_tolerance(0.1, "absolute"),
            2.5,
            "The refit gives 2.5 against 2: more than the tolerance of 0.1.",
        ),
    ],
)
def test_why_by_tolerance(target, value, text):
    assert why(target, Ours(value)) == text


def test_why_by_interval():
    near = with_tolerance(0.1, "absolute")
    inside, outside = Ours(2.512341, (1.0, 3.0)), Ours(2.5, (2.3, 3.0))
    assert why(TARGET, inside) == (
        "The refit gives 2.51234 against 2; the published value lies inside the refit's 95 % "
        "interval."
    )
    assert why(changed(TARGET, reason="A word."), inside).endswith("95 % interval. A word.")
    assert why(TARGET, outside) == (
        "The refit gives 2.5 against 2: the published value lies outside the refit's 95 % interval."
    )
    assert why(changed(near, reason="A word."), outside) == (
        "The refit gives 2.5 against 2: more than the tolerance of 0.1 and the published value "
        "lies outside the refit's 95 % interval. A word."
    )


def test_an_interval_is_called_by_its_level():
    assert "inside the refit's 80 % interval" in why(TARGET, Ours(2.5, (1.0, 3.0), level=0.8))
    assert "outside the refit's 80 % interval" in why(TARGET, Ours(2.5, (2.3, 3.0), level=0.8))


def test_why_of_a_known_failure():
    target = changed(with_tolerance(0.1, "absolute"), **KNOWN)
    assert (
        why(target, Ours(3.0)) == "The refit gives 3 against 2. The table lacks half of the runs."
    )
    assert why(target, Ours(3.0, (2.5, 3.5))).endswith("lacks half of the runs.")
    assert why(target, Ours(3.0, (1.0, 5.0))) == (
        "The refit gives 3 against 2. The table lacks half of the runs. The published value lies "
        "inside the refit's 95 % interval."
    )


# tables


def judged(target: Target, fit: FitArtefact, level: float = 0.95, **intervals: Interval) -> dict:
    """Row of the verdict on a number of a fit of which these intervals are known."""
    known = uncertainty(level, **intervals)
    (row,) = verdict_rows("a_study", {"law": [target]}, {"law": fit}, {"law": known})
    return row


def fit_of(alpha: float | None, **changes) -> FitArtefact:
    known = {} if alpha is None else {"alpha": alpha}
    return artefact(**{"quantities": known} | changes)


def test_a_row_holds_everything_about_its_number():
    target = with_tolerance(1e-5, "absolute", standard_error=0.2, confirmation="two_sources")
    row = judged(target, fit_of(2.0000031), alpha=Interval(1.9, 2.1))
    assert row == {
        "study": "a_study",
        "fit": "law",
        "quantity": "alpha",
        "published": 2.0,
        "published_se": 0.2,
        "refit": 2.0000031,
        "ci_low": 1.9,
        "ci_high": 2.1,
        "tolerance": 1e-5,
        "tolerance_kind": "absolute",
        "verdict": "reproduced",
        "reason": "The refit differs by 3.1×10⁻⁶, within the tolerance of 1×10⁻⁵.",
        "where_published": "Table 1",
        "confirmation": "two_sources",
    }
    table = verdict_table([row, row])
    assert table.schema == SCHEMA and table.to_pylist() == [row, row]
    assert verdict_table([]).schema == SCHEMA


def test_what_is_not_known_of_a_number_is_left_empty():
    row = judged(TARGET, fit_of(None))
    empty = {name for name, value in row.items() if value is None}
    assert empty == {
        "published_se", "refit", "ci_low", "ci_high", "tolerance", "tolerance_kind", "confirmation"
    }  # fmt: skip
    assert row["verdict"] == "not_testable"


def test_published_parameters_are_judged_by_another_fit():
    fits = {
        "published": fit_of(2.0, estimator="evaluate", title="As printed"),
        "refit": fit_of(2.5, title="Refit"),
    }
    intervals = {"published": uncertainty(), "refit": uncertainty(alpha=Interval(2.3, 2.7))}
    targets = {"published": [changed(TARGET, compare_with="refit")], "refit": []}
    (row,) = verdict_rows("study", targets, fits, intervals)
    assert (row["fit"], row["refit"], row["verdict"]) == ("published", 2.5, "not_reproduced")
    assert row["reason"] == (
        "The refit gives 2.5 against 2 in the fit “Refit”: the published value lies outside the "
        "refit's 95 % interval."
    )


@pytest.mark.parametrize(
    ("estimator", "subject"),
    [
        ("parametric", "The refit"),
        ("evaluate", "The published law on these rows"),
        ("printed", "The arithmetic of printed numbers"),
    ],
)
def test_a_reason_names_what_was_held_against_the_published_number(estimator, subject):
    row = judged(TARGET, fit_of(2.1, estimator=estimator))
    assert row["reason"].startswith(f"{subject} gives 2.1 against 2;")


def test_another_quantity_may_be_asked_for():
    fit = fit_of(None, quantities={"alpha": 1.0, "beta": 2.05})
    row = judged(changed(TARGET, ours="beta"), fit, beta=Interval(1.5, 2.5))
    assert (row["quantity"], row["refit"], row["ci_low"]) == ("alpha", 2.05, 1.5)


def test_a_statistic_of_all_resamples_has_a_value_and_no_interval():
    target = with_tolerance(0.1, "absolute")
    row = judged(target, fit_of(None), alpha=Interval(None, None, value=2.05))
    assert (row["refit"], row["ci_low"], row["verdict"]) == (2.05, None, "reproduced")
    row = judged(target, fit_of(0.0), alpha=Interval(None, None, value=2.05))
    assert row["refit"] == 0.0


def test_intervals_carry_the_level_of_the_fit_that_has_them():
    row = judged(TARGET, fit_of(2.1, estimator="printed"), level=0.8, alpha=Interval(1.5, 2.5))
    assert row["reason"].endswith("lies inside the refit's 80 % interval.")


def test_every_verdict_is_one_of_four():
    assert VERDICTS == ("reproduced", "within_interval", "not_reproduced", "not_testable")
