"""How a resample is solved: from the fit's optimum, and from elsewhere where that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.continuation import solve_batch
from scaling_studies.engine.search.rounds import AGREEMENT
from scaling_studies.engine.search.solve import Solution
from scaling_studies.engine.search.starts import find_starts
from scaling_studies.errors import FitError

#: The first resamples of every bootstrap, which are also solved from cold starts: where some of
#: them end lower there, all resamples are started at these ends too.
AUDITED = 64
#: Cold starts of each of the first resamples, and once more where one of these ended lower.
COLD, COLD_WHERE_IT_MATTERS = 6, 12
#: At most how many of the ends that the first resamples found are starts of all. They lie near the
#: optima of the others, where cold starts take ten times as many steps to find the same.
BASINS = 8
#: Ends nearer than this share of their range are one start.
SAME_BASIN = 0.05
#: A restarted refit that falls by less than this share was at its optimum.
SETTLED = 1e-8
#: On a kink, ends that differ by less than this share are near one and the same optimum.
APART_ON_KINKS = 1e-4
#: How often refits are restarted.
RESTARTS = 3
#: How far a refit is moved before it is restarted, in coordinates.
NUDGE = 0.02


@dataclass
class Refits:
    """Refits of some resamples.

    Attributes
    ----------
    parameters
        Name -> array of shape (R,).
    objective, converged
        Shape (R,).
    lower
        Whether a further start ended lower than the start at the fit's optimum, shape (R,).
    coordinates
        Where they ended in the coordinates of the problem, shape (R, q).
    """

    parameters: Mapping[str, np.ndarray]
    objective: np.ndarray
    converged: np.ndarray
    lower: np.ndarray
    coordinates: np.ndarray


def cold_points(fit: Fit, count: int) -> np.ndarray:
    """Starts of a search by which resamples of a fit are checked, shape (k, q), or none."""
    if fit.optimum is None or fit.refit is not None:
        return np.zeros((0, fit.problem.width))
    points = find_starts(fit.problem.without_scale(fit.problem.objective.delta), count)
    if fit.optimum.rival is not None:
        points = np.vstack([fit.optimum.rival[None, : fit.problem.width], points])
    return points


def spread_of(points: np.ndarray, count: int) -> np.ndarray:
    """At most ``count`` points, each the farthest from those before, that stand for all, (m, q)."""
    scale = np.ptp(points, axis=0)
    scaled = points / np.where(scale > 0, scale, 1.0)
    chosen = [0]
    distance = np.full(len(points), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, np.linalg.norm(scaled - scaled[chosen[-1]], axis=1))
        if distance.max() <= SAME_BASIN:
            break
        chosen.append(int(distance.argmax()))
    return points[chosen]


def solve_resamples(
    fit: Fit, drawn: np.ndarray, gives_counts: bool, cold: np.ndarray | None = None
) -> Refits:
    """Refit one block of resamples.

    Parameters
    ----------
    fit
        The fit.
    drawn
        Row counts or responses, shape (R, n).
    gives_counts
        Which of the two.
    cold
        Further starts, shape (k, q); None or none of them leaves the start at the fit's optimum.

    Raises
    ------
    FitError
        Nothing was fitted, or an estimator that only takes row counts.
    """
    problem = fit.problem
    if fit.refit is not None:
        if not gives_counts:
            raise FitError(
                f"estimator {fit.evidence.estimator} has no parametric bootstrap", fix="use pairs"
            )
        return _refit_each(fit.refit, drawn, list(fit.parameters))
    weights, response = (drawn, None) if gives_counts else (None, drawn)
    if weights is not None and problem.weights is not None:
        weights = weights * problem.weights
    if fit.optimum is None or not problem.coordinates.free:
        raise FitError(
            "nothing was fitted, so there is nothing to resample", fix="use another estimator"
        )
    spread = fit.optimum.spread

    def solve(start: np.ndarray, members: np.ndarray, **how: bool) -> Solution:
        return solve_batch(
            problem,
            np.broadcast_to(start, (len(members), problem.width)),
            spread,
            weights=None if weights is None else weights[members],
            response=None if response is None else response[members],
            **how,
        )

    everyone = np.arange(len(drawn))
    solution = solve(fit.optimum.coordinates[: problem.width], everyone)
    converged = solution.converged & np.isfinite(solution.objective)
    _restart(problem, solution, converged, solve)
    first = solution.objective.copy()
    if cold is not None and len(cold):
        # The top of the ladder of thresholds leads all starts into one basin: enter low. All at
        # once, as each step of a batch costs nearly the same for one member as for many.
        begin, members = np.repeat(cold, len(drawn), axis=0), np.tile(everyone, len(cold))
        found = solve(begin, members, direct=True)
        for part in np.split(np.arange(len(members)), len(cold)):
            _take_lower(solution, _part(found, part), everyone)
    apart = AGREEMENT if fit.optimum.smooth else APART_ON_KINKS
    # A start without an objective is above any that has one.
    bar = np.full(len(first), np.inf)
    has_objective = np.isfinite(first)
    bar[has_objective] = first[has_objective] - apart * np.abs(first[has_objective])
    lower = solution.objective < bar
    working = problem.working(problem.canonical(solution.coordinates))
    natural = problem.law.to_natural(working)
    for name, value in problem.fixed.items():
        natural[name] = np.full(len(drawn), float(value))
    return Refits(natural, solution.objective, converged, lower, solution.coordinates)


def _restart(
    problem: Problem, solution: Solution, converged: np.ndarray, solve: Callable[..., Solution]
) -> None:
    """Descend again from beside the ends of refits that derivatives do not confirm.

    On a kink, or at a bound, derivatives say nothing of how far the optimum is: another descent
    does. Refits that it does not lower any more have converged; ``converged`` is changed in place.
    """
    share = AGREEMENT if problem.objective.is_huber else SETTLED
    signs = np.where(np.arange(problem.width) % 2, -1.0, 1.0)
    for number in range(RESTARTS):
        members = np.flatnonzero(~converged & np.isfinite(solution.objective))
        if not members.size:
            return
        before = solution.objective[members]
        moved = solution.coordinates[members, : problem.width] + NUDGE * (-1.0) ** number * signs
        moved = np.clip(moved, problem.coordinates.lower, problem.coordinates.upper)
        _take_lower(solution, solve(moved, members, gradual=True), members)
        converged[members] = before - solution.objective[members] <= share * np.abs(before)


def _part(solution: Solution, members: np.ndarray) -> Solution:
    names = Solution.__dataclass_fields__
    return Solution(**{name: getattr(solution, name)[members] for name in names})


def _take_lower(solution: Solution, other: Solution, members: np.ndarray) -> None:
    """Put ends of some members in the place of those that lie above them."""
    better = other.objective < solution.objective[members]
    for name in Solution.__dataclass_fields__:
        getattr(solution, name)[members[better]] = getattr(other, name)[better]


def _refit_each(
    refit: Callable[[np.ndarray], Mapping[str, float]], counts: np.ndarray, names: list[str]
) -> Refits:
    rows: list[Mapping[str, float]] = []
    converged = np.ones(len(counts), dtype=bool)
    for number, member in enumerate(counts):
        try:
            rows.append(refit(member))
        except FitError:
            # A resample without a usable minimum is recorded as such, not silently dropped.
            rows.append(dict.fromkeys(names, np.nan))
            converged[number] = False
    parameters = {name: np.array([row[name] for row in rows]) for name in names}
    nothing = np.full(len(counts), np.nan)
    no_point = np.zeros((len(counts), 0))
    return Refits(parameters, nothing, converged, np.zeros(len(counts), dtype=bool), no_point)
