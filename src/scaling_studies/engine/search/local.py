"""Local searches with a named SciPy method from given starts: how published optima came about."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.continuation import is_smooth
from scaling_studies.engine.search.optimum import Optimum
from scaling_studies.engine.search.rounds import AGREEMENT, is_perfect, typical_residual
from scaling_studies.engine.search.solve import held_at_bound, newton_step
from scaling_studies.errors import FitError

METHODS = ("BFGS", "L-BFGS-B", "Nelder-Mead", "CG", "TNC", "SLSQP", "Powell")
GRADIENTS = ("analytic", "numerical")
SPACES = ("working", "natural", "logarithms")


def find_local(
    problem: Problem,
    starts: np.ndarray,
    method: str,
    *,
    space: str = "working",
    gradient: str = "analytic",
) -> Optimum:
    """Run a SciPy method from each start and keep the best end.

    Parameters
    ----------
    problem
        What is fitted, without a fitted scale.
    starts
        Working vectors (S, p).
    method
        Name of a method of `scipy.optimize.minimize`, run with SciPy's own settings, which is what
        papers used.
    space
        ``working`` searches logarithms of coefficients, ``natural`` the parameters as printed,
        ``logarithms`` those of coefficients and of a floor that cannot be negative, as Hoffmann
        et al. 2022 do; a local method may end elsewhere.
    gradient
        ``analytic``, or ``numerical`` for SciPy's finite differences, with which many published
        fits were made; at a kink the two end differently.

    Raises
    ------
    FitError
        Unknown method or space, an objective with a fitted scale, or no finite end.
    """
    from scipy.optimize import minimize  # half a second, which most jobs can do without

    for what, name, known in (
        ("method", method, METHODS),
        ("space", space, SPACES),
        ("gradient", gradient, GRADIENTS),
    ):
        if name not in known:
            raise FitError(f"unknown {what} {name!r}", fix=f"one of {', '.join(known)}")
    if problem.objective.fits_scale:
        raise FitError(f"{problem.objective.name} has no local search", fix="leave method= out")
    positions = list(problem.coordinates.free)
    natural = space == "natural"
    logarithmic = natural & np.array(
        [problem.law.parameters[position].transform == "log" for position in positions]
    )
    raised = (space == "logarithms") & np.array(
        [
            item.linear and item.lower == 0.0 and item.transform == "identity"
            for item in (problem.law.parameters[position] for position in positions)
        ]
    )
    tied = {problem.law.index(name): problem.law.index(of) for name, of in problem.shared.items()}
    # Turns a gradient by coordinates into one by the free working coordinates.
    chain = np.linalg.inv(problem.coordinates.directions[positions]).T

    def to_coordinates(point: np.ndarray) -> np.ndarray:
        working = problem.coordinates.origin.copy()
        point = np.where(raised, np.exp(np.where(raised, point, 0.0)), point)
        working[positions] = np.where(logarithmic, np.log(np.maximum(point, 1e-300)), point)
        for position, source in tied.items():
            working[position] = working[source]
        return problem.coordinates.from_working(working[None, :])

    def objective(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, by_coordinate, _ = problem.evaluate(to_coordinates(point), order=1)
        slope = chain @ by_coordinate[0]
        slope = np.where(raised, slope * np.exp(np.where(raised, point, 0.0)), slope)
        return float(value[0]), np.where(logarithmic, slope / np.maximum(point, 1e-300), slope)

    value_only = method in ("Nelder-Mead", "Powell") or gradient == "numerical"
    ends, values = [], []
    for start in starts[:, positions]:
        answer = minimize(
            (lambda point: objective(point)[0]) if value_only else objective,
            _begin(start, logarithmic, raised),
            jac=None if value_only else True,
            method=method,
        )
        if np.isfinite(answer.fun):
            ends.append(to_coordinates(answer.x))
            values.append(float(answer.fun))
    if not ends:
        raise FitError(f"{method} found no finite objective from any start", fix="correct starts=")
    coordinates = ends[int(np.argmin(values))]
    value, slope, hessian = problem.evaluate(coordinates)
    held = held_at_bound(coordinates, slope, problem.lower, problem.upper)
    _, predicted = newton_step(slope, hessian, held, np.full(1, 1e-12))
    size = abs(float(value[0])) + 1e-300
    spread = typical_residual(problem, coordinates[0])
    return Optimum(
        coordinates=coordinates[0],
        objective=float(value[0]),
        gradient=slope[0],
        decrement=float(abs(predicted[0]) / size),
        starts=len(values),
        share=float(np.mean(np.array(values) <= min(values) + AGREEMENT * size)),
        agreeing=len(values),
        perfect=is_perfect(problem, float(value[0])),
        second_method="none",
        second_objective=np.nan,
        spread=spread,
        smooth=is_smooth(problem, spread, problem.objective.delta),
    )


def _begin(start: np.ndarray, logarithmic: np.ndarray, raised: np.ndarray) -> np.ndarray:
    """Start in the space of the search."""
    floor = np.log(np.maximum(np.where(raised, start, 1.0), 1e-300))
    return np.where(raised, floor, np.where(logarithmic, np.exp(start), start))
