"""Measured rows and the laws fitted to them, along any column, in one panel or many.

The workhorse of study pages. Options:

``x``
    Column along which is drawn: an axis of the law, or one of params, tokens, flops,
    tokens_per_parameter. The law's first axis when absent.
``panels``
    Absent (one panel), ``fit`` (one for each fit), ``rows`` (one for each set of fits of the same
    rows), a column (one for each value), or a list of ``{title, fits, where, x_label, y_label}``.
``panel_titles``
    Titles by value of the panel column, or by first fit.
``series``
    Column whose values get a colour and a line each.
``series_values``, ``series_labels``, ``series_title``
    Which values (all when absent), how they are called, what they are.
``hold``
    Columns held at their median within a series while the law is drawn; by default the series
    column and the law's other axes, which must not vary then. A mapping gives the values, which
    laws without rows need.
``x_scale``, ``y_scale``
    ``log`` (default) or ``linear``.
``x_label``, ``y_label``, ``labels``
    Axis labels, and short names by fit.
``line``
    ``law`` (default; everything besides x must be constant within a series), ``rows`` (the
    predictions at the rows, joined) or ``none``.
``x_min``, ``x_max``
    Range to draw the laws over; the data's when absent.
``every``
    Draw every so many rows of a series as points (1), so that dense curves do not hide the laws.
``annotate``
    Write the relative errors of so many held-out rows, those furthest along x (0).
``subtract``
    Parameter of the law (its asymptote) that is taken off the values, so that a power law becomes
    straight on logarithmic axes.
``band``, ``share_x``, ``share_y``, ``columns``, ``panel_height``
    Draw intervals (true), share axes (true), panels in a row, height of a panel in inches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.figures.drawing import layout, marks
from scaling_studies.figures.drawing.labels import label_ends
from scaling_studies.figures.drawing.panel_drawing import PanelDrawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

# fmt: off
OPTIONS = (
    "x", "panels", "panel_titles", "series", "series_values", "series_labels", "series_title",
    "hold", "line", "x_scale", "y_scale", "x_label", "y_label", "labels", "x_min", "x_max", "band",
    "every", "annotate", "subtract", "share_x", "share_y", "columns", "panel_height",
)
# fmt: on
MOST_END_LABELS = 8


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw rows and laws."""
    context.only_options(*OPTIONS)
    return draw_lines(context)


def draw_lines(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw rows and laws with the options as they are; for kinds built on this one."""
    import pandas as pd

    panels = layout.panels(context)
    columns = int(context.option("columns") or layout.usual_columns(len(panels)))
    share_x, share_y = (bool(context.option(f"share_{name}", True)) for name in "xy")
    figure, grid = layout.panel_grid(
        len(panels),
        columns=columns,
        panel_height=float(context.option("panel_height", 2.1)),
        share_x=share_x,
        share_y=share_y,
    )
    drawings = [
        PanelDrawing(context, axes, panel, columns)
        for axes, panel in zip(grid, panels, strict=True)
    ]
    frames = [drawing.draw() for drawing in drawings]
    for drawing in drawings:
        drawing.dress()
    columns = min(columns, len(panels))
    first = drawings[0]
    for position, drawing in enumerate(drawings):
        if not share_x or position + columns >= len(drawings):
            drawing.axes.set_xlabel(layout.wrapped_label(drawing.x_label, columns))
        if not share_y or position % columns == 0:
            drawing.axes.set_ylabel(drawing.y_label)
    if len(panels) > 1:
        _legend(context, figure, drawings)
    else:
        # The values of a series need its title, so they stand in a legend.
        divided = context.option("series") is not None or len(first.ends) > MOST_END_LABELS
        (first.ends if divided else first.keys).clear()
        _legend(context, figure, drawings)
        figure.draw_without_rendering()
        label_ends(first.axes, first.ends)
    return figure, pd.concat(frames, ignore_index=True)


def _legend(context: FigureContext, figure: Figure, drawings: list[PanelDrawing]) -> None:
    keys = {}
    for drawing in drawings:
        keys.update(drawing.keys)
    styles = {known: look for drawing in drawings for known, look in drawing.styles.items()}
    if len(styles) > 1:
        keys |= marks.law_keys(styles)
    if any(drawing.has_held_out for drawing in drawings):
        keys |= marks.row_keys()
    if not keys:
        return
    figure.legend(
        list(keys.values()),
        list(keys),
        title=context.option("series_title"),
        loc="outside lower left",
        alignment="left",
        ncols=layout.legend_columns(list(keys)),
    )
