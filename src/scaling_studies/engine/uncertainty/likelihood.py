"""Likelihoods that go with the objectives, for information criteria and profile intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scaling_studies.engine.result import Fit


def negative_log_likelihood(fit: Fit) -> float:
    """Negative log-likelihood of a fit's residuals, dispersion at its most likely value.

    Notes
    -----
    ``huber_density`` is a likelihood already. A squared objective S over weight W is Gaussian
    with variance S / W. A Huber objective H is taken as exp(-H / T) / Z(T) with temperature T:
    Gaussian within delta and exponential beyond, T at its maximum of the likelihood.
    """
    return likelihood_of(fit, fit.objective_value)


def likelihood_of(fit: Fit, value: float) -> float:
    """Negative log-likelihood that an objective value has on the rows of a fit."""
    objective = fit.objective
    weight = float(fit.problem.total_weight())
    if objective.fits_scale:
        return value
    if value <= 0:
        return -math.inf
    if not objective.is_huber:
        return 0.5 * weight * (math.log(2.0 * math.pi * value / weight) + 1.0)
    temperature = huber_temperature(objective.delta, value / weight)
    return value / temperature + weight * log_normaliser(objective.delta, temperature)


def error_model(fit: Fit) -> tuple[float | np.ndarray, np.ndarray | None]:
    """Distribution of the residuals of a fit, for drawing responses.

    Returns
    -------
    tuple
        Gaussian standard deviation, ``sqrt(S / (n - p))``, and None for squared objectives; with
        weights w over ``sqrt(w)``, one a row. A robust objective is chosen because the noise is not
        of its own form, so that residuals speak for themselves there: bandwidth of a Gaussian
        kernel (Silverman) and the residuals, widened by ``sqrt(n / (n - p))``.
    """
    freedom = max(fit.n - fit.problem.width, 1)
    if not fit.objective.is_huber:
        spread = math.sqrt(fit.objective_value / freedom)
        weights = fit.problem.weights
        return (spread if weights is None else spread / np.sqrt(weights)), None
    residuals = -fit.residuals() * math.sqrt(fit.n / freedom)
    return kernel_width(residuals), residuals


def kernel_width(residuals: np.ndarray) -> float:
    """Silverman's bandwidth, from the smaller of standard deviation and interquartile range."""
    quartiles = np.quantile(residuals, [0.25, 0.75])
    spread = min(float(np.std(residuals)), float(np.ptp(quartiles)) / 1.349) or 1e-300
    return 0.9 * spread * len(residuals) ** -0.2


def log_normaliser(delta: float, temperature: float) -> float:
    """Logarithm of the integral of exp(-huber(r) / T) over the line."""
    root = math.sqrt(temperature)
    threshold = delta / root
    inside = math.sqrt(2.0 * math.pi) * math.erf(threshold / math.sqrt(2.0))
    # 2 exp(-t^2 / 2) / t is the weight of the two exponential tails at unit temperature.
    outside = 2.0 * math.exp(-0.5 * threshold * threshold) / threshold
    return math.log(root) + math.log(inside + outside)


def huber_temperature(delta: float, mean_loss: float) -> float:
    """Temperature at which the likelihood of a mean Huber loss is largest (golden section)."""

    def cost(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        return mean_loss / temperature + log_normaliser(delta, temperature)

    centre = math.log(mean_loss)
    low, high = centre - 8.0, centre + 8.0
    shrink = 0.5 * (math.sqrt(5.0) - 1.0)
    left, right = high - shrink * (high - low), low + shrink * (high - low)
    at_left, at_right = cost(left), cost(right)
    for _ in range(80):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - shrink * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + shrink * (high - low)
            at_right = cost(right)
    return float(np.exp(0.5 * (low + high)))
