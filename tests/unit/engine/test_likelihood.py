"""Likelihoods of objectives, and the error model of a bootstrap, against textbook values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

import scaling_studies as ss
from scaling_studies.engine.uncertainty.likelihood import (
    error_model,
    huber_temperature,
    kernel_width,
    likelihood_of,
    log_normaliser,
    negative_log_likelihood,
)

DELTA = 0.3


@pytest.fixture(scope="module")
def line() -> dict[str, np.ndarray]:
    """Twelve points of a power law with normal log residuals."""
    x = np.geomspace(1.0, 1e4, 12)
    noise = np.random.default_rng(1).normal(0.0, 0.05, 12)
    return {"x": x, "loss": 3.0 * x**-0.2 * np.exp(noise)}


def huber(residual: float) -> float:
    size = abs(residual)
    return 0.5 * size**2 if size <= DELTA else DELTA * (size - 0.5 * DELTA)


@pytest.mark.parametrize("temperature", [0.01, 0.2, 5.0])
def test_the_normaliser_is_the_integral_of_the_density(temperature):
    def density(residual: float) -> float:
        return math.exp(-huber(residual) / temperature)

    integral = 2 * (quad(density, 0, DELTA)[0] + quad(density, DELTA, math.inf)[0])
    assert log_normaliser(DELTA, temperature) == pytest.approx(math.log(integral), rel=1e-6)


@pytest.mark.parametrize("mean_loss", [1e-4, 0.05, 2.0])
def test_the_temperature_is_the_most_likely_one(mean_loss):
    def cost(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        return mean_loss / temperature + log_normaliser(DELTA, temperature)

    best = minimize_scalar(cost, bracket=(math.log(mean_loss), math.log(mean_loss) + 1)).x
    assert math.log(huber_temperature(DELTA, mean_loss)) == pytest.approx(best, abs=1e-5)


def test_a_squared_objective_is_gaussian(line):
    fit = ss.fit("power", line, "squared_log")
    variance = fit.objective_value / 12
    expected = 6 * (math.log(2 * math.pi * variance) + 1)
    assert negative_log_likelihood(fit) == pytest.approx(expected)
    assert likelihood_of(fit, 2 * fit.objective_value) == pytest.approx(expected + 6 * math.log(2))
    assert likelihood_of(fit, 0.0) == -math.inf


def test_a_huber_objective_is_a_density_at_its_best_temperature(line):
    fit = ss.fit("power", line, "huber_log", delta=0.02)
    temperature = huber_temperature(0.02, fit.objective_value / 12)
    expected = fit.objective_value / temperature + 12 * log_normaliser(0.02, temperature)
    assert negative_log_likelihood(fit) == pytest.approx(expected)
    density = ss.fit("power", line, "huber_density")
    assert negative_log_likelihood(density) == density.objective_value


def test_gaussian_scatter_is_widened_by_the_parameters_fitted(line):
    spread, residuals = error_model(ss.fit("power", line, "squared_log"))
    slope, level = np.polyfit(np.log(line["x"]), np.log(line["loss"]), 1)
    left = np.log(line["loss"]) - level - slope * np.log(line["x"])
    # The unbiased estimate: the sum of squares over n - p.
    assert residuals is None
    assert spread == pytest.approx(math.sqrt((left**2).sum() / (12 - 2)), rel=1e-8)


def test_resampled_residuals_are_widened_by_the_parameters_fitted(line):
    fit = ss.fit("power", line, "huber_log", delta=0.02)
    width, residuals = error_model(fit)
    observed = np.log(line["loss"] / fit.fitted())
    assert residuals == pytest.approx(observed * math.sqrt(12 / 10), rel=1e-9)
    assert width == kernel_width(residuals)


def test_a_fit_without_rows_to_spare_is_widened_by_one_row():
    frame = {"x": np.array([1.0, 10.0, 100.0]), "loss": np.array([3.0, 2.0, 1.7])}
    law = ss.fit("power_offset", frame, "huber_log")
    _, residuals = error_model(law)
    observed = np.log(frame["loss"] / law.fitted())
    assert residuals == pytest.approx(observed * math.sqrt(3), abs=1e-12)


def test_kernel_width_is_silvermans():
    residuals = np.random.default_rng(0).normal(size=400)
    assert kernel_width(residuals) == pytest.approx(
        0.9
        * min(residuals.std(), np.subtract(*np.quantile(residuals, [0.75, 0.25])) / 1.349)
        * 400**-0.2
    )
    # Outliers do not widen it: the quartiles stay where they are.
    spoiled = np.append(residuals, [50.0, -50.0])
    assert kernel_width(spoiled) == pytest.approx(kernel_width(residuals), rel=0.05)
    assert 0 < kernel_width(np.zeros(5)) < 1e-290
