"""One fit as a batched minimisation: rows, weights, objective, and the coordinates searched.

The solver works in coordinates v with ``working = origin + directions @ v``. Directions carry
everything affine at once: fixed parameters (no direction), shared parameters (one direction for
several), centred logarithms (a coefficient moves with its exponent so that the centre of the data
stays put) and the scale of an offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.objectives import Objective, residual_terms
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law

#: Rows evaluated together. Fixed, so that results do not depend on memory or batch size; chosen
#: by measurement (docs/engine.md) so that the working set of a block stays in cache.
ROWS_PER_CHUNK = 8192

#: Lower bound of the log of a fitted scale: below it residuals are rounding errors.
SMALLEST_LOG_SCALE = -50.0


@dataclass
class Chunk:
    """A block of rows: what the model prepared, responses, and weights or None."""

    columns: object
    response: np.ndarray
    weights: np.ndarray | None
    rows: slice


@dataclass(frozen=True)
class Coordinates:
    """Affine map between solver coordinates (q) and working coordinates (p).

    Attributes
    ----------
    origin
        Shape (p,).
    directions
        Shape (p, q).
    free
        For each coordinate the index of the parameter that names it.
    lower, upper
        Bounds on the coordinates, shape (q,).
    """

    origin: np.ndarray
    directions: np.ndarray
    free: tuple[int, ...]
    lower: np.ndarray
    upper: np.ndarray

    def to_working(self, coordinates: np.ndarray) -> np.ndarray:
        """Working vectors, (B, q) -> (B, p)."""
        # Accumulated by column: a matrix product may round differently at another batch size.
        working = np.repeat(self.origin[None, :], len(coordinates), axis=0)
        for position, direction in enumerate(self.directions.T):
            working += coordinates[:, position, None] * direction
        return working

    def from_working(self, working: np.ndarray) -> np.ndarray:
        """Coordinates of working vectors, (B, p) -> (B, q), clipped to the bounds."""
        pick = np.array(self.free, dtype=int)
        square = self.directions[pick]
        right = (working - self.origin)[:, pick]
        return np.clip(np.linalg.solve(square, right.T).T, self.lower, self.upper)


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
        self.model = law.model
        if hasattr(law.model, "moving"):
            self.model = law.model.moving(np.flatnonzero(self.coordinates.directions.any(axis=1)))
        self.chunks = []
        step = max(1, ROWS_PER_CHUNK // min(law.model.row_cost, 16))
        for start in range(0, self.size, step):
            rows = slice(start, min(start + step, self.size))
            part = {name: values[rows] for name, values in axes.items()}
            self.chunks.append(
                Chunk(
                    law.model.prepare(part),
                    response[rows],
                    None if weights is None else weights[rows],
                    rows,
                )
            )

    def with_objective(self, objective: Objective) -> Problem:
        """Return the same problem under another objective, sharing the prepared rows."""
        other = object.__new__(Problem)
        other.__dict__.update(self.__dict__)
        other.objective = objective
        return other

    def with_response(self, response: np.ndarray) -> Problem:
        """Return the same problem with other responses, sharing the prepared rows."""
        other = object.__new__(Problem)
        other.__dict__.update(self.__dict__)
        other.response = response
        other.chunks = [
            Chunk(chunk.columns, response[chunk.rows], chunk.weights, chunk.rows)
            for chunk in self.chunks
        ]
        return other

    @property
    def cost(self) -> int:
        """Array elements that one evaluation needs, for the size of batches."""
        return self.size * self.law.model.row_cost

    @property
    def dimension(self) -> int:
        """Number of coordinates, the fitted scale included."""
        return len(self.coordinates.free) + int(self.objective.fits_scale)

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
        return self.coordinates.to_working(coordinates[:, : len(self.coordinates.free)])

    def canonical(self, coordinates: np.ndarray) -> np.ndarray:
        """Coordinates (B, dimension) with a symmetry of the law resolved."""
        law = self.law
        if law.canonical is None or self.fixed or self.shared or self.bounds:
            return coordinates
        width = len(self.coordinates.free)
        chosen = self.coordinates.from_working(law.canonical(self.working(coordinates)))
        return np.concatenate([chosen, coordinates[:, width:]], axis=1)

    def total_weight(self, weights: np.ndarray | None = None) -> np.ndarray | float:
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
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
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
            Objective (B,), gradient (B, q) and Hessian (B, q, q); later ones None by ``order``.
            Where the law or the residual is undefined the objective is ``inf``.
        """
        working = self.working(coordinates)
        batch, size = working.shape
        total = np.zeros(batch)
        gradient = np.zeros((batch, size)) if order else None
        hessian = np.zeros((batch, size, size)) if order > 1 else None
        scale = None
        if self.objective.fits_scale:
            scale = np.exp(coordinates[:, -1])[:, None]
            scale_sums = np.zeros((batch, 2))
            scale_cross = np.zeros((batch, size)) if order > 1 else None
        for chunk in self.chunks:
            row_weights = chunk.weights if weights is None else weights[:, chunk.rows]
            measured = chunk.response if response is None else response[:, chunk.rows]
            evaluation = self.model.evaluate(working, chunk.columns, order)
            residual, first, second = residual_terms(
                self.objective.residual, evaluation.value, measured, order
            )
            if scale is not None:
                residual = residual / scale
            with np.errstate(over="ignore", invalid="ignore"):
                loss, slope, bend = self.objective.loss(residual)
                if row_weights is not None:
                    loss = loss * row_weights
                    if order:
                        slope = slope * row_weights
                        bend = bend * row_weights
            total += loss.sum(axis=1)
            if not order:
                continue
            with np.errstate(over="ignore", invalid="ignore"):
                if scale is not None:
                    scale_sums[:, 0] += (slope * residual).sum(axis=1)
                    if order > 1:
                        mixed = bend * residual
                        scale_sums[:, 1] += (mixed * residual).sum(axis=1)
                        mixed = (mixed + slope) * first / scale
                        scale_cross -= evaluation.gradient(mixed)
                    slope = slope / scale
                    bend = bend / scale**2
                by_value = slope * first
                gradient += evaluation.gradient(by_value)
                if order > 1:
                    bend = bend * (first * first) + slope * second
                    hessian += evaluation.hessian(by_value, bend)
        total[np.isnan(total)] = np.inf
        if order == 0 and scale is None:
            return total, None, None
        directions = self.coordinates.directions
        with np.errstate(invalid="ignore", over="ignore"):
            if order:
                gradient = gradient @ directions
            if order > 1:
                hessian = directions.T @ hessian @ directions
        if scale is None:
            return total, gradient, hessian
        weight = self.total_weight(weights)
        total = total + weight * (coordinates[:, -1] + self.objective.log_normaliser())
        if not order:
            return total, None, None
        gradient = np.column_stack([gradient, weight - scale_sums[:, 0]])
        if order > 1:
            cross = scale_cross @ directions
            corner = scale_sums.sum(axis=1)
            hessian = np.concatenate([hessian, cross[:, None, :]], axis=1)
            last = np.column_stack([cross, corner])
            hessian = np.concatenate([hessian, last[:, :, None]], axis=2)
        return total, gradient, hessian


def make_coordinates(
    law: Law,
    axes: Mapping[str, np.ndarray],
    response: np.ndarray,
    fixed: Mapping[str, float],
    shared: Mapping[str, str],
    bounds: Mapping[str, tuple[float, float]],
) -> Coordinates:
    """Build the affine map of a problem.

    Raises
    ------
    FitError
        A name is not a parameter of the law; a shared parameter is also fixed; an empty bound.
    """
    size = len(law.parameters)
    for name in (*fixed, *shared, *shared.values(), *bounds):
        law.index(name)
    for name, source in shared.items():
        if name in fixed or source in shared or name == source:
            raise FitError(
                f"parameter {name} of law {law.name} cannot be shared with {source}",
                fix="share it with a parameter that is itself free or fixed",
            )
    origin = np.zeros(size)
    for name, value in fixed.items():
        position = law.index(name)
        working = float(law.parameters[position].to_working(value))
        if np.isnan(working) or working == np.inf:
            raise FitError(
                f"parameter {name} of law {law.name} is fixed at {value!r}", fix="give a number"
            )
        # A coefficient fixed at zero is a term switched off; exp(-745) is the last above zero.
        origin[position] = max(working, -745.0)
    follows = {law.index(name): law.index(source) for name, source in shared.items()}
    free = [
        position
        for position, item in enumerate(law.parameters)
        if item.name not in fixed and position not in follows
    ]
    directions = np.zeros((size, len(free)))
    lower, upper = np.empty(len(free)), np.empty(len(free))
    magnitude = float(np.median(np.abs(response))) or 1.0
    for column, position in enumerate(free):
        item = law.parameters[position]
        low, high = bounds.get(item.name, (item.lower, item.upper))
        low, high = (
            float(item.to_working(max(low, 0.0) if item.transform == "log" else low)),
            float(item.to_working(high)),
        )
        if not low < high:
            raise FitError(
                f"the bounds of parameter {item.name} of law {law.name} are empty",
                fix="give (lower, upper) with lower < upper",
            )
        # An offset is searched in units of the response, so that units do not matter.
        unit = magnitude if item.linear and item.transform == "identity" else 1.0
        directions[position, column] = unit
        lower[column], upper[column] = low / unit, high / unit
    for name, source in shared.items():
        row = directions[law.index(source)]
        directions[law.index(name)] = row
        if name not in fixed and source in fixed:
            origin[law.index(name)] = origin[law.index(source)]
    for coefficient, columns in law.centring.items():
        position = law.index(coefficient)
        if position not in free or coefficient in shared.values() or coefficient in bounds:
            continue
        if np.isfinite(lower[free.index(position)]) or np.isfinite(upper[free.index(position)]):
            continue
        for exponent, function in columns.items():
            mean = float(np.mean(function(axes)))
            directions[position] -= mean * directions[law.index(exponent)]
    return Coordinates(origin, directions, tuple(free), lower, upper)
