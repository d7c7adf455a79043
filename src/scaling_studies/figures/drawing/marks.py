"""Drawing of rows and laws: the same marks in every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures.drawing import curves, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from scaling_studies.figures.context import FigureContext


#: Least share of a residual panel's height that the fitted rows keep.
FLATTEST = 0.06


def observed(
    axes: Axes,
    rows: pd.DataFrame,
    x: str,
    y: str = "observed",
    *,
    colour: Any,
    size: float = 4.0,
    marker: str = "o",
) -> None:
    """Draw measured rows: filled when fitted, crosses when held out, with published intervals."""
    held = rows["role"].to_numpy() == "held_out"
    if y == "observed" and {"observed_low", "observed_high"} <= set(rows):
        low, high = (rows[f"observed_{end}"].to_numpy(float) for end in ("low", "high"))
        known = np.isfinite(low) & np.isfinite(high)
        axes.vlines(
            rows[x].to_numpy(float)[known],
            low[known],
            high[known],
            color=colour,
            lw=0.8,
            zorder=2.5,
        )
    for mask, look in (
        (~held, {"marker": marker, "markeredgecolor": "none"}),
        (held, {"marker": "x", "markeredgewidth": 1.1, "markersize": size * 1.15}),
    ):
        if mask.any():
            axes.plot(
                rows[x].to_numpy(float)[mask],
                rows[y].to_numpy(float)[mask],
                **{"linestyle": "none", "color": colour, "markersize": size, "zorder": 3, **look},
            )


def lowered(rows: pd.DataFrame, offset: float) -> pd.DataFrame:
    """Rows with an offset taken off their observed values."""
    if not offset:
        return rows
    names = [name for name in ("observed", "observed_low", "observed_high") if name in rows]
    return rows.assign(**{name: rows[name] - offset for name in names})


def law_keys(styles: dict[bool, Any]) -> dict[str, Any]:
    """Legend keys of refits and published laws."""
    from matplotlib.lines import Line2D

    names = {False: "refit", True: "published"}
    return {
        names[published]: Line2D([], [], color=style.INK, linestyle=styles[published])
        for published in sorted(styles)
    }


def row_keys() -> dict[str, Any]:
    """Legend keys of fitted and held-out rows."""
    from matplotlib.lines import Line2D

    common = {"linestyle": "none", "color": style.INK}
    return {
        "fitted row": Line2D([], [], marker="o", markeredgecolor="none", markersize=4, **common),
        "held-out row": Line2D([], [], marker="x", markeredgewidth=1.1, markersize=4.5, **common),
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
    width: float = 1.5,
    mark_end: bool = True,
) -> None:
    """Draw a law with its band; lighter outside the data, with a thin mark where they end."""
    inside = (grid >= data_range[0] * (1 - 1e-9)) & (grid <= data_range[1] * (1 + 1e-9))
    common = {"color": colour, "linestyle": line_style, "linewidth": width, "zorder": 2}
    faded = style.EXTRAPOLATED_ALPHA
    below, above = grid <= data_range[0] * (1 + 1e-9), grid >= data_range[1] * (1 - 1e-9)
    for mask, alpha in ((inside, 1.0), (below, faded), (above, faded)):
        if mask.sum() > 1:
            axes.plot(grid[mask], values[mask], alpha=alpha, **common)
            if band is not None:
                axes.fill_between(
                    grid[mask],
                    band[0][mask],
                    band[1][mask],
                    color=colour,
                    alpha=style.BAND_ALPHA * (1 if alpha == 1 else 0.6),
                    linewidth=0,
                    zorder=1,
                )
    if mark_end:
        for position, beyond in zip(data_range, (below, above), strict=True):
            if beyond.sum() > 1:
                axes.plot(
                    [position],
                    [np.interp(position, grid, values)],
                    marker="|",
                    markersize=8,
                    markeredgewidth=0.8,
                    color=colour,
                    zorder=2.2,
                )


def residual_limit(*frames: pd.DataFrame) -> float:
    """Half height of the residual panels of one or several fits.

    All fitted rows and nine of ten of all are inside, and all rows as long as they leave nine of
    ten fitted ones of each fit `FLATTEST` of the height.
    """
    inside, furthest, flat = [0.0], [0.0], False
    for rows in frames:
        residual = np.abs(rows["relative_residual"].to_numpy(float))
        residual = np.where(np.isfinite(residual), residual, 0.0)
        fitted = residual[(rows["role"] == "fit").to_numpy()]
        if len(residual):
            inside += [np.quantile(residual, 0.9), *fitted]
            furthest.append(residual.max())
            flat |= not len(fitted) or np.quantile(fitted, 0.9) < FLATTEST * residual.max()
    return 1.2 * float(np.max(inside if flat else furthest)) or 0.01


def relative_residuals(
    axes: Axes,
    rows: pd.DataFrame,
    x: str,
    *,
    colour: Any,
    hollow: bool = False,
    limit: float | None = None,
) -> None:
    """Draw predicted/observed - 1 of rows; hollow for a published law, crosses for held-out rows.

    Rows beyond ``limit`` are drawn as arrows at the edge, and their number and extreme are said.
    """
    residual = rows["relative_residual"].to_numpy(float)
    place = rows[x].to_numpy(float)
    limit = residual_limit(rows) if limit is None else limit
    held = rows["role"].to_numpy() == "held_out"
    inside = np.abs(residual) <= limit
    face = "none" if hollow else colour
    for mask, look in (
        (~held & inside, {"marker": "o", "markerfacecolor": face, "markeredgewidth": 0.7}),
        (held & inside, {"marker": "x", "markeredgewidth": 1.0}),
    ):
        axes.plot(
            place[mask],
            residual[mask],
            linestyle="none",
            markersize=3.4,
            color=colour,
            markeredgecolor=colour,
            alpha=0.85,
            zorder=3,
            **look,
        )
    axes.set_ylim(-limit, limit)
    beyond = ~inside & np.isfinite(residual)
    for sign, marker in ((1, "^"), (-1, "v")):
        mask = beyond & (np.sign(residual) == sign)
        axes.plot(
            place[mask],
            np.full(mask.sum(), sign * limit * 0.93),
            linestyle="none",
            marker=marker,
            markersize=4,
            markerfacecolor="none",
            color=colour,
            zorder=3,
        )
    if beyond.any():
        count = int(beyond.sum())
        extreme = style.percent(residual[beyond][np.argmax(np.abs(residual[beyond]))])
        both = bool((residual[beyond] > 0).any())
        axes.text(
            0.02,
            0.88 if both else 0.98,
            f"{count} row{'s' if count > 1 else ''} beyond, to {extreme}",
            transform=axes.transAxes,
            fontsize=7,
            color=colour,
            va="top",
        )
    style.zero_line(axes)


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
    colours = (style.BLUE, style.GREEN, style.PURPLE, style.ORANGE, style.SKY, style.GREY)
    return colours[position % len(colours)], style.LINE_STYLES[position % 4]


def data_range(rows: pd.DataFrame, x: str) -> tuple[float, float]:
    """Smallest and largest value of a column among the fitted rows (all rows when none is)."""
    fitted = rows[rows["role"] == "fit"]
    values = (fitted if len(fitted) else rows)[x].to_numpy(float)
    return float(values.min()), float(values.max())


def plotted_rows(rows: pd.DataFrame, **extra: object) -> pd.DataFrame:
    """Rows as they go into a figure's CSV, with what they are."""
    frame = curves.with_sizes(rows).copy()
    for position, (name, value) in enumerate(extra.items()):
        frame.insert(position, name, value)
    return frame
