"""Linear parameters for given non-linear ones: exact non-negative least squares, batched."""

from __future__ import annotations

import itertools

import numpy as np


def project_linear(
    basis: np.ndarray, target: np.ndarray, weights: np.ndarray, signed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Least squares for the linear parameters, non-negative where they must be.

    Parameters
    ----------
    basis
        Shape (G, T, n).
    target
        Shape (n,), or (G, n) when it differs by point.
    weights
        Shape (n,).
    signed
        Shape (T,): parameters that may be negative.

    Returns
    -------
    tuple
        Coefficients (G, T) and residual sums of squares (G,). Exact: every set of active
        constraints is tried, which for the few terms of a law is cheap.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> basis = np.stack([np.ones_like(x), x])[None]
    >>> coefficients, _ = project_linear(basis, 3.0 + 2.0 * x, np.ones(4), np.zeros(2, bool))
    >>> coefficients.round(6).tolist()
    [[3.0, 2.0]]
    """
    points, terms, _ = basis.shape
    root = np.sqrt(weights)
    weighted = basis * root
    # Squares of very steep terms overflow: the largest row goes out first.
    largest = np.abs(weighted).max(axis=2, initial=0.0)
    with np.errstate(invalid="ignore"):
        inside = weighted / np.where(largest > 0, largest, 1.0)[:, :, None]
    size = largest * np.sqrt((inside**2).sum(axis=2))
    usable = np.isfinite(size) & (size > 0)
    weighted = np.where(usable[:, :, None], weighted / np.where(usable, size, 1.0)[:, :, None], 0.0)
    right_side = target * root
    gram = weighted @ weighted.transpose(0, 2, 1)
    moment = (weighted @ np.broadcast_to(right_side, weighted[:, 0].shape)[:, :, None])[:, :, 0]
    best = np.full(points, np.inf)
    answer = np.zeros((points, terms))
    # The ridge decides between equal columns (an exponent near zero looks like an offset).
    ridge = 1e-12 * np.eye(terms)
    optional = np.flatnonzero(~signed)
    total = np.broadcast_to((right_side**2).sum(axis=-1), points)
    for dropped_count in range(len(optional) + 1):
        for dropped in itertools.combinations(optional, dropped_count):
            kept = np.setdiff1d(np.arange(terms), dropped)
            if not kept.size:
                continue
            solved = np.zeros((points, terms))
            part = gram[:, kept[:, None], kept] + ridge[kept[:, None], kept]
            solved[:, kept] = np.linalg.solve(part, moment[:, kept, None])[:, :, 0]
            feasible = (solved[:, ~signed] >= 0).all(axis=1) & usable[:, kept].all(axis=1)
            explained = (solved * moment).sum(axis=1)
            with np.errstate(invalid="ignore"):
                residual = np.where(feasible, total - explained, np.inf)
            better = residual < best
            best[better] = residual[better]
            answer[better] = solved[better]
    return np.where(usable, answer / np.where(usable, size, 1.0), 0.0), best
