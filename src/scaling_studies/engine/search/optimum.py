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
    coordinates, objective, gradient, hessian
        At the optimum, in the problem's coordinates: (q,), scalar, (q,), (q, q).
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
    polished
        Objectives of all starts, sorted.
    rival
        Coordinates of the best other optimum that was found, or None.
    rival_objective
        Its objective; nan without one.
    """

    coordinates: np.ndarray
    objective: float
    gradient: np.ndarray
    hessian: np.ndarray
    decrement: float
    starts: int
    share: float
    second_method: str
    second_objective: float
    spread: float
    smooth: bool
    polished: np.ndarray
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
    plain = problem
    if problem.objective.fits_scale:
        plain = problem.with_threshold(problem.objective.delta)
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
    spread = typical_residual(plain, begin[0])
    solution = polish(problem, begin, spread)
    best = int(np.argmin(solution.objective))
    # Residuals at the optimum, not at the start, decide how smooth the objective is.
    width = problem.width
    settled = typical_residual(plain, solution.coordinates[best, :width])
    if not is_smooth(problem, settled, threshold_of(problem, solution)):
        solution = merge(solution, polish(problem, begin, settled, direct=True))
        best = int(np.argmin(solution.objective))
        settled = typical_residual(plain, solution.coordinates[best, :width])
    if settled < 0.5 * spread and not is_smooth(problem, settled, threshold_of(problem, solution)):
        solution = polish(problem, solution.coordinates[:, :width], settled)
        best = int(np.argmin(solution.objective))
        settled = typical_residual(plain, solution.coordinates[best, :width])
    if starts is None and problem.dimension:
        solution = hop(problem, solution, settled)
        best = int(np.argmin(solution.objective))
        settled = typical_residual(plain, solution.coordinates[best, :width])
    smooth = is_smooth(problem, settled, threshold_of(problem, solution))
    method, second = "none", np.nan
    if confirm and problem.dimension:
        method, second, better = confirm_optimum(problem, solution, best, smooth, settled)
        if better is not None:
            solution = better
            best = int(np.argmin(solution.objective))
    chosen = problem.canonical(solution.coordinates[best : best + 1])
    if not np.array_equal(chosen[0], solution.coordinates[best]):
        solution.coordinates[best] = chosen[0]
        _, gradient, hessian = problem.evaluate(chosen)
        solution.gradient[best], solution.hessian[best] = gradient[0], hessian[0]
    objective = float(solution.objective[best])
    size = abs(objective) + 1e-300
    polished = np.sort(solution.objective)
    close = polished <= objective + AGREEMENT * size + problem.size * 1e-30
    rival = find_rival(solution, objective, problem)
    return Optimum(
        solution.coordinates[best],
        objective,
        solution.gradient[best],
        solution.hessian[best],
        float(solution.decrement[best]),
        len(polished),
        float(np.mean(close)),
        method,
        float(second),
        settled,
        smooth,
        polished,
        None if rival is None else solution.coordinates[rival],
        float("nan") if rival is None else float(solution.objective[rival]),
    )


def hop(problem: Problem, solution: Solution, spread: float) -> Solution:
    """Search around the best point when the starts disagree about it.

    Displaced copies of the best point are polished; as long as one ends lower, again. Starts that
    agree make it unnecessary, and it does nothing then.
    """
    width = problem.width
    for _ in range(HOPS):
        best = int(np.argmin(solution.objective))
        lowest = solution.objective[best]
        limit = lowest + AGREEMENT * abs(lowest) + problem.size * 1e-30
        if np.mean(solution.objective <= limit) >= HOP_SHARE or lowest <= problem.size * 1e-28:
            break
        displaced = even_points(HOP_POINTS, width + 1)
        reach = np.where(displaced[:, -1:] < 0.5, 0.5, 2.0)
        begin = solution.coordinates[best, :width] + reach * (2.0 * displaced[:, :-1] - 1.0)
        begin = np.clip(begin, problem.coordinates.lower, problem.coordinates.upper)
        plain = problem
        if problem.objective.fits_scale:
            plain = problem.with_threshold(spread)
        begin = begin[np.isfinite(objective_of(plain, begin))]
        if not len(begin):
            break
        found = polish(problem, begin, spread, direct=True)
        improved = found.objective.min() < lowest - AGREEMENT * abs(lowest)
        solution = merge(solution, found)
        if not improved:
            break
    return solution


def find_rival(solution: Solution, objective: float, problem: Problem) -> int | None:
    """Best polished start that settled elsewhere than at the optimum: its number, or None."""
    size = abs(objective) + 1e-300
    elsewhere = solution.objective > objective + AGREEMENT * size + problem.size * 1e-30
    # A start that stopped on its way is no optimum; at kinks the decrement cannot tell.
    settled = np.isfinite(solution.objective) & (solution.decrement <= 1e-6)
    candidates = np.flatnonzero(elsewhere & settled)
    if not candidates.size:
        return None
    return int(candidates[np.argmin(solution.objective[candidates])])


def threshold_of(problem: Problem, solution: Solution) -> float:
    """Huber threshold in units of the residuals at the best point of a solution."""
    if not problem.objective.is_huber:
        return np.inf
    if not problem.objective.fits_scale:
        return problem.objective.delta
    best = int(np.argmin(solution.objective))
    return problem.objective.delta * float(np.exp(solution.coordinates[best, -1]))


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
    problem: Problem, solution: Solution, best: int, smooth: bool, spread: float
) -> tuple[str, float, Solution | None]:
    """Second opinion: SciPy's L-BFGS-B on the rescaled objective from a displaced point.

    Returns
    -------
    tuple
        Name of the method, objective it reached, and a new solution when it found a lower one.
    """
    from scipy.optimize import minimize

    centre = solution.coordinates[best]
    size = abs(float(solution.objective[best])) or 1.0
    displaced = centre + 0.05 * np.where(np.arange(len(centre)) % 2, -1.0, 1.0)
    displaced = np.clip(displaced, problem.lower, problem.upper)
    if not smooth:
        # A quasi-Newton method cannot finish on a kink: it is asked to leave from the optimum
        # and must not find a way down.
        displaced = centre

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
    if second < solution.objective[best] - 1e-10 * size:
        again = restart(problem, answer.x)
        if smooth:
            again = polish(problem, answer.x[None, : problem.width], spread)
        if again.objective[0] < solution.objective[best]:
            return "SciPy L-BFGS-B", second, merge(again, solution)
    return "SciPy L-BFGS-B", second, None


def restart(problem: Problem, coordinates: np.ndarray) -> Solution:
    """Second-order polish from one point (used by profiles and evaluations)."""

    def evaluate(position, members):
        return problem.evaluate(position, None, 2)

    return minimise(evaluate, coordinates[None, :], problem.lower, problem.upper)
