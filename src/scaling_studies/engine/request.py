"""Ways to get a law's parameters other than minimising its objective over all of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.fit import Fit, make_fit
from scaling_studies.engine.objectives import Objective, get_objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.continuation import fitted_log_scale
from scaling_studies.engine.search.evidence import Evidence
from scaling_studies.engine.search.identification import residual_jacobian
from scaling_studies.engine.search.optimum import find_optimum
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law


@dataclass(frozen=True)
class Request:
    """Everything that `scaling_studies.fit` was asked, with names resolved.

    Attributes
    ----------
    law, objective
        Resolved.
    table
        Column name -> array.
    response
        Column of the response.
    weights, groups
        By row, or None.
    fixed, shared, bounds
        As given to `fit`.
    options
        Options of the estimator.
    """

    law: Law
    objective: Objective
    table: Mapping[str, np.ndarray]
    response: str
    weights: np.ndarray | None
    groups: np.ndarray | None
    fixed: Mapping[str, float]
    shared: Mapping[str, str]
    bounds: Mapping[str, tuple[float, float]]
    options: Mapping[str, object]

    def take_options(self, **defaults: object) -> dict[str, object]:
        """Options with defaults; a `FitError` for one that the estimator does not have."""
        unknown = sorted(set(self.options) - set(defaults))
        if unknown:
            raise FitError(
                f"unknown options for this estimator: {', '.join(unknown)}",
                fix=f"known: {', '.join(defaults) or 'none'}",
            )
        return {**defaults, **self.options}

    def problem(self, objective: Objective | None = None) -> Problem:
        """The request as a minimisation."""
        from scaling_studies.engine.fit import make_problem

        return make_problem(self, objective or self.objective)


#: Name -> module and function; the functions take a `Request` and return a `Fit`.
ESTIMATORS = {
    "evaluate": ("scaling_studies.engine.request", "evaluate"),
    "variable_projection": ("scaling_studies.engine.request", "variable_projection"),
    "isoflop": ("scaling_studies.engine.estimators.isoflop", "fit_isoflop"),
    "envelope": ("scaling_studies.engine.estimators.envelope", "fit_envelope"),
}


def get_estimator(name: str) -> Callable[[Request], Fit]:
    """Estimator by name; a `FitError` that lists the known ones otherwise."""
    if name not in ESTIMATORS:
        raise FitError(
            f"unknown estimator {name!r}",
            fix=f"known estimators: parametric, {', '.join(sorted(ESTIMATORS))}",
        )
    module, function = ESTIMATORS[name]
    return getattr(importlib.import_module(module), function)


def evaluate(request: Request) -> Fit:
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
    from scaling_studies.engine.fit import natural_parameters

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


def variable_projection(request: Request) -> Fit:
    """Least squares with the linear parameters eliminated, in linear or log loss.

    Options: ``space``, ``"linear"`` (default; squared residuals) or ``"log"``. The quantity
    ``reduced_condition_number`` is that of the problem in the non-linear parameters alone.
    """
    space = request.take_options(space="linear")["space"]
    if space not in ("linear", "log"):
        raise FitError(f"unknown space {space!r}", fix="use linear or log")
    if not any(item.linear for item in request.law.parameters):
        raise FitError(
            f"law {request.law.name} has no linear parameters", fix="use estimator='parametric'"
        )
    problem = request.problem(get_objective("squared" if space == "linear" else "squared_log"))
    result = make_fit(problem, find_optimum(problem), "variable_projection")
    result.extra["reduced_condition_number"] = reduced_condition(problem, result)
    return result


def reduced_condition(problem: Problem, fit: Fit) -> float:
    """Condition number of the information matrix once linear parameters are projected out."""
    jacobian = residual_jacobian(problem, fit.optimum.coordinates)
    linear = np.array([problem.law.parameters[i].linear for i in problem.coordinates.free])
    if linear.all():
        return 1.0
    outer = jacobian[:, ~linear]
    if linear.any():
        inner, _ = np.linalg.qr(jacobian[:, linear])
        outer = outer - inner @ (inner.T @ outer)
    singular = np.linalg.svd(outer, compute_uv=False)
    return float((singular[0] / singular[-1]) ** 2) if singular[-1] > 0 else float("inf")


def no_search(estimator: str, value: float, *, identified: bool = True) -> Evidence:
    """Evidence of an estimator that does not search."""
    nan = float("nan")
    return Evidence(
        converged=True,
        identified=identified,
        estimator=estimator,
        starts=0,
        share_at_optimum=nan,
        best_objective=value,
        next_objective=nan,
        second_optimiser="none",
        second_objective=nan,
        disagreement=nan,
        relative_decrement=nan,
        gradient_norm=nan,
        condition_number=nan,
        weak_directions="",
        active_bounds="",
        smooth=True,
    )
