"""Statistics of a fit that a published number can be compared with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scaling_studies.engine.fit import Fit


def _weights(fit: Fit) -> np.ndarray:
    return np.ones(fit.n) if fit.problem.weights is None else fit.problem.weights


def _difference(fit: Fit) -> np.ndarray:
    return fit.fitted() - fit.problem.response


def r_squared(fit: Fit) -> float:
    """1 - SSE / SST of the response itself, whatever the objective."""
    weights, response = _weights(fit), fit.problem.response
    mean = np.average(response, weights=weights)
    total = float((weights * (response - mean) ** 2).sum())
    return 1.0 - float((weights * _difference(fit) ** 2).sum()) / total if total > 0 else math.nan


def mae(fit: Fit) -> float:
    """Mean absolute error of the response."""
    return float(np.average(np.abs(_difference(fit)), weights=_weights(fit)))


def rmse(fit: Fit) -> float:
    """Root mean squared error of the response."""
    return float(np.sqrt(np.average(_difference(fit) ** 2, weights=_weights(fit))))


def rmsle(fit: Fit) -> float:
    """Root mean squared error of log(1 + response); nan when it is not defined."""
    value, response = fit.fitted(), fit.problem.response
    if min(value.min(), response.min()) <= -1:
        return math.nan
    return float(
        np.sqrt(np.average((np.log1p(value) - np.log1p(response)) ** 2, weights=_weights(fit)))
    )


def max_relative_error(fit: Fit) -> float:
    """Largest absolute relative error of the response."""
    return float(np.max(np.abs(_difference(fit) / fit.problem.response)))


def negative_log_likelihood(fit: Fit) -> float:
    """Negative log-likelihood of the residuals under the objective's own error model.

    Huber density with its fitted scale; Gaussian with the maximum-likelihood variance for
    squared objectives; for a Huber objective with a given threshold the Huber density whose
    threshold, in residual units, is that delta, at its most likely temperature. All on the scale
    of the objective's residuals.
    """
    from scaling_studies.engine.uncertainty.likelihood import negative_log_likelihood as compute

    return compute(fit)


def aicc(fit: Fit) -> float:
    """Akaike's criterion with the small-sample correction."""
    from scaling_studies.engine.validation.selection import aicc as compute

    return compute(fit)


def bic(fit: Fit) -> float:
    """Schwarz's criterion."""
    from scaling_studies.engine.validation.selection import bic as compute

    return compute(fit)


STATISTICS = {
    "objective_value": lambda fit: fit.objective_value,
    "n": lambda fit: fit.n,
    "r_squared": r_squared,
    "mae": mae,
    "rmse": rmse,
    "rmsle": rmsle,
    "max_relative_error": max_relative_error,
    "scale": lambda fit: fit.scale,
    "aicc": aicc,
    "bic": bic,
    "negative_log_likelihood": negative_log_likelihood,
}
