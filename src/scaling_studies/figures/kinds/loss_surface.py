"""Loss surface: isoloss contours of a law with the runs on it, and what each law leaves over.

Options: ``x``, ``y`` (``flops`` and ``params`` by default), ``residual_x`` (``params``),
``levels`` (number of contours).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import curves, marks, residuals, style
from scaling_studies.figures.drawing.axes import axis_label, response_label

#: Question that a figure of this kind answers.
QUESTION = "Where do the runs lie, and where does each law miss them?"

SIZES = ("params", "tokens", "flops")


def draw(context: FigureContext) -> Drawn:
    """Draw the surface of the first fit that is a refit, and residuals of every fit."""
    context.only_options("x", "y", "residual_x", "levels", "labels")
    fits = context.needs_fits()
    x = context.option("x", "flops", SIZES)
    y = context.option("y", "params", SIZES)
    residual_x = context.option("residual_x", "params", SIZES)
    shown = next((fit for fit in fits if not context.is_published(fit)), fits[0])
    rows = {fit: curves.with_sizes(context.needs_points(fit)) for fit in fits}
    if not set(SIZES) <= set(rows[shown]):
        raise context.error(
            f"fit {shown} has no sizes N and D", "use a fit with the axes params and tokens", "fits"
        )

    figure = style.new_figure(height=3.7)
    left, right = figure.subfigures(1, 2, width_ratios=(1.55, 1.0), squeeze=False)[0]
    surface = left.add_subplot()
    _draw_surface(context, surface, rows[shown], shown, x, y)
    order = sorted(fits, key=lambda fit: not context.is_published(fit))
    panels = residuals.draw_residuals(
        context, right, {fit: rows[fit] for fit in order}, [residual_x]
    )
    for fit, axes in zip(order, panels[:, 0], strict=True):
        colour, _ = marks.law_style(context, fit)
        axes.set_title(
            f"{context.fit_label(fit)}: predicted / observed − 1", color=style.text_colour(colour)
        )
        axes.yaxis.tick_right()
        style.log_axis(axes.xaxis, residual_x)
    panels[-1, 0].set_xlabel(axis_label(context, residual_x, shown))
    frame = pd.concat([marks.plotted_rows(rows[fit], fit=fit) for fit in fits], ignore_index=True)
    return figure, frame


def _draw_surface(
    context: FigureContext, axes: Axes, rows: pd.DataFrame, fit: str, x: str, y: str
) -> None:
    margin = 1.35
    low_x, high_x = rows[x].min() / margin, rows[x].max() * margin
    low_y, high_y = rows[y].min() / margin, rows[y].max() * margin
    mesh_x, mesh_y = np.meshgrid(np.geomspace(low_x, high_x, 140), np.geomspace(low_y, high_y, 140))
    sizes = curves.sizes({x: mesh_x.ravel(), y: mesh_y.ravel()})
    axis_names = set(context.points[fit].columns) & set(sizes)
    values = curves.law_values(
        context.fits[fit], {name: sizes[name] for name in axis_names | {"params", "tokens"}}
    ).reshape(mesh_x.shape)
    axes.set(xscale="log", yscale="log")
    levels = _levels(rows["observed"].to_numpy(float), int(context.option("levels", 10)))
    lines = axes.contour(
        mesh_x, mesh_y, values, levels=levels, colors=style.FAINT, linewidths=0.8, zorder=1
    )
    axes.set_xlim(low_x, high_x)
    axes.set_ylim(low_y, high_y)
    axes.grid(visible=False)
    for level in axes.clabel(lines, fontsize=7, fmt="%.3g", colors=style.MUTED):
        level.set_zorder(1.5)
    style.log_axis(axes.xaxis, x)
    style.log_axis(axes.yaxis, y)
    axes.set_xlabel(axis_label(context, x, fit))
    axes.set_ylabel(axis_label(context, y, fit))
    axes.set_title(f"{context.fit_label(fit)}: {response_label(context, fit).lower()} as contours")

    residual = rows["relative_residual"].to_numpy(float)
    held = rows["role"].to_numpy() == "held_out"
    size = 8 + 60 * np.minimum(np.abs(residual) / 0.03, 1.5)
    for some, marker, colour, label in (
        (~held & (residual > 0), "v", style.VERMILLION, "law too high"),
        (~held & (residual <= 0), "^", style.BLUE, "law too low"),
        (held, "x", style.INK, "not fitted"),
    ):
        look: style.Look = {"s": 26, "linewidths": 1.1}
        if marker != "x":
            look = {"s": 0.55 * size[some], "linewidths": 0, "alpha": 0.75}
        if some.any():
            look |= {"marker": marker, "color": colour, "label": label, **style.ABOVE}
            axes.scatter(rows[x][some], rows[y][some], **look)
    axes.figure.figure.legend(loc="outside lower left", ncols=3, handletextpad=0.3, borderpad=0.2)


def _levels(observed: np.ndarray, count: int) -> np.ndarray:
    """Round contour levels, closer together where losses are low."""
    low, high = observed.min(), np.quantile(observed, 0.995)
    wanted = np.geomspace(low, high, count)
    step = 0.05 if high - low < 3 else 0.1
    return np.unique(np.round(np.round(wanted / step) * step, 6))
