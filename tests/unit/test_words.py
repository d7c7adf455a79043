"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies import words


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (None, 5, "–"),
        (float("nan"), 5, "–"),
        (0.0, 5, "0"),
        (-0.07, 5, "−0.07"),
        (5764.2, 5, "5,764.2"),
        (4.0402e10, 3, "4.04×10¹⁰"),
        (-2.3e-15, 2, "−2.3×10⁻¹⁵"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert words.number(value, digits) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("4.04e+10", "4.04×10¹⁰"),
        ("1e-07", "1×10⁻⁷"),
        ("0.53", "0.53"),
        ("reduce+1", "reduce+1"),
    ],
)
def test_an_exponent_becomes_a_power_of_ten(text: str, written: str) -> None:
    assert words.without_e(text) == written


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.34781, 4, "0.3478"),
        (-0.242472, 6, "−0.242472"),
        (2143.4, 5, "2,143.4"),
        (5.76e23, 3, "5.76×10²³"),
        (1.2e-9, 2, "1.2×10⁻⁹"),
        (0.0, 5, "0"),
        (1e6, 2, "1×10⁶"),
        (999999.0, 2, "999,999"),
        (0.00101827402, 9, "0.00101827402"),
        (None, 5, "–"),
        (float("nan"), 5, "–"),
        (float("inf"), 5, "–"),
    ],
)
def test_numbers_of_pages(value: float | None, digits: int, text: str) -> None:
    assert words.number(value, digits) == text


@given(st.floats(1e-3, 1e5), st.floats(1e-4, 0.5))
def test_an_estimate_shows_two_digits_of_its_uncertainty(value: float, share: float) -> None:
    low, high = value * (1 - share), value * (1 + share)
    shown = float(words.estimate(value, low, high).replace(",", ""))
    assert abs(shown - value) <= 0.06 * (high - low) / 2 + 1e-6 * value


def test_intervals_and_refits() -> None:
    assert words.interval(None, 1.0) == "at most 1"
    assert words.interval(0.3187, 0.36803, 0.3473) == "0.319 to 0.368"
    assert words.interval(-0.1309, -0.09125) == "−0.131 to −0.091"
    assert words.interval(0.0591, 0.368, 0.1036) == "0.06 to 0.37"
    assert words.estimate(0.1036, 0.0591, 0.368) == "0.10"
    assert words.interval(0.0131, 41.2, 0.38) == "0.013 to 41"
    assert words.estimate(0.38, 0.0131, 41.2) == "0.38"
    assert words.interval(6.92e7, 8.98e7, 8e7) == "6.9×10⁷ to 9×10⁷"
    assert words.estimate_like(0.00101827401780, 0.00101827402, None, None) == "0.00101827402"
    assert words.estimate_like(float("nan"), 1.0, None, None) == "–"
    assert words.signed_percent(-0.0734) == "−7.34 %"
    assert words.signed_percent(-0.00001) == "0.00 %"


def test_sentences_are_made_of_amounts_lists_and_ranges() -> None:
    assert [words.count_of(amount, "fit") for amount in (0, 1, 1200)] == [
        "0 fits",
        "1 fit",
        "1,200 fits",
    ]
    assert words.count_of(2, "study", "studies") == "2 studies"
    assert [words.joined(some) for some in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert words.percent(0.1234) == "12.3\N{NO-BREAK SPACE}%"
    assert words.span([3.0, 2.0]) == "2 to 3" and words.span([2.0, 2.0001]) == "2"
    assert words.rough(1234.0) == "1,200"
    assert words.factor(1.5) == "50\N{NO-BREAK SPACE}% above" and words.factor(2.5) == "2.5 times"


def test_the_nearest_name_is_suggested() -> None:
    assert words.suggest("aditive", ["additive", "power"], "no") == "did you mean 'additive'?"
    assert words.suggest("pf-DAYS", ["PF-days", "FLOP"], "no") == "did you mean 'PF-days'?"
    assert words.suggest("zzz", ["additive"], "use one of them") == "use one of them"
