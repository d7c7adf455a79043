"""Printed standard errors and intervals."""

from __future__ import annotations

import pytest

from scaling_studies.cards.models.target import Target
from scaling_studies.verdicts.judge import Ours
from scaling_studies.verdicts.widths import judge_error, judge_interval


def target(**changes) -> Target:
    return Target.model_validate(
        {"quantity": "alpha", "value": "0.35", "where": "Table 1"} | changes
    )


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        (0.0204, "exact"),
        (0.022, "compatible"),
        (0.018, "compatible"),
        (0.0243, "does_not_come_back"),
        (0.0165, "does_not_come_back"),
    ],
)
def test_a_standard_error_comes_back_within_the_scatter_of_such_widths(own, verdict):
    ours = Ours(0.35, standard_error=own)
    judged, given = judge_error(target(standard_error="0.020"), ours, 200)
    assert (judged.verdict, given) == (verdict, own)


def test_few_rows_know_a_width_badly():
    ours = Ours(0.35, standard_error=0.04)
    few, _ = judge_error(target(standard_error="0.020"), ours, 8)
    many, _ = judge_error(target(standard_error="0.020"), ours, 17)
    assert (few.verdict, many.verdict) == ("compatible", "does_not_come_back")
    assert "twice" in many.reason or "2 times as narrow" in many.reason


def test_an_interval_of_another_level_is_compared_at_the_printed_one():
    wide = Ours(0.35, interval=(0.35 - 1.96, 0.35 + 1.96), level=0.95)
    judged, own = judge_interval(target(interval=["-0.93", "1.63"], level=0.8), wide, 100)
    assert judged.verdict == "exact" and own == pytest.approx(2 * 1.2816, rel=1e-3)


def test_an_interval_that_no_such_rows_allow_says_how_many_would():
    ours = Ours(0.51, interval=(0.478, 0.551))
    judged, _ = judge_interval(target(interval=["0.454", "0.455"], level=0.8), ours, 240)
    assert judged.verdict == "does_not_come_back"
    # 0.073 · 1.2816 / 1.96 is 24 times the 0.002 that rounding leaves: 240 · 23.87² rows.
    assert "24 times as narrow" in judged.reason
    assert "about 140,000 such rows." in judged.reason


def test_without_a_width_of_ours_or_trust_in_it_nothing_is_tested():
    printed = target(standard_error="0.020", interval=["0.1", "0.2"])
    assert judge_error(printed, Ours(0.35), 100)[0].verdict == "cannot_be_tested"
    assert judge_interval(printed, Ours(0.35), 100)[0].verdict == "cannot_be_tested"
    open_ended = Ours(0.35, interval=(0.1, float("inf")))
    assert judge_interval(printed, open_ended, 100)[0].verdict == "cannot_be_tested"
    distrusted = Ours(0.35, standard_error=0.02, distrust="A check fails.")
    assert judge_error(printed, distrusted, 100)[0].verdict == "cannot_be_tested"


@pytest.mark.parametrize(
    ("own", "says"),
    [
        (0.0615, "the printed one is 3 times as narrow"),
        (0.0065, "the printed one is 3 times as wide"),
    ],
)
def test_a_width_is_told_by_how_much_it_is_off_either_way(own, says):
    # Rounding of 0.020 leaves 0.0205 above and 0.0195 below.
    judged, _ = judge_error(target(standard_error="0.020"), Ours(0.35, standard_error=own), 100)
    assert says in judged.reason and "scatter by 10 %" in judged.reason


def test_a_standard_error_follows_from_an_interval_where_none_is_known():
    # Half of 0.0784 over 1.96.
    ours = Ours(0.35, interval=(0.3108, 0.3892))
    judged, own = judge_error(target(standard_error="0.020"), ours, 200)
    assert judged.verdict == "exact" and own == pytest.approx(0.02, rel=1e-4)
