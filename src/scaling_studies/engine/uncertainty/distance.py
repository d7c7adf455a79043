"""Intervals of new runs beyond the fitted ones: what distance costs, as many studies showed.

The interval of a law is not that of a new run. Half of the latter, in logarithms of the loss, is a
quantile of how far roll-outs of other runs missed, in units of

    sqrt(law_error^2 + noise^2 + (CHANGE change)^2),

the standard error of the law there, the scatter of the fitted rows, and the predicted change of the
loss beyond the largest run that was fitted: the further a law is asked to carry the loss, the more
of that change is at stake. The quantile depends on the law and on the distance.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.search.identification import residual_jacobian

if TYPE_CHECKING:
    from scaling_studies.engine.result import Fit

#: Distance: the compute (or size) of a run over the largest fitted; ends of the bins and names.
EDGES = (1.0, 3.0, 10.0, 100.0, np.inf)
BINS = ("1 to 3", "3 to 10", "10 to 100", "over 100")
#: Share of the predicted change that counts as an error of one unit.
CHANGE = 0.5
#: Name of the quantile over all laws, for those with too few roll-outs of their own.
ANY_LAW = "any law"
#: Levels of the quantiles that are carried.
CARRIED_LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
#: Quantiles that all studies of the project gave; `bench/new_runs.py` writes them.
CARRIED = Path(__file__).resolve().parent / "new_runs.csv"
#: Axes along which runs grow, the first that a law has; size and data together make compute.
GROWING = ("flops", "params", "tokens", "x")
#: Responses whose errors were learned: they fall as runs grow.
LOSSES = ("loss", "error")
#: Distances up to which a run is among the fitted ones.
INSIDE = 1.0 + 1e-9
#: Directions of parameters below this share of the best determined one say nothing of an error.
SMALLEST_DIRECTION = 1e-9

#: (law, bin of distance, level) -> units.
Quantiles = Mapping[tuple[str, str, float], float]


@dataclass(frozen=True)
class NewRuns:
    """Intervals of new runs at some points, learned where a record exists.

    Attributes
    ----------
    horizon
        Compute (or size) over the largest fitted, shape (m,).
    half
        Half the interval in logarithms of the loss, shape (m,); not-a-number where the runs lie
        among the fitted ones or no record exists so far beyond.
    basis
        What each interval rests on, in words.
    """

    horizon: np.ndarray
    half: np.ndarray
    basis: list[str]


@cache
def carried_quantiles() -> dict[tuple[str, str, float], float]:
    """Quantiles that all studies of the project gave, by law, bin of distance and level."""
    with CARRIED.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {
            (row["law"], row["distance_bin"], float(row["level"])): float(row["quantile"])
            for row in rows
        }


def bin_of(horizon: np.ndarray) -> np.ndarray:
    """Names of the bins of distances, shape (m,)."""
    return np.array(BINS)[np.searchsorted(np.array(EDGES[1:-1]), np.asarray(horizon, float))]


def interval_scale(law_error: np.ndarray, noise: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Unit of the errors of new runs, in logarithms; naive peers have the change alone."""
    known = np.nan_to_num(law_error) ** 2 + np.nan_to_num(noise) ** 2
    return np.asarray(np.sqrt(known + (CHANGE * np.asarray(change)) ** 2))


def half_width(
    found: Quantiles, law: str, bin_: str, level: float, scale: np.ndarray
) -> np.ndarray:
    """Half the interval of new runs, in logarithms of the loss."""
    key = (law, bin_, level) if (law, bin_, level) in found else (ANY_LAW, bin_, level)
    return np.asarray(found.get(key, np.nan) * scale)


def learned_halves(
    law: str,
    horizon: np.ndarray,
    law_error: np.ndarray,
    noise: float,
    change: np.ndarray,
    level: float,
) -> NewRuns:
    """Intervals of new runs under a law, from the quantiles that the library carries.

    Parameters
    ----------
    law
        Name.
    horizon
        Compute (or size) over the largest fitted, shape (m,).
    law_error, change
        Standard error of the law there, and the predicted change of the loss from the best of the
        largest runs; of logarithms, shape (m,).
    noise
        Scatter of the fitted rows, of logarithms.
    level
        Of the intervals.
    """
    found = carried_quantiles()
    scale = interval_scale(law_error, np.full(len(horizon), noise), change)
    bins = bin_of(horizon)
    half = np.array(
        [half_width(found, law, name, level, one) for name, one in zip(bins, scale, strict=True)]
    )
    inside = np.asarray(horizon) <= INSIDE
    half[inside] = np.nan
    basis = [
        _basis(near, value, name) for near, value, name in zip(inside, half, bins, strict=True)
    ]
    return NewRuns(np.asarray(horizon, dtype=float), half, basis)


def _basis(inside: bool, half: float, name: str) -> str:
    if inside:
        return "scatter of the fitted runs"
    if np.isfinite(half):
        return f"errors of other studies {name} times beyond their fitted runs"
    return f"scatter of the fitted runs alone: no record of a law {name} times beyond its runs"


def growth(axes: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """The axis along which runs grow: compute where size and data are known; None without one."""
    if "params" in axes and "tokens" in axes:
        return 6.0 * np.asarray(axes["params"], float) * np.asarray(axes["tokens"], float)
    name = next((name for name in GROWING if name in axes), None)
    return None if name is None else np.asarray(axes[name], dtype=float)


def new_runs(fit: Fit, at: Mapping[str, np.ndarray], level: float) -> NewRuns:
    """Intervals of new runs that a fit predicts.

    Parameters
    ----------
    fit
        Of a loss or an error.
    at
        Axes of the law, each of shape (m,).
    level
        Of the intervals.
    """
    predicted = np.asarray(fit.law.value(fit.parameters, at), dtype=float)
    nothing = np.full(len(predicted), np.nan)
    fitted, asked = growth(fit.problem.axes), growth(at)
    observed = np.asarray(fit.problem.response, dtype=float)
    freedom = fit.n - fit.problem.width
    if fit.law.response not in LOSSES or fitted is None or asked is None:
        said = "scatter of the fitted runs alone: no record of laws of such a quantity"
        return NewRuns(nothing, nothing, [said] * len(predicted))
    if freedom < 1 or not ((observed > 0).all() and (predicted > 0).all()):
        said = "the fitted runs alone, which do not tell how new ones scatter"
        return NewRuns(asked / fitted.max(), nothing, [said] * len(predicted))
    residuals = np.log(observed / fit.law.value(fit.parameters, fit.problem.axes))
    noise = float(np.sqrt((residuals**2).sum() / freedom))
    last = observed[fitted == fitted.max()].min()
    change = np.abs(np.log(predicted / last))
    error = law_error(fit, at, predicted)
    return learned_halves(fit.law.name, asked / fitted.max(), error, noise, change, level)


def law_error(fit: Fit, axes: Mapping[str, np.ndarray], predicted: np.ndarray) -> np.ndarray:
    """Standard error of the logarithm of a prediction, by linear propagation, shape (m,)."""
    if fit.optimum is None:
        return np.full(len(predicted), np.nan)
    problem = fit.problem
    coordinates = fit.optimum.coordinates[: problem.width]
    jacobian = residual_jacobian(problem, coordinates)
    model = problem.law.model
    there = model.evaluate(problem.working(coordinates[None, :]), model.prepare(axes), 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = there.jacobian[0].T @ problem.coordinates.directions / predicted[:, None]
        misses = fit.residuals()
    if not (np.isfinite(jacobian).all() and np.isfinite(slope).all()):
        return np.full(len(predicted), np.nan)
    weights = 1.0 if problem.weights is None else problem.weights
    spread = np.sqrt((weights * misses**2).sum() / max(len(misses) - problem.width, 1))
    _, singular, vectors = np.linalg.svd(jacobian, full_matrices=False)
    kept = singular > SMALLEST_DIRECTION * singular[0]
    along = (slope @ vectors.T)[:, kept] / singular[kept]
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(spread * np.sqrt((along**2).sum(axis=1)))
