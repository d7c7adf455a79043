"""The verdict on one published number."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies.cards.models.target import Target
from scaling_studies.verdicts.judge import COMES_BACK, VERDICTS, Ours, judge
from scaling_studies.verdicts.optimum import JointTest

TOLERANCE = {"tolerance_kind": "absolute", "tolerance_reason": "The draw is random."}


def target(value: str = "2.00", **changes) -> Target:
    return Target.model_validate(
        {"quantity": "alpha", "value": value, "where": "Table 1"} | changes
    )


def verdict(ours: Ours, value: str = "2.00", **changes) -> str:
    return judge(target(value, **changes), ours).verdict


@pytest.mark.parametrize(
    ("refit", "word"),
    [(2.0, "exact"), (2.0049, "exact"), (1.9951, "exact"), (2.0051, "same"), (2.011, "compatible")],
)
def test_printed_digits_come_before_standard_errors(refit, word):
    assert verdict(Ours(refit, standard_error=0.1)) == word


@pytest.mark.parametrize(
    ("difference", "word"),
    [
        (0.0099, "same"),
        (-0.0099, "same"),
        (0.011, "compatible"),
        (0.2049, "compatible"),
        (-0.2049, "compatible"),
        (0.2051, "does_not_come_back"),
        (-0.2051, "does_not_come_back"),
    ],
)
def test_two_standard_errors_beyond_rounding_decide(difference, word):
    assert verdict(Ours(2.0 - difference, standard_error=0.1)) == word


def test_the_published_standard_error_counts_too():
    ours = Ours(1.6, standard_error=0.1)
    assert verdict(ours) == "does_not_come_back"
    assert verdict(ours, standard_error="0.20") == "compatible"
    assert judge(target(standard_error="0.20"), ours).z == pytest.approx(
        0.395 / math.hypot(0.1, 0.2)
    )


def test_of_standard_error_and_interval_the_stricter_counts():
    """A skewed interval that excludes the number is not mended by a wide standard error."""
    ours = Ours(2143.0, interval=(1036.0, 5881.0), standard_error=1300.0)
    assert verdict(ours, "410.7") == "does_not_come_back"
    assert verdict(ours, "5500") == "does_not_come_back"
    assert verdict(Ours(2143.0, interval=(1036.0, 5881.0)), "5500") == "compatible"


def test_an_interval_alone_decides_by_its_level():
    """An 80 % interval is narrower than one of 95 % with the same standard error."""
    usual, narrow = (Ours(2.0, interval=(1.0, 3.0), level=level) for level in (0.95, 0.8))
    assert verdict(usual, "2.9") == verdict(narrow, "2.9") == "compatible"
    assert (verdict(usual, "3.3"), verdict(narrow, "3.3")) == ("does_not_come_back", "compatible")
    assert verdict(narrow, "4.0") == "does_not_come_back"


def test_an_interval_that_is_open_on_the_side_of_the_number_excludes_nothing():
    ours = Ours(95.0, interval=(6.0, math.inf))
    assert verdict(ours, "1000") == "compatible"
    assert judge(target("1000"), ours).z is None
    assert verdict(ours, "-20") == "does_not_come_back"


def test_what_the_rows_do_not_bound_cannot_be_tested():
    assert verdict(Ours(1.5, interval=(-math.inf, math.inf))) == "cannot_be_tested"
    assert verdict(Ours(2.001, interval=(-math.inf, math.inf))) == "exact"


def test_without_any_error_a_refit_cannot_tell():
    assert verdict(Ours(2.1)) == "cannot_be_tested"
    assert verdict(Ours(2.001)) == "exact"


@pytest.mark.parametrize("evidence", ["evaluation", "arithmetic"])
def test_what_has_no_scatter_must_give_the_digits(evidence):
    assert verdict(Ours(2.004, evidence)) == "exact"
    assert verdict(Ours(2.006, evidence)) == "does_not_come_back"


@pytest.mark.parametrize(
    ("implied", "word"),
    [((1.9, 2.1), "exact"), ((2.0049, 2.1), "exact"), ((2.0051, 2.1), "does_not_come_back")],
)
def test_arithmetic_may_be_off_by_the_rounding_of_its_inputs(implied, word):
    assert verdict(Ours(2.05, "arithmetic", implied=implied)) == word


def test_an_interval_that_is_not_trusted_makes_nothing_compatible():
    ours = Ours(2.1, standard_error=0.5, distrust="A check fails.")
    judged = judge(target(), ours)
    assert judged.verdict == "cannot_be_tested" and "A check fails." in judged.reason
    assert verdict(Ours(2.001, standard_error=0.5, distrust="A check fails.")) == "exact"


def test_a_tolerance_needs_and_shows_its_reason():
    judged = judge(target(tolerance=0.5, **TOLERANCE), Ours(2.4))
    assert judged.verdict == "compatible" and "The draw is random." in judged.reason
    # Without an interval nothing but the tolerance can decide, so it decides both ways.
    missed = judge(target(tolerance=0.5, **TOLERANCE), Ours(2.6))
    assert missed.verdict == "does_not_come_back"
    assert "beyond the tolerance. The draw is random." in missed.reason
    assert verdict(Ours(2.6)) == "cannot_be_tested"
    assert verdict(Ours(2.6, standard_error=0.5), tolerance=0.5, **TOLERANCE) == "compatible"
    open_ = Ours(2.6, interval=(-math.inf, math.inf))
    assert verdict(open_, tolerance=0.5, **TOLERANCE) == "cannot_be_tested"
    relative = TOLERANCE | {"tolerance": 0.25, "tolerance_kind": "relative"}
    assert verdict(Ours(-2.4), "-2.00", **relative) == "compatible"
    assert verdict(Ours(-2.6), "-2.00", **relative) == "does_not_come_back"


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0.0020000004, "exact"),
        (0.00199, "not_an_optimum"),
        (0.00201, "does_not_come_back"),
    ],
)
def test_an_objective_that_goes_lower_shows_that_the_published_optimum_is_none(value, word):
    assert verdict(Ours(value, is_objective=True), "0.00200000") == word


def test_objectives_that_differ_by_less_than_searches_resolve_are_the_same():
    assert verdict(Ours(-879.773139, is_objective=True), "-879.77313") == "same"


def test_an_objective_of_printed_runs_is_held_within_what_their_digits_leave_open():
    printed = target(
        value="1.385056e-4",
        tolerance=1e-4,
        tolerance_kind="relative",
        tolerance_reason="Seven digits.",
    )
    assert judge(printed, Ours(1.3850631e-4, is_objective=True)).verdict == "compatible"
    assert judge(printed, Ours(1.3853e-4, is_objective=True)).verdict == "does_not_come_back"


def test_long_published_numbers_are_told_apart_in_thousands():
    printed = target(value="37000", tolerance=500.0, **TOLERANCE)
    judged = judge(printed, Ours(36_830.0))
    assert judged.verdict == "compatible" and "36,830" in judged.reason
    assert "37,000, within the tolerance" in judged.reason


NO_OPTIMUM = JointTest("not_an_optimum", 1.2, 1.0, 0.001, "The objective lies 20 % above.")


@pytest.mark.parametrize("refit", [2.0, 2.001, 2.15])
def test_near_constants_of_a_rejected_optimum_do_not_come_back(refit):
    judged = judge(target(), Ours(refit, standard_error=0.1, joint=NO_OPTIMUM))
    assert judged.verdict == "not_an_optimum" and "20 % above" in judged.reason


def test_what_lies_outside_stays_outside_whatever_the_joint_test_says():
    ours = Ours(3.0, standard_error=0.1, joint=NO_OPTIMUM)
    assert verdict(ours) == "does_not_come_back"
    fine = JointTest("compatible", 1.0, 1.0, 0.5, "")
    assert verdict(Ours(2.1, standard_error=0.1, joint=fine)) == "compatible"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_without_a_value_nothing_is_tested(value):
    judged = judge(target(reason="No run is public."), Ours(value, standard_error=1.0))
    assert (judged.verdict, judged.z, judged.reason) == (
        "cannot_be_tested",
        None,
        "No run is public.",
    )


def test_a_reason_says_what_was_found_and_what_the_card_adds():
    judged = judge(target("-0.108", reason="A note."), Ours(-0.118, standard_error=0.018))
    assert judged.reason == (
        "The refit gives −0.118 against −0.108, 0.53 standard errors away. A note."
    )
    exact = judge(target("0.50", reason="A note."), Ours(0.502))
    assert exact.reason == "The refit gives 0.502, which rounds to the printed 0.50."
    other = judge(target(), Ours(2.5, standard_error=0.1, judged_by="Refit"))
    assert other.reason.startswith("The refit (in the fit “Refit”) gives 2.5 against 2.00,")


@given(
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
    st.none() | st.floats(1e-6, 1e3),
    st.none() | st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)),
    st.sampled_from(["refit", "evaluation", "arithmetic", "re_estimate", "simulation"]),
    st.sampled_from(["", "A check fails."]),
)
def test_every_number_gets_one_of_six_verdicts_and_a_reason(
    published, refit, error, widths, evidence, distrust
):
    interval = (refit - widths[0], refit + widths[1]) if widths else None
    ours = Ours(refit, evidence, interval, standard_error=error, distrust=distrust)
    judged = judge(target(f"{published:.4f}"), ours)
    assert judged.verdict in VERDICTS and judged.reason.endswith(".")
    if distrust and evidence not in ("evaluation", "arithmetic"):
        assert judged.verdict in ("exact", "cannot_be_tested")
    if judged.verdict in COMES_BACK and judged.z is not None:
        assert abs(judged.z) < 2


def test_a_tenth_of_a_standard_error_itself_is_the_same_for_any_use():
    # 0.1 times 10 is exactly the difference, and more than half a unit of the printed digit.
    assert verdict(Ours(6.0, standard_error=10.0), "5") == "same"


def test_a_joint_test_decides_where_a_constant_alone_has_no_interval():
    assert verdict(Ours(2.3)) == "cannot_be_tested"
    assert verdict(Ours(2.3, joint=NO_OPTIMUM)) == "not_an_optimum"


def test_a_standard_error_of_zero_decides_nothing():
    assert verdict(Ours(2.3, standard_error=0.0)) == "cannot_be_tested"
