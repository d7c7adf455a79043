"""Check parabola_bias: optima read from isoFLOP parabolas."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.parabola_bias import find

ISOFLOP = {"estimator": "isoflop", "quantities": {"a_opt": 0.5}}
SURFACE = {"title": "The surface", "quantities": {"a_opt": 0.45678}}
SOUND = ("info", "a", "Every budget has a minimum inside the sizes measured.", None, None)


def test_every_budget_has_a_minimum():
    fit = made_fit(messages=["Not identified: a."], **ISOFLOP)
    assert said(find, made_study(a=fit)) == [SOUND]


def test_budgets_without_a_minimum_are_counted_and_the_first_three_told():
    messages = [f"budget {number} has none." for number in range(4)]
    fit = made_fit(messages=["A word.", *messages], **ISOFLOP)
    assert said(find, made_study(a=fit)) == [
        (
            "warning",
            "a",
            "4 of its budgets have no usable minimum or a weak one: budget 0 has none; budget 1 "
            "has none; budget 2 has none.",
            "budgets",
            4.0,
        )
    ]


@pytest.mark.parametrize(
    ("interval", "severity", "where"),
    [
        ((0.456, 0.6), "info", ", inside the interval of the first"),
        ((0.457, 0.6), "warning", ", outside the interval of the first"),
        ((0.3, 0.456), "warning", ", outside the interval of the first"),
        ((0.3, 0.457), "info", ", inside the interval of the first"),
        ((0.45678, 0.6), "info", ", inside the interval of the first"),
        ((0.3, 0.45678), "info", ", inside the interval of the first"),
        (None, "info", ""),
    ],
)
def test_the_law_of_the_surface_stands_next_to_the_parabolas(interval, severity, where):
    known = {"a_opt": interval} if interval else {}
    context = made_study(a=made_fit(intervals=known, **ISOFLOP), surface=made_fit(**SURFACE))
    assert said(find, context) == [
        SOUND,
        (
            severity,
            "a",
            f"The parabolas give a_opt = 0.5, “The surface” of the same surface 0.4568{where}.",
            "a_opt",
            0.5,
        ),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"estimator": "envelope"},
        {"quantities": {"alpha": 0.3}},
        {"points": rows(row_key=list("abcdefgh"))},
    ],
)
def test_other_fits_are_no_law_of_the_surface(change):
    context = made_study(a=made_fit(**ISOFLOP), surface=made_fit(**SURFACE | change))
    assert said(find, context) == [SOUND]


def test_a_row_in_common_is_enough():
    points = rows(row_key=["row_0", *"bcdefgh"])
    context = made_study(a=made_fit(**ISOFLOP), surface=made_fit(points, **SURFACE))
    assert len(said(find, context)) == 2


def test_exponents_have_four_digits():
    parabolas = made_fit(estimator="isoflop", quantities={"a_opt": 0.512345})
    context = made_study(a=parabolas, surface=made_fit(**SURFACE))
    assert "a_opt = 0.5123, “The surface” of the same surface 0.4568." in said(find, context)[1][2]
