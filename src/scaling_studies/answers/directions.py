"""Which quantities the rows of a fit determine: none that moves along a direction left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np

from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.identification import (
    LIKELIHOOD_RATIO_95,
    RANK_TOLERANCE,
    UNKNOWN_FACTOR,
    active_bounds,
    residual_jacobian,
)

#: Function of parameters, name -> (B,), that returns values of shape (B, m).
Quantity = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: Step of a difference quotient in a working coordinate.
STEP = 1e-4
#: Share of a gradient along a direction that counts as moving with it.
MOVES = 1e-3


class Directions:
    """Directions in parameter space at the optimum of a fit, and how well rows determine them.

    Parameters
    ----------
    fit
        Of the estimator ``parametric``.
    """

    def __init__(self, fit: Fit) -> None:
        self.fit = fit

    @cached_property
    def _spectrum(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Held coordinates (q,), singular values (k,), directions (k, k) of the others."""
        problem, optimum = self.fit.problem, self.fit.optimum
        assert optimum is not None
        held = np.zeros(problem.width, dtype=bool)
        for position, _ in active_bounds(problem, optimum.coordinates, optimum.gradient):
            held[problem.coordinates.free.index(position)] = True
        jacobian = residual_jacobian(problem, optimum.coordinates)[:, ~held]
        _, singular, vectors = np.linalg.svd(np.linalg.qr(jacobian, mode="r"))
        return held, np.pad(singular, (0, len(vectors) - len(singular))), vectors

    def determined(self, quantity: Quantity, *, limit: float = UNKNOWN_FACTOR) -> np.ndarray:
        """Whether the rows determine positive quantities, shape (m,).

        Parameters
        ----------
        quantity
            Function of parameters.
        limit
            Approximate standard error of its logarithm from which it is not known.
        """
        fit, optimum = self.fit, self.fit.optimum
        if fit.identified or optimum is None:
            sets = {name: np.array([value]) for name, value in fit.parameters.items()}
            return np.ones(quantity(sets).shape[1], dtype=bool)
        problem = fit.problem
        held, singular, vectors = self._spectrum
        steps = STEP * np.eye(problem.dimension)[: problem.width][~held]
        around = np.concatenate([optimum.coordinates + steps, optimum.coordinates - steps])
        with np.errstate(all="ignore"):
            logs = np.log(quantity(problem.natural(around)))
        gradient = (logs[: len(steps)] - logs[len(steps) :]) / (2.0 * STEP)
        along = np.abs(vectors @ gradient)
        size = np.linalg.norm(gradient, axis=0)
        flat = singular < RANK_TOLERANCE * (singular[0] or 1.0)
        moved = (along[flat] > MOVES * size).any(axis=0)
        noise = 1.4826 * optimum.spread * np.sqrt(fit.n / max(fit.n - len(vectors), 1))
        error = noise * np.sqrt(((along[~flat] / singular[~flat, None]) ** 2).sum(axis=0))
        known = np.isfinite(gradient).all(axis=0) & ~moved & (error < limit)
        return known & self._same_at_rival(quantity, limit)

    def _same_at_rival(self, quantity: Quantity, limit: float) -> np.ndarray | bool:
        optimum, problem = self.fit.optimum, self.fit.problem
        if optimum is None or optimum.rival is None or optimum.objective <= 0:
            return True
        ratio = np.log(optimum.rival_objective / optimum.objective)
        if problem.objective.fits_scale or problem.size * ratio > LIKELIHOOD_RATIO_95:
            return True
        with np.errstate(all="ignore"):
            here, there = np.log(
                quantity(problem.natural(np.stack([optimum.coordinates, optimum.rival])))
            )
        return np.abs(here - there) < 0.1 * limit

    def parameter(self, name: str) -> bool:
        """Whether the rows determine a parameter, by the rule that a fit's messages follow."""
        if self.fit.identified or name in self.fit.problem.fixed:
            return True
        item = next(item for item in self.fit.law.parameters if item.name == name)
        value = self.fit.parameters[name]
        if item.transform == "log":
            return bool(self.determined(lambda sets: np.asarray(sets[name])[:, None])[0])
        # exp(x) has the logarithm x, so that the same rule serves values of either sign.
        limit = max(abs(value), 0.05)
        if item.linear:
            limit = max(2.0, limit)
        return bool(
            self.determined(
                lambda sets: np.exp(np.asarray(sets[name])[:, None] - value), limit=limit
            )[0]
        )
