"""Several groups of runs under one curve that is shifted along log size, data or compute.

``L = E + sum_t exp(c_t - e_t (x_t - s_gt))``: offset E, coefficients exp(c_t) and exponents e_t are
common, and a group g differs by its shifts s_gt alone. Shifts are linear in the free ones, so that
"the same shift for size and data" is one column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scaling_studies.errors import FitError
from scaling_studies.models.projection import project_linear

#: Exponents of the starts, and how many of the starts are polished.
GRID = (0.1, 0.2, 0.35, 0.5, 0.8, 1.2)
STARTS = 4
#: Exponents and logarithms of shifts beyond which a search has gone astray.
LARGEST_EXPONENT, LARGEST_SHIFT = 5.0, 15.0


@dataclass(frozen=True)
class Rows:
    """Rows of all groups.

    Attributes
    ----------
    logs
        Logarithms of what the terms depend on, shape (t, n).
    loss
        Shape (n,).
    group
        Number of each row's group, shape (n,); group 0 has no shift.
    shifts
        Which free shift moves which term of which group, shape (groups, t, free shifts).
    """

    logs: np.ndarray
    loss: np.ndarray
    group: np.ndarray
    shifts: np.ndarray

    @property
    def terms(self) -> int:
        """Number of power terms."""
        return len(self.logs)

    @property
    def size(self) -> int:
        """Number of parameters: E, coefficients, exponents, free shifts."""
        return 1 + 2 * self.terms + self.shifts.shape[2]


@dataclass(frozen=True)
class SharedFit:
    """Least squares of log loss under a shared shape.

    Attributes
    ----------
    parameters
        E, log coefficients at the centre of the data, exponents, free shifts: shape (p,).
    residuals
        log(fitted / measured), shape (n,).
    jacobian
        Derivatives of the residuals by the parameters, shape (n, p).
    extra
        Derivatives by what further groups would have of their own (E, exponents): shape (n, q).
    centre
        Means of the logs, shape (t,).
    terms
        Number of power terms.
    held
        Which parameters lie at a bound, shape (p,).
    converged
        Whether the minimisation met its own criterion before its evaluations were used up.
    """

    parameters: np.ndarray
    residuals: np.ndarray
    jacobian: np.ndarray
    extra: np.ndarray
    centre: np.ndarray
    terms: int
    held: np.ndarray
    converged: bool

    @property
    def offset(self) -> float:
        """E."""
        return float(self.parameters[0])

    @property
    def exponents(self) -> np.ndarray:
        """Exponents of the terms, shape (t,)."""
        return self.parameters[1 + self.terms : 1 + 2 * self.terms]

    @property
    def log_coefficients(self) -> np.ndarray:
        """Logarithms of the coefficients of the first group, shape (t,)."""
        return self.parameters[1 : 1 + self.terms] + self.exponents * self.centre

    @property
    def shifts(self) -> np.ndarray:
        """Free shifts."""
        return self.parameters[1 + 2 * self.terms :]


def evaluate(point: np.ndarray, rows: Rows, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fitted losses (n,) and their derivatives by the parameters (n, p)."""
    count = rows.terms
    coefficients, exponents = point[1 : 1 + count], point[1 + count : 1 + 2 * count]
    moved = rows.shifts @ point[1 + 2 * count :]
    distance = rows.logs - centre[:, None] - moved[rows.group].T
    terms = np.exp(coefficients[:, None] - exponents[:, None] * distance)
    derivatives = np.empty((len(rows.loss), rows.size))
    derivatives[:, 0] = 1.0
    derivatives[:, 1 : 1 + count] = terms.T
    derivatives[:, 1 + count : 1 + 2 * count] = -(terms * distance).T
    slope = (terms * exponents[:, None]).T
    derivatives[:, 1 + 2 * count :] = np.einsum("nt,ntk->nk", slope, rows.shifts[rows.group])
    return point[0] + terms.sum(axis=0), derivatives


def fit_shared(rows: Rows) -> SharedFit:
    """Fit the shared shape by least squares of log loss.

    Raises
    ------
    FitError
        Fewer rows than the parameters need, or no start from which a fit is found.
    """
    # SciPy's optimisers take a third of a second to import, which other commands can do without.
    from scipy.optimize import least_squares

    if len(rows.loss) <= rows.size:
        raise FitError(
            f"{len(rows.loss)} runs cannot determine {rows.size} constants and leave anything to "
            "judge them by",
            fix=f"give at least {rows.size + 1} runs in all",
        )
    centre = rows.logs.mean(axis=1)
    count, free = rows.terms, rows.shifts.shape[2]
    lower = np.concatenate(
        [[0.0], np.full(count, -60.0), np.full(count, 1e-3), np.full(free, -LARGEST_SHIFT)]
    )
    upper = np.concatenate(
        [
            [0.999 * rows.loss.min()],
            np.full(count, 60.0),
            np.full(count, LARGEST_EXPONENT),
            np.full(free, LARGEST_SHIFT),
        ]
    )
    measured = np.log(rows.loss)

    def residuals(point: np.ndarray) -> np.ndarray:
        return np.log(evaluate(point, rows, centre)[0]) - measured

    def jacobian(point: np.ndarray) -> np.ndarray:
        value, derivatives = evaluate(point, rows, centre)
        return derivatives / value[:, None]

    ends = []
    for start in starting_points(rows, centre):
        begin = np.clip(np.append(start, np.zeros(free)), lower + 1e-9, upper - 1e-9)
        with np.errstate(over="ignore", invalid="ignore"):
            end = least_squares(
                residuals,
                begin,
                jacobian,
                bounds=(lower, upper),
                x_scale="jac",
                xtol=1e-12,
                ftol=1e-12,
                gtol=1e-12,
                max_nfev=400,
            )
        ends.append(end)
    best = min(ends, key=lambda end: end.cost)
    value, derivatives = evaluate(best.x, rows, centre)
    held = best.active_mask != 0
    scaled = derivatives / value[:, None]
    scaled[:, held] = 0.0
    own = [scaled[:, [0]]] + [scaled[:, [1 + count + t]] for t in range(count)]
    extra = np.hstack(
        [
            column * (rows.group == group)[:, None]
            for group in range(1, len(rows.shifts))
            for column in own
        ]
        or [np.empty((len(rows.loss), 0))]
    )
    converged = bool(best.success)
    return SharedFit(best.x, best.fun, scaled, extra, centre, count, held, converged)


def starting_points(rows: Rows, centre: np.ndarray) -> list[np.ndarray]:
    """Best points of a grid of exponents, without shifts, the linear constants projected out."""
    grid = np.stack(np.meshgrid(*[GRID] * rows.terms, indexing="ij"), axis=-1)
    grid = grid.reshape(-1, rows.terms)
    powers = np.exp(-grid[:, :, None] * (rows.logs - centre[:, None]))
    basis = np.concatenate([np.ones((len(grid), 1, powers.shape[2])), powers], axis=1)
    signed = np.zeros(rows.terms + 1, dtype=bool)
    found, squares = project_linear(basis, rows.loss, rows.loss**-2.0, signed)
    # A term that the grid switches off begins small instead, where it has a slope.
    coefficients = np.log(np.maximum(found[:, 1:], 0.01 * np.median(rows.loss)))
    points = np.concatenate([found[:, :1], coefficients, grid], axis=1)
    return [points[place] for place in np.argsort(squares, kind="stable")[:STARTS]]
