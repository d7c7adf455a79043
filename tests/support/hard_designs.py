"""Random designs and constants of hard problems: few levels, far rows, units of any size."""

from __future__ import annotations

import numpy as np


def rows(rng: np.random.Generator, parameters: int, most: int = 60) -> int:
    """Number of rows: as many as parameters, a few more, or plenty."""
    return int(rng.choice([parameters, parameters + 1, parameters + 2, 2 * parameters, 25, most]))


def axis(rng: np.random.Generator, size: int, middle: float, decades: float) -> np.ndarray:
    """Axis of a kind drawn at random: even, random, of few levels, or with one far row."""
    low = np.log10(middle) - 0.5 * decades
    kind = rng.integers(4)
    place = rng.uniform(0.0, 1.0, size)
    if kind == 0:
        place = rng.permutation(np.linspace(0.0, 1.0, size))
    elif kind == 1:
        place = rng.choice(np.linspace(0.0, 1.0, int(rng.integers(2, 6))), size)
    elif kind == 2:
        place *= 0.2
        place[rng.integers(size)] = 1.0
    return 10.0 ** (low + decades * place)


def unit(rng: np.random.Generator, reach: float = 12.0) -> float:
    """A unit: 1 mostly, otherwise anything within `reach` decades of it."""
    return 1.0 if rng.random() < 0.6 else 10.0 ** rng.uniform(-reach, reach)


def exponent(rng: np.random.Generator, low: float = 0.005, high: float = 4.0) -> float:
    """An exponent: usual ones half of the time, otherwise from nearly none to very steep."""
    usual = rng.random() < 0.5
    return float(rng.uniform(0.1, 0.7) if usual else np.exp(rng.uniform(np.log(low), np.log(high))))


def share(rng: np.random.Generator) -> float:
    """Size of a term beside the others: like them, or up to a thousand times smaller or larger."""
    return float(rng.uniform(0.3, 1.5) if rng.random() < 0.5 else 10.0 ** rng.uniform(-3, 2))


def offset(rng: np.random.Generator) -> float:
    """An asymptote: usual, none, or far below the response."""
    return float(rng.choice([rng.uniform(0.5, 3.0), 0.0, 10.0 ** rng.uniform(-4, 1)]))


def two_axes(rng, names: tuple[str, str], parameters: int) -> tuple[dict[str, np.ndarray], int]:
    """Two axes that vary independently, or (one time in five) in a fixed ratio, jittered."""
    size = rows(rng, parameters)
    first = axis(rng, size, 1e9 * unit(rng), rng.uniform(0.3, 5.0))
    second = axis(rng, size, 1e11 * unit(rng), rng.uniform(0.3, 5.0))
    if rng.random() < 0.2:
        second = 20.0 * first * np.exp(0.05 * rng.normal(size=size))
    return dict(zip(names, (first, second), strict=True)), size


def centre(values: np.ndarray) -> float:
    return float(np.exp(np.log(values).mean()))
