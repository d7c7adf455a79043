"""One fit as a batched minimisation: rows, weights, objective, and the coordinates searched."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from scaling_studies.engine.coordinates import make_coordinates
from scaling_studies.engine.objectives import Objective, residual_terms
from scaling_studies.models.law import NOTHING, Law

#: Rows evaluated together. Fixed, so that results do not depend on memory or batch size; chosen
#: by measurement (docs/engine.md) so that the working set of a block stays in cache.
ROWS_PER_CHUNK = 8192

#: Lower bound of the log of a fitted scale: below it residuals are rounding errors.
SMALLEST_LOG_SCALE = -50.0

#: Objective (B,), gradient (B, q), Hessian (B, q, q); what was not asked for is empty.
Derivatives = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass
class Chunk:
    """A block of rows: what the model prepared, responses, and weights or None."""

    columns: Any
    response: np.ndarray
    weights: np.ndarray | None
    rows: slice


class Problem:
    """Objective of one law on one table, with derivatives, for many coordinates at once.

    Parameters
    ----------
    law, axes, response, weights, objective
        What is fitted to what. Weights of shape (n,) or None.
    fixed
        Natural values by name.
    shared
        Name -> the name whose value it takes.
    bounds
        Natural bounds by name that replace the law's.
    """

    def __init__(
        self,
        law: Law,
        axes: Mapping[str, np.ndarray],
        response: np.ndarray,
        objective: Objective,
        *,
        weights: np.ndarray | None = None,
        fixed: Mapping[str, float] | None = None,
        shared: Mapping[str, str] | None = None,
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self.law = law
        self.axes = axes
        self.response = response
        self.objective = objective
        self.weights = weights
        self.fixed = dict(fixed or {})
        self.shared = dict(shared or {})
        self.bounds = dict(bounds or {})
        self.size = len(response)
        self.coordinates = make_coordinates(
            law, axes, response, self.fixed, self.shared, self.bounds
        )
        # Derivatives by parameters that are held are not needed; some models can do without.
        self.model = law.model.moving(np.flatnonzero(self.coordinates.directions.any(axis=1)))
        self.chunks = []
        step = max(1, ROWS_PER_CHUNK // min(law.model.row_cost, 16))
        for start in range(0, self.size, step):
            rows = slice(start, min(start + step, self.size))
            part = {name: values[rows] for name, values in axes.items()}
            own = None if weights is None else weights[rows]
            self.chunks.append(Chunk(law.model.prepare(part), response[rows], own, rows))

    def with_objective(self, objective: Objective) -> Problem:
        """Return the same problem under another objective, sharing the prepared rows."""
        other = copy.copy(self)
        other.objective = objective
        return other

    def with_threshold(self, delta: float) -> Problem:
        """Return the same problem under a Huber objective without a fitted scale."""
        return self.with_objective(self.objective.with_threshold(delta))

    def without_scale(self, delta: float) -> Problem:
        """Return the problem itself, or with a threshold where it would fit a scale."""
        return self.with_threshold(delta) if self.objective.fits_scale else self

    @property
    def cost(self) -> int:
        """Array elements that one evaluation needs, for the size of batches."""
        return self.size * self.law.model.row_cost

    @property
    def width(self) -> int:
        """Number of free parameters: coordinates without the fitted scale."""
        return len(self.coordinates.free)

    @property
    def dimension(self) -> int:
        """Number of coordinates, the fitted scale included."""
        return self.width + int(self.objective.fits_scale)

    @property
    def lower(self) -> np.ndarray:
        """Lower bounds of the coordinates, the fitted scale included."""
        return self._with_scale(self.coordinates.lower, SMALLEST_LOG_SCALE)

    @property
    def upper(self) -> np.ndarray:
        """Upper bounds of the coordinates, the fitted scale included."""
        return self._with_scale(self.coordinates.upper, np.inf)

    def _with_scale(self, values: np.ndarray, last: float) -> np.ndarray:
        return np.append(values, last) if self.objective.fits_scale else values

    def working(self, coordinates: np.ndarray) -> np.ndarray:
        """Working vectors (B, p) of coordinates (B, dimension)."""
        return self.coordinates.to_working(coordinates[:, : self.width])

    def natural(self, coordinates: np.ndarray) -> dict[str, np.ndarray]:
        """Parameters by name, each of shape (B,); fixed ones exactly as they were given."""
        values = self.law.to_natural(self.working(coordinates))
        given = {name: np.full(len(coordinates), float(self.fixed[name])) for name in self.fixed}
        return values | given

    def canonical(self, coordinates: np.ndarray) -> np.ndarray:
        """Coordinates (B, dimension) with a symmetry of the law resolved."""
        law = self.law
        if law.canonical is None or self.fixed or self.shared or self.bounds:
            return coordinates
        chosen = self.coordinates.from_working(law.canonical(self.working(coordinates)))
        return np.concatenate([chosen, coordinates[:, self.width :]], axis=1)

    def total_weight(self, weights: np.ndarray | None = None) -> Any:
        """Sum of the weights, (B,) when resample weights are given."""
        if weights is not None:
            return weights.sum(axis=1)
        return float(self.size) if self.weights is None else float(self.weights.sum())

    def values(self, coordinates: np.ndarray) -> np.ndarray:
        """Predictions, (B, dimension) -> (B, n)."""
        working = self.working(coordinates)
        parts = [self.model.evaluate(working, c.columns, 0).value for c in self.chunks]
        return np.concatenate(parts, axis=1)

    def evaluate(
        self,
        coordinates: np.ndarray,
        weights: np.ndarray | None = None,
        order: int = 2,
        response: np.ndarray | None = None,
    ) -> Derivatives:
        """Objective, gradient and Hessian by the coordinates.

        Parameters
        ----------
        coordinates
            Shape (B, dimension).
        weights
            Row weights (B, n) that replace the problem's own, or None.
        order
            0, 1 or 2.
        response
            Responses (B, n) that replace the problem's own (parametric resampling), or None.

        Returns
        -------
        tuple
            Objective (B,), gradient (B, q) and Hessian (B, q, q); those above ``order`` are empty.
            Where the law or the residual is undefined the objective is ``inf``.
        """
        working = self.working(coordinates)
        scale = np.exp(coordinates[:, -1:]) if self.objective.fits_scale else None
        with np.errstate(over="ignore", invalid="ignore"):
            sums = []
            for chunk in self.chunks:
                row_weights = chunk.weights if weights is None else weights[:, chunk.rows]
                measured = chunk.response if response is None else response[:, chunk.rows]
                sums.append(
                    self._sum_rows(chunk.columns, working, scale, row_weights, measured, order)
                )
            total, gradient, hessian = (reduce(add, parts) for parts in zip(*sums, strict=True))
            total[np.isnan(total)] = np.inf
            directions = self.coordinates.directions
            if scale is not None:
                # The log scale is the last working coordinate, and a coordinate of its own.
                directions = np.pad(directions, (0, 1))
                directions[-1, -1] = 1.0
            if order > 0:
                gradient = gradient @ directions
            if order > 1:
                hessian = directions.T @ hessian @ directions

        if scale is not None:
            weight = self.total_weight(weights)
            total = total + weight * (coordinates[:, -1] + self.objective.log_normaliser())
            if order > 0:
                gradient[:, -1] += weight
        return total, gradient, hessian

    def _sum_rows(
        self,
        columns: Any,
        working: np.ndarray,
        scale: np.ndarray | None,
        weights: np.ndarray | None,
        response: np.ndarray,
        order: int,
    ) -> Derivatives:
        """Losses of a block of rows, summed, with derivatives by the working coordinates.

        With a scale s the loss is that of r / s; its logarithm is then the last coordinate.
        """
        rows = self.model.evaluate(working, columns, order)
        residual, first, second = residual_terms(
            self.objective.residual, rows.value, response, order
        )
        if scale is not None:
            residual, first, second = residual / scale, first / scale, second / scale
        loss, slope, bend = self.objective.loss(residual)
        if weights is not None:
            loss = loss * weights
        total = loss.sum(axis=1)
        if order == 0:
            return total, NOTHING, NOTHING
        if weights is not None:
            slope, bend = slope * weights, bend * weights
        by_value = slope * first
        gradient = rows.gradient(by_value)
        hessian = NOTHING
        if order > 1:
            hessian = rows.hessian(by_value, bend * (first * first) + slope * second)
        if scale is not None:
            # By log s the residual r / s has the derivative -r / s.
            gradient = np.column_stack([gradient, -(slope * residual).sum(axis=1)])
            if order > 1:
                mixed = bend * residual + slope
                hessian = np.pad(hessian, ((0, 0), (0, 1), (0, 1)))
                cross = -rows.gradient(mixed * first)
                hessian[:, -1, :-1] = hessian[:, :-1, -1] = cross
                hessian[:, -1, -1] = (mixed * residual).sum(axis=1)
        return total, gradient, hessian
