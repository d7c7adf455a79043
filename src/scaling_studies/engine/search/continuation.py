"""Minimising objectives that are nearly, or wholly, non-smooth at their optimum.

With a Huber threshold far below the residuals the objective is least absolute deviations in
effect: the optimum sits on a kink and a solver that trusts smoothness stops early. The threshold
is therefore lowered in steps from the size of the residuals, each step warm-started.
"""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.solve import Solution, minimise

#: Thresholds below this share of the typical residual call for continuation.
SMOOTH_SHARE = 0.02
#: Where a direct descent enters the ladder, as a share of the typical residual.
DIRECT_SHARE = 0.02
#: Ratio of successive thresholds.
LADDER_RATIO = 0.2


def ladder(
    problem: Problem, spread: float, threshold: float, *, always: bool = False
) -> list[float]:
    """Thresholds to pass through before ``threshold``, largest first; empty when none is needed.

    Parameters
    ----------
    problem
        What is fitted.
    spread
        Median absolute residual near the optimum.
    threshold
        The threshold wanted, in units of the residuals.
    always
        Whether to pass through them even where the objective is smooth enough to do without.
    """
    if not problem.objective.is_huber or not spread > 0:
        return []
    if threshold >= SMOOTH_SHARE * spread and not always:
        return []
    steps, current = [], spread
    while current > threshold:
        steps.append(current)
        current *= LADDER_RATIO
    return steps


def is_smooth(problem: Problem, spread: float, threshold: float) -> bool:
    """Whether the objective is smooth for practical purposes at residuals of this size."""
    return not ladder(problem, spread, threshold)


def fitted_log_scale(
    residual: np.ndarray, delta: float, weights: np.ndarray | None = None
) -> np.ndarray:
    """Scale that maximises the Huber density of given residuals, as a logarithm.

    Parameters
    ----------
    residual
        Shape (B, n).
    delta
        Threshold in units of the scale.
    weights
        Shape (B, n) or (n,), or None.

    Returns
    -------
    numpy.ndarray
        Shape (B,). The root of ``sum w psi(r / s) r / s = sum w``, found by bisection; the left
        side falls monotonically in s.
    """
    row_weights = np.ones(residual.shape[1]) if weights is None else weights
    total = np.broadcast_to(row_weights, residual.shape).sum(axis=1)
    absolute = np.maximum((np.abs(residual) * row_weights).sum(axis=1) / total, 1e-300)
    root = np.sqrt((residual**2 * row_weights).sum(axis=1) / total)
    low = np.log(np.minimum(delta * absolute, root)) - 2.0
    high = np.log(np.maximum(delta * absolute, root)) + 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        standard = residual / np.exp(middle)[:, None]
        psi = np.clip(standard, -delta, delta)
        above = (psi * standard * row_weights).sum(axis=1) > total
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


def solve_batch(
    problem: Problem,
    start: np.ndarray,
    spread: float,
    *,
    weights: np.ndarray | None = None,
    response: np.ndarray | None = None,
    direct: bool = False,
    gradual: bool = False,
    one_suffices: bool = False,
    iterations: int = 200,
) -> Solution:
    """Minimise a batch from given starts, through continuation where it is needed.

    Parameters
    ----------
    problem
        What is fitted.
    start
        Coordinates without the fitted scale, shape (B, q).
    spread
        Median absolute residual, a scalar that does not depend on the batch.
    weights, response
        Per member of the batch, shape (B, n), or None.
    direct
        Enter the ladder as low as is safe. The top of the ladder leads all starts into one basin,
        which is robust; entering low keeps the basin of each start, which finds other optima.
    gradual
        Lower the threshold in steps whether or not the objective seems to need it.
    one_suffices
        Whether they are starts of one search, which ends with the first perfect fit.

    Returns
    -------
    Solution
        In the problem's coordinates; the last one is the log scale where one is fitted.
    """
    objective = problem.objective

    def run(stage: Problem, position: np.ndarray) -> Solution:
        def evaluate(coordinates, members):
            return stage.evaluate(
                coordinates,
                None if weights is None else weights[members],
                2,
                None if response is None else response[members],
            )

        floor = rounding_floor(stage)
        return minimise(
            evaluate,
            position,
            stage.lower,
            stage.upper,
            iterations=iterations,
            floor=floor,
            one_suffices=one_suffices,
        )

    # Every stage is finished: by measurement, half-finished ones leave the path and end higher.
    def descend(position: np.ndarray, threshold: float) -> np.ndarray:
        steps = ladder(problem, spread, threshold, always=gradual)
        if direct:
            steps = [step for step in steps if step <= DIRECT_SHARE * spread]
        for step in steps:
            stage = problem.with_objective(objective.with_threshold(step))
            position = run(stage, position).coordinates
        return position

    if not objective.fits_scale:
        position = descend(start, objective.delta) if objective.is_huber else start
        return run(problem, position)
    plain = problem.with_objective(objective.with_threshold(spread))
    position = run(plain, start).coordinates
    measured = problem.response if response is None else response
    # The threshold is delta times the scale, and the scale hardly moves once residuals are right.
    logs = fitted_log_scale(
        objective.residuals(plain.values(position), measured), objective.delta, weights
    )
    threshold = objective.delta * float(np.exp(np.median(logs)))
    position = descend(position, max(threshold, 1e-13))
    logs = fitted_log_scale(
        objective.residuals(plain.values(position), measured), objective.delta, weights
    )
    return run(problem, np.column_stack([position, logs]))


def rounding_floor(problem: Problem) -> float:
    """Objective below which a fit is perfect up to rounding."""
    if problem.objective.fits_scale:
        return -np.inf
    relative = problem.objective.residual in ("log", "log10", "relative", "log1p")
    magnitude = 1.0 if relative else float(np.max(np.abs(problem.response)))
    return problem.size * (4e-16 * magnitude) ** 2
