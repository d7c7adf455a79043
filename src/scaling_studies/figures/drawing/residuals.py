"""Residuals of fits: predicted over observed - 1, hollow for published laws, crosses held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from scaling_studies.figures.context import FigureContext
from scaling_studies.figures.drawing import marks, style

#: Least share of a panel's height that the fitted rows keep.
FLATTEST = 0.06
#: Place of the arrows that stand for rows beyond a panel, as a share of its half height.
EDGE = 0.93
MARKERS = {"fit": "o", "held_out": "x", "above": "^", "below": "v"}


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


def draw_residuals(
    context: FigureContext,
    figure: Figure | SubFigure,
    rows: Mapping[str, pd.DataFrame],
    against: Sequence[str],
) -> np.ndarray:
    """Draw and return panels of shape (fits, columns), for the rows of each fit against columns.

    Rows beyond the panels are drawn as arrows at the edge, and their number and extreme are said.
    """
    limit = residual_limit(*rows.values())
    frame = pd.concat(
        [
            _shown(rows[fit], against, limit).assign(fit=fit, hollow=context.is_published(fit))
            for fit in rows
        ],
        ignore_index=True,
    )
    # Arrows are hollow in any case.
    frame["filled"] = ~frame["hollow"] & ~frame["look"].isin(["above", "below"])
    looks = {fit: marks.law_style(context, fit)[0] for fit in rows}
    plot = (
        so.Plot(frame, y="shown", color="fit", fill="filled")
        .pair(x=list(against))
        .facet(row="fit", order=list(rows))
        .share(x="col", y=True)
        .scale(color=looks, fill={True: True, False: False})
        .limit(y=(-limit, limit))
        .theme(style.settings())
        .on(figure)
    )
    # A layer for each marker: an SVG holds the outline of one once, and not for each point.
    for look, some in frame.groupby("look", sort=False):
        stroke = 1.0 if look == "held_out" else 0.7
        outline = {"marker": MARKERS[str(look)], "stroke": stroke, "edgewidth": 0.4}
        dots = so.Dot(style.ABOVE, pointsize=3.6, alpha=0.85, **outline)
        plot = plot.add(dots, data=some, legend=False)
    plot.plot()
    style.share_outlines(figure)
    panels = np.array(style.panels_of(figure), dtype=object).reshape(len(rows), len(against))
    for line, (fit, fit_rows) in zip(panels, rows.items(), strict=True):
        for axes in line:
            axes.set(title="", xlabel="", ylabel="")
            style.zero_line(axes)
            _say_beyond(axes, fit_rows["relative_residual"], limit, looks[fit])
        style.percent_axis(line[0].yaxis)
    return panels


def _shown(rows: pd.DataFrame, against: Sequence[str], limit: float) -> pd.DataFrame:
    """Place and look of each row: those beyond the limit stand at the edge as arrows."""
    residual = rows["relative_residual"]
    look = rows["role"].where(residual.abs() <= limit, np.where(residual > 0, "above", "below"))
    shown = residual.where(residual.abs() <= limit, np.sign(residual) * EDGE * limit)
    return rows[list(against)].assign(shown=shown, look=look)[np.isfinite(residual)]


def _say_beyond(axes: Axes, residual: pd.Series, limit: float, colour: str) -> None:
    beyond = residual[(residual.abs() > limit) & np.isfinite(residual)]
    if len(beyond):
        extreme = style.percent(beyond[beyond.abs().idxmax()])
        text = f"{len(beyond)} row{'s' if len(beyond) > 1 else ''} beyond, to {extreme}"
        style.note(
            axes, 0.02, 0.88 if (beyond > 0).any() else 0.98, text, color=style.text_colour(colour)
        )
