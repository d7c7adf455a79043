"""Where the search begins: variable projection on a grid of the non-linear parameters.

For fixed exponents a law is linear in its coefficients, and those follow from a small
non-negative least-squares problem; only the exponents are laid on a grid. Laws without linear
parameters get points that fill their search box evenly.
"""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.coordinates import is_offset
from scaling_studies.engine.problem import Problem
from scaling_studies.models.projection import project_linear

#: Grid points for one, two and more non-linear parameters.
GRID_SIZES = {0: 1, 1: 40, 2: 256}
LARGEST_GRID = 640
#: Share of a grid on either side of the search box, out to the parameter's bounds.
TAIL = 0.15
#: How far beyond a search box without bounds a grid goes, in widths of the box, and how many
#: factors of ten below it where the bound is zero.
TAIL_WIDTHS = 1.0
TAIL_DECADES = 2.0
#: Candidates of a cold round, and how far they are moved from a law's own proposals.
COLD_CANDIDATES = 512
COLD_REACH = 1.5
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


def unit_grid(dimension: int) -> np.ndarray:
    """Points over the unit cube: a regular grid in one or two dimensions, even points in more."""
    if dimension == 0:
        return np.zeros((1, 0))
    if dimension > 2:
        return even_points(LARGEST_GRID, dimension)
    side = GRID_SIZES[1] if dimension == 1 else round(GRID_SIZES[2] ** 0.5)
    axes = [(np.arange(side) + 0.5) / side] * dimension
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)


def spread_over(problem: Problem, positions: list[int], unit: np.ndarray) -> np.ndarray:
    """Points of the unit cube laid over search boxes and, thinly, out to the bounds.

    A search box is where a parameter usually is, no more: nearly flat and very steep laws lie
    outside, and a search that never looks there is sure of the wrong optimum.

    Parameters
    ----------
    problem
        The law, and bounds that replace its own.
    positions
        Working coordinates, k of them.
    unit
        Shape (G, k).
    """
    points = np.empty_like(unit)
    for column, (position, (low, high)) in enumerate(
        zip(positions, search_box(problem, positions), strict=True)
    ):
        below, above = reach_of(problem, position, low, high)
        place = unit[:, column]
        inside = low + (high - low) * (place - TAIL) / (1.0 - 2.0 * TAIL)
        left, right = np.clip([(TAIL - place) / TAIL, (place - 1.0 + TAIL) / TAIL], 0.0, 1.0)
        # Towards a bound at zero by factors, towards any other one with growing steps.
        falling = low * 10.0 ** (-TAIL_DECADES * left) if below == 0.0 < low else None
        lower = low - (low - below) * left**2 if falling is None else falling
        upper = high + (above - high) * right**2
        points[:, column] = np.where(left > 0, lower, np.where(right > 0, upper, inside))
    return points


def reach_of(problem: Problem, position: int, low: float, high: float) -> tuple[float, float]:
    """How far starts are laid below and above a search box, in working coordinates."""
    item = problem.law.parameters[position]
    floor, ceiling = problem.bounds.get(item.name, (item.lower, item.upper))
    with np.errstate(invalid="ignore"):
        ends = [float(item.to_working(max(floor, 0.0) if item.transform == "log" else floor))]
        ends.append(float(item.to_working(ceiling)))
    width = TAIL_WIDTHS * (high - low)
    below = ends[0] if np.isfinite(ends[0]) else low - width
    above = ends[1] if np.isfinite(ends[1]) else high + width
    return min(below, low), max(above, high)


def find_starts(problem: Problem, count: int) -> np.ndarray:
    """Candidate starts ordered by the true objective, shape (at most count, q) coordinates.

    Parameters
    ----------
    problem
        What is to be fitted.
    count
        How many to return.
    """
    if proposes(problem):
        working = _proposals(problem)
    else:
        working = _search(problem, unit_grid(len(_searched(problem))))
        if problem.law.model.row_cost > 1:
            working = working[: 4 * count]
    return best_and_spread(problem, problem.coordinates.from_working(working), count)


def cold_starts(problem: Problem, count: int, number: int) -> np.ndarray:
    """Starts that were not laid before and know nothing of the points found, like `find_starts`.

    Parameters
    ----------
    problem, count
        As in `find_starts`.
    number
        Number of the cold round; each lays other starts.
    """
    most = COLD_CANDIDATES // min(problem.law.model.row_cost, 8)
    rows = slice(number * most, (number + 1) * most)
    if proposes(problem):
        proposed = problem.coordinates.from_working(_proposals(problem))
        cube = even_points((number + 1) * most, problem.width + 1)[rows]
        chosen = np.minimum((cube[:, -1] * len(proposed)).astype(int), len(proposed) - 1)
        reach = COLD_REACH * np.maximum(spread_of(problem, proposed), 1e-3)
        moved = proposed[chosen] + reach * (2.0 * cube[:, :-1] - 1.0)
        coordinates = np.clip(moved, problem.coordinates.lower, problem.coordinates.upper)
    else:
        dimension = len(_searched(problem))
        # Half a step beside the points of the first grid.
        cube = (even_points((number + 1) * most, max(dimension, 1))[rows, :dimension] + 0.25) % 1.0
        coordinates = problem.coordinates.from_working(_search(problem, cube))
    return best_and_spread(problem, coordinates, count)


def displaced_starts(
    problem: Problem, centre: np.ndarray, count: int, number: int = 0
) -> np.ndarray:
    """Copies of a point (q,), displaced by a little and by much, shape (count, q)."""
    cube = even_points((number + 1) * count, problem.width + 1)[number * count :]
    reach = np.where(cube[:, -1:] < 0.5, 0.5, 2.0)
    moved = centre + reach * (2.0 * cube[:, :-1] - 1.0)
    return np.clip(moved, problem.coordinates.lower, problem.coordinates.upper)


def spread_of(problem: Problem, proposed: np.ndarray) -> np.ndarray:
    """Scale on which proposals differ, (q,): of logarithms and exponents it is 1."""
    items = [problem.law.parameters[position] for position in problem.coordinates.free]
    middle = np.quantile(proposed, [0.1, 0.9], axis=0)
    return np.where([is_offset(item) for item in items], middle[1] - middle[0], 1.0)


def best_and_spread(problem: Problem, coordinates: np.ndarray, count: int) -> np.ndarray:
    """Half of the starts the best of some candidates, the others taken evenly from the rest."""
    scores = objective_of(problem, coordinates)
    order = np.argsort(scores, kind="stable")
    order = order[np.isfinite(scores[order])]
    return coordinates[_spread(coordinates, order, count)]


def proposes(problem: Problem) -> bool:
    """Whether the law itself says where the search for this problem begins."""
    free = [problem.law.parameters[position] for position in problem.coordinates.free]
    searchable = all(item.linear or item.search is not None for item in free)
    return problem.law.propose is not None and not searchable


def _proposals(problem: Problem) -> np.ndarray:
    rows = _rows_for_starts(problem)
    axes = {name: values[rows] for name, values in problem.axes.items()}
    assert problem.law.propose is not None
    return _tie(problem, np.array(problem.law.propose(axes, problem.response[rows], problem.fixed)))


def _projected(problem: Problem) -> list[int]:
    """Free parameters that the projection fills in."""
    law = problem.law
    # A shared coefficient, or one with bounds of its own, is searched like an exponent.
    tied = {law.index(name) for pair in problem.shared.items() for name in pair}
    tied |= {law.index(name) for name in problem.bounds}
    return [i for i in problem.coordinates.free if law.parameters[i].linear and i not in tied]


def _searched(problem: Problem) -> list[int]:
    """Free parameters that are laid on a grid."""
    projected = _projected(problem)
    return [i for i in problem.coordinates.free if i not in projected]


def _search(problem: Problem, unit: np.ndarray) -> np.ndarray:
    """Working vectors from points of the unit cube, and the projection of the others."""
    searched, projected = _searched(problem), _projected(problem)
    working = np.repeat(problem.coordinates.origin[None, :], len(unit), axis=0)
    working[:, searched] = spread_over(problem, searched, unit)
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
