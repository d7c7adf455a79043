"""What rounding of printed inputs leaves open."""

from __future__ import annotations

import pytest
from card_entries import fit_entry
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies.verdicts.rounding import implied_range, range_of_expression


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        ("6 * 175e9 * 3.7e12", 6 * 174.5e9 * 3.65e12, 6 * 175.5e9 * 3.75e12),
        ("0.5 / 0.21", 0.45 / 0.215, 0.55 / 0.205),
        ("2 ** 10", 1024.0, 1024.0),
        ("1 - 0.5", 0.45, 0.55),
        ("-0.30", -0.305, -0.295),
        # One number that stands twice is one number.
        ("0.5 - 0.5", 0.0, 0.0),
        ("exp(0.10) / 0.10", 2.71828**0.105 / 0.105, 2.71828**0.095 / 0.095),
    ],
)
def test_every_printed_input_moves_by_half_a_unit(expression, low, high):
    assert range_of_expression(expression, {}) == pytest.approx((low, high), rel=1e-4)


def test_names_are_exact_and_what_is_not_finite_has_no_range():
    assert range_of_expression("a * 2", {"a": 3.0}) == (6.0, 6.0)
    assert range_of_expression("log(-1.0)", {}) is None


@given(st.lists(st.floats(0.1, 0.9), min_size=2, max_size=4))
def test_a_range_holds_what_it_is_of(values):
    text = " * ".join(f"{value:.2f}" for value in values)
    low, high = range_of_expression(text, {})
    exact = 1.0
    for value in values:
        exact *= value
    assert low - 1e-12 <= exact <= high + 1e-12


def printed(fixed: dict, **quantities: dict):
    return fit_entry(
        {"title": "t", "law": "compute_optimal", "estimator": "printed", "fixed": fixed}
        | {"quantities": quantities}
    )


def test_constants_of_the_card_are_inputs_too():
    entry = printed({"G": 0.29, "a": 0.53}, tokens={"expression": "G * 100.0 ** a"})
    low, high = implied_range(entry, "tokens")
    assert (low, high) == pytest.approx((0.285 * 99.95**0.525, 0.295 * 100.05**0.535))


def test_a_constant_that_is_itself_arithmetic_and_quantities_of_quantities():
    entry = printed(
        {"G": "4.0 ** 0.5", "a": 1.0},
        first={"expression": "G * 1.0"},
        second={"expression": "first ** 2"},
    )
    low, high = implied_range(entry, "second")
    # 1.0 and 4.0 and 0.5 move; the power 2 and the small whole constant do not.
    assert low == pytest.approx((3.95**0.45 * 0.95) ** 2) and high == pytest.approx(
        (4.05**0.55 * 1.05) ** 2
    )


def test_a_parameter_is_known_to_its_digits():
    assert implied_range(printed({"G": 1.0, "a": 0.5243}), "a") == pytest.approx((0.52425, 0.52435))
    assert implied_range(printed({"G": 1.0, "a": 0.5243}), "none") is None


def test_what_needs_rows_or_a_free_constant_has_no_range():
    entry = printed({"G": 1.0, "a": 0.5}, error={"held_out": "r_squared"})
    assert implied_range(entry, "error") is None
    assert implied_range(printed({"G": 1.0}), "a") is None
