"""Where the search begins: variable projection on a grid of the non-linear parameters.

For fixed exponents a law is linear in its coefficients, and those follow from a small
non-negative least-squares problem; only the exponents are laid on a grid. Laws without linear
parameters get points that fill their search box evenly.
"""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.models.projection import project_linear

#: Grid points for one, two and more non-linear parameters.
GRID_SIZES = {0: 1, 1: 40, 2: 144}
LARGEST_GRID = 640
#: A coefficient that the projection puts at zero starts as this share of the response.
SMALLEST_SHARE = 1e-3
#: Rows the projection looks at: starts need no more, and the cost stays bounded.
ROWS_FOR_STARTS = 2048


def even_points(count: int, dimension: int) -> np.ndarray:
    """Points that fill the unit cube evenly, shape (count, dimension), without randomness.

    The additive recurrence of the generalised golden ratio (Roberts 2018): low discrepancy in few
    dimensions, and every prefix is itself evenly spread.
    """
    ratio = 2.0
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (dimension + 1))
    steps = ratio ** -np.arange(1, dimension + 1)
    return (0.5 + np.outer(np.arange(1, count + 1), steps)) % 1.0


def search_box(problem: Problem, positions: list[int]) -> np.ndarray:
    """Search ranges of the given working coordinates within the bounds, shape (k, 2)."""
    box = []
    for position in positions:
        item = problem.law.parameters[position]
        search = item.search
        if callable(search):
            search = search(problem.axes, problem.response)
        low, high = default_search(problem, position) if search is None else search
        if item.name in problem.bounds:
            floor, ceiling = problem.bounds[item.name]
            floor, ceiling = float(item.to_working(floor)), float(item.to_working(ceiling))
            low, high = max(low, floor), min(high, ceiling)
            if not low < high:
                low = floor if np.isfinite(floor) else ceiling - 1.0
                high = ceiling if np.isfinite(ceiling) else floor + 1.0
        box.append((low, high))
    return np.array(box, dtype=float).reshape(-1, 2)


def default_search(problem: Problem, position: int) -> tuple[float, float]:
    """Search range of a parameter that has none: only needed for tied or bounded linear ones."""
    item = problem.law.parameters[position]
    magnitude = float(np.median(np.abs(problem.response))) or 1.0
    if item.transform == "identity":
        return (0.0, magnitude) if item.lower >= 0 else (-magnitude, magnitude)
    reach = 0.0
    for column in problem.law.centring.get(item.name, {}).values():
        reach += float(np.mean(np.abs(column(problem.axes))))
    return np.log(magnitude) - 0.5 * reach, np.log(magnitude) + reach


def grid_points(box: np.ndarray, count: int | None = None) -> np.ndarray:
    """Points over a box: a regular grid in one or two dimensions, even points in more."""
    dimension = len(box)
    if dimension == 0:
        return np.zeros((1, 0))
    if count is None and dimension <= 2:
        side = GRID_SIZES[1] if dimension == 1 else round(GRID_SIZES[2] ** 0.5)
        axes = [low + (high - low) * (np.arange(side) + 0.5) / side for low, high in box]
        return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    return box[:, 0] + (box[:, 1] - box[:, 0]) * even_points(count or LARGEST_GRID, dimension)


def find_starts(problem: Problem, count: int, points: np.ndarray | None = None) -> np.ndarray:
    """Candidate starts ordered by the true objective, shape (at most count, q) coordinates.

    Parameters
    ----------
    problem
        What is to be fitted.
    count
        How many to return.
    points
        Non-linear working coordinates to use instead of the grid, shape (G, k).
    """
    law = problem.law
    free = [law.parameters[position] for position in problem.coordinates.free]
    searchable = all(item.linear or item.search is not None for item in free)
    if law.propose is not None and points is None and not searchable:
        rows = _rows_for_starts(problem)
        axes = {name: values[rows] for name, values in problem.axes.items()}
        working = _tie(problem, np.array(law.propose(axes, problem.response[rows])))
    else:
        working = _search(problem, points)
        if problem.law.model.row_cost > 1:
            working = working[: 4 * count]
    coordinates = problem.coordinates.from_working(working)
    scores = objective_of(problem, coordinates)
    order = np.argsort(scores, kind="stable")
    order = order[np.isfinite(scores[order])]
    return coordinates[_spread(coordinates, order, count)]


def _search(problem: Problem, points: np.ndarray | None) -> np.ndarray:
    """Working vectors from the grid of non-linear parameters and the projection of the others."""
    law = problem.law
    free = list(problem.coordinates.free)
    # A shared coefficient, or one with bounds of its own, is searched like an exponent.
    tied = {law.index(name) for pair in problem.shared.items() for name in pair}
    tied |= {law.index(name) for name in problem.bounds}
    projected = [i for i in free if law.parameters[i].linear and i not in tied]
    searched = [i for i in free if i not in projected]
    points = grid_points(search_box(problem, searched)) if points is None else points
    working = np.repeat(problem.coordinates.origin[None, :], len(points), axis=0)
    working[:, searched] = points
    working = _tie(problem, working)
    return _project(problem, working, projected) if projected else working


def _tie(problem: Problem, working: np.ndarray) -> np.ndarray:
    """Put fixed and shared parameters to their values in working vectors (G, p)."""
    law = problem.law
    for name in problem.fixed:
        working[:, law.index(name)] = problem.coordinates.origin[law.index(name)]
    for name, source in problem.shared.items():
        working[:, law.index(name)] = working[:, law.index(source)]
    return working


def _rows_for_starts(problem: Problem) -> np.ndarray:
    most = max(96, ROWS_FOR_STARTS // problem.law.model.row_cost)
    if problem.size <= most:
        return np.arange(problem.size)
    return np.unique(np.linspace(0, problem.size - 1, most).astype(int))


def objective_of(problem: Problem, coordinates: np.ndarray) -> np.ndarray:
    """Objective without derivatives, in blocks of bounded memory, shape (B,)."""
    block = max(1, int(2_000_000 // max(problem.cost, 1)))
    parts = [
        problem.evaluate(coordinates[start : start + block], order=0)[0]
        for start in range(0, len(coordinates), block)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _project(problem: Problem, working: np.ndarray, projected: list[int]) -> np.ndarray:
    """Fill in the linear parameters; the result is sorted by the residual of the projection."""
    law = problem.law
    rows = _rows_for_starts(problem)
    columns = law.model.prepare({name: values[rows] for name, values in problem.axes.items()})
    response = problem.response[rows]
    linear = [i for i, item in enumerate(law.parameters) if item.linear]
    signed = np.array([law.parameters[i].lower < 0 for i in linear])
    block = max(1, int(4_000_000 // (len(rows) * law.model.row_cost)))
    basis = np.concatenate(
        [
            law.model.basis(working[start : start + block], columns)
            for start in range(0, len(working), block)
        ]
    )
    target = np.log(response) if law.linear_space == "log" else response
    weights = np.ones_like(target)
    if problem.objective.residual in ("log", "log10", "relative") and law.linear_space != "log":
        weights = 1.0 / np.maximum(np.abs(response), 1e-300) ** 2
    if problem.weights is not None:
        weights = weights * problem.weights[rows]
    # Linear parameters that are given stay where they are and leave the target.
    given = np.zeros((len(working), len(rows)))
    for k, i in enumerate(linear):
        if i not in projected:
            given += basis[:, k] * law.parameters[i].to_natural(working[:, i])[:, None]
    kept = [k for k, i in enumerate(linear) if i in projected]
    basis = basis[:, kept]
    solved, residual = project_linear(basis, target - given, weights, signed[kept])
    magnitude = float(np.median(np.abs(target))) or 1.0
    for column, k in enumerate(kept):
        item = law.parameters[linear[k]]
        value = solved[:, column]
        if item.transform == "log":
            with np.errstate(divide="ignore", over="ignore"):
                typical = np.median(np.abs(basis[:, column]), axis=1)
                least = SMALLEST_SHARE * magnitude / np.maximum(typical, 1e-300)
                value = np.log(np.clip(np.maximum(value, least), 1e-300, 1e300))
        working[:, linear[k]] = value
    return working[np.argsort(residual, kind="stable")]


def _spread(coordinates: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Half of the starts the best ones, the rest taken evenly from the remaining candidates."""
    if len(order) <= count:
        return order
    best = order[: (count + 1) // 2]
    rest = order[(count + 1) // 2 :]
    others = rest[np.linspace(0, len(rest) - 1, count - len(best)).astype(int)]
    return np.concatenate([best, others])
