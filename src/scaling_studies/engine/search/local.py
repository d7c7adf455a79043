"""Local searches with a named SciPy method from given starts: how published optima came about."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.continuation import is_smooth
from scaling_studies.engine.search.optimum import AGREEMENT, Optimum, threshold_of, typical_residual
from scaling_studies.engine.search.solve import Solution, held_at_bound, newton_step
from scaling_studies.errors import FitError

METHODS = ("BFGS", "L-BFGS-B", "Nelder-Mead", "CG", "TNC", "SLSQP", "Powell")
GRADIENTS = ("analytic", "numerical")
SPACES = ("working", "natural")


def find_local(
    problem: Problem,
    starts: np.ndarray,
    method: str,
    *,
    space: str = "working",
    gradient: str = "analytic",
    scipy_options: dict[str, float] | None = None,
) -> Optimum:
    """Run a SciPy method from each start and keep the best end.

    Parameters
    ----------
    problem
        What is fitted, without a fitted scale.
    starts
        Working vectors (S, p).
    method
        Name of a method of `scipy.optimize.minimize`.
    space
        ``working`` searches logarithms of coefficients, ``natural`` the parameters as printed;
        a local method may end elsewhere.
    gradient
        ``analytic``, or ``numerical`` for SciPy's finite differences, with which many published
        fits were made; at a kink the two end differently.
    scipy_options
        Options of the method; SciPy's defaults otherwise, which is what papers used.

    Raises
    ------
    FitError
        Unknown method or space, an objective with a fitted scale, or no finite end.
    """
    from scipy.optimize import minimize

    if method not in METHODS:
        raise FitError(f"unknown method {method!r}", fix=f"one of {', '.join(METHODS)}")
    if space not in SPACES:
        raise FitError(f"unknown space {space!r}", fix=f"one of {', '.join(SPACES)}")
    if gradient not in GRADIENTS:
        raise FitError(f"unknown gradient {gradient!r}", fix=f"one of {', '.join(GRADIENTS)}")
    if problem.objective.fits_scale:
        raise FitError(f"{problem.objective.name} has no local search", fix="leave method= out")
    positions = list(problem.coordinates.free)
    items = [problem.law.parameters[position] for position in positions]
    logarithmic = np.array([item.transform == "log" for item in items])
    selector = np.zeros((len(problem.law.parameters), len(positions)))
    selector[positions, np.arange(len(positions))] = 1.0
    for name, source in problem.shared.items():
        selector[problem.law.index(name)] = selector[problem.law.index(source)]
    chain = _gradient_map(problem)

    def to_coordinates(point: np.ndarray) -> np.ndarray:
        values = np.where(logarithmic, np.log(np.maximum(point, 1e-300)), point)
        working = problem.coordinates.origin.copy()
        free = values if space == "natural" else point
        for row in range(len(working)):
            if selector[row].any():
                working[row] = selector[row] @ free
        return problem.coordinates.from_working(working[None, :])

    def objective(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, by_coordinate, _ = problem.evaluate(to_coordinates(point), order=1)
        slope = chain @ by_coordinate[0]
        if space == "natural":
            slope = np.where(logarithmic, slope / np.maximum(point, 1e-300), slope)
        return float(value[0]), slope

    ends, values = [], []
    for start in starts:
        first = start[positions]
        if space == "natural":
            first = np.where(logarithmic, np.exp(first), first)
        value_only = method in ("Nelder-Mead", "Powell") or gradient == "numerical"
        answer = minimize(
            (lambda point: objective(point)[0]) if value_only else objective,
            first,
            jac=None if value_only else True,
            method=method,
            options=dict(scipy_options or {}),
        )
        if np.isfinite(answer.fun):
            ends.append(to_coordinates(answer.x)[0])
            values.append(float(answer.fun))
    if not ends:
        raise FitError(f"{method} found no finite objective from any start", fix="correct starts=")
    best = int(np.argmin(values))
    coordinates = ends[best][None, :]
    objective_value, at_end, hessian = problem.evaluate(coordinates)
    held = held_at_bound(coordinates, at_end, problem.lower, problem.upper)
    _, predicted = newton_step(at_end, hessian, held, np.full(1, 1e-12))
    size = abs(float(objective_value[0])) + 1e-300
    polished = np.sort(values)
    spread = typical_residual(problem, coordinates[0])
    solution = Solution(
        coordinates, objective_value, at_end, hessian, np.ones(1, bool), predicted, np.ones(1)
    )
    return Optimum(
        coordinates[0],
        float(objective_value[0]),
        at_end[0],
        hessian[0],
        float(abs(predicted[0]) / size),
        len(polished),
        float(np.mean(polished <= polished[0] + AGREEMENT * size)),
        "none",
        float("nan"),
        spread,
        is_smooth(problem, spread, threshold_of(problem, solution)),
        polished,
    )


def _gradient_map(problem: Problem) -> np.ndarray:
    """Matrix that turns a gradient by coordinates into one by the free working coordinates."""
    positions = list(problem.coordinates.free)
    return np.linalg.inv(problem.coordinates.directions[positions]).T
