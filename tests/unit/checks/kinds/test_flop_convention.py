"""Check flop_convention: what C counts, and how far it is from 6ND."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.flop_convention import WORDS, find
from scaling_studies.runs.columns import FLOPS_CONVENTIONS

SAID = ("info", None, "C is 6ND with all parameters.", None, None)


def computed(ratios, convention="6ND_total", **columns):
    compute = np.array(ratios, dtype=float) * 1e20
    return rows(len(ratios), flops=compute, flops_6nd=1e20, flops_convention=convention, **columns)


def test_every_convention_of_the_run_table_has_words():
    assert {*WORDS, "unknown"} == set(FLOPS_CONVENTIONS)
    assert all(re.fullmatch("(6ND with|that of|as the).*[a-z]", words) for words in WORDS.values())


def test_compute_five_percent_from_6nd_is_the_same_count():
    assert said(find, made_study(a=made_fit(computed([1.049, 0.951, 1.0])))) == [SAID]


@pytest.mark.parametrize("far", [1.051, 0.949])
def test_compute_more_than_five_percent_from_6nd_is_another_count(far):
    low, high = sorted((1.0, far))
    assert said(find, made_study(a=made_fit(computed([1.0, far, 1.0, np.nan])))) == [
        (
            "warning",
            "a",
            f"Published compute is {low:.2g} to {high:.3g} times 6ND, 1 times in the median: an "
            "allocation along 6ND is not one along the published compute."
            if far > 1.0
            else "Published compute is 0.949 to 1 times 6ND, 1 times in the median: an allocation "
            "along 6ND is not one along the published compute.",
            "flops_over_6nd",
            1.0,
        ),
        SAID,
    ]


def test_fits_of_the_same_rows_are_told_once():
    other = computed([1.5, 1.5, 1.5], row_key=["x", "y", "z"])
    fits = {name: made_fit(computed([1.2, 1.2345, 1.4])) for name in "ab"}
    found = said(find, made_study(**fits, c=made_fit(other)))
    assert [item[:2] for item in found] == [
        ("warning", "a"), ("warning", "c"), ("info", None)]  # fmt: skip
    assert found[0][2].startswith("Published compute is 1.2 to 1.4 times 6ND, 1.23 times in the")
    assert (found[0][4], found[1][4]) == (1.2345, 1.5)


def test_rows_without_compute_are_passed_by():
    points = computed([1.5, 1.5])
    for name in ("flops", "flops_6nd"):
        assert said(
            find, made_study(a=made_fit({k: v for k, v in points.items() if k != name}))
        ) == [SAID]
    assert said(find, made_study(a=made_fit())) == []
    assert said(find, made_study(a=made_fit(computed([np.nan, np.nan])))) == [SAID]


def test_an_unknown_convention_is_told():
    points = computed([1.5, 1.5], ["unknown", "6ND_total"])
    assert said(find, made_study(a=made_fit(points), b=made_fit(points, title="Another"))) == [
        (
            "warning",
            None,
            "What C counts is not known for “A fit” and “Another”: optima over C are not "
            "comparable with other studies'.",
            None,
            None,
        )
    ]


def test_all_conventions_are_said():
    fits = {
        "a": made_fit(computed([1.0, 1.0], ["reported", "6ND_total"])),
        "b": made_fit(computed([1.0], "attention"), estimator="evaluate"),
    }
    assert said(find, made_study(**fits))[0][2] == (
        "C is 6ND with all parameters, 6ND with attention added and as the study reports it."
    )


def test_refits_of_other_data_laws_or_responses_are_not_put_side_by_side():
    def conventions(**changes):
        one = made_fit(computed([1.0], dataset="c4"), quantities={"a_opt": 0.5})
        points = computed([1.0], "attention", dataset=changes.pop("dataset", "c4"), row_key=["x"])
        other = made_fit(points, quantities={"a_opt": 0.6}, **changes)
        return [item[2] for item in said(find, made_study(a=one, b=other))][1:]

    assert conventions() == [
        "a (exponent of best size, N* ∝ Cᵃ) (c4): 0.5 if C is 6ND with all parameters (1 fit) "
        "and 0.6 if C is 6ND with attention added (1 fit). The fits differ in other "
        "choices as well."
    ]
    assert conventions(dataset="pile") == []
    assert conventions(law="kaplan") == []
    assert conventions(entry={"response": {"metric": "accuracy"}}) == []


def test_without_a_data_set_none_is_named():
    one = made_fit(computed([1.0]), quantities={"a_opt": 0.5})
    other = made_fit(computed([1.0], "attention", row_key=["x"]), quantities={"a_opt": 0.6})
    assert said(find, made_study(a=one, b=other))[-1][2].startswith(
        "a (exponent of best size, N* ∝ Cᵃ): 0.5 if C is 6ND"
    )


def test_refits_under_two_conventions_are_put_side_by_side():
    fits = {
        name: made_fit(computed([1.0, 1.0], convention), quantities={"a_opt": a_opt})
        for name, convention, a_opt in (("a", "6ND_total", 0.5), ("b", "attention", 0.6))
    }
    fits["c"] = made_fit(computed([1.0, 1.0], "reported"), estimator="evaluate")
    fits["d"] = made_fit(rows(2))
    assert said(find, made_study(**fits))[1:] == [
        (
            "info",
            None,
            "On the same rows, C 6ND with all parameters and 6ND with attention added give: a "
            "(exponent of best size, N* ∝ Cᵃ) 0.5 and 0.6.",
            "a_opt",
            0.1,
        )
    ]


def test_all_data_sets_of_a_family_are_named():
    data = {"dataset": ["pile", "c4"]}
    one = made_fit(computed([1.0, 1.0], **data), quantities={"a_opt": 0.5})
    points = computed([1.0, 1.0], "attention", row_key=["x", "y"], **data)
    other = made_fit(points, quantities={"a_opt": 0.6})
    assert said(find, made_study(a=one, b=other))[-1][2].startswith(
        "a (exponent of best size, N* ∝ Cᵃ) (c4, pile): 0.5 if C is 6ND"
    )
