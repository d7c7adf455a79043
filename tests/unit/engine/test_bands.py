"""Percentile intervals against samples whose quantiles are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri, stdtrit

from scaling_studies.engine.uncertainty.bands import (
    LEVEL,
    draws_needed,
    interval_of_absolute,
    percentile_interval,
    standard_error,
)
from scaling_studies.errors import FitError

#: A thousand and one steps from 0 to 1: the quantile q is q.
STEPS = np.linspace(0.0, 1.0, 1001)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_ends_are_the_quantiles_of_the_level(level):
    found = percentile_interval(np.random.default_rng(0).permutation(STEPS), level)
    assert found.low == pytest.approx((1 - level) / 2, abs=1e-12)
    assert found.high == pytest.approx((1 + level) / 2, abs=1e-12)
    assert found.median == pytest.approx(0.5)


def test_intervals_hold_95_per_cent_unless_told_otherwise():
    assert LEVEL == 0.95
    normal = ndtri((np.arange(20_000) + 0.5) / 20_000)
    found = percentile_interval(normal)
    assert found.ends == pytest.approx([-1.959964, 1.959964], abs=1e-3)
    assert found.standard_error == pytest.approx(1.0, abs=1e-3)


def test_the_standard_error_is_that_of_a_sample():
    draws = np.arange(40.0)
    # The variance of 0 .. n - 1 with n - 1 in the denominator is n (n + 1) / 12.
    assert percentile_interval(draws).standard_error == pytest.approx(np.sqrt(40 * 41 / 12))


@pytest.mark.parametrize("freedom", [0, 1, 2, 5])
def test_few_degrees_of_freedom_give_the_error_that_student_multiplies(freedom):
    # Draws of Student's t times 0.3; without a freedom they were drawn as if there were one.
    shares = (np.arange(20_000) + 0.5) / 20_000
    draws = 7.0 + 0.3 * stdtrit(max(freedom, 1), shares)
    assert standard_error(draws, freedom) == pytest.approx(0.3, rel=1e-3)


def test_quantiles_between_two_draws_are_interpolated():
    assert percentile_interval(np.arange(41.0)).ends == pytest.approx([1.0, 39.0])
    assert percentile_interval(np.arange(61.0)).ends == pytest.approx([1.5, 58.5])


@pytest.mark.parametrize(("level", "needed"), [(0.95, 40), (0.9, 20), (0.8, 10), (0.5, 4)])
def test_few_draws_carry_no_interval(level, needed):
    assert draws_needed(level) == needed
    few = percentile_interval(np.arange(needed - 1.0), level)
    assert np.isnan([few.low, few.high, few.median, few.standard_error]).all()
    assert np.isfinite(percentile_interval(np.arange(float(needed)), level).ends).all()


@pytest.mark.parametrize("draws", [0, 1, 5])
def test_there_is_no_band_from_a_handful_of_draws(draws):
    band = percentile_interval(np.ones((draws, 3)))
    assert band.ends.shape == (2, 3) and np.isnan(band.ends).all()


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.1])
def test_a_level_is_between_0_and_1(level):
    with pytest.raises(FitError, match="the level is"):
        percentile_interval(STEPS, level)


def test_a_band_is_the_interval_of_each_column():
    draws = np.random.default_rng(1).normal(size=(200, 4)) * [1.0, 2.0, 3.0, 4.0]
    band = percentile_interval(draws, 0.9)
    for column in range(4):
        alone = percentile_interval(draws[:, column], 0.9)
        assert band.ends[:, column].tolist() == alone.ends.tolist()
        assert band.median[column] == alone.median
        assert band.standard_error[column] == pytest.approx(alone.standard_error)


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
def test_draws_without_a_finite_value_are_left_out_column_by_column(missing):
    draws = np.stack([STEPS, 10.0 * STEPS], axis=1)
    holes = np.insert(draws, [0, 300, 1001], missing, axis=0)
    holes[0, 1] = 0.0
    found = percentile_interval(holes)
    assert found.ends[:, 0] == pytest.approx([0.025, 0.975])
    assert found.ends[:, 1] == pytest.approx(percentile_interval(np.insert(draws[:, 1], 0, 0)).ends)
    assert percentile_interval(holes[:, 0]).ends == pytest.approx([0.025, 0.975])


def test_a_column_with_too_few_values_has_no_interval_and_the_others_do():
    draws = np.stack([STEPS, STEPS], axis=1)
    draws[39:, 1] = np.nan
    found = percentile_interval(draws)
    assert np.isfinite(found.ends[:, 0]).all() and np.isnan(found.ends[:, 1]).all()


def test_infinite_draws_may_count():
    draws = np.concatenate([np.full(50, -np.inf), np.arange(50.0), [np.nan]])
    found = percentile_interval(draws, infinite=True)
    assert found.low == -np.inf and found.high == 47.0
    assert percentile_interval(draws).low == pytest.approx(1.225)


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(0, 1))
def test_the_interval_of_an_absolute_value_holds_it(low, width, share):
    high = low + width
    value = min(max(low + share * width, low), high)
    smallest, largest = interval_of_absolute(low, high)
    assert 0.0 <= smallest <= abs(value) <= largest
    assert largest == max(abs(low), abs(high))


@pytest.mark.parametrize(
    ("signed", "absolute"),
    [((0.1, 0.3), (0.1, 0.3)), ((-0.3, -0.1), (0.1, 0.3)), ((-0.1, 0.3), (0.0, 0.3)),
     ((-0.3, 0.1), (0.0, 0.3)), ((0.0, 0.3), (0.0, 0.3)), ((-0.3, 0.0), (0.0, 0.3))],
)  # fmt: skip
def test_signed_intervals_fold_at_zero(signed, absolute):
    assert interval_of_absolute(*signed) == absolute


def test_a_biased_sample_is_corrected_towards_its_estimate():
    """Tails move by twice the quantile at which the estimate lies, as normal deviates."""
    found = percentile_interval(STEPS, estimate=0.3)
    assert found.ends == pytest.approx(
        ndtr(2 * ndtri(0.3) + np.array([-1.959964, 1.959964])), abs=2e-3
    )
    assert found.low < 0.025 and found.high < 0.975


def test_an_estimate_beyond_the_level_has_no_interval():
    assert np.isnan(percentile_interval(STEPS, estimate=0.99).ends).all()


def test_ends_from_a_thousand_draws_move_by_about_a_fiftieth_of_the_width():
    """Cards of one's own runs ask for a thousand resamples, and say so."""
    draws = np.random.default_rng(0).standard_normal((400, 1000))
    ends = np.array([percentile_interval(values).ends for values in draws])
    moves = ends.std(axis=0) / np.ptp(ends, axis=1).mean()
    assert ((moves > 1 / 60) & (moves < 1 / 40)).all()
