"""The coordinates a solver searches: an affine map that makes any restriction a plain vector.

The solver works in coordinates v with ``working = origin + directions @ v``. Directions carry
everything affine at once: fixed parameters (no direction), shared parameters (one direction for
several), centred logarithms (a coefficient moves with its exponent so that the centre of the data
stays put) and the scale of an offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.errors import FitError
from scaling_studies.models.law import Law, Parameter

#: Working coordinate of a coefficient fixed at zero: exp(-745) is the last number above zero.
SWITCHED_OFF = -745.0


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


def make_coordinates(
    law: Law,
    axes: Mapping[str, np.ndarray],
    response: np.ndarray,
    fixed: Mapping[str, float],
    shared: Mapping[str, str],
    bounds: Mapping[str, tuple[float, float]],
) -> Coordinates:
    """Build the map: a direction for each free parameter, then what is shared, then centring.

    Parameters
    ----------
    law, axes, response
        The law and the rows, for the size of the response and the centre of the data.
    fixed, shared, bounds
        See `Problem`.

    Raises
    ------
    FitError
        A name is not a parameter of the law; a shared parameter is also fixed; an empty bound.
    """
    check_names(law, fixed, shared, bounds)
    items = law.parameters
    free = [i for i, item in enumerate(items) if item.name not in fixed | shared.keys()]
    origin = np.zeros(len(items))
    for name, value in fixed.items():
        origin[law.index(name)] = fixed_working(law, name, value)
    # An offset is searched in units of the response, so that units do not matter.
    size = np.abs(response)
    magnitude = float(np.median(size)) or float(np.mean(size)) or 1.0
    units = np.array([magnitude if is_offset(items[i]) else 1.0 for i in free])
    limits = np.array([working_bounds(law, items[i], bounds) for i in free]).reshape(-1, 2)
    lower, upper = (limits / units[:, None]).T

    directions = np.zeros((len(items), len(free)))
    directions[free, range(len(free))] = units
    for name, source in shared.items():
        directions[law.index(name)] = directions[law.index(source)]
        origin[law.index(name)] = origin[law.index(source)]

    for coefficient, columns in law.centring.items():
        position = law.index(coefficient)
        if position not in free or coefficient in shared.values() or coefficient in bounds:
            continue
        if np.isfinite(limits[free.index(position)]).any():
            continue
        for exponent, function in columns.items():
            mean = float(np.mean(function(axes)))
            directions[position] -= mean * directions[law.index(exponent)]
    return Coordinates(origin, directions, tuple(free), lower, upper)


def check_names(
    law: Law,
    fixed: Mapping[str, float],
    shared: Mapping[str, str],
    bounds: Mapping[str, tuple[float, float]],
) -> None:
    """Refuse names that the law does not have, and sharing that says nothing."""
    for name in (*fixed, *shared, *shared.values(), *bounds):
        law.index(name)
    for name, source in shared.items():
        if name in fixed or source in shared or name == source:
            raise FitError(
                f"parameter {name} of law {law.name} cannot be shared with {source}",
                fix="share it with a parameter that is itself free or fixed",
            )


def fixed_working(law: Law, name: str, value: float) -> float:
    """Working coordinate of a fixed parameter; zero switches a coefficient off."""
    working = float(law.parameters[law.index(name)].to_working(value))
    if np.isnan(working) or working == np.inf:
        raise FitError(
            f"parameter {name} of law {law.name} is fixed at {value!r}", fix="give a number"
        )
    # Only a logarithm: other parameters may well lie below it.
    is_log = law.parameters[law.index(name)].transform == "log"
    return max(working, SWITCHED_OFF) if is_log else working


def working_bounds(
    law: Law, item: Parameter, bounds: Mapping[str, tuple[float, float]]
) -> tuple[float, float]:
    """Bounds of a parameter in working coordinates: given ones, or the law's."""
    low, high = bounds.get(item.name, (item.lower, item.upper))
    if item.transform == "log":
        low = max(low, 0.0)
    low, high = float(item.to_working(low)), float(item.to_working(high))
    if not low < high:
        raise FitError(
            f"the bounds of parameter {item.name} of law {law.name} are empty",
            fix="give (lower, upper) with lower < upper",
        )
    return low, high


def is_offset(item: Parameter) -> bool:
    """Whether a parameter is in units of the response, as an additive constant is."""
    return item.of_response or (item.linear and item.transform == "identity")
