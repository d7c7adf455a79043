"""Rounds of a global search: as long as the starts disagree about the optimum, more of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.continuation import is_smooth, rounding_floor, solve_batch
from scaling_studies.engine.search.solve import Solution
from scaling_studies.engine.search.starts import cold_starts, displaced_starts, objective_of

#: Two objectives agree when they differ by less than this share.
AGREEMENT = 1e-6
#: So many starts that know nothing of each other must end at the optimum.
AGREEING_STARTS = 2
#: A law of pieces has many near optima, into which starts fall by twos: this share of them must.
AGREEING_SHARE = 0.02
#: With fewer than this share of them there its search goes on.
SETTLED_SHARE = 0.1
#: When fewer than this share of the starts end at the optimum, the search goes on.
ENOUGH_SHARE = 0.5
#: Rounds of a search, and starts in one: displaced copies of the best point, and cold ones.
ROUNDS = 6
DISPLACED_STARTS = 48
COLD_STARTS = 48
#: Number of a start that was laid around a point found before.
DISPLACED = -1
#: Residuals so many times as large as rounding errors are a perfect fit.
PERFECT = 750.0


@dataclass
class Ends:
    """Where starts ended.

    Attributes
    ----------
    solution
        Their ends.
    origin
        Number of the start behind each end, shape (B,); `DISPLACED` where it was laid around a
        point found before and is no witness.
    """

    solution: Solution
    origin: np.ndarray

    @property
    def lowest(self) -> float:
        """Lowest objective of all."""
        return float(self.solution.objective[self.solution.best])

    def share(self, problem: Problem) -> float:
        """Share of the ends that are the best one."""
        return float(np.mean(self.solution.objective <= same_objective(self.lowest, problem)))

    def agreeing(self, problem: Problem) -> int:
        """How many independent starts ended at the best point."""
        there = self.solution.objective <= same_objective(self.lowest, problem)
        return len(np.unique(self.origin[there & (self.origin != DISPLACED)]))

    def extend(self, more: Solution, *, witnesses: bool) -> None:
        """Add the ends of further starts."""
        count = len(more.objective)
        first = self.origin.max(initial=DISPLACED) + 1
        numbers = np.arange(first, first + count) if witnesses else np.full(count, DISPLACED)
        self.solution = merge(self.solution, more)
        self.origin = np.concatenate([self.origin, numbers])


def search_further(
    problem: Problem, ends: Ends, spread: float, enough: float = ENOUGH_SHARE
) -> Ends:
    """Go on until independent starts agree about the best point, or the rounds are used up.

    Rounds around the best point and cold ones take turns. Starts that agree make it unnecessary,
    and it does nothing then; a law of pieces has many near optima, and is always restarted once.
    """
    plain = problem.without_scale(spread)
    cold = 0
    for number in range(ROUNDS):
        lowest = ends.lowest
        settled = ends.agreeing(problem) >= starts_to_agree(
            problem, len(ends.origin), SETTLED_SHARE
        )
        restarted = cold > 0 or not problem.law.piecewise
        if is_perfect(problem, lowest) or (
            settled and restarted and (ends.share(problem) >= enough or cold > 0)
        ):
            break
        witnesses = number % 2 == 1
        if witnesses:
            begin = cold_starts(plain, COLD_STARTS, cold)
            cold += 1
        else:
            centre = ends.solution.coordinates[ends.solution.best, : problem.width]
            begin = displaced_starts(plain, centre, DISPLACED_STARTS, number)
        begin = begin[np.isfinite(objective_of(plain, begin))]
        if not len(begin):
            continue
        ends.extend(polish(problem, begin, spread, direct=True), witnesses=witnesses)
        if ends.lowest < lowest - AGREEMENT * abs(lowest):
            spread, _ = at_best(problem, plain, ends.solution)
    return ends


def starts_to_agree(problem: Problem, starts: int, share: float = AGREEING_SHARE) -> int:
    """How many independent starts of so many must end at an optimum that is called one.

    The share counts for laws of pieces alone.
    """
    return max(AGREEING_STARTS, math.ceil(share * starts) if problem.law.piecewise else 0)


def same_objective(objective: float, problem: Problem) -> float:
    """Largest objective that counts as the same as a given one."""
    return objective + AGREEMENT * (abs(objective) + 1e-300) + max(rounding_floor(problem), 0.0)


def is_perfect(problem: Problem, objective: float) -> bool:
    """Whether an objective is zero but for rounding, so that nothing can be lower."""
    return bool(objective <= PERFECT**2 * rounding_floor(problem))


def at_best(problem: Problem, plain: Problem, solution: Solution) -> tuple[float, bool]:
    """Typical residual at the best point, and whether the objective is smooth there."""
    spread = typical_residual(plain, solution.coordinates[solution.best, : problem.width])
    return spread, is_smooth(problem, spread, threshold_of(problem, solution))


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
            solve_batch(
                problem, begin[start : start + block], spread, direct=direct, one_suffices=True
            )
            for start in range(0, len(begin), block)
        )
    )


def merge(*parts: Solution) -> Solution:
    """Solutions of several batches as one."""
    if len(parts) == 1:
        return parts[0]
    return Solution(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Solution.__dataclass_fields__
        )
    )
