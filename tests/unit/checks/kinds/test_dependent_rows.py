"""Check dependent_rows: whether rows of a group are drawn together."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.dependent_rows import find
from scaling_studies.fits.uncertainty import Interval

CLUSTER = {"kind": "cluster"}


def grouped(count: int, groups: int, kind: str = "pairs", **changes):
    """Fit of rows in some groups, drawn in one way."""
    names = [f"group_{number % groups}" for number in range(count)]
    uncertainty = {"kind": kind} | changes.pop("uncertainty", {})
    return made_fit(rows(count, group_id=names), uncertainty=uncertainty, **changes)


def test_rows_of_groups_that_are_drawn_one_by_one():
    assert said(find, made_study(a=grouped(67, 12))) == [
        (
            "warning",
            "a",
            "67 rows of 12 groups are drawn one by one (“A fit”); if the rows of a group repeat "
            "each other, intervals are up to 2.4 times too narrow.",
            None,
            None,
        )
    ]


def test_several_such_fits_are_one_finding():
    fits = {"a": grouped(48, 12), "b": grouped(90, 10, title="Another"), "c": grouped(9, 1)}
    assert said(find, made_study(**fits)) == [
        (
            "warning",
            None,
            "48 to 90 rows of 10 to 12 groups are drawn one by one (“A fit” and “Another”); if the "
            "rows of a group repeat each other, intervals are up to 3 times too narrow.",
            None,
            None,
        ),
        (
            "warning",
            "c",
            "All 9 rows of a fit belong to one group and are drawn one by one (“A fit”): the "
            "intervals are lower bounds.",
            None,
            None,
        ),
    ]
    three = {name: grouped(9, 1) for name in "abc"}
    assert "drawn one by one (3 fits): the" in said(find, made_study(**three))[0][2]


def test_rows_that_are_groups_of_their_own():
    none = "no test finds rows of one budget, size, run or family that miss the law together."
    text = f"Every row is a group of its own in 2 fits, and {none}"
    context = made_study(a=made_fit(), b=made_fit(rows(5)), c=grouped(9, 1))
    assert said(find, context)[1:] == [("info", None, text, None, None)]
    without = rows()
    del without["group_id"]
    assert said(find, made_study(a=made_fit(without)))[0][2].endswith(f"in 1 fit, and {none}")


@pytest.mark.parametrize(("groups", "severity"), [(9, "warning"), (10, "info")])
def test_ten_groups_are_enough(groups, severity):
    text = {
        "warning": "Its 40 rows are 9 independent groups; so few are drawn with too little "
        "variety, and intervals tend to be too narrow.",
        "info": "Rows of one group are drawn together in 1 fit: 40 rows in 10 groups.",
    }
    named = ("a", "groups", 9.0) if severity == "warning" else (None, None, None)
    assert said(find, made_study(a=grouped(40, groups, "cluster"))) == [
        (severity, named[0], text[severity], *named[1:])
    ]


def test_fits_of_enough_groups_are_one_finding():
    context = made_study(a=grouped(40, 10, "cluster"), b=grouped(60, 20, "cluster"))
    assert said(find, context) == [
        (
            "info",
            None,
            "Rows of one group are drawn together in 2 fits: 40 to 60 rows in 10 to 20 groups.",
            None,
            None,
        )
    ]


def test_groups_may_be_those_of_another_column():
    points = rows(40, dataset=[f"set_{number % 4}" for number in range(40)])
    fit = made_fit(points, entry={"resample": {"groups": "dataset"}}, uncertainty=CLUSTER)
    assert said(find, made_study(a=fit))[0][2].startswith("Its 40 rows are 4 independent groups")


@pytest.mark.parametrize(
    "change",
    [
        {"uncertainty": {"resamples": 0}},
        {"uncertainty": {"kind": "parametric"}},
        {"entry": {"reduce": {"at": "last"}}},
        {"estimator": "evaluate"},
    ],
)
def test_fits_whose_rows_are_not_drawn_are_passed_by(change):
    fit = made_fit(rows(9, group_id="one"), **change)
    assert said(find, made_study(a=fit)) == []


def both_ways(**changes):
    """The same fit of 60 rows in 12 groups, drawn by groups and by rows."""
    return made_study(
        groups=grouped(
            60, 12, "cluster", quantities={"a_opt": 0.5}, intervals={"a_opt": (0.3, 0.769)}
        ),
        rows=grouped(60, 12, quantities={"a_opt": 0.5}, intervals={"a_opt": (0.4, 0.6)}, **changes),
    )


def test_the_same_fit_drawn_both_ways_shows_both_widths():
    assert said(find, both_ways())[-1] == (
        "info",
        "rows",
        "The interval of a (exponent of best size, N* ∝ Cᵃ) is 2.3 times as wide when whole groups "
        "are drawn as when rows are.",
        "a_opt",
        2.345,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"law": "kaplan"},
        {"objective": {"name": "squared"}},
        {"n": 59},
        {"entry": {"axes": {"params": "params_total"}}},
        {"entry": {"weights": "inverse_variance"}},
        {"entry": {"response": {"metric": "accuracy"}}},
        {"entry": {"source_study": "other_2021"}},
        {"uncertainty": {"resamples": 0}},
    ],
)
def test_another_fit_drawn_another_way_is_not_compared(change):
    assert not any("as wide when whole" in item[2] for item in said(find, both_ways(**change)))


def test_without_both_intervals_nothing_is_compared():
    context = both_ways()
    for fit in ("groups", "rows"):
        known = context.intervals[fit].intervals
        interval = known.pop("a_opt")
        assert not any("as wide when whole" in item[2] for item in said(find, context))
        known["a_opt"] = Interval(interval.low, None)
        assert not any("as wide when whole" in item[2] for item in said(find, context))
        known["a_opt"] = Interval(None, interval.high)
        assert not any("as wide when whole" in item[2] for item in said(find, context))
        known["a_opt"] = interval


TEST = {
    "label": "budget", "groups": 37, "correlation": 0.07, "inflation": 1.99, "probability": 0.004
}  # fmt: skip


def test_rows_that_a_test_finds_dependent_are_told_with_what_was_done():
    known = {"dependence": TEST, "kind": "cluster", "groups": "budget", "group_count": 37}
    found = made_fit(uncertainty=known | {"as_stated": {"E": (1.0, 2.0)}})
    (severity, fit, text, quantity, value) = said(find, made_study(a=found))[-1]
    assert (severity, fit, quantity, value) == ("info", "a", "inflation", 1.99)
    assert text.startswith("Rows of one compute budget (37 groups) miss the law together")
    assert "intra-class correlation 0.07" in text and "1.99 times" not in text.split("(")[0]
    assert "They are drawn together; intervals of 1 quantity differ" in text


def test_few_groups_of_a_normal_draw_have_a_part_in_common():
    known = {"dependence": TEST, "kind": "parametric", "groups": "budget", "group_count": 8}
    (*_, (severity, _, text, *_)) = said(find, made_study(a=made_fit(uncertainty=known)))
    assert severity == "info" and "They have a part drawn together; intervals of 0" in text


def test_each_fit_whose_rows_depend_is_told_whatever_the_others_are():
    lone = made_fit(uncertainty={"dependence": TEST})
    known = {"dependence": TEST, "kind": "cluster", "groups": "budget", "group_count": 37}
    drawn, sound = made_fit(uncertainty=known), made_fit()
    fits = {"a": sound, "b": lone, "c": drawn, "d": sound, "e": lone}
    told = [item[:2] for item in said(find, made_study(**fits)) if item[3] == "inflation"]
    assert told == [("warning", "b"), ("info", "c"), ("warning", "e")]


def test_groups_that_cannot_be_redrawn_are_a_warning():
    found = made_fit(uncertainty={"dependence": TEST | {"label": "size", "groups": 5}})
    said_of = [item for item in said(find, made_study(a=found)) if item[3] == "inflation"]
    assert said_of[0][0] == "warning" and "intervals are lower bounds" in said_of[0][2]
    assert "Rows of one model size (5 groups)" in said_of[0][2]
