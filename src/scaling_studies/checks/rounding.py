"""What rounding the parameters of a printed law can do to its predictions."""

from __future__ import annotations

import math

import numpy as np

from scaling_studies.checks.context import CheckContext
from scaling_studies.laws import get_law
from scaling_studies.models.law import predict


def largest_shift(context: CheckContext, fit: str) -> float:
    """Largest mean shift of log predictions that rounding the parameters can have made.

    Parameters
    ----------
    context, fit
        A fit that evaluates given parameters.

    Returns
    -------
    float
        Sum over the parameters of the size of the mean change of log(prediction) when that
        parameter moves by half a unit of its last digit.
    """
    law, given = get_law(context.fits[fit].law), context.fits[fit].parameters
    names = [name for name in law.parameter_names if half_digit(given[name]) > 0.0]
    batch = {name: np.full(len(names) + 1, float(given[name])) for name in law.parameter_names}
    for place, name in enumerate(names, start=1):
        batch[name][place] += half_digit(given[name])
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(predict(law, batch, context.fitted[fit]))
    usable = np.isfinite(logs).all(axis=0)
    return float(np.abs((logs[1:, usable] - logs[0, usable]).mean(axis=1)).sum())


def scatter_of_mean(context: CheckContext, fit: str) -> float:
    """Standard error of the mean of log(predicted / observed), of groups of dependent rows."""
    errors = context.log_errors(fit)
    return float(errors.std(ddof=1)) / math.sqrt(context.groups(fit))


def half_digit(value: float) -> float:
    """Half a unit of the last digit that a number is written with; 0 for whole numbers below 1000.

    Parameters
    ----------
    value
        A parameter as given. ``0.34`` may stand for anything from 0.335 to 0.345.
    """
    # ASSUME: trailing zeros that a number format drops were not printed, and a small whole number
    # (a coefficient of one, say) is meant exactly.
    mantissa, _, exponent = repr(float(value)).partition("e")
    whole, _, decimals = mantissa.partition(".")
    decimals, power = decimals.rstrip("0"), int(exponent or 0)
    if decimals or power:
        return 0.5 * 10.0 ** (power - len(decimals))
    return 0.0 if abs(value) < 1000 else 0.5 * 10.0 ** (len(whole) - len(whole.rstrip("0")))
