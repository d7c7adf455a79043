"""Approach 2: a parabola for each FLOP budget, then a power law through the minima."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

#: Columns read beside the response, and the law that comes back.
AXES = ("params", "flops")
LAW = "compute_optimal"
#: A gap of this many decades between sorted budgets begins a new one.
BUDGET_GAP = 0.1
#: Rows of one budget that no one named spread over less than this many decades of compute.
WIDEST_BUDGET = 0.5
#: A parabola needs one row more than it has coefficients to say anything about itself.
FEWEST_ROWS = 4
#: Curvature below this many standard errors is too weak to place a minimum.
WEAK_CURVATURE = 2.0


@dataclass(frozen=True)
class Minimum:
    """The minimum of one isoFLOP parabola.

    Attributes
    ----------
    flops
        Geometric mean of the budget's rows.
    params
        Size at the minimum of the parabola in log N.
    loss
        Loss there.
    rows
        Rows of positive weight.
    at_edge
        Whether the minimum lies outside the sizes measured.
    weak
        Whether the curvature is not above zero by two standard errors.
    """

    flops: float
    params: float
    loss: float
    rows: int
    at_edge: bool
    weak: bool


def group_budgets(flops: np.ndarray, budgets: Any, table: Mapping[str, np.ndarray]) -> np.ndarray:
    """Number of the FLOP budget of each row, -1 for rows of none.

    Parameters
    ----------
    flops
        Compute, shape (n,).
    budgets
        None: a new budget begins at every gap of 0.1 decades. A column name or an array of n
        labels: these. A list of FLOP values: each row goes to the nearest within 0.25 decades.
    table
        Where column names are looked up.
    """
    if budgets is None:
        order = np.argsort(flops, kind="stable")
        jumps = np.diff(np.log10(flops[order])) > BUDGET_GAP
        codes = np.empty(len(flops), dtype=int)
        codes[order] = np.concatenate([[0], np.cumsum(jumps)])
        return codes
    if isinstance(budgets, str):
        if budgets not in table:
            raise FitError("the frame has no column of budgets", column=budgets, fix="correct it")
        return np.unique(np.asarray(table[budgets]), return_inverse=True)[1]
    values = np.asarray(budgets)
    if len(values) == len(flops):
        return np.unique(values, return_inverse=True)[1]
    distance = np.abs(np.log10(flops)[:, None] - np.log10(values.astype(float)))
    nearest = distance.argmin(axis=1)
    return np.where(distance.min(axis=1) <= 0.25, nearest, -1)


def check_budgets(
    flops: np.ndarray, params: np.ndarray, budgets: np.ndarray, *, named: bool
) -> None:
    """Refuse rows that are no isoFLOP curves, before anything is fitted.

    Parameters
    ----------
    flops, params, budgets
        Compute, size and number of the budget of each row, shape (n,).
    named
        Whether the budgets were given, not read from gaps in the compute.

    Raises
    ------
    FitError
        Fewer than two budgets of four distinct sizes, or a budget that is none.
    """
    fix = "give budgets=: a column, one label a row, or the FLOP values"
    codes = np.unique(budgets[budgets >= 0])
    spans = [float(np.ptp(np.log10(flops[budgets == code]))) for code in codes]
    widest = max(spans, default=0.0)
    if not named and widest > WIDEST_BUDGET:
        raise FitError(
            f"the compute of these rows falls into no FLOP budgets: rows without a gap spread "
            f"over {widest:.2g} decades",
            fix=fix,
        )
    sizes = [len(np.unique(params[budgets == code])) for code in codes]
    usable = sum(count >= FEWEST_ROWS for count in sizes)
    if usable < 2:
        raise FitError(
            f"isoFLOP parabolas need two FLOP budgets of {FEWEST_ROWS} sizes each, and of "
            f"{len(codes)} {'given' if named else 'found'} {usable} have so many",
            fix="correct budgets=, or use another estimator" if named else fix,
        )


def parabola_minimum(
    log_params: np.ndarray, loss: np.ndarray, flops: np.ndarray, weights: np.ndarray
) -> Minimum:
    """Weighted parabola of loss in log N, and its minimum.

    Raises
    ------
    FitError
        Fewer than four distinct sizes, or a parabola that opens downwards.
    """
    kept = weights > 0
    x, y, w, c = log_params[kept], loss[kept], weights[kept], flops[kept]
    if len(np.unique(x)) < FEWEST_ROWS:
        raise FitError(f"an isoFLOP budget has {len(np.unique(x))} distinct sizes, needs four")
    centre = np.average(x, weights=w)
    design = np.stack([np.ones_like(x), x - centre, (x - centre) ** 2], axis=1)
    gram = design.T @ (w[:, None] * design)
    coefficients = np.linalg.solve(gram, design.T @ (w * y))
    residual = y - design @ coefficients
    freedom = max(len(y) - 3, 1)
    error = np.sqrt(
        (w * residual**2).sum() / w.mean() / freedom * np.linalg.inv(gram)[2, 2] * w.mean()
    )
    constant, slope, bend = coefficients
    if bend <= 0:
        raise FitError("an isoFLOP parabola opens downwards: it has no minimum")
    place = -0.5 * slope / bend
    return Minimum(
        flops=float(np.exp(np.average(np.log(c), weights=w))),
        params=float(np.exp(centre + place)),
        loss=float(constant + 0.5 * slope * place),
        rows=int(kept.sum()),
        at_edge=bool(not x.min() <= centre + place <= x.max()),
        weak=bool(bend < WEAK_CURVATURE * error),
    )


def isoflop_minima(
    params: np.ndarray,
    loss: np.ndarray,
    flops: np.ndarray,
    budgets: np.ndarray,
    weights: np.ndarray,
) -> tuple[list[Minimum], list[str]]:
    """Minima of all budgets, and a plain statement for every budget without a usable one."""
    minima, messages = [], []
    for code in np.unique(budgets[budgets >= 0]):
        rows = budgets == code
        name = f"budget {np.exp(np.log(flops[rows]).mean()):.3g} FLOP"
        try:
            minimum = parabola_minimum(np.log(params[rows]), loss[rows], flops[rows], weights[rows])
        except FitError as error:
            messages.append(f"{name} left out: {error.problem}.")
            continue
        if minimum.at_edge:
            messages.append(f"{name} left out: the minimum lies outside the sizes measured.")
            continue
        if minimum.weak:
            messages.append(f"{name}: the parabola's curvature is weak.")
        minima.append(minimum)
    return minima, messages


def estimate(request: Request) -> Fit:
    """Approach 2 on columns params, loss and flops (6 N D from tokens where flops is absent).

    Options
    -------
    budgets
        See `group_budgets`.
    space
        ``"linear"`` (default) or ``"log"``: whether the parabola is of the loss or its logarithm.

    Returns
    -------
    Fit
        Of law ``compute_optimal`` (G, a) through the minima; ``a_opt`` and ``b_opt = 1 - a`` are
        among its quantities, and a bootstrap resamples the rows under the parabolas.
    """
    options = request.take_options({"budgets": None, "space": "linear"})
    params = read_column(request.table, "params", positive=True)
    loss = read_column(request.table, request.response, positive=True)
    flops = read_flops(request.table, params)
    refuse_restrictions(request, "isoflop")
    height = np.log(loss) if options["space"] == "log" else loss
    budgets = group_budgets(flops, options["budgets"], request.table)
    check_budgets(flops, params, budgets, named=options["budgets"] is not None)

    def minima_of(weights: np.ndarray) -> tuple[list[Minimum], list[str]]:
        minima, messages = isoflop_minima(params, height, flops, budgets, weights)
        if len(minima) < 2:
            raise FitError(
                f"only {len(minima)} FLOP budgets have a minimum, a power law needs two",
                fix="give budgets=, or use another estimator",
            )
        return minima, messages

    def points(minima: list[Minimum]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([m.flops for m in minima]), np.array([m.params for m in minima])

    minima, messages = minima_of(np.ones(len(loss)) if request.weights is None else request.weights)
    result = fit_of_optima(
        *points(minima),
        "isoflop",
        messages,
        len(loss),
        lambda weights: line_through(*points(minima_of(weights)[0])),
    )
    result.extra["budgets_used"] = float(len(minima))
    result.extra["budgets_weak"] = float(sum(m.weak for m in minima))
    return result
