"""Least squares with the linear parameters eliminated."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.objectives import get_objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.request import Request
from scaling_studies.engine.result import Fit, fit_at_optimum
from scaling_studies.engine.search.identification import residual_jacobian
from scaling_studies.engine.search.optimum import find_optimum
from scaling_studies.errors import FitError


def estimate(request: Request) -> Fit:
    """Least squares with the linear parameters eliminated, in linear or log loss.

    Options: ``space``, ``"linear"`` (default; squared residuals) or ``"log"``. The quantity
    ``reduced_condition_number`` is that of the problem in the non-linear parameters alone.

    Raises
    ------
    FitError
        An unknown space, or a law without linear parameters.
    """
    space = request.take_options({"space": "linear"})["space"]
    if space not in ("linear", "log"):
        raise FitError(f"unknown space {space!r}", fix="use linear or log")
    if not any(item.linear for item in request.law.parameters):
        raise FitError(
            f"law {request.law.name} has no linear parameters", fix="use estimator='parametric'"
        )
    problem = request.problem(get_objective("squared" if space == "linear" else "squared_log"))
    optimum = find_optimum(problem)
    result = fit_at_optimum(problem, optimum, "variable_projection")
    result.extra["reduced_condition_number"] = reduced_condition(problem, optimum.coordinates)
    return result


def reduced_condition(problem: Problem, coordinates: np.ndarray) -> float:
    """Condition number of the information matrix once linear parameters are projected out."""
    jacobian = residual_jacobian(problem, coordinates)
    linear = np.array([problem.law.parameters[i].linear for i in problem.coordinates.free])
    if linear.all():
        return 1.0
    outer = jacobian[:, ~linear]
    if linear.any():
        inner, _ = np.linalg.qr(jacobian[:, linear])
        outer = outer - inner @ (inner.T @ outer)
    singular = np.linalg.svd(outer, compute_uv=False)
    return float((singular[0] / singular[-1]) ** 2) if singular[-1] > 0 else float("inf")
