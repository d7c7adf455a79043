"""Percentile intervals and bands: every one of the product is made here.

Fits, plans, comparisons, allocations, figures and the calibration of the bootstrap all call
`percentile_interval`, so that a level, a missing draw or too few of them mean the same everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scaling_studies.errors import FitError

Method = Literal["linear", "inverted_cdf"]
#: Coverage of every interval that is computed here, unless a caller says otherwise.
LEVEL = 0.95


@dataclass(frozen=True)
class Percentiles:
    """Summary of draws; each item is a number, or an array of shape (n,) for a band.

    Attributes
    ----------
    low, high
        Ends of the interval; not-a-number where too few draws are known.
    median
        Median of the draws.
    standard_error
        Their standard deviation, with R - 1 in the denominator.
    """

    low: np.ndarray | float
    high: np.ndarray | float
    median: np.ndarray | float
    standard_error: np.ndarray | float

    @property
    def ends(self) -> np.ndarray:
        """Low and high, shape (2,) or (2, n)."""
        return np.array([self.low, self.high])


def draws_needed(level: float = LEVEL) -> int:
    """Fewest draws that carry an interval: as many as put one of them beyond either end.

    With fewer the ends are the extreme draws themselves, whatever the level: 40 for 95 %.

    Raises
    ------
    FitError
        The level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise FitError(f"the level is {level!r}", fix="give a number between 0 and 1")
    return math.ceil(round(2.0 / (1.0 - level), 9))


def percentile_interval(
    draws: np.ndarray, level: float = LEVEL, *, infinite: bool = False
) -> Percentiles:
    """Percentile interval of a quantity, or pointwise band of several.

    Parameters
    ----------
    draws
        Resampled values, shape (R,) or (R, n).
    level
        Coverage: the ends are the (1 - level) / 2 and (1 + level) / 2 quantiles, linearly
        interpolated.
    infinite
        Whether infinite draws count (log E of a resample whose E is zero); an end may then be
        infinite. Otherwise they are left out, as not-a-number (no estimate) always is.

    Returns
    -------
    Percentiles
        Not-a-number where fewer than `draws_needed` draws are left.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), 0.9).ends
    array([ 5., 95.])
    """
    needed = draws_needed(level)
    values = np.asarray(draws, dtype=float)
    usable = ~np.isnan(values) if infinite else np.isfinite(values)
    if values.ndim == 1:
        return _summary(values[usable], level, needed)
    if usable.all():
        return _summary(values, level, needed)
    columns = [
        _summary(column[known], level, needed)
        for column, known in zip(values.T, usable.T, strict=True)
    ]
    names = ("low", "high", "median", "standard_error")
    return Percentiles(*(np.array([getattr(column, name) for column in columns]) for name in names))


def _summary(values: np.ndarray, level: float, needed: int) -> Percentiles:
    if len(values) < needed:
        missing = np.full(values.shape[1:], np.nan)[()]
        return Percentiles(missing, missing, missing, missing)
    tail = (1.0 - level) / 2.0
    # Interpolation between an infinite and a finite value is not a number.
    method: Method = "linear" if np.isfinite(values).all() else "inverted_cdf"
    low, median, high = np.quantile(values, [tail, 0.5, 1.0 - tail], axis=0, method=method)
    with np.errstate(invalid="ignore"):
        return Percentiles(low, high, median, values.std(axis=0, ddof=1))


def interval_of_absolute(low: float, high: float) -> tuple[float, float]:
    """Interval of |x| from one of x.

    It holds |x| for every x of the interval, so that it covers at least as often; an interval of x
    on both sides of zero does not exclude |x| = 0.
    """
    ends = sorted((abs(low), abs(high)))
    return (0.0 if low < 0.0 < high else ends[0]), ends[1]
