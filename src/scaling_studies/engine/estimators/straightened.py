"""A power law plus a constant, its constant found by making log(y - E) straight in log x."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scaling_studies.engine.request import Request
from scaling_studies.engine.result import Fit, fit_without_search
from scaling_studies.errors import FitError

#: Distances of the constant from the smallest response, as shares of it, and how many are tried.
NEAREST, COUNT = 1e-6, 2000


def estimate(request: Request) -> Fit:
    """Least squares of log(y - E) in log x, by E.

    Written for the second estimator of Alabdulmohsin et al. 2022. The mean squared error has up to
    two minima in E: an inner one, which a descent from just below the smallest response reaches,
    and E = 0. Option ``minimum``: ``"local"`` (default; the first that the descent meets, E = 0
    where there is none inside) or ``"global"``. The quantity ``straight_error`` is the mean squared
    error of log(y - E), which is not the objective that the fit reports.

    Raises
    ------
    FitError
        An unknown minimum, a law that is no power law plus a constant, or responses that are not
        positive.
    """
    minimum = request.take_options({"minimum": "local"})["minimum"]
    if minimum not in ("local", "global"):
        raise FitError(f"unknown minimum {minimum!r}", fix="use local or global")
    if set(request.law.parameter_names) != {"E", "A", "alpha"}:
        raise FitError(
            f"law {request.law.name} is no power law plus a constant", fix="use power_offset"
        )
    given = replace(request, fixed={"E": 0.0, "A": 1.0, "alpha": 1.0}, options={}).problem()
    log_x, response = np.log(given.axes["x"]), given.response
    if response.min() <= 0.0:
        raise FitError("a response is not positive", fix="leave such rows out")
    offset = _offset(log_x, response, minimum)
    error, alpha, log_coefficient = _line(log_x, response, offset)
    fixed = {"E": offset, "A": float(np.exp(log_coefficient)), "alpha": alpha}
    problem = replace(request, fixed=fixed, options={}).problem()
    told = f"Constant at the {minimum} minimum of the squared error of log(y - E)."
    result = fit_without_search(problem, np.zeros(0), "straightened", [told])
    result.extra["straight_error"] = error
    return result


def _line(log_x: np.ndarray, response: np.ndarray, offset: float) -> tuple[float, float, float]:
    """Mean squared error of the line, its exponent and the logarithm of its coefficient."""
    excess = np.log(response - offset)
    slope, constant = np.polyfit(log_x, excess, 1)
    residual = excess - slope * log_x - constant
    return float(np.mean(residual**2)), float(-slope), float(constant)


def _offset(log_x: np.ndarray, response: np.ndarray, minimum: str) -> float:
    from scipy.optimize import minimize_scalar  # planning reads of estimators what they fit

    least = float(response.min())
    steps = np.linspace(np.log(NEAREST * least), np.log(least), COUNT)

    def error(step: float) -> float:
        return _line(log_x, response, max(least - float(np.exp(step)), 0.0))[0]

    errors = np.array([error(step) for step in steps])
    rising = np.flatnonzero(np.diff(errors) > 0.0)
    if not len(rising):
        return 0.0
    first = int(rising[0])
    ends = (steps[max(first - 1, 0)], steps[first + 1])
    inner = minimize_scalar(error, bounds=ends, method="bounded", options={"xatol": 1e-10})
    if minimum == "global" and errors[-1] < inner.fun:
        return 0.0
    return least - float(np.exp(inner.x))
