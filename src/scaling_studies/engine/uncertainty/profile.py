"""Profile likelihood of one parameter: an interval without resampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.continuation import solve_batch
from scaling_studies.engine.search.identification import active_bounds, residual_jacobian
from scaling_studies.engine.search.optimum import Optimum
from scaling_studies.engine.uncertainty.bands import LEVEL
from scaling_studies.engine.uncertainty.likelihood import kernel_width, likelihood_of
from scaling_studies.errors import FitError

#: Share of rows within the Huber threshold above which the Hessian itself is used as curvature.
QUADRATIC_SHARE = 0.3
#: Outward steps of a profile before it counts as unbounded.
MOST_STEPS = 40


@dataclass(frozen=True)
class ProfileInterval:
    """Profile-likelihood interval of one parameter.

    Attributes
    ----------
    name, estimate, low, high, level
        The interval; an open side is the parameter's bound or infinite.
    critical
        Deviance at its ends (`critical_deviance`).
    low_open, high_open
        Whether the likelihood does not exclude values down (up) to that bound.
    values, deviance
        The profile that was walked, sorted by value: twice the log-likelihood ratio.
    message
        Plain statement, empty when both sides are closed.
    """

    name: str
    estimate: float
    low: float
    high: float
    level: float
    critical: float
    low_open: bool
    high_open: bool
    values: np.ndarray
    deviance: np.ndarray
    message: str


class _Profile:
    """Deviance of a fit as a function of one working coordinate, warm-started."""

    def __init__(self, fit: Fit, name: str) -> None:
        problem, self.optimum = _need_search(fit)
        self.fit = fit
        self.item = problem.law.parameters[problem.law.index(name)]
        self.name = name
        self.base = likelihood_of(fit, fit.objective_value)
        self.points: dict[float, float] = {}
        self.last = {key: value for key, value in fit.parameters.items() if key != name}
        working = float(self.item.to_working(fit.parameters[name]))
        self.points[working] = 0.0

    def __call__(self, working: float) -> float:
        if working in self.points:
            return self.points[working]
        problem = self.fit.problem
        value = float(self.item.to_natural(working))
        held = Problem(
            problem.law,
            problem.axes,
            problem.response,
            problem.objective,
            weights=problem.weights,
            fixed={**problem.fixed, self.name: value},
            shared=problem.shared,
            bounds={key: pair for key, pair in problem.bounds.items() if key != self.name},
        )
        start = held.law.to_working({**self.last, self.name: value})
        if held.coordinates.free:
            spread = self.optimum.spread
            solution = solve_batch(held, held.coordinates.from_working(start[None, :]), spread)
            objective = float(solution.objective[0])
            natural = held.law.to_natural(held.working(solution.coordinates)[0])
            self.last = {key: float(v) for key, v in natural.items() if key != self.name}
        else:
            objective = float(held.evaluate(np.zeros((1, 0)), order=0)[0][0])
        # A profile cannot lie below the optimum; rounding may say so by a hair.
        deviance = max(0.0, 2.0 * (likelihood_of(self.fit, objective) - self.base))
        self.points[working] = deviance
        return deviance


def profile_interval(fit: Fit, name: str, level: float = LEVEL) -> ProfileInterval:
    """Profile-likelihood interval of a parameter.

    Parameters
    ----------
    fit
        A fit by minimisation.
    name
        A free parameter.
    level
        Coverage.

    Notes
    -----
    The dispersion is profiled out as well (see `engine.uncertainty.likelihood`), so that few rows
    need the critical value of F (`critical_deviance`). A parameter at its bound has that of a
    half-half mixture of 0 and 1 degrees of freedom (Self and Liang 1987). Rows count as
    independent and of equal scatter: beside a bootstrap of groups the profile is narrower than it
    should be. A side on which the deviance stays below the
    critical value up to the bound is open, and is said to be.
    """
    problem, _ = _need_search(fit)
    position = problem.law.index(name)
    if position not in problem.coordinates.free:
        raise FitError(f"parameter {name} is not free in this fit", fix="profile a free one")
    profile = _Profile(fit, name)
    item = profile.item
    low_bound, high_bound = problem.bounds.get(name, (item.lower, item.upper))
    low_bound, high_bound = float(item.to_working(low_bound)), float(item.to_working(high_bound))
    centre = float(item.to_working(fit.parameters[name]))
    at_bound = centre <= low_bound or centre >= high_bound
    critical = critical_deviance(fit, level, at_bound=at_bound)
    step = _first_step(fit, name)
    profile.last = {key: value for key, value in fit.parameters.items() if key != name}
    low, low_open = _walk(profile, centre, -step, low_bound, critical)
    profile.last = {key: value for key, value in fit.parameters.items() if key != name}
    high, high_open = _walk(profile, centre, step, high_bound, critical)
    message = ""
    if low_open and item.linear and item.transform == "identity":
        message = (
            f"{name} is not bounded below by these rows: every value down to {low_bound:g} is "
            f"within the {level:.0%} profile interval; only its upper limit means something."
        )
    elif low_open or high_open:
        message = f"{name} is not bounded {'below' if low_open else 'above'} by these rows."
    order = sorted(profile.points)
    return ProfileInterval(
        name,
        fit.parameters[name],
        float(item.to_natural(low)),
        float(item.to_natural(high)),
        level,
        critical,
        low_open,
        high_open,
        np.array([float(item.to_natural(value)) for value in order]),
        np.array([profile.points[value] for value in order]),
        message,
    )


def critical_deviance(fit: Fit, level: float, *, at_bound: bool) -> float:
    """Deviance that a profile reaches at the end of its interval; infinite without a freedom.

    Notes
    -----
    With f = n - p degrees of freedom left for the dispersion, sums of squares grow by t^2 / f along
    the interval of Student's t, and W log(sum of squares) by W log(1 + t^2 / f): exact for a linear
    law and normal residuals, chi-square in the limit of many rows.
    """
    from scipy.special import stdtrit  # only a profile needs SciPy in a fit

    freedom = fit.n - fit.problem.width
    if freedom < 1:
        return np.inf
    quantile = float(stdtrit(freedom, level if at_bound else 0.5 + 0.5 * level))
    return float(fit.problem.total_weight()) * float(np.log1p(quantile**2 / freedom))


def _first_step(fit: Fit, name: str) -> float:
    position = fit.problem.law.index(name)
    try:
        covariance = working_covariance(fit)
        step = float(np.sqrt(max(covariance[position, position], 0.0)))
    except (FitError, np.linalg.LinAlgError):
        step = 0.0
    return step if np.isfinite(step) and 1e-12 < step < 5.0 else 0.1


def _walk(
    profile: _Profile, centre: float, step: float, bound: float, critical: float
) -> tuple[float, bool]:
    """Go outward until the deviance is critical, then close in; (end, whether it is open)."""
    if not np.isfinite(critical):
        return bound, True
    inner, inner_value = centre, 0.0
    outer = centre
    for _ in range(MOST_STEPS):
        if inner == bound:
            return bound, True
        outer = inner + step
        if (step < 0 and outer <= bound) or (step > 0 and outer >= bound):
            outer = bound
        if not np.isfinite(outer) or abs(outer - centre) > 100.0 * max(1.0, abs(centre)):
            return bound, True
        value = profile(outer)
        if value >= critical:
            break
        inner, inner_value = outer, value
        step *= 1.6
    else:
        return bound, True
    outer_value = profile(outer)
    for _ in range(40):
        # Deviance is close to a parabola: interpolate its square root, and bisect as a safeguard.
        left, right = np.sqrt(inner_value), np.sqrt(outer_value)
        share = (np.sqrt(critical) - left) / max(right - left, 1e-12)
        middle = inner + min(max(share, 0.1), 0.9) * (outer - inner)
        value = profile(middle)
        if value < critical:
            inner, inner_value = middle, value
        else:
            outer, outer_value = middle, value
        if abs(value - critical) < 1e-3 or abs(outer - inner) < 1e-7 * (1.0 + abs(centre)):
            return middle, False
    return 0.5 * (inner + outer), False


def _need_search(fit: Fit) -> tuple[Problem, Optimum]:
    """Problem and optimum of a fit by minimisation; an error for the other estimators."""
    if fit.optimum is None:
        raise FitError(
            f"estimator {fit.evidence.estimator} has no likelihood to profile",
            fix="use the bootstrap",
        )
    return fit.problem, fit.optimum


def working_covariance(fit: Fit) -> np.ndarray:
    """Sandwich covariance of the working coordinates, shape (p, p).

    Bread: the Hessian of the objective; where the objective is (nearly) non-smooth, its
    expectation with the residual density at zero estimated by a kernel. Meat: the sum of outer
    products of the scores of the rows, with the usual n / (n - p). Coordinates at a bound have
    zero variance.

    Raises
    ------
    FitError
        The rows do not determine the parameters.
    """
    problem, optimum = _need_search(fit)
    free = len(problem.coordinates.free)
    coordinates = optimum.coordinates
    held = np.zeros(free, dtype=bool)
    for position, _ in active_bounds(problem, coordinates, optimum.gradient):
        held[problem.coordinates.free.index(position)] = True
    plain = problem
    if problem.objective.fits_scale:
        threshold = problem.objective.delta * fit.scale
        plain = problem.with_threshold(threshold)
    jacobian = residual_jacobian(plain, coordinates)[:, ~held]
    residual = fit.residuals()
    _, psi, inside = plain.objective.loss(residual)
    weights = np.ones(fit.n) if problem.weights is None else problem.weights
    # residual_jacobian carries the square root of the weights.
    scores = jacobian * (np.sqrt(weights) * psi)[:, None]
    if plain.objective.is_huber and inside.mean() < QUADRATIC_SHARE:
        density = density_at_zero(residual)
        bread = 2.0 * plain.objective.delta * density * (jacobian.T @ jacobian)
    else:
        _, _, hessian = plain.evaluate(coordinates[None, :free])
        bread = hessian[0][np.ix_(~held, ~held)]
    if np.linalg.cond(bread) > 1e14:
        raise FitError("the rows do not determine the parameters", fix="fix or share some")
    inverse = np.linalg.inv(bread)
    freedom = max(fit.n - int((~held).sum()), 1)
    covariance = inverse @ (scores.T @ scores) @ inverse * (fit.n / freedom)
    directions = problem.coordinates.directions[:, ~held]
    return directions @ covariance @ directions.T


def density_at_zero(residual: np.ndarray) -> float:
    """Density of the residuals at zero: Gaussian kernel, Silverman's bandwidth."""
    width = kernel_width(residual)
    return float(np.mean(np.exp(-0.5 * (residual / width) ** 2)) / (width * np.sqrt(2 * np.pi)))
