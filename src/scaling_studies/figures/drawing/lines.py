"""Rows and laws in one panel or many: what `lines` and the kinds built on it share."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import layout, marks, style
from scaling_studies.figures.drawing.labels import label_ends
from scaling_studies.figures.drawing.panel_drawing import PanelDrawing

# fmt: off
#: What a card may set; ``kinds/lines.py`` says what each means.
OPTIONS = (
    "x", "panels", "panel_titles", "series", "series_values", "series_labels", "series_title",
    "hold", "line", "x_scale", "y_scale", "x_label", "y_label", "labels", "x_min", "x_max", "band",
    "every", "annotate", "subtract", "share_x", "share_y", "columns", "panel_height",
)
# fmt: on
MOST_END_LABELS = 8


def draw_lines(context: FigureContext) -> Drawn:
    """Draw rows and laws."""
    context.only_options(*OPTIONS)
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
    for position, drawing in enumerate(drawings):
        if not share_x or position + columns >= len(drawings):
            drawing.axes.set_xlabel(layout.wrapped_label(drawing.x_label, columns))
        if not share_y or position % columns == 0:
            drawing.axes.set_ylabel(drawing.y_label)
    if len(panels) > 1:
        _legend(context, figure, drawings)
    else:
        # The values of a series need its title, so they stand in a legend.
        first = drawings[0]
        divided = context.option("series") is not None or len(first.ends) > MOST_END_LABELS
        (first.ends if divided else first.keys).clear()
        _legend(context, figure, drawings)
        style.lay_out(figure)
        label_ends(first.axes, first.ends)
    return figure, pd.concat(frames, ignore_index=True)


def _legend(context: FigureContext, figure: Figure, drawings: list[PanelDrawing]) -> None:
    keys = {label: key for drawing in drawings for label, key in drawing.keys.items()}
    styles = {known: look for drawing in drawings for known, look in drawing.styles.items()}
    if len(styles) > 1:
        keys |= marks.law_keys(styles)
    if any(drawing.has_held_out for drawing in drawings):
        keys |= marks.row_keys()
    layout.add_legend(figure, keys, context.option("series_title"))
