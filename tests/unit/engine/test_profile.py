"""Profile intervals and the sandwich covariance against textbook values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gaussian_kde

import scaling_studies as ss
from scaling_studies.engine.uncertainty.likelihood import kernel_width, likelihood_of
from scaling_studies.engine.uncertainty.profile import (
    density_at_zero,
    profile_interval,
    working_covariance,
)
from scaling_studies.errors import FitError


@pytest.fixture(scope="module")
def line() -> dict[str, np.ndarray]:
    """Forty points of a power law with log residuals of unequal size."""
    x = np.geomspace(1.0, 1e4, 40)
    noise = np.random.default_rng(1).normal(0.0, 0.02 + 0.05 * (np.arange(40) % 2))
    return {"x": x, "loss": 3.0 * x**-0.2 * np.exp(noise)}


@pytest.fixture(scope="module")
def fit(line):
    return ss.fit("power", line, "squared_log")


def deviance_at(line, alpha: float, fit) -> float:
    """Twice the log-likelihood ratio when alpha is held, by arithmetic."""
    y, x = np.log(line["loss"]), np.log(line["x"])
    left = y + alpha * x
    held = ((left - left.mean()) ** 2).sum()
    return 2.0 * (likelihood_of(fit, held) - likelihood_of(fit, fit.objective_value))


@pytest.mark.parametrize(("level", "t"), [(None, 2.024394), (0.95, 2.024394), (0.9, 1.685954)])
def test_the_ends_are_where_f_says(line, fit, level, t):
    # Quantiles of Student's t with 40 - 2 degrees of freedom.
    critical = 40 * np.log1p(t**2 / 38)
    found = (
        profile_interval(fit, "alpha") if level is None else profile_interval(fit, "alpha", level)
    )
    assert found.level == (level or 0.95)
    assert found.critical == pytest.approx(critical, rel=1e-6)
    assert found.low < found.estimate == fit.parameters["alpha"] < found.high
    for end in (found.low, found.high):
        assert deviance_at(line, end, fit) == pytest.approx(critical, abs=2e-3)
    assert not found.low_open and not found.high_open and found.message == ""


def test_the_profile_that_was_walked_is_told(line, fit):
    found = profile_interval(fit, "alpha")
    assert (np.diff(found.values) > 0).all() and len(found.values) == len(found.deviance)
    assert found.deviance.min() == 0.0 == found.deviance[found.values == found.estimate][0]
    for value, deviance in zip(found.values[::3], found.deviance[::3], strict=True):
        assert deviance == pytest.approx(deviance_at(line, value, fit), abs=1e-5)


def asymptote(truth: float) -> dict[str, np.ndarray]:
    x = np.geomspace(1.0, 1e3, 60)
    noise = np.random.default_rng(4).normal(0.0, 0.03, 60)
    return {"x": x, "loss": (truth + 3.0 * x**-0.1) * np.exp(noise)}


def test_an_asymptote_that_may_be_zero_has_no_lower_end():
    fit = ss.fit("power_offset", asymptote(0.0), "squared_log")
    found = profile_interval(fit, "E")
    assert found.low == 0.0 and found.low_open and not found.high_open
    assert "every value down to 0 is within the 95% profile interval" in found.message
    assert profile_interval(fit, "E", 0.8).high < found.high < profile_interval(fit, "E", 0.99).high


def test_at_its_bound_an_asymptote_has_the_one_sided_critical_value():
    x = np.geomspace(1.0, 1e3, 60)
    # Steeper and steeper: no asymptote above zero describes it.
    wiggle = 0.02 * np.sin(np.arange(60.0)) - 0.002 * np.log(x) ** 2
    fit = ss.fit("power_offset", {"x": x, "loss": 3.0 * x**-0.1 * np.exp(wiggle)}, "squared_log")
    assert fit.parameters["E"] == 0.0
    found = profile_interval(fit, "E")
    assert found.low == 0.0 and found.low_open
    # The 95 % quantile of Student's t with 60 - 3 degrees of freedom, one-sided.
    assert found.critical == pytest.approx(60 * np.log1p(1.672029**2 / 57), rel=1e-5)
    assert found.deviance[found.values == found.high] == pytest.approx(found.critical, abs=2e-3)


@pytest.mark.parametrize(("rows", "t"), [(3, 12.706205), (4, 4.302653), (6, 2.776445)])
def test_a_profile_of_few_points_of_a_line_is_student_s_interval(rows, t):
    x = np.geomspace(1.0, 1e4, rows)
    noise = 0.02 * np.random.default_rng(rows).normal(size=rows)
    fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2 * np.exp(noise)}, "squared_log")
    centred = np.log(x) - np.log(x).mean()
    error = np.sqrt(fit.objective_value / (rows - 2) / (centred**2).sum())
    found = profile_interval(fit, "alpha")
    assert found.high - found.low == pytest.approx(2 * t * error, rel=1e-3)


def test_a_line_that_is_hardly_known_has_student_s_intervals_too():
    # Residuals of one size at right angles to a line: standard errors of six in its slope, and in
    # its height where log x is zero, one from the middle of the rows.
    steps, signs = np.array([-3.0, -1.0, 1.0, 3.0]), np.array([1.0, -1.0, -1.0, 1.0])
    x = np.exp(1.0 + 0.1 * np.sqrt(2.0 / 20.0) / 6.0 * steps)
    fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2 * np.exp(0.1 * signs)}, "squared_log")
    # The upper quartile of Student's t with two degrees of freedom.
    half = 6.0 * 0.816497
    slope, height = (profile_interval(fit, name, 0.5) for name in ("alpha", "A"))
    assert (slope.low, slope.high) == pytest.approx((0.2 - half, 0.2 + half), abs=0.02)
    ends = np.log([height.low / 3.0, height.high / 3.0])
    assert ends == pytest.approx([-half, half], abs=0.02)


def test_without_a_degree_of_freedom_a_profile_is_open():
    x = np.array([1.0, 10.0])
    found = profile_interval(ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2}), "alpha")
    assert found.low_open and found.high_open


def test_a_parameter_that_is_held_has_no_profile(line):
    with pytest.raises(FitError, match="alpha is not free"):
        profile_interval(ss.fit("power", line, "squared_log", fixed={"alpha": 0.2}), "alpha")


def test_an_estimator_without_a_likelihood_has_none(line):
    held = ss.fit("power", line, estimator="evaluate", fixed={"A": 3.0, "alpha": 0.2})
    with pytest.raises(FitError, match="no likelihood to profile"):
        profile_interval(held, "alpha")


def test_the_covariance_is_the_sandwich_of_a_line(line, fit):
    design = np.stack([np.ones(40), -np.log(line["x"])], axis=1)
    left = np.log(line["loss"]) - np.log(fit.fitted())
    bread = np.linalg.inv(design.T @ design)
    meat = design.T @ (design * left[:, None] ** 2)
    # With n / (n - p), White's heteroscedasticity-consistent covariance known as HC1.
    expected = bread @ meat @ bread * 40 / (40 - 2)
    order = [fit.law.index(name) for name in ("A", "alpha")]
    found = working_covariance(fit)[np.ix_(order, order)]
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_scale_that_is_fitted_is_held_in_the_covariance():
    """At a threshold of the scale itself the parameters and their covariance are the same."""
    x = np.geomspace(1.0, 1e4, 40)
    noise = 0.03 * np.random.default_rng(2).standard_t(3, size=40)
    rows = {"x": x, "loss": 3.0 * x**-0.2 * np.exp(noise)}
    scaled = ss.fit("power", rows, "huber_density", 1.5)
    plain = ss.fit("power", rows, "huber_log", 1.5 * scaled.scale)
    assert scaled.parameters == pytest.approx(plain.parameters, rel=1e-4)
    assert working_covariance(scaled) == pytest.approx(working_covariance(plain), rel=1e-3)


def test_rows_that_determine_nothing_have_no_covariance():
    flat = {"x": np.full(9, 10.0), "loss": np.linspace(1.0, 1.1, 9)}
    with pytest.raises(FitError, match="do not determine"):
        working_covariance(ss.fit("power", flat, "squared_log"))


def test_the_density_at_zero_is_that_of_a_kernel():
    residual = np.random.default_rng(0).normal(0.3, 2.0, 400)
    kernel = gaussian_kde(residual, bw_method=kernel_width(residual) / residual.std(ddof=1))
    assert density_at_zero(residual) == pytest.approx(kernel(0.0)[0])
