"""Theories that claims are about, computed here: small models with known answers, no data.

Each function gives numbers by name; claims ask for them as ``{theory/name.number}``. All runs have
fixed seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

#: Exponents of the eigenvalues and of the squared coefficients of the target.
SPECTRUM, TARGET = 1.5, 1.5


def random_features_risk(
    eigenvalues: np.ndarray,
    target: np.ndarray,
    n: float,
    k: float,
    ridge: float = 0.0,
    noise: float = 0.0,
) -> float:
    """Expected test error of ridge regression on random features.

    Parameters
    ----------
    eigenvalues, target
        Spectrum of the kernel, and squared coefficients of the target.
    n, k
        Training examples and features.
    ridge, noise
        Ridge; variance of the labels' noise.

    Returns
    -------
    float
        Mean squared error, noise included.

    Notes
    -----
    The deterministic equivalent of Simon et al., arXiv 2311.14646; exact as both grow.
    """

    def learned(level: float) -> np.ndarray:
        return eigenvalues / (eigenvalues + level)

    def surplus(level: float) -> float:
        found = float(learned(level).sum())
        if ridge == 0.0:
            return found - min(n, k)
        return found + ridge * k / (level * (k - found)) - n if found < k else np.inf

    low, high = -60.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(np.exp(middle)) > 0.0 else (low, middle)
    level = float(np.exp((low + high) / 2))
    share = learned(level)
    first, second = float(share.sum()), float((share**2).sum())
    # Without a ridge and with fewer features than examples the features are used up.
    spare = max(k - first, 0.0) / (k - second)
    bias = float(np.sum((1 - share) * (1 - share * spare) * target)) if spare < 1.0 else np.nan
    variance = 1.0 - (second * (k - 2 * first) + first**2) / (n * (k - second))
    return (bias + noise) / variance


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


@cache
def random_features() -> dict[str, float]:
    """What more examples and features do at the best ridge, and nearly without one."""
    index = np.arange(1.0, 4001.0)
    eigenvalues, target = index**-SPECTRUM, index**-TARGET

    def risk(n: float, k: float, ridge: float) -> float:
        return random_features_risk(eigenvalues, target, n, k, ridge, noise=0.5)

    grid, ridges = [16.0, 64.0, 256.0], np.logspace(-6, 3, 46)
    best = np.array([[min(risk(n, k, ridge) for ridge in ridges) for k in grid] for n in grid])
    steps = [best[1:] / best[:-1], best[:, 1:] / best[:, :-1]]
    return {
        "largest_step": max(float(step.max()) for step in steps),
        "step_without_ridge": risk(64.0, 60.0, 1e-6) / risk(64.0, 16.0, 1e-6),
    }


@cache
def matrix_sensing() -> dict[str, float]:
    """How gradient descent with too many columns finds a matrix of rank one from measurements."""
    size, columns, measured, step = 5, 3, 400, 0.05
    draw = np.random.default_rng(0)
    probes = draw.standard_normal((measured, size * size))
    sensing = probes.T @ probes / measured
    truth = np.zeros((size, size))
    truth[0, 0] = 1.0

    def residual(found: np.ndarray) -> np.ndarray:
        return (sensing @ (found - truth).ravel()).reshape(size, size)

    one = 0.3 * draw.standard_normal((size, columns))
    left, right = (0.3 * draw.standard_normal((size, columns)) for _ in range(2))
    same, apart = [], []
    for _ in range(16_000):
        error = residual(one @ one.T)
        one = one - step * (error + error.T) @ one / 2
        same.append(float(np.sum((one @ one.T - truth) ** 2)))
    for _ in range(8000):
        error = residual(left @ right.T)
        left, right = left - step * error @ right, right - step * error.T @ left
        apart.append(float(np.sum((left @ right.T - truth) ** 2)))
    steps = np.arange(1.0, len(same) + 1)[4000:]
    late = np.log(apart)
    return {
        "symmetric_exponent": -_slope(steps, np.array(same[4000:])),
        "asymmetric_first": float(late[4000] - late[6000]),
        "asymmetric_second": float(late[6000] - late[-1]),
    }


@cache
def kernel_descent() -> dict[str, float]:
    """Whether a wide network learns along the eigenvectors of its kernel as fast as they say."""
    examples, width, step, steps = 24, 8192, 0.2, 150
    draw = np.random.default_rng(0)
    angles = np.linspace(0.0, 2 * np.pi, examples, endpoint=False)
    inputs = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    labels = draw.standard_normal(examples)
    inner, outer = draw.standard_normal((2, width)), draw.standard_normal(width)
    active = (inputs @ inner > 0).astype(float)
    hidden = inputs @ inner * active
    kernel = (hidden @ hidden.T + (active * outer**2) @ active.T * (inputs @ inputs.T)) / width
    vectors = np.linalg.eigh(kernel)[1]
    offset = hidden @ outer / np.sqrt(width)
    start = -labels
    for _ in range(steps):
        gate = (inputs @ inner > 0).astype(float)
        now = inputs @ inner * gate
        error = (now @ outer / np.sqrt(width) - offset - labels) / examples
        slope_outer = now.T @ error / np.sqrt(width)
        slope_inner = inputs.T @ (gate * error[:, None] * outer) / np.sqrt(width)
        inner, outer = inner - step * slope_inner, outer - step * slope_outer
    hidden = np.maximum(inputs @ inner, 0.0)
    end = hidden @ outer / np.sqrt(width) - offset - labels
    left = np.abs(vectors.T @ end) / np.abs(vectors.T @ start)
    return {"left_along_top": float(left[-5:].max()), "left_along_rest": float(left[:12].min())}


@cache
def small_perturbations() -> dict[str, float]:
    """Exponent of the share of answers that a small push turns, of linear classifiers."""
    found = []
    pushes = np.array([0.01, 0.02, 0.04, 0.08])
    for dimension in (5, 20, 80):
        draw = np.random.default_rng(dimension)
        labels = np.where(np.arange(60_000) % 2, 1.0, -1.0)
        inputs = draw.standard_normal((labels.size, dimension)) + labels[:, None] / np.sqrt(
            dimension
        )
        weights = np.linalg.lstsq(inputs, labels, rcond=None)[0]
        margins = labels * (inputs @ weights) / np.linalg.norm(weights)
        right = margins > 0
        found.append(_slope(pushes, np.array([np.mean(margins[right] < push) for push in pushes])))
    return {"least_exponent": min(found), "most_exponent": max(found)}


#: By the name that claims use.
THEORIES: Mapping[str, Callable[[], Mapping[str, float]]] = {
    f"theory/{compute.__name__}": compute
    for compute in (random_features, matrix_sensing, kernel_descent, small_perturbations)
}
