"""Objective and statistics at given parameters."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.request import Request
from scaling_studies.engine.result import Fit, fit_without_search
from scaling_studies.engine.search.continuation import fitted_log_scale
from scaling_studies.errors import FitError


def estimate(request: Request) -> Fit:
    """Evaluate given parameters: nothing is fitted but a residual scale, where there is one.

    Raises
    ------
    FitError
        A parameter is not given.
    """
    request.take_options({})
    given = request.fixed.keys() | request.shared.keys()
    missing = [name for name in request.law.parameter_names if name not in given]
    if missing:
        raise FitError(
            f"estimator evaluate needs every parameter of law {request.law.name}, and "
            f"{', '.join(missing)} is missing",
            fix="give it in fixed",
        )
    problem = request.problem()
    coordinates = np.zeros(0)
    message = "Evaluated at given parameters: nothing was fitted."
    if problem.objective.fits_scale:
        delta = problem.objective.delta
        values = problem.with_threshold(delta).values(coordinates[None, :])
        residual = problem.objective.residuals(values, problem.response)
        coordinates = fitted_log_scale(residual, delta, problem.weights)
        message = "Evaluated at given parameters: only the residual scale was fitted."
    return fit_without_search(problem, coordinates, "evaluate", [message])
