"""Statistics of a fit that a published number can be compared with."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.uncertainty.likelihood import negative_log_likelihood

if TYPE_CHECKING:
    from scaling_studies.engine.result import Fit


def _weights(fit: Fit) -> np.ndarray:
    problem = fit.problem
    return np.ones(problem.size) if problem.weights is None else problem.weights


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


def parameter_count(fit: Fit) -> int:
    """Free parameters, the residual dispersion included."""
    return fit.problem.width + 1


def likelihood(fit: Fit) -> float:
    """Negative log-likelihood; nan for a line through estimated optima, which has none."""
    return negative_log_likelihood(fit) if fit.refit is None else math.nan


def aicc(fit: Fit) -> float:
    """Akaike's criterion with Hurvich and Tsai's correction; nan with too few rows."""
    count, rows = parameter_count(fit), fit.n
    if rows - count - 1 <= 0:
        return math.nan
    return 2.0 * likelihood(fit) + 2.0 * count + 2.0 * count * (count + 1) / (rows - count - 1)


def bic(fit: Fit) -> float:
    """Schwarz's criterion."""
    return 2.0 * likelihood(fit) + parameter_count(fit) * math.log(fit.n)


STATISTICS: dict[str, Callable[[Fit], float]] = {
    "objective_value": lambda fit: fit.objective_value,
    "n": lambda fit: float(fit.n),
    "r_squared": r_squared,
    "mae": mae,
    "rmse": rmse,
    "rmsle": rmsle,
    "max_relative_error": max_relative_error,
    "scale": lambda fit: fit.scale,
    "aicc": aicc,
    "bic": bic,
    "negative_log_likelihood": likelihood,
}


def all_statistics(fit: Fit) -> dict[str, float]:
    """Every statistic by name; nan where one does not apply.

    For a line through estimated optima (`isoflop`, `envelope`) they are those of the line.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {name: statistic(fit) for name, statistic in STATISTICS.items()}
