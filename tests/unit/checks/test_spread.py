"""A quantity over several fits is told with the interval beside it."""

from __future__ import annotations

from scaling_studies.checks.spread import Spread


def test_the_width_of_the_interval_stands_behind_the_values():
    spread = Spread("alpha", "α", [0.31, 0.35, 0.33], 0.1)
    assert str(spread) == "α 0.31 to 0.35 (interval 0.1 wide)"
    assert not spread.beyond_interval
    assert Spread("alpha", "α", [0.31, 0.45], 0.1).beyond_interval


def test_without_an_interval_the_values_stand_alone():
    spread = Spread("alpha", "α", [0.31, 0.35], None)
    assert str(spread) == "α 0.31 to 0.35"
    assert not spread.beyond_interval


def test_values_have_three_digits():
    assert str(Spread("alpha", "α", [0.31234, 0.34567], None)) == "α 0.312 to 0.346"
