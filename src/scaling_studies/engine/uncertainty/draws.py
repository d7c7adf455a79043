"""Random draws of a bootstrap: one independent stream a resample, whatever else is drawn.

Resample r of seed s is drawn from a counter-based generator keyed by (s, r), so it is the same
on any machine, in any shard, in any order.
"""

from __future__ import annotations

import math
import threading

import numpy as np

from scaling_studies.engine.objectives import shift_by_residual
from scaling_studies.errors import FitError

#: Coverage of published measurement intervals from which responses are redrawn.
LEVEL = 0.95

_LOCAL = threading.local()


def generator(seed: int, resample: int, stream: int = 0) -> np.random.Generator:
    """Random generator of one resample: Philox with key (seed, resample), a counter a stream.

    Setting the state of one generator a thread costs a tenth of making a new one; the stream is
    the same. The generator is valid until the next call in the same thread.
    """
    if not hasattr(_LOCAL, "generator"):
        _LOCAL.generator = np.random.Generator(np.random.Philox(key=0))
    _LOCAL.generator.bit_generator.state = {
        "bit_generator": "Philox",
        "state": {
            "counter": np.array([0, 0, 0, stream], dtype=np.uint64),
            "key": np.array([seed & 0xFFFFFFFFFFFFFFFF, resample], dtype=np.uint64),
        },
        "buffer": np.zeros(4, dtype=np.uint64),
        "buffer_pos": 4,
        "has_uint32": 0,
        "uinteger": 0,
    }
    return _LOCAL.generator


def widening(seed: int, resample: int, freedom: int) -> float:
    """Ratio of a true to an estimated standard deviation, drawn: sqrt(f / chi-square with f).

    A normal deviate times this is Student's t with f degrees of freedom, so that the percentiles
    of draws that are spread by it are those of t. It does not depend on what else is drawn.
    """
    return math.sqrt(freedom / generator(seed, resample, stream=1).chisquare(freedom))


def row_counts(seed: int, resample: int, size: int) -> np.ndarray:
    """How often each row is drawn when ``size`` rows are drawn with replacement, shape (n,)."""
    drawn = generator(seed, resample).integers(0, size, size)
    return np.bincount(drawn, minlength=size).astype(float)


def cluster_counts(seed: int, resample: int, codes: np.ndarray, count: int) -> np.ndarray:
    """Row counts when whole groups are drawn with replacement, shape (n,).

    Parameters
    ----------
    codes
        Group number of each row, 0 .. count - 1.
    """
    return row_counts(seed, resample, count)[codes]


def stratified_counts(seed: int, resample: int, strata: list[np.ndarray], size: int) -> np.ndarray:
    """Row counts when each stratum is resampled within itself, shape (n,)."""
    stream = generator(seed, resample)
    counts = np.zeros(size)
    for rows in strata:
        drawn = stream.integers(0, len(rows), len(rows))
        counts[rows] = np.bincount(drawn, minlength=len(rows))
    return counts


def interval_responses(
    seed: int, resample: int, response: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Responses redrawn from measurement intervals, shape (n,).

    A normal with a different standard deviation on either side, so that ``low`` and ``high`` are
    its 2.5 % and 97.5 % points.
    """
    standard = generator(seed, resample).standard_normal(len(response))
    # Loaded here: drawing rows needs no SciPy.
    from scipy.special import ndtri

    end = ndtri(0.5 + 0.5 * LEVEL)
    below, above = (response - low) / end, (high - response) / end
    return response + standard * np.where(standard < 0, below, above)


def model_responses(
    seed: int,
    resample: int,
    fitted: np.ndarray,
    residual_kind: str,
    spread: float | np.ndarray,
    residuals: np.ndarray | None = None,
    freedom: int | None = None,
    shared: tuple[float, np.ndarray] | None = None,
) -> np.ndarray:
    """Responses redrawn around the fitted law, shape (n,).

    Parameters
    ----------
    fitted
        Values of the law.
    residual_kind
        Scale on which residuals add: see `scaling_studies.engine.objectives.residual_terms`.
    spread
        Standard deviation of Gaussian residuals, or bandwidth of the kernel that smooths given
        ones.
    residuals
        Residuals to draw from, with replacement; None draws Gaussian ones.
    freedom
        Degrees of freedom of the spread, which is drawn too (`widening`); None takes it as known.
    shared
        Standard deviation of what rows of a group have in common, and the group's number by row.
    """
    wider = 1.0 if freedom is None else widening(seed, resample, freedom)
    stream = generator(seed, resample)
    drawn = spread * stream.standard_normal(len(fitted))
    if residuals is not None:
        drawn += residuals[stream.integers(0, len(residuals), len(fitted))]
    if shared is not None:
        deviation, codes = shared
        drawn += deviation * stream.standard_normal(int(codes.max()) + 1)[codes]
    drawn *= wider
    return shift_by_residual(fitted, drawn, residual_kind)


def group_codes(groups: np.ndarray, size: int, what: str = "groups") -> tuple[np.ndarray, int]:
    """Numbers 0 .. k - 1 of the groups by row, and k.

    Raises
    ------
    FitError
        The length is wrong, or there are fewer than two groups.
    """
    values = np.asarray(groups)
    if len(values) != size:
        raise FitError(f"{len(values)} {what} for {size} rows", fix="give one a row")
    labels, codes = np.unique(
        values.astype(str) if values.dtype == object else values, return_inverse=True
    )
    if len(labels) < 2:
        raise FitError(f"only {len(labels)} distinct {what}", fix="a bootstrap needs at least two")
    return codes, len(labels)
