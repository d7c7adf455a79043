"""Sums over a learning-rate schedule that the laws of whole loss curves need."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from scaling_studies.models.schedules import check_steps, learning_rates, piece_starts

#: Steps before the row that are summed one by one; older ones are binned.
EXACT_STEPS = 8
#: Growth of the bins: a bin spans this share of its distance from the row.
BIN_SHARE = 0.1
#: Most change of the log learning rate within a bin.
RATE_SHARE = 0.25
#: Momentum of the annealing area (Tissue et al. 2024 use 0.99 to 0.999).
MOMENTUM = 0.999


@dataclass(frozen=True)
class Drops:
    """Changes of the learning rate before each row, older ones gathered in bins.

    Attributes
    ----------
    change
        Change of the learning rate, shape (n, K); zero where there is nothing.
    log_rate
        Logarithm of the rate after the change, shape (n, K).
    log_area
        Logarithm of the area ``S(s) - S(k - 1)`` since the change, shape (n, K).
    """

    change: np.ndarray
    log_rate: np.ndarray
    log_area: np.ndarray


def by_schedule(
    schedule: np.ndarray, step: np.ndarray, compute: Callable[[str, np.ndarray], np.ndarray]
) -> np.ndarray:
    """Apply a function of (schedule, steps) to the rows of each schedule, shape (n,)."""
    schedule = np.asarray(schedule, dtype=str)
    result = np.zeros(len(step))
    for text in np.unique(schedule):
        rows = schedule == text
        result[rows] = compute(str(text), check_steps(str(text), step[rows]))
    return result


@functools.lru_cache(maxsize=256)
def cumulative_rate(text: str) -> np.ndarray:
    """Cumulative learning rate S(s), the step itself included, shape (steps,)."""
    return np.cumsum(learning_rates(text))


@functools.lru_cache(maxsize=256)
def cumulative_annealing(text: str) -> np.ndarray:
    """Annealing area S2(s): sum of the momentum-decayed drops of the rate, shape (steps,).

    ``m_i = lambda m_(i-1) + (rate_(i-1) - rate_i)``, ``S2(s) = sum_(i <= s) m_i`` (Tissue et al.
    2024, arXiv 2408.11029, equation 5).
    """
    rates = learning_rates(text)
    # ASSUME: the warm-up is no (negative) annealing: drops count from the step of the peak on.
    drops = np.maximum(-np.diff(rates, prepend=rates[0]), 0.0)
    decayed = np.fromiter(
        accumulate(drops.tolist(), lambda momentum, drop: MOMENTUM * momentum + drop),
        dtype=float,
        count=len(drops),
    )
    return np.cumsum(decayed)


def log_cumulative_rate(axes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Logarithm of S at each row, shape (n,)."""
    return np.log(by_schedule(axes["schedule"], axes["step"], lambda t, s: cumulative_rate(t)[s]))


def annealing_area(axes: Mapping[str, np.ndarray]) -> np.ndarray:
    """S2 at each row, shape (n,)."""
    return by_schedule(axes["schedule"], axes["step"], lambda t, s: cumulative_annealing(t)[s])


def bin_edges(longest: int) -> np.ndarray:
    """Lags (in steps) that bound the bins, from 0 to beyond ``longest``, shape (K + 1,)."""
    edges = list(range(EXACT_STEPS + 1))
    while edges[-1] <= longest:
        edges.append(edges[-1] + max(1, int(BIN_SHARE * edges[-1])))
    return np.array(edges)


def schedule_drops(text: str, steps: np.ndarray) -> np.ndarray:
    """Changes, log rates and log areas of the bins before each step, shape (n, 3, K).

    Within a bin the change-weighted means of the rate's logarithm and of the area stand for its
    steps; the error is of second order in the bin's width (checked against the plain sum in the
    tests). Bins are cut where a piece begins, so that a jump stands alone.
    """
    rates, starts = learning_rates(text), piece_starts(text)
    area = cumulative_rate(text)
    change = np.diff(rates, prepend=0.0)
    before = area - rates
    with np.errstate(divide="ignore"):
        log_rate = np.where(rates > 0, np.log(np.maximum(rates, 1e-300)), 0.0)
    sums = [
        np.concatenate([[0.0], np.cumsum(part)])
        for part in (change, change * before, change * log_rate)
    ]
    edges = bin_edges(int(steps.max()))
    # A jump happens at the first step of a piece: cut before and after it. Within a piece, cut
    # where the rate has changed too much for one bin (a warm-up seen from far away).
    level = np.floor(log_rate / RATE_SHARE)
    moves = np.flatnonzero(np.diff(level)) + 1
    cuts = np.unique(np.concatenate([starts[:-1], starts[:-1] + 1, moves]))
    bounds = np.concatenate(
        [
            np.clip(steps[:, None] + 1 - edges, 0, None),
            np.minimum(cuts[None, :], steps[:, None] + 1),
        ],
        axis=1,
    )
    bounds = -np.sort(-bounds, axis=1)
    high, low = bounds[:, :-1], bounds[:, 1:]
    total, first, second = (part[high] - part[low] for part in sums)
    empty = (high == low) | (np.abs(total) <= 1e-15 * rates.max())
    safe = np.where(empty, 1.0, total)
    since = np.where(empty, 1.0, area[steps][:, None] - first / safe)
    return np.stack(
        [
            np.where(empty, 0.0, total),
            np.where(empty, 0.0, second / safe),
            np.log(np.maximum(since, 1e-300)),
        ],
        axis=1,
    )


def drops_before(axes: Mapping[str, np.ndarray]) -> Drops:
    """`Drops` of all rows; rows of shorter schedules are padded with empty bins."""
    schedule = np.asarray(axes["schedule"], dtype=str)
    step = axes["step"]
    parts = []
    for text in np.unique(schedule):
        rows = np.flatnonzero(schedule == text)
        parts.append((rows, schedule_drops(str(text), check_steps(str(text), step[rows]))))
    width = max(part.shape[2] for _, part in parts)
    packed = np.zeros((len(step), 3, width))
    for rows, part in parts:
        packed[rows, :, : part.shape[2]] = part
    used = np.flatnonzero((packed[:, 0] != 0).any(axis=0))
    used = used if used.size else np.array([0])
    return Drops(*(np.ascontiguousarray(packed[:, k, used]) for k in range(3)))
