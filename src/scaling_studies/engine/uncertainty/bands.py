"""Percentile intervals and bands: every one of the product is made here.

Fits, plans, comparisons, allocations, figures and the calibration of the bootstrap all call
`percentile_interval`, so that a level, a missing draw or too few of them mean the same everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from scaling_studies.errors import FitError

Method = Literal["linear", "inverted_cdf"]
#: Coverage of every interval that is computed here, unless a caller says otherwise.
LEVEL = 0.95
#: Degrees of freedom below which draws are spread as Student's t says; with more, an interval
#: would be at most a twentieth wider.
FEW = 30
#: Bias in standard errors below which percentiles are left alone: the correction has an error of
#: its own. Efron and Tibshirani (1993, section 10.3) ignore a quarter; in simulated tables of
#: Chinchilla's budgets that held E 91 times in 100, and half a standard error 95 times.
SMALL_BIAS = 0.5


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
    draws: np.ndarray,
    level: float = LEVEL,
    *,
    estimate: np.ndarray | float | None = None,
    freedom: int | None = None,
    infinite: bool = False,
) -> Percentiles:
    """Percentile interval of a quantity, or pointwise band of several.

    Parameters
    ----------
    draws
        Resampled values, shape (R,) or (R, n).
    level
        Coverage: the ends are the (1 - level) / 2 and (1 + level) / 2 quantiles, linearly
        interpolated.
    estimate
        What the fit to all rows gives, a number or shape (n,): percentiles are then corrected for
        the bias of the draws about it, unless it is small (`SMALL_BIAS`). None, and where it is
        not finite: as they are.
    freedom
        Degrees of freedom of Student's t that the draws follow, for their standard error.
    infinite
        Whether infinite draws count (log E of a resample whose E is zero); an end may then be
        infinite. Otherwise they are left out, as not-a-number (no estimate) always is.

    Returns
    -------
    Percentiles
        Not-a-number where fewer than `draws_needed` draws are left, and where the estimate lies
        beyond the draws that the level keeps: an interval never excludes its estimate.

    Notes
    -----
    The correction is Efron's (1987, section 3): with a share Phi(z) of the draws below the
    estimate, the ends are the quantiles Phi(2 z - c) and Phi(2 z + c), c the normal quantile of the
    level. Without it an estimator that is off to one side is off twice.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), 0.9).ends
    array([ 5., 95.])
    >>> percentile_interval(np.arange(101.0), 0.9, estimate=50.0).ends.round(6)
    array([ 5., 95.])
    """
    needed = draws_needed(level)
    values = np.asarray(draws, dtype=float)
    usable = ~np.isnan(values) if infinite else np.isfinite(values)
    if values.ndim == 1:
        return _summary(values[usable], level, needed, estimate, freedom)
    if usable.all() and estimate is None:
        return _summary(values, level, needed, None, freedom)
    estimates = np.broadcast_to(np.nan if estimate is None else estimate, values.shape[1:])
    columns = [
        _summary(column[known], level, needed, value, freedom)
        for column, known, value in zip(values.T, usable.T, estimates, strict=True)
    ]
    names = ("low", "high", "median", "standard_error")
    return Percentiles(*(np.array([getattr(column, name) for column in columns]) for name in names))


def _summary(
    values: np.ndarray,
    level: float,
    needed: int,
    estimate: np.ndarray | float | None,
    freedom: int | None,
) -> Percentiles:
    if len(values) < needed:
        missing = np.full(values.shape[1:], np.nan)[()]
        return Percentiles(missing, missing, missing, missing)
    tail = (1.0 - level) / 2.0
    tails = np.array([tail, 1.0 - tail])
    if estimate is not None and np.isfinite(estimate):
        tails = _corrected(values, float(estimate), tails)
    if np.isnan(tails).any():
        low = high = np.nan
        median = np.quantile(values, 0.5, method="inverted_cdf")
    else:
        # Interpolation between an infinite and a finite value is not a number.
        method: Method = "linear" if np.isfinite(values).all() else "inverted_cdf"
        low, median, high = np.quantile(values, [tails[0], 0.5, tails[1]], axis=0, method=method)
    return Percentiles(low, high, median, standard_error(values, freedom))


def _corrected(values: np.ndarray, estimate: float, tails: np.ndarray) -> np.ndarray:
    """Tails of a bias-corrected interval; not-a-number where they leave the estimate outside."""
    below = float(np.mean(values < estimate) + 0.5 * np.mean(values == estimate))
    if not tails[0] < below < tails[1]:
        return np.array([np.nan, np.nan])
    normal = NormalDist()
    shift = normal.inv_cdf(below)
    if abs(shift) < SMALL_BIAS:
        return tails
    return np.array([normal.cdf(2.0 * shift + normal.inv_cdf(tail)) for tail in tails.tolist()])


def standard_error(values: np.ndarray, freedom: int | None = None) -> np.ndarray:
    """Standard error from draws, shape (R,) or (R, n): their standard deviation.

    Draws of Student's t with few degrees of freedom have a larger deviation than the estimate, or
    none; the half width of their central 68 %, over that of t, is the error that t multiplies.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        if freedom is None or freedom >= FEW:
            return values.std(axis=0, ddof=1)
        from scipy.special import ndtr, stdtrit

        upper = ndtr(1.0)
        low, high = np.quantile(values, [1.0 - upper, upper], axis=0)
        return 0.5 * (high - low) / stdtrit(max(freedom, 1), upper)


def interval_of_absolute(low: float, high: float) -> tuple[float, float]:
    """Interval of |x| from one of x.

    It holds |x| for every x of the interval, so that it covers at least as often; an interval of x
    on both sides of zero does not exclude |x| = 0.
    """
    ends = sorted((abs(low), abs(high)))
    return (0.0 if low < 0.0 < high else ends[0]), ends[1]
