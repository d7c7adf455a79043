"""Resampled parameters of one fit, alone and in pairs: how uncertain, and uncertain together.

Lines and crosses mark the point estimate, dashed lines and hollow marks the values that the card's
targets print. Options: ``quantities`` (columns of the resamples; the law's parameters when absent),
``quantity_labels``, ``scale`` (quantity -> ``log``).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import curves, layout, style
from scaling_studies.figures.drawing.axes import quantity_label
from scaling_studies.laws import get_law

#: Question that a figure of this kind answers.
QUESTION = "Which constants are known only together?"

#: Resamples drawn as points; more hide each other.
MOST_POINTS = 1000
BINS = 40
LOOK: style.Look = {"color": style.BLUE, "alpha": 0.45, "linewidth": 0}
REFIT: style.Look = {
    "color": style.INK,
    "marker": "P",
    "ms": 6,
    "mec": "white",
    "mew": 0.6,
    "linestyle": "-",
}
PUBLISHED: style.Look = {
    "color": style.VERMILLION, "marker": "o", "ms": 6, "mfc": "white", "mew": 1.3,
    "linestyle": style.PUBLISHED_LINE,
}  # fmt: skip


def draw(context: FigureContext) -> Drawn:
    """Draw a histogram for each parameter and a cloud for each pair."""
    context.only_options("quantities", "quantity_labels", "scale")
    fit = context.needs_fits()[0]
    if fit not in context.resamples:
        raise NothingToShowError("This fit has no resamples.")
    frame = context.resamples[fit]
    names = context.option("quantities") or list(get_law(context.fits[fit].law).parameter_names)
    missing = [name for name in names if name not in frame]
    if missing:
        raise context.error(
            f"the resamples of {fit} have no column {missing[0]!r}",
            f"use one of {', '.join(frame.columns)}",
            "options.quantities",
        )
    frame = curves.converged(frame, names)[names]
    logs = [name for name, scale in (context.option("scale") or {}).items() if scale == "log"]
    # The grid makes its figure through pyplot, which would keep it.
    grid = sns.PairGrid(frame, vars=names, corner=True, diag_sharey=False, despine=False)
    plt.close(grid.figure)
    for name, below, beside in zip(names, grid.axes[-1], grid.axes[:, 0], strict=True):
        if name in logs:
            below.set_xscale("log")
            beside.set_yscale("log")
    grid.map_diag(sns.histplot, bins=BINS, **LOOK)
    grid.data = curves.evenly(frame, MOST_POINTS)
    grid.map_lower(sns.scatterplot, s=6, alpha=0.3, linewidth=0, color=style.BLUE)
    ours = context.fits[fit].quantities
    targets = [(name, target) for name in names for target in context.printed(fit, name)]
    printed = {name: target.printed.value for name, target in targets if target.printed}
    for row, column in zip(*np.tril_indices(len(names)), strict=True):
        _mark(grid.axes[row, column], names[row], names[column], ours, printed)
    for name, below, beside in zip(names, grid.axes[-1], grid.axes[:, 0], strict=True):
        below.set_xlabel(quantity_label(context, name))
        beside.set_ylabel(quantity_label(context, name))
        if name in logs:
            style.log_axis(below.xaxis, "params")
            style.log_axis(beside.yaxis, "params")
    for axes in (grid.axes[0, 0], *grid.diag_axes):
        axes.set(xlabel="", ylabel="")
    figure = grid.figure
    figure.set_size_inches(style.FULL_WIDTH, 1.15 * len(names) + 0.6)
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.02, hspace=0.02)
    keys = {"refit": Line2D([], [], **REFIT)}
    if printed:
        keys["published"] = Line2D([], [], **PUBLISHED)
    layout.add_legend(figure, keys)
    return figure, frame.reset_index(drop=True)


def _mark(axes: Axes, y: str, x: str, ours: dict[str, float], printed: dict[str, float]) -> None:
    """Mark the point estimate and the published value in the panel of a pair or of a quantity."""
    for values, look in ((printed, PUBLISHED), (ours, REFIT)):
        if not {x, y} <= set(values):
            continue
        if x == y:
            line = {"linestyle": look["linestyle"], "color": look["color"]}
            axes.axvline(values[x], linewidth=1.2, zorder=3, **line)
        else:
            axes.plot([values[x]], [values[y]], zorder=4, **look | {"linestyle": "none"})
