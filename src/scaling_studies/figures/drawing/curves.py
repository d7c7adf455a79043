"""Laws as curves: values along an axis, bands from resampled parameters. Nothing is fitted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.bands import LEVEL, draws_needed, percentile_interval
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.laws import get_law
from scaling_studies.models.law import predict

#: Resamples used for a band; more change a drawn line by less than its width.
MOST_RESAMPLES = 1000

#: Logarithms of size-like columns in (log N, log D): coefficients and constant.
#: C = 6 N D (Kaplan 2020, section 2.1); M = D / N.
_SIZES = {
    "params": ((1.0, 0.0), 0.0),
    "tokens": ((0.0, 1.0), 0.0),
    "flops": ((1.0, 1.0), float(np.log(6.0))),
    "tokens_per_parameter": ((-1.0, 1.0), 0.0),
}
#: Columns any two of which give the other two.
SIZE_COLUMNS = frozenset(_SIZES)


def with_sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add those of N, D, C = 6ND and D/N that follow from two columns of the rows.

    Compute is 6ND wherever N and D are axes of the law, so that rows and the law drawn along
    compute mean the same; a table's own FLOP column is used only when one of them is missing.
    """
    known = [name for name in ("params", "tokens", "flops") if name in frame]
    if len(known) < 2:
        return frame
    return frame.assign(**sizes({name: frame[name].to_numpy(float) for name in known[:2]}))


def sizes(known: Mapping[str, np.ndarray | float]) -> dict[str, np.ndarray]:
    """All of N, D, C = 6ND and D/N, arrays of one shape, from the first two given."""
    names = list(known)[:2]
    matrix = np.array([_SIZES[name][0] for name in names])
    logs = [np.log(np.asarray(known[name], float)) - _SIZES[name][1] for name in names]
    right = np.stack(np.broadcast_arrays(*logs))
    log_n, log_d = np.tensordot(np.linalg.inv(matrix), right, axes=1)
    return {
        name: np.exp(weights[0] * log_n + weights[1] * log_d + constant)
        for name, (weights, constant) in _SIZES.items()
    }


def law_axes(
    law: str, x: str, grid: np.ndarray, hold: Mapping[str, float | str]
) -> dict[str, np.ndarray] | None:
    """Axes of a law along column ``x``, other columns held; None when these do not determine them.

    Text is held for a learning-rate schedule.
    """
    known: dict[str, np.ndarray] = {
        **{name: np.full(len(grid), value) for name, value in hold.items()},
        x: np.asarray(grid, float),
    }
    size_names = [name for name in known if name in _SIZES]
    # Two columns give all: the one drawn along and the first one held.
    size_names.sort(key=lambda name: name != x)
    if len(size_names) >= 2:
        known |= sizes({name: known[name] for name in size_names[:2]})
    names = get_law(law).axis_names
    return {name: known[name] for name in names} if set(names) <= set(known) else None


def law_values(fit: FitArtefact, axes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Values of a fitted law, shape (n,)."""
    return get_law(fit.law).value(fit.parameters, axes)


def law_band(
    fit: FitArtefact,
    resamples: pd.DataFrame | None,
    axes: Mapping[str, np.ndarray],
    level: float = LEVEL,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Pointwise interval of a law over its resamples: low and high, each of shape (n,).

    None without resamples of this law's parameters, or with too few.
    """
    law = get_law(fit.law)
    if resamples is None or not set(law.parameter_names) <= set(resamples):
        return None
    rows = converged(resamples, law.parameter_names)
    if len(rows) < draws_needed(level):
        return None
    rows = evenly(rows, MOST_RESAMPLES)
    parameters = {name: rows[name].to_numpy(float) for name in law.parameter_names}
    values = predict(law, parameters, axes)
    low, high = percentile_interval(values, level).ends
    return low, high


def converged(resamples: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Resamples that converged and have a value for every name."""
    rows = resamples.dropna(subset=list(names))
    return rows[rows["converged"].astype(bool)] if "converged" in rows else rows


def evenly(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most ``most`` rows, evenly spaced through the frame."""
    if len(frame) <= most:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, most).astype(int)]


def log_grid(low: float, high: float, count: int = 160, extra: Sequence[float] = ()) -> np.ndarray:
    """Logarithmically spaced values that include the ends and the ``extra`` ones within."""
    grid = np.geomspace(low, high, count)
    grid[0], grid[-1] = low, high
    inside = [value for value in extra if low < value < high]
    return np.unique(np.concatenate([grid, inside])) if inside else grid
