"""Numbers as printed, and what may be written of them in a card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scaling_studies.cards.models.target import Target
from scaling_studies.cards.printed import Printed


@pytest.mark.parametrize(
    ("written", "value", "half", "digits"),
    [
        ("0.50", 0.5, 0.005, 2),
        ("0.5", 0.5, 0.05, 1),
        ("-0.108", -0.108, 0.0005, 3),
        ("5.76e23", 5.76e23, 0.005e23, 3),
        ("9.90e24", 9.9e24, 0.005e24, 3),
        ("1e25", 1e25, 0.5e25, 1),
        ("100", 100.0, 0.5, 3),
        ("5.1e2", 510.0, 5.0, 2),
        ("0", 0.0, 0.5, 1),
        ("+1.20", 1.2, 0.005, 3),
        (0.34, 0.34, 0.005, 2),
        (0.5, 0.5, 0.05, 1),
        (1.5e12, 1.5e12, 0.05e12, 2),
        (64000, 64000.0, 500.0, 2),
        (100, 100.0, 0.5, 3),
        (90.0, 90.0, 0.5, 2),
        (-0.1, -0.1, 0.05, 1),
        (5.76e23, 5.76e23, 0.005e23, 3),
    ],
)
def test_digits_as_written(written, value, half, digits):
    printed = Printed.of(written)
    assert (printed.value, printed.digits) == (value, digits)
    assert printed.half_unit == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "1e", "0x10", "nan", "inf", "1_000", "12 %", "\N{MINUS SIGN}3"]
)
def test_what_is_no_number_as_printed(text):
    with pytest.raises(ValueError, match="no number as printed"):
        Printed.of(text)


@given(st.floats(-1e4, 1e4), st.integers(0, 6))
def test_a_number_rounds_to_its_print(value, places):
    printed = Printed.of(f"{value:.{places}f}")
    assert printed.holds(value)
    assert not printed.holds(value + 1.01 * 10.0**-places)
    assert not printed.holds(value - 1.01 * 10.0**-places)


def test_a_range_that_touches_rounds_to_the_print():
    printed = Printed.of("0.46")
    assert printed.holds(0.40, 0.4551) and printed.holds(0.4649, 0.5)
    assert not printed.holds(0.40, 0.4549) and not printed.holds(0.4651, 0.5)


TARGET = {"quantity": "alpha", "value": "0.34", "where": "Table 1"}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"value": "about 0.3"}, "as printed"),
        ({"standard_error": "small"}, "as printed"),
        ({"interval": ["0.1", "high"]}, "as printed"),
        ({"tolerance": 0.1}, "tolerance_kind"),
        ({"tolerance": 0.1, "tolerance_kind": "relative"}, "tolerance_reason"),
        ({"expected": "not_reproduced"}, "reason"),
        ({"value": None}, "value"),
        ({"quantity": "all_constants"}, "compare_with"),
        ({"quantity": "all_constants", "compare_with": "refit"}, "no value is printed"),
        ({"evidence": "own"}, "evidence"),
        ({"tolerance_kind": "relative_at_most"}, "tolerance_kind"),
    ],
)
def test_what_a_target_may_not_say(changes, word):
    with pytest.raises(ValidationError, match=word):
        Target.model_validate({k: v for k, v in (TARGET | changes).items() if v is not None})


def test_a_printed_interval_alone_is_a_published_number():
    target = Target.model_validate(
        {"quantity": "alpha", "interval": ["0.454", "0.455"], "level": 0.8, "where": "Table 2"}
    )
    assert target.printed is None and target.printed_error is None
