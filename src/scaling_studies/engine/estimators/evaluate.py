"""Objective and statistics at given parameters."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.fit import Fit, natural_parameters
from scaling_studies.engine.request import Request, no_search
from scaling_studies.engine.search.continuation import fitted_log_scale
from scaling_studies.errors import FitError


def estimate(request: Request) -> Fit:
    """Evaluate given parameters: objective and statistics, nothing fitted but a residual scale.

    Raises
    ------
    FitError
        A parameter is not given.
    """
    request.take_options()
    missing = [
        name
        for name in request.law.parameter_names
        if name not in request.fixed and name not in request.shared
    ]
    if missing:
        raise FitError(
            f"estimator evaluate needs every parameter of law {request.law.name}, and "
            f"{', '.join(missing)} is missing",
            fix="give it in fixed",
        )
    problem = request.problem()
    coordinates = np.zeros((1, 0))
    messages = ["Evaluated at given parameters: nothing was fitted."]
    scale = float("nan")
    if problem.objective.fits_scale:
        plain = problem.with_objective(problem.objective.with_threshold(problem.objective.delta))
        residual = problem.objective.residuals(plain.values(coordinates), problem.response)
        coordinates = fitted_log_scale(residual, problem.objective.delta, problem.weights)[:, None]
        scale = float(np.exp(coordinates[0, 0]))
        messages = ["Evaluated at given parameters: only the residual scale was fitted."]
    value = float(problem.evaluate(coordinates, order=0)[0][0])
    if not np.isfinite(value):
        raise FitError(
            f"law {request.law.name} is not defined on every row at the given parameters",
            fix="check the parameters and units",
        )
    return Fit(
        law=request.law,
        parameters=natural_parameters(problem, problem.working(coordinates)[0]),
        objective=problem.objective,
        objective_value=value,
        n=problem.size,
        evidence=no_search("evaluate", value),
        messages=messages,
        problem=problem,
        scale=scale,
    )
