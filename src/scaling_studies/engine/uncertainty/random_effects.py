"""Random-effects summary of estimates that differ by more than their standard errors.

Estimate i is y_i = mu + u_i + e_i, with e_i of known variance v_i and u_i of variance tau^2, which
restricted maximum likelihood finds. Source: Viechtbauer 2005, J. Educ. Behav. Stat. 30, 261; the
interval of tau^2 (profile of Q) Viechtbauer 2007, Stat. Med. 26, 37; that of the mean Knapp and
Hartung 2003, Stat. Med. 22, 2693; I^2 Higgins and Thompson 2002, Stat. Med. 21, 1539.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from scaling_studies.engine.uncertainty.bands import LEVEL
from scaling_studies.errors import FitError

#: Fewest estimates that have a spread of their own.
FEWEST = 3


@dataclass(frozen=True)
class Pooled:
    """Summary of several estimates.

    Attributes
    ----------
    n
        How many there are.
    mean, low, high
        Their mean with its interval (Knapp and Hartung).
    new_low, new_high
        Interval of the true value of one more like them.
    tau, tau_low, tau_high
        Standard deviation between true values, in the unit of the estimates.
    i2, i2_low, i2_high
        Share of the variance of estimates that lies between true values, 0 to 1.
    q
        Weighted sum of squares about the mean with tau = 0; chi-squared with n - 1 degrees of
        freedom where all true values are one.
    p
        Chance of a larger q where they are.
    """

    n: int
    mean: float
    low: float
    high: float
    new_low: float
    new_high: float
    tau: float
    tau_low: float
    tau_high: float
    i2: float
    i2_low: float
    i2_high: float
    q: float
    p: float


def pool(values: np.ndarray, errors: np.ndarray, level: float = LEVEL) -> Pooled:
    """Summarise independent estimates.

    Parameters
    ----------
    values, errors
        Estimates and their standard errors, shape (n,), n at least 3.
    level
        Coverage of all intervals.

    Raises
    ------
    FitError
        Fewer than three estimates, values that are not finite or errors that are not positive.

    Examples
    --------
    >>> found = pool([0.1, 0.5, 0.9], [0.1, 0.1, 0.1])
    >>> round(found.mean, 6), round(found.tau, 3)
    (0.5, 0.387)
    """
    values, errors = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    if len(values) < FEWEST or values.shape != errors.shape:
        raise FitError(
            f"{len(values)} estimates with {len(errors)} standard errors are pooled",
            fix=f"give {FEWEST} or more, each with its error",
        )
    if not (np.isfinite(values).all() and np.isfinite(errors).all() and (errors > 0).all()):
        raise FitError(
            "an estimate is not finite, or a standard error is not positive", fix="leave it out"
        )
    unit = float(errors.min())
    y, v = values / unit, (errors / unit) ** 2
    freedom = len(y) - 1
    q = _spread(0.0, y, v)
    tau2 = _root(lambda t: _score(t, y, v), y)
    ends = [
        _root(lambda t, most=float(most): _spread(t, y, v) - most, y)  # type: ignore[misc]
        for most in stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], freedom)
    ]
    weight = 1.0 / (v + tau2)
    mean = float(np.average(y, weights=weight))
    error = np.sqrt(_spread(tau2, y, v) / freedom / weight.sum())
    times = stats.t.ppf((1 + level) / 2, freedom)
    half, new_half = times * error, times * np.sqrt(error**2 + tau2)
    typical = _typical_variance(v)
    i2, i2_low, i2_high = (t / (t + typical) for t in (tau2, *ends))
    tau, tau_low, tau_high = (unit * float(np.sqrt(t)) for t in (tau2, *ends))
    mean, half, new_half = unit * mean, unit * half, unit * new_half
    return Pooled(
        len(y), mean, mean - half, mean + half, mean - new_half, mean + new_half,
        tau, tau_low, tau_high, i2, i2_low, i2_high, q, float(stats.chi2.sf(q, freedom)),
    )  # fmt: skip


def _spread(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    """Weighted sum of squares about the weighted mean; falls as tau^2 grows."""
    weight = 1.0 / (v + tau2)
    return float(weight @ (y - np.average(y, weights=weight)) ** 2)


def _score(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    """Twice the slope of the restricted log likelihood in tau^2."""
    weight = 1.0 / (v + tau2)
    away = y - np.average(y, weights=weight)
    projected = weight.sum() - (weight**2).sum() / weight.sum()
    return float((weight**2) @ away**2 - projected)


def _root(function: Callable[[float], float], y: np.ndarray) -> float:
    """Where a falling function of tau^2 crosses zero; 0 where it starts below."""
    if function(0.0) <= 0.0:
        return 0.0
    high = max(float(np.var(y)), 1.0)
    while function(high) > 0.0:
        high *= 4.0
    return float(optimize.brentq(function, 0.0, high, xtol=1e-12 * high, rtol=1e-12))


def _typical_variance(v: np.ndarray) -> float:
    """Sampling variance of a typical estimate."""
    weight = 1.0 / v
    return float((len(v) - 1) * weight.sum() / (weight.sum() ** 2 - (weight**2).sum()))
