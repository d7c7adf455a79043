"""Loss surface: isoloss contours of a law with the runs on it, and what each law leaves over.

Options: ``x``, ``y`` (``flops`` and ``params`` by default), ``residual_x`` (``params``),
``levels`` (number of contours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures.drawing import curves, marks, style
from scaling_studies.figures.drawing.axes import axis_label, response_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

SIZES = ("params", "tokens", "flops")


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw the surface of the first fit that is a refit, and residuals of every fit."""
    import pandas as pd

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
    grid = figure.add_gridspec(len(fits), 2, width_ratios=(1.55, 1.0))
    surface = figure.add_subplot(grid[:, 0])
    _draw_surface(context, surface, rows[shown], shown, x, y)

    panels: list[Axes] = []
    limit = marks.residual_limit(*(rows[fit] for fit in fits))
    for position, fit in enumerate(sorted(fits, key=lambda name: not context.is_published(name))):
        first = panels[0] if panels else None
        panel = figure.add_subplot(grid[position, 1], sharex=first, sharey=first)
        colour, _ = marks.law_style(context, fit)
        marks.relative_residuals(
            panel,
            rows[fit],
            residual_x,
            colour=colour,
            hollow=context.is_published(fit),
            limit=limit,
        )
        panel.set_title(f"{context.fit_label(fit)}: predicted / observed − 1", color=colour)
        style.log_axis(panel.xaxis, residual_x)
        style.percent_axis(panel.yaxis)
        panel.yaxis.tick_right()
        panels.append(panel)
    for panel in panels[:-1]:
        panel.tick_params(labelbottom=False)
    panels[-1].set_xlabel(axis_label(context, residual_x, shown))
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
    levels = _levels(rows["observed"].to_numpy(float), int(context.option("levels", 10)))
    lines = axes.contour(
        mesh_x, mesh_y, values, levels=levels, colors=style.FAINT, linewidths=0.8, zorder=1
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low_x, high_x)
    axes.set_ylim(low_y, high_y)
    axes.grid(visible=False)
    for label in axes.clabel(lines, fontsize=7, fmt="%.3g", colors=style.MUTED):
        label.set_zorder(1.5)
    style.log_axis(axes.xaxis, x)
    style.log_axis(axes.yaxis, y)
    axes.set_xlabel(axis_label(context, x, fit))
    axes.set_ylabel(axis_label(context, y, fit))
    axes.set_title(f"{context.fit_label(fit)}: {response_label(context, fit).lower()} as contours")

    residual = rows["relative_residual"].to_numpy(float)
    held = rows["role"].to_numpy() == "held_out"
    size = 8 + 60 * np.minimum(np.abs(residual) / 0.03, 1.5)
    marks: list[tuple[np.ndarray, dict[str, Any], str]] = [
        (~held & (residual > 0), {"marker": "v", "color": style.VERMILLION}, "law too high"),
        (~held & (residual <= 0), {"marker": "^", "color": style.BLUE}, "law too low"),
    ]
    for mask, look, label in marks:
        axes.scatter(
            rows[x][mask],
            rows[y][mask],
            s=size[mask] * 0.55,
            linewidths=0,
            alpha=0.75,
            zorder=3,
            label=label,
            **look,
        )
    if held.any():
        axes.scatter(
            rows[x][held],
            rows[y][held],
            s=26,
            marker="x",
            color=style.INK,
            linewidths=1.1,
            zorder=3,
            label="not fitted",
        )
    axes.figure.legend(loc="outside lower left", ncols=3, handletextpad=0.3, borderpad=0.2)


def _levels(observed: np.ndarray, count: int) -> np.ndarray:
    """Round contour levels, closer together where losses are low."""
    low, high = observed.min(), np.quantile(observed, 0.995)
    wanted = np.geomspace(low, high, count)
    step = 0.05 if high - low < 3 else 0.1
    return np.unique(np.round(np.round(wanted / step) * step, 6))
