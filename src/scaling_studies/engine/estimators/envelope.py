"""Approach 1: the lower envelope of training curves, then a power law through its sizes."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.optima import (
    fit_of_optima,
    line_through,
    read_flops,
    refuse_restrictions,
)
from scaling_studies.engine.request import Request
from scaling_studies.engine.result import Fit
from scaling_studies.errors import FitError
from scaling_studies.models.columns import read_column

#: Columns read beside the response, the law that comes back, and that rows must be in groups.
AXES = ("params", "flops")
LAW = "compute_optimal"
NEEDS_GROUPS = True
#: Points of the FLOP grid over which the envelope is taken (Hoffmann et al. 2022 take 1,500).
GRID_POINTS = 1500


def envelope(
    params: np.ndarray, loss: np.ndarray, flops: np.ndarray, runs: np.ndarray, points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest loss over all runs at each compute, and the size that reaches it.

    Parameters
    ----------
    params, loss, flops, runs
        One row a checkpoint, shape (n,); ``runs`` says which training curve it belongs to.
    points
        Number of log-spaced values of compute.

    Returns
    -------
    tuple
        Compute, size and loss along the envelope; values of compute that fewer than two curves
        cover, or where the smallest or largest size wins (the envelope may go on beyond it), are
        left out.
    """
    grid = np.geomspace(flops.min(), flops.max(), points)
    labels = np.unique(runs)
    heights = np.full((len(labels), points), np.inf)
    sizes = np.empty(len(labels))
    for number, label in enumerate(labels):
        rows = np.flatnonzero(runs == label)
        rows = rows[np.argsort(flops[rows], kind="stable")]
        sizes[number] = params[rows[0]]
        covered = (grid >= flops[rows[0]]) & (grid <= flops[rows[-1]])
        heights[number, covered] = np.interp(np.log(grid[covered]), np.log(flops[rows]), loss[rows])
    winner = heights.argmin(axis=0)
    best = heights.min(axis=0)
    enough = np.isfinite(heights).sum(axis=0) >= 2
    inside = (sizes[winner] > sizes.min()) & (sizes[winner] < sizes.max())
    kept = enough & inside
    return grid[kept], sizes[winner[kept]], best[kept]


def estimate(request: Request) -> Fit:
    """Approach 1 on columns params, loss and flops, with ``groups`` naming the training curves.

    Options: ``points``, size of the FLOP grid. A bootstrap needs ``kind="cluster"``: whole curves
    are drawn.
    """
    points = int(request.take_options({"points": GRID_POINTS})["points"])
    refuse_restrictions(request, "envelope")
    if request.groups is None:
        raise FitError(
            "estimator envelope needs to know the training curves", fix="give groups= (run ids)"
        )
    params = read_column(request.table, "params", positive=True)
    loss = read_column(request.table, request.response, positive=True)
    flops = read_flops(request.table, params)
    runs = np.unique(np.asarray(request.groups).astype(str), return_inverse=True)[1]

    def envelope_of(kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        compute, sizes, _ = envelope(params[kept], loss[kept], flops[kept], runs[kept], points)
        if len(np.unique(sizes)) < 2:
            raise FitError(
                "the envelope has fewer than two inner sizes", fix="use another estimator"
            )
        return compute, sizes

    compute, sizes = envelope_of(np.ones(len(loss), dtype=bool))
    message = f"Envelope of {runs.max() + 1} curves, {len(np.unique(sizes))} inner sizes on it."
    return fit_of_optima(
        compute,
        sizes,
        "envelope",
        [message],
        len(loss),
        lambda weights: line_through(*envelope_of(weights > 0)),
    )
