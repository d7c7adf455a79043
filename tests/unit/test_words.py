"""Numbers as people write them."""

from __future__ import annotations

import pytest

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
