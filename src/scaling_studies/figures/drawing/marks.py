"""Drawing of rows and laws: the same marks in every figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from scaling_studies.figures.context import FigureContext
from scaling_studies.figures.drawing import curves, style

FILLED: style.Look = {"marker": "o", "markeredgecolor": "none"}
CROSS: style.Look = {"marker": "x", "markeredgewidth": 1.1}
#: A cross looks smaller than a dot of its size.
CROSS_SIZE = 1.15


def observed(axes: Axes, rows: pd.DataFrame, x: str, *, colour: Any, size: float = 4.0) -> None:
    """Draw measured rows: filled when fitted, crosses when held out, with published intervals."""
    held = rows["role"] == "held_out"
    if {"observed_low", "observed_high"} <= set(rows):
        known = rows[np.isfinite(rows["observed_low"]) & np.isfinite(rows["observed_high"])]
        ends = known["observed_low"], known["observed_high"]
        axes.vlines(known[x], *ends, color=colour, lw=0.8, zorder=2.5)
    for some, look in (
        (rows[~held], {**FILLED, "markersize": size}),
        (rows[held], {**CROSS, "markersize": size * CROSS_SIZE}),
    ):
        if len(some):
            look |= {"linestyle": "none", "color": colour, "zorder": 3}
            axes.plot(some[x].to_numpy(float), some["observed"].to_numpy(float), **look)


def lowered(rows: pd.DataFrame, offset: float) -> pd.DataFrame:
    """Rows with an offset taken off their observed values."""
    if not offset:
        return rows
    names = [name for name in ("observed", "observed_low", "observed_high") if name in rows]
    return rows.assign(**{name: rows[name] - offset for name in names})


def law_keys(styles: dict[bool, Any]) -> dict[str, Line2D]:
    """Legend keys of refits and published laws."""
    names = {False: "refit", True: "published"}
    return {
        names[published]: Line2D([], [], color=style.INK, linestyle=styles[published])
        for published in sorted(styles)
    }


def row_keys() -> dict[str, Line2D]:
    """Legend keys of fitted and held-out rows."""
    common: style.Look = {"linestyle": "none", "color": style.INK}
    return {
        "fitted row": Line2D([], [], **FILLED, markersize=4, **common),
        "held-out row": Line2D([], [], **CROSS, markersize=4.5, **common),
    }


def law(
    axes: Axes,
    grid: np.ndarray,
    values: np.ndarray,
    data_range: tuple[float, float],
    *,
    colour: Any,
    line_style: Any = "-",
    band: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:
    """Draw a law with its band; lighter outside the data, with a thin mark where they end."""
    low, high = data_range
    inside = (grid >= low * (1 - 1e-9)) & (grid <= high * (1 + 1e-9))
    below, above = grid <= low * (1 + 1e-9), grid >= high * (1 - 1e-9)
    for part, outside in ((inside, False), (below, True), (above, True)):
        if part.sum() > 1:
            law_piece(
                axes,
                grid[part],
                values[part],
                None if band is None else (band[0][part], band[1][part]),
                beyond=outside,
                color=colour,
                linestyle=line_style,
            )
    for position, beyond in ((low, below), (high, above)):
        if beyond.sum() > 1:
            law_end(axes, position, float(np.interp(position, grid, values)), colour)


def law_piece(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    band: tuple[np.ndarray, np.ndarray] | None,
    *,
    beyond: bool,
    **look: Any,
) -> None:
    """Draw a piece of a law with its band, lighter when it lies beyond the data."""
    axes.plot(x, y, alpha=style.EXTRAPOLATED_ALPHA if beyond else 1.0, zorder=2.5, **look)
    if band is not None:
        alpha = style.BAND_ALPHA * (0.6 if beyond else 1.0)
        axes.fill_between(x, *band, color=look["color"], alpha=alpha, linewidth=0, zorder=1)


def law_end(axes: Axes, x: float, y: float, colour: Any) -> None:
    """Mark where the data of a law end."""
    axes.plot([x], [y], marker="|", ms=8, mew=0.8, color=colour, zorder=2.6)


def law_style(context: FigureContext, fit: str) -> tuple[Any, Any]:
    """Colour and line style of a fit: published dashed; refits solid, from the second on varied.

    Fits with the same label look the same, so that one legend serves all panels.
    """
    published = context.is_published(fit)
    alike = [name for name in context.fits if context.is_published(name) == published]
    labels = dict.fromkeys(context.fit_label(name) for name in alike)
    position = list(labels).index(context.fit_label(fit))
    if published:
        colours = style.PUBLISHED_COLOURS
        return colours[position % len(colours)], style.PUBLISHED_LINE
    colours = style.REFIT_COLOURS
    return colours[position % len(colours)], style.LINE_STYLES[position % 4]


def data_range(rows: pd.DataFrame, x: str) -> tuple[float, float]:
    """Smallest and largest value of a column among the fitted rows (all rows when none is)."""
    fitted = rows[rows["role"] == "fit"]
    values = (fitted if len(fitted) else rows)[x].to_numpy(float)
    return float(values.min()), float(values.max())


def plotted_rows(rows: pd.DataFrame, **extra: str) -> pd.DataFrame:
    """Rows as they go into a figure's CSV, with what they are."""
    frame = curves.with_sizes(rows).copy()
    for position, (name, value) in enumerate(extra.items()):
        frame.insert(position, name, value)
    return frame
