"""Errors of predictions of rows that were not fitted, a strip for each fit.

Options: ``studies``, ``fits`` (study/fit), ``limit`` (largest error shown),
``labels`` (by study/fit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures import _style
from scaling_studies.figures._context import NothingToShowError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scaling_studies.figures._context import FigureContext

#: Half width of the axis in 85 % quantiles of the errors' size.
WIDEST = 3.0


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw a strip of errors for each fit."""
    context.only_options("studies", "fits", "limit", "labels")
    frame = context.needs_frame("held_out")
    if context.option("studies"):
        frame = frame[frame["study"].isin(context.option("studies"))]
    response = frame.get("response", "own")
    frame = frame.assign(name=frame["study"] + "/" + frame["fit"], response=response)
    if context.option("fits"):
        frame = frame[frame["name"].isin(context.option("fits"))]
    frame = frame[np.isfinite(frame["relative_error"])]
    if frame.empty:
        raise NothingToShowError("No fit of this run has held-out rows.")
    groups = list(frame.groupby(["study", "fit", "response"], sort=True))
    limits = _limits(frame["relative_error"].to_numpy(float), context.option("limit"))
    figure = _style.new_figure(height=0.9 + 0.25 * len(groups))
    axes = figure.add_subplot()
    for position, ((study, _, _), rows) in enumerate(groups):
        colour = _style.study_colour(str(study), context.cards.get(str(study)))
        _strip(axes, position, rows["relative_error"].to_numpy(float), limits, colour)
    axes.tick_params(axis="y", labelsize=7.5)
    axes.set_yticks(range(len(groups)), [_label(context, key) for key, _ in groups])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(*limits)
    axes.grid(visible=False, axis="y")
    _style.zero_line(axes, vertical=True)
    _style.percent_axis(axes.xaxis)
    axes.set_xlabel("Predicted / observed − 1 (held-out rows; tick: median)")
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _limits(errors: np.ndarray, limit: float | None) -> tuple[float, float]:
    """Range of the axis: all but the most extreme errors, zero included."""
    if limit:
        return -float(limit), float(limit)
    # One law that misses by far may not flatten the strips of all others.
    most = WIDEST * np.quantile(np.abs(errors), 0.85)
    low, high = np.clip(np.quantile(errors, [0.01, 0.99]), -most, most)
    margin = 0.06 * (max(high, 0.0) - min(low, 0.0)) or 0.01
    return min(low, 0.0) - margin, max(high, 0.0) + margin


def _strip(
    axes: Axes, position: int, errors: np.ndarray, limits: tuple[float, float], colour: Any
) -> None:
    """Points spread over the height of a line by their rank, so that equal inputs look equal."""
    inside = (errors >= limits[0]) & (errors <= limits[1])
    # A low-discrepancy sequence keeps neighbours apart without a random number.
    spread = 0.26 * (2 * ((np.arange(len(errors)) * 0.618034) % 1.0) - 1)
    axes.plot(
        errors[inside],
        position + spread[inside],
        linestyle="none",
        marker="x",
        markersize=3.6,
        markeredgewidth=0.9,
        color=colour,
        alpha=0.8,
    )
    beyond = ((errors < limits[0]).sum(), (errors > limits[1]).sum())
    inset = 0.012 * (limits[1] - limits[0])
    for count, edge, marker, side in zip(beyond, limits, "<>", (1, -1), strict=True):
        if count:
            axes.plot([edge + side * inset], [position], marker=marker, markersize=4, color=colour)
            axes.annotate(
                str(count),
                (edge + side * inset, position),
                xytext=(6 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=7,
                color=colour,
            )
    median = float(np.clip(np.median(errors), *limits))
    axes.plot(
        [median], [position], marker="|", markersize=13, markeredgewidth=1.8, color=_style.INK
    )


def _label(context: FigureContext, key: tuple[str, str, str]) -> str:
    study, fit, response = key
    labels = context.option("labels") or {}
    author = _style.study_name(study, context.cards.get(study))
    name = labels.get(f"{study}/{fit}", f"{author}: {fit.replace('_', ' ')}")
    return name if response == "own" else f"{name} ({response.replace('_', ' ')})"
