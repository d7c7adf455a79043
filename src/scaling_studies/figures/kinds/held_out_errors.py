"""Errors of predictions of rows that were not fitted, a strip for each fit.

Options: ``studies``, ``fits`` (study/fit), ``limit`` (largest error shown). Fits whose card says
why they are left out (``not_compared``) are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures.context import NothingToShowError
from scaling_studies.figures.drawing import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

#: Size of an error up to which the axis is linear.
LINEAR = 0.01
#: From so many rows on, crosses are small and faint.
MANY = 200


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw a strip of errors for each fit."""
    context.only_options("studies", "fits", "limit")
    frame = context.needs_frame("held_out")
    if context.option("studies"):
        frame = frame[frame["study"].isin(context.option("studies"))]
    left_out = {
        f"{study}/{fit}"
        for study, card in context.cards.items()
        for fit, entry in (card.get("fits") or {}).items()
        if "not_compared" in entry
    }
    response = frame.get("response", "own")
    frame = frame.assign(name=frame["study"] + "/" + frame["fit"], response=response)
    frame = frame[~frame["name"].isin(left_out)]
    if context.option("fits"):
        frame = frame[frame["name"].isin(context.option("fits"))]
    frame = frame[np.isfinite(frame["relative_error"])]
    if frame.empty:
        raise NothingToShowError("No fit of this run has held-out rows.")
    frame = context.by_name(frame)
    groups = list(frame.groupby(["study", "fit", "response"], sort=False))
    single = frame.groupby("study")["fit"].nunique().eq(1) & (
        frame.groupby("study")["response"].nunique().eq(1)
    )
    limits = _limits(frame["relative_error"].to_numpy(float), context.option("limit"))
    figure = style.new_figure(height=0.9 + 0.22 * len(groups))
    axes = figure.add_subplot()
    for position, ((study, _, _), rows) in enumerate(groups):
        colour = style.study_colour(str(study), context.cards.get(str(study)))
        _strip(axes, position, rows["relative_error"].to_numpy(float), limits, colour)
    axes.tick_params(axis="y", labelsize=7.5)
    labels = [_label(context, key, alone=bool(single[key[0]])) for key, _ in groups]
    axes.set_yticks(range(len(groups)), labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(*limits)
    axes.grid(visible=False, axis="y")
    style.zero_line(axes, vertical=True)
    _error_axis(axes, limits)
    axes.set_xlabel("Predicted / observed − 1")
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _limits(errors: np.ndarray, limit: float | None) -> tuple[float, float]:
    """Range of the axis: all errors, and at least its linear part."""
    if limit:
        return -float(limit), float(limit)
    return min(1.1 * errors.min(), -LINEAR), max(1.1 * errors.max(), LINEAR)


def _error_axis(axes: Axes, limits: tuple[float, float]) -> None:
    """Linear axis near zero, logarithmic beyond, so that no law that misses by far hides others."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_xscale("symlog", linthresh=LINEAR, linscale=1.2)
    axes.set_xlim(*limits)
    sizes = (0.005, 0.01, 0.1, 1.0, 10.0)
    ticks = [0.0, *sizes, *(-size for size in sizes)]
    axes.xaxis.set_major_locator(
        FixedLocator(sorted(tick for tick in ticks if limits[0] <= tick <= limits[1]))
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(style.percent))
    axes.tick_params(axis="x", labelsize=7.5)
    axes.axvspan(-LINEAR, LINEAR, color=style.FAINT, alpha=0.1, linewidth=0, zorder=0)


def _strip(
    axes: Axes, position: int, errors: np.ndarray, limits: tuple[float, float], colour: Any
) -> None:
    """Points spread over the height of a line by their rank, so that equal inputs look equal."""
    inside = (errors >= limits[0]) & (errors <= limits[1])
    many = len(errors) > MANY
    # A low-discrepancy sequence keeps neighbours apart without a random number.
    spread = 0.26 * (2 * ((np.arange(len(errors)) * 0.618034) % 1.0) - 1)
    axes.plot(
        errors[inside],
        position + spread[inside],
        linestyle="none",
        marker="x",
        markersize=2.2 if many else 3.6,
        markeredgewidth=0.5 if many else 0.9,
        color=colour,
        alpha=0.35 if many else 0.8,
    )
    beyond = ((errors < limits[0]).sum(), (errors > limits[1]).sum())
    for count, edge, marker, side in zip(beyond, limits, "<>", (1, -1), strict=True):
        if count:
            axes.plot([edge], [position], marker=marker, markersize=4, color=colour, clip_on=False)
            axes.annotate(
                str(count),
                (edge, position),
                xytext=(6 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=7,
                color=colour,
            )
    median = float(np.clip(np.median(errors), *limits))
    axes.plot([median], [position], marker="|", markersize=13, markeredgewidth=1.8, color=style.INK)


def _label(context: FigureContext, key: tuple[str, str, str], *, alone: bool) -> str:
    study, fit, response = key
    return context.law_name(study, fit if response == "own" else f"{fit}/{response}", alone=alone)
