"""Check unidentified_asymptote: whether the rows bound the irreducible loss."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, said

from scaling_studies.checks.kinds.unidentified_asymptote import find


def profile(estimate=2.0, low=1.9, high=2.2, **changes):
    return {
        "name": "E",
        "estimate": estimate,
        "low": low,
        "high": high,
        "low_open": False,
        "high_open": False,
    } | changes


def test_profiles_that_bound_e_on_both_sides():
    fits = {
        "a": made_fit(profile=profile()),
        "b": made_fit(profile=profile(1.0, 0.6, 1.0)),
        "c": made_fit(profile=profile(low=None)),
        "d": made_fit(profile=profile(0.0, 0.0, 1.0)),
        "e": made_fit(profile=profile(), estimator="evaluate"),
        "f": made_fit(),
    }
    assert said(find, made_study(**fits)) == [
        (
            "info",
            None,
            "The profile bounds E on both sides in 2 fits; the wider of its interval and that of "
            "the bootstrap is ±7.5 to 20 % of its value "
            "(95 %).",
            "E",
            0.2,
        )
    ]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"low_open": True, "low": 0.0},
            "E is 1.235, but every value down to 0 lies inside its 95 % profile interval: these "
            "rows do not show that the loss levels off.",
        ),
        (
            {"low_open": True, "low": 0.0, "estimate": 0.0},
            "E is 0 at the optimum, and its 95 % profile interval holds every value up to 2.235: "
            "these rows do not show that the loss levels off.",
        ),
        (
            {"low_open": True, "low": 0.0, "estimate": 0.0, "high": None, "high_open": True},
            "E is 0 at the optimum, and its 95 % profile interval holds every value: these rows do "
            "not show that the loss levels off.",
        ),
        (
            {"high_open": True, "high": None},
            "The 95 % profile interval of E has no upper end; the estimate is 1.235.",
        ),
    ],
)
def test_profiles_that_do_not(changes, text):
    bounds = profile(**{"estimate": 1.23456, "high": 2.23456} | changes)
    found = said(find, made_study(a=made_fit(profile=bounds)))
    assert found == [("warning", "a", text, "E", float(f"{bounds['estimate']:.6g}"))]


def test_half_widths_have_two_digits():
    ((_, _, text, _, value),) = said(
        find, made_study(a=made_fit(profile=profile(1.0, 0.8766, 1.1234)))
    )
    assert "in 1 fit; " in text and "±12 % of its value" in text
    assert value == 0.1234
