"""The global search: projected starts, batched polish, and a second opinion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.continuation import is_smooth, solve_batch
from scaling_studies.engine.search.solve import Solution, minimise
from scaling_studies.engine.search.starts import even_points, find_starts, objective_of
from scaling_studies.errors import FitError

#: When fewer than this share of the starts end at the optimum, its surroundings are searched.
HOP_SHARE = 0.5
#: Displaced copies in one such search, and how often it is repeated while it improves.
HOP_POINTS = 48
HOPS = 4
#: Two objectives agree when they differ by less than this share.
AGREEMENT = 1e-6


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
    # Residuals at the optimum, not at the start, decide how smooth the objective is.
    spread, smooth = at_best(problem, plain, solution)
    if not smooth:
        solution = merge(solution, polish(problem, begin, spread, direct=True))
        spread, smooth = at_best(problem, plain, solution)
    if spread < 0.5 * first and not smooth:
        solution = polish(problem, solution.coordinates[:, : problem.width], spread)
        spread, smooth = at_best(problem, plain, solution)
    if starts is None and problem.dimension:
        solution = hop(problem, solution, spread)
        spread, smooth = at_best(problem, plain, solution)
    method, second = "none", np.nan
    if confirm and problem.dimension:
        method = "SciPy L-BFGS-B"
        second, solution = confirm_optimum(problem, solution, smooth, spread)
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
        second_method=method,
        second_objective=second,
        spread=spread,
        smooth=smooth,
        rival=None if rival is None else solution.coordinates[rival],
        rival_objective=np.nan if rival is None else float(solution.objective[rival]),
    )


def same_objective(objective: float, problem: Problem) -> float:
    """Largest objective that counts as the same as a given one."""
    return objective + AGREEMENT * (abs(objective) + 1e-300) + problem.size * 1e-30


def at_best(problem: Problem, plain: Problem, solution: Solution) -> tuple[float, bool]:
    """Typical residual at the best point, and whether the objective is smooth there."""
    spread = typical_residual(plain, solution.coordinates[solution.best, : problem.width])
    return spread, is_smooth(problem, spread, threshold_of(problem, solution))


def hop(problem: Problem, solution: Solution, spread: float) -> Solution:
    """Search around the best point when the starts disagree about it.

    Displaced copies of the best point are polished; as long as one ends lower, again. Starts that
    agree make it unnecessary, and it does nothing then.
    """
    plain = problem.without_scale(spread)
    for _ in range(HOPS):
        centre, lowest = solution.coordinates[solution.best], solution.objective[solution.best]
        agree = np.mean(solution.objective <= same_objective(lowest, problem))
        if agree >= HOP_SHARE or lowest <= problem.size * 1e-28:
            break
        displaced = even_points(HOP_POINTS, problem.width + 1)
        reach = np.where(displaced[:, -1:] < 0.5, 0.5, 2.0)
        begin = centre[: problem.width] + reach * (2.0 * displaced[:, :-1] - 1.0)
        begin = np.clip(begin, problem.coordinates.lower, problem.coordinates.upper)
        begin = begin[np.isfinite(objective_of(plain, begin))]
        if not len(begin):
            break
        around = polish(problem, begin, spread, direct=True)
        solution = merge(solution, around)
        if around.objective.min() >= lowest - AGREEMENT * abs(lowest):
            break
    return solution


def find_rival(solution: Solution, problem: Problem) -> int | None:
    """Best polished start that ended elsewhere than at the optimum: its number, or None."""
    elsewhere = solution.objective > same_objective(solution.objective[solution.best], problem)
    # A start that stopped on its way is no optimum; at kinks the decrement cannot tell.
    ended = np.isfinite(solution.objective) & (solution.decrement <= 1e-6)
    candidates = np.flatnonzero(elsewhere & ended)
    if not candidates.size:
        return None
    return int(candidates[np.argmin(solution.objective[candidates])])


def threshold_of(problem: Problem, solution: Solution) -> float:
    """Huber threshold in units of the residuals at the best point of a solution."""
    if not problem.objective.is_huber:
        return np.inf
    if not problem.objective.fits_scale:
        return problem.objective.delta
    return problem.objective.delta * float(np.exp(solution.coordinates[solution.best, -1]))


def typical_residual(plain: Problem, coordinates: np.ndarray) -> float:
    """Median absolute residual at one point (coordinates without a fitted scale)."""
    residual = plain.objective.residuals(plain.values(coordinates[None, :])[0], plain.response)
    if plain.weights is not None:
        residual = residual[plain.weights > 0]
    return float(np.median(np.abs(residual)))


def polish(problem: Problem, begin: np.ndarray, spread: float, *, direct: bool = False) -> Solution:
    """Polish starts in blocks of bounded memory."""
    block = max(1, min(len(begin), 400_000 // problem.cost))
    return merge(
        *(
            solve_batch(problem, begin[start : start + block], spread, direct=direct)
            for start in range(0, len(begin), block)
        )
    )


def merge(*parts: Solution) -> Solution:
    """Put solutions of several batches into one."""
    if len(parts) == 1:
        return parts[0]
    return Solution(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Solution.__dataclass_fields__
        )
    )


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
