"""The global search: projected starts, batched polish, and a second opinion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.rounds import (
    DISPLACED,
    ENOUGH_SHARE,
    Ends,
    at_best,
    is_perfect,
    merge,
    polish,
    same_objective,
    search_further,
    typical_residual,
)
from scaling_studies.engine.search.solve import Solution, minimise
from scaling_studies.engine.search.starts import find_starts, objective_of
from scaling_studies.errors import FitError

#: How often the second optimiser is asked, when it goes on finding what the starts missed.
CONFIRMATIONS = 3


@dataclass
class Optimum:
    """The best point found and what is known about the search.

    Attributes
    ----------
    coordinates, objective, gradient
        At the optimum, in the problem's coordinates: (q,), scalar, (q,).
    decrement
        Predicted relative decrease of one more Newton step.
    starts
        How many starts were polished.
    share
        Share of them that ended within 1e-6 (relative) of the best.
    agreeing
        How many starts ended there that were not laid around a point found before.
    perfect
        Whether the residuals are rounding errors: nothing can be lower.
    second_method, second_objective
        The independent optimiser and what it reached from a displaced start, scaled back.
    spread
        Median absolute residual at the optimum.
    smooth
        Whether the objective is smooth there for practical purposes.
    rival
        Coordinates of the best other optimum that was found, or None.
    rival_objective
        Its objective; nan without one.
    """

    coordinates: np.ndarray
    objective: float
    gradient: np.ndarray
    decrement: float
    starts: int
    share: float
    agreeing: int
    perfect: bool
    second_method: str
    second_objective: float
    spread: float
    smooth: bool
    rival: np.ndarray | None = None
    rival_objective: float = float("nan")


def find_optimum(
    problem: Problem,
    starts: np.ndarray | None = None,
    *,
    count: int | None = None,
    confirm: bool = True,
    enough: float = ENOUGH_SHARE,
) -> Optimum:
    """Find the global optimum, or the local one that given starts lead to.

    Parameters
    ----------
    problem
        What is fitted.
    starts
        Working vectors (S, p) to start from, and only from; None searches globally.
    count
        Starts to polish in a global search; the law's own number by default.
    confirm
        Whether to ask the second optimiser.
    enough
        Share of the starts that must end at the optimum; beyond the two that always must.

    Raises
    ------
    FitError
        No start has a finite objective.
    """
    plain = problem.without_scale(problem.objective.delta)
    if starts is None:
        begin = find_starts(plain, count or problem.law.starts)
    else:
        begin = problem.coordinates.from_working(starts)
        begin = begin[np.isfinite(objective_of(plain, begin))]
    if not len(begin):
        raise FitError(
            f"law {problem.law.name} has no finite objective at any start",
            fix="check the columns' units, the bounds and the starts",
        )
    first = typical_residual(plain, begin[0])
    solution = polish(problem, begin, first)
    origin = np.arange(len(begin))
    # Residuals at the optimum, not at the start, decide how smooth the objective is.
    spread, smooth = at_best(problem, plain, solution)
    if not smooth:
        solution = merge(solution, polish(problem, begin, spread, direct=True))
        origin = np.concatenate([origin, origin])
        spread, smooth = at_best(problem, plain, solution)
    if spread < 0.5 * first and not smooth:
        solution = polish(problem, solution.coordinates[:, : problem.width], spread)
        spread, smooth = at_best(problem, plain, solution)
    ends = Ends(solution, origin)
    everywhere = starts is None and problem.dimension > 0
    if everywhere:
        ends = search_further(problem, ends, spread, enough)
        spread, smooth = at_best(problem, plain, ends.solution)
    method, second = "none", np.nan
    for _ in range(CONFIRMATIONS if confirm and problem.dimension else 0):
        method = "SciPy L-BFGS-B"
        lowest = ends.lowest
        second, ends.solution = confirm_optimum(problem, ends.solution, smooth, spread)
        ends.origin = np.pad(
            ends.origin,
            (len(ends.solution.objective) - len(ends.origin), 0),
            constant_values=DISPLACED,
        )
        if ends.lowest >= lowest or not everywhere:
            break
        # It found what the starts had missed: the search was not over.
        ends = search_further(problem, ends, spread, enough)
        spread, smooth = at_best(problem, plain, ends.solution)
    solution = ends.solution
    best = solution.best
    chosen = problem.canonical(solution.coordinates[best : best + 1])
    if not np.array_equal(chosen[0], solution.coordinates[best]):
        solution.coordinates[best] = chosen[0]
        _, gradient, hessian = problem.evaluate(chosen)
        solution.gradient[best], solution.hessian[best] = gradient[0], hessian[0]
    objective = float(solution.objective[best])
    rival = find_rival(solution, problem)
    return Optimum(
        coordinates=solution.coordinates[best],
        objective=objective,
        gradient=solution.gradient[best],
        decrement=float(solution.decrement[best]),
        starts=len(solution.objective),
        share=float(np.mean(solution.objective <= same_objective(objective, problem))),
        agreeing=ends.agreeing(problem),
        perfect=is_perfect(problem, objective),
        second_method=method,
        second_objective=second,
        spread=spread,
        smooth=smooth,
        rival=None if rival is None else solution.coordinates[rival],
        rival_objective=np.nan if rival is None else float(solution.objective[rival]),
    )


def find_rival(solution: Solution, problem: Problem) -> int | None:
    """Best polished start that ended elsewhere than at the optimum: its number, or None."""
    elsewhere = solution.objective > same_objective(solution.objective[solution.best], problem)
    # A start that stopped on its way is no optimum; at kinks the decrement cannot tell.
    ended = np.isfinite(solution.objective) & (solution.decrement <= 1e-6)
    candidates = np.flatnonzero(elsewhere & ended)
    if not candidates.size:
        return None
    return int(candidates[np.argmin(solution.objective[candidates])])


def confirm_optimum(
    problem: Problem, solution: Solution, smooth: bool, spread: float
) -> tuple[float, Solution]:
    """Second opinion: SciPy's L-BFGS-B on the rescaled objective from a displaced point.

    Returns
    -------
    tuple
        The objective it reached, and the solution, with a better point when it led to one.
    """
    from scipy.optimize import minimize  # half a second, which most jobs can do without

    centre, lowest = solution.coordinates[solution.best], float(solution.objective[solution.best])
    size = abs(lowest) or 1.0
    # A quasi-Newton method cannot finish on a kink: there it is asked to leave from the optimum
    # and must not find a way down.
    displaced = centre
    if smooth:
        displaced = centre + 0.05 * np.where(np.arange(len(centre)) % 2, -1.0, 1.0)
        displaced = np.clip(displaced, problem.lower, problem.upper)

    def scaled(coordinates: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient, _ = problem.evaluate(coordinates[None, :], order=1)
        if not np.isfinite(value[0]):
            return 1e10, np.zeros_like(coordinates)
        return float(value[0]) / size, gradient[0] / size

    answer = minimize(
        scaled,
        displaced,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(problem.lower, problem.upper, strict=True)),
        options={"maxiter": 400, "maxfun": 600, "ftol": 1e-15, "gtol": 1e-11, "maxcor": 20},
    )
    second = float(answer.fun) * size
    if second < lowest - 1e-10 * size:
        again = restart(problem, answer.x)
        if smooth:
            again = polish(problem, answer.x[None, : problem.width], spread)
        if again.objective[0] < lowest:
            return second, merge(again, solution)
    return second, solution


def restart(problem: Problem, coordinates: np.ndarray) -> Solution:
    """Second-order polish from one point, as it is."""
    return minimise(
        lambda position, members: problem.evaluate(position),
        coordinates[None, :],
        problem.lower,
        problem.upper,
    )
