"""Safeguarded second-order minimisation, batched over starts or resamples.

Each problem of a batch follows its own trust-region path; a step solves the damped Newton system
on the coordinates that are not held at a bound. Negative curvature is turned positive (the step
still descends), and a step that does not lower the objective is taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Function (coordinates (B, q), members (B,)) -> objective, gradient, Hessian of those members.
Evaluate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]

#: Longest step in scaled coordinates: a factor of e^2 in a coefficient, 2 in an exponent.
LONGEST_STEP = 2.0


@dataclass
class Solution:
    """Where each problem of a batch ended.

    Attributes
    ----------
    coordinates
        Shape (B, q).
    objective
        Shape (B,).
    gradient, hessian
        At the end, shapes (B, q) and (B, q, q).
    converged
        Shape (B,): a Newton step from here would lower the objective by less than
        1e-8 relative, measured, not assumed.
    decrement
        Shape (B,): that predicted decrease, relative to the objective.
    iterations
        Shape (B,).
    """

    coordinates: np.ndarray
    objective: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray
    converged: np.ndarray
    decrement: np.ndarray
    iterations: np.ndarray

    @property
    def best(self) -> int:
        """Number of the problem with the lowest objective."""
        return int(np.argmin(self.objective))


def held_at_bound(
    coordinates: np.ndarray, gradient: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Coordinates at a bound that the objective would push through it, shape (B, q)."""
    return ((coordinates <= lower) & (gradient > 0)) | ((coordinates >= upper) & (gradient < 0))


def newton_step(
    gradient: np.ndarray, hessian: np.ndarray, held: np.ndarray, damping: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Damped Newton step and the decrease of the quadratic model it predicts.

    Parameters
    ----------
    gradient, hessian, held
        Shapes (B, q), (B, q, q), (B, q).
    damping
        Shape (B,), relative to the largest curvature.
    """
    # Unusable members keep an infinite objective; they must not disturb the others' arithmetic.
    finite = np.isfinite(gradient).all(axis=1) & np.isfinite(hessian).all(axis=(1, 2))
    if not finite.all():
        gradient = np.where(finite[:, None], gradient, 0.0)
        hessian = np.where(finite[:, None, None], hessian, np.eye(hessian.shape[1]))
    free_gradient = np.where(held, 0.0, gradient)
    if held.any():
        hessian = np.where(held[:, :, None] | held[:, None, :], 0.0, hessian)
        size = hessian.shape[1]
        hessian[:, np.arange(size), np.arange(size)] += held
    # Jacobi scaling first: coordinates of very different sensitivity keep their precision.
    scale = np.sqrt(np.abs(np.einsum("bii->bi", hessian)))
    scale = np.where(scale > 0, scale, 1.0)
    scaled = hessian / (scale[:, :, None] * scale[:, None, :])
    curvature, vectors = np.linalg.eigh(scaled)
    transposed = vectors.transpose(0, 2, 1)
    along = (transposed @ (free_gradient / scale)[:, :, None])[:, :, 0]
    size = np.abs(curvature)
    floor = size.max(axis=1, keepdims=True) * (1e-15 + damping[:, None])
    step_along = -along / np.maximum(size + floor, 1e-30)
    step = (vectors @ step_along[:, :, None])[:, :, 0] / scale
    predicted = -(along * step_along + 0.5 * curvature * step_along**2).sum(axis=1)
    return np.where(held, 0.0, step), predicted


def minimise(
    evaluate: Evaluate,
    start: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    *,
    iterations: int = 200,
    tolerance: float = 1e-13,
    floor: float = 0.0,
    one_suffices: bool = False,
) -> Solution:
    """Minimise a batch of problems, each from its own start.

    Parameters
    ----------
    evaluate
        Objective, gradient and Hessian of members of the batch at coordinates.
    start
        Shape (B, q).
    lower, upper
        Bounds, shape (q,).
    iterations
        Most evaluations a problem.
    tolerance
        Relative predicted decrease at which a problem is left alone.
    floor
        Objective below which a problem is solved (a perfect fit up to rounding).
    one_suffices
        Stop when the first problem is there: they are starts of one search.
    """
    batch, _ = start.shape
    position = np.clip(start, lower, upper)
    everyone = np.arange(batch)
    objective, gradient, hessian = evaluate(position, everyone)
    # By measurement: less damping makes long detours over the kinks of a robust objective.
    damping = np.full(batch, 1e-3)
    growth = np.full(batch, 4.0)
    quiet = np.zeros(batch, dtype=int)
    used = np.ones(batch, dtype=int)
    usable = np.isfinite(objective) & np.isfinite(gradient).all(axis=1)
    usable &= np.isfinite(hessian).all(axis=(1, 2))
    objective = np.where(usable, objective, np.inf)
    active = everyone[usable]
    for _ in range(iterations):
        if not active.size:
            break
        held = held_at_bound(position[active], gradient[active], lower, upper)
        step, gain = newton_step(gradient[active], hessian[active], held, damping[active])
        # Where an (almost) undamped step promises nothing, evaluating it would tell nothing new.
        promising = (np.abs(gain) > tolerance * np.abs(objective[active])) | (
            damping[active] > 1e-5
        )
        if not promising.all():
            active, held, step = active[promising], held[promising], step[promising]
            if not active.size:
                break
        with np.errstate(over="ignore"):
            length = np.sqrt((step**2).sum(axis=1, keepdims=True))
        step *= np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))
        proposal = np.clip(position[active] + step, lower, upper)
        step = proposal - position[active]
        bent = (hessian[active] @ step[:, :, None])[:, :, 0]
        predicted = -((gradient[active] * step).sum(axis=1) + 0.5 * (bent * step).sum(axis=1))
        value, slope, curvature = evaluate(proposal, active)
        used[active] += 1
        gained = objective[active] - value
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = np.where(predicted > 0, gained / predicted, np.where(gained > 0, 1.0, -1.0))
        # A point whose derivatives overflow is of no use, however low.
        usable = np.isfinite(value) & np.isfinite(slope).all(axis=1)
        usable &= np.isfinite(curvature).all(axis=(1, 2))
        better = (gained > 0) & usable
        size = np.abs(objective[active]) + 1e-300
        small = np.abs(np.where(better, gained, predicted)) <= tolerance * size
        moved = active[better]
        position[moved] = proposal[better]
        objective[moved] = value[better]
        gradient[moved] = slope[better]
        hessian[moved] = curvature[better]
        good = better & (ratio > 0.25)
        damping[active] = np.where(
            good,
            np.where(ratio > 0.75, damping[active] * 0.05, damping[active]),
            np.maximum(damping[active], 1e-10) * growth[active],
        )
        damping[active] = np.where(damping[active] < 1e-12, 0.0, damping[active])
        growth[active] = np.where(good, 4.0, growth[active] * 2.0)
        quiet[active] = np.where(small, quiet[active] + 1, 0)
        over = (quiet[active] >= 2) | (objective[active] <= floor) | (damping[active] > 1e12)
        over |= small & ~better & (damping[active] > 1e-2)
        active = active[~over]
        if one_suffices and (objective <= floor).any():
            break
    held = held_at_bound(position, gradient, lower, upper)
    finite = np.isfinite(objective)
    decrement = np.full(batch, np.inf)
    if finite.any():
        _, predicted = newton_step(
            gradient[finite], hessian[finite], held[finite], np.full(finite.sum(), 1e-12)
        )
        decrement[finite] = np.abs(predicted) / (np.abs(objective[finite]) + floor + 1e-300)
    converged = finite & ((decrement <= 1e-8) | (objective <= floor))
    return Solution(position, objective, gradient, hessian, converged, decrement, used)
