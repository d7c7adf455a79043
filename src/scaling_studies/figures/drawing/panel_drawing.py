"""One panel of rows and laws while it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from scaling_studies.figures.context import FigureContext
from scaling_studies.figures.drawing import curves, law_lines, layout, marks, style
from scaling_studies.figures.drawing.axes import (
    axis_label,
    column_of,
    response_label,
    response_unit,
)
from scaling_studies.figures.drawing.labels import EndLabel
from scaling_studies.laws import get_law

#: Checkpoint and measured value: a run may have been measured on several evaluation sets.
Point = tuple[str, float]
POINT_SIZE = 3.6
#: From so many rows on, points are drawn small.
MANY_ROWS = 400
SMALL_POINT_SIZE = 1.8


class PanelDrawing:
    """Rows and laws of one panel.

    Attributes
    ----------
    ends
        Labels for the ends of lines.
    keys
        Legend keys by label.
    styles
        Line styles of the laws drawn through series, by whether they are published.
    has_held_out
        Whether a held-out row is shown.
    apart
        Whether the fits have no row in common, so that points take the colours of their laws.
    x, x_label, y_label
        Column along which is drawn, and labels of the axes.
    """

    def __init__(
        self, context: FigureContext, axes: Axes, panel: layout.Panel, columns: int
    ) -> None:
        self.context = context
        self.axes = axes
        self.panel = panel
        self.columns = columns
        self.ends: list[EndLabel] = []
        self.keys: dict[str, Any] = {}
        self.styles: dict[bool, Any] = {}
        self.has_held_out = False
        self.apart = False
        self.every = int(context.option("every", 1))
        if self.every < 1:
            raise context.error("no row would be drawn", "give 1 or more", "options.every")
        fit = panel.fits[0]
        self.x = context.option("x") or get_law(context.fits[fit].law).axis_names[0]
        self.x_label = (
            panel.x_label or context.option("x_label") or axis_label(context, self.x, fit)
        )
        self.y_label = panel.y_label or context.option("y_label") or self._response(fit)
        axes.set_xscale(context.option("x_scale", "log", ("log", "linear")))
        axes.set_yscale(context.option("y_scale", "log", ("log", "linear")))

    def _response(self, fit: str) -> str:
        label = response_label(self.context, fit)
        offset = self.context.option("subtract")
        name, bracket, unit = label.partition(" (")
        return f"{name} − {offset}{bracket}{unit}" if offset else label

    def draw(self) -> pd.DataFrame:
        """Draw rows and laws; return the plotted numbers."""
        frames = []
        seen: set[Point] = set()
        self.apart = self._rows_apart()
        for fit in self.panel.fits:
            rows = self._rows(fit)
            if rows is None:
                frames.append(self._law(fit, None, None, *self._law_style(fit)))
                continue
            if rows.empty:
                continue
            frames += self._fit(fit, rows, seen)
            seen |= set(_measured(rows))
            frames.append(marks.plotted_rows(rows, panel=self.panel.title, fit=fit, what="row"))
        if not frames:
            style.say_empty(self.axes, "no rows for this panel")
            return pd.DataFrame()
        return pd.concat(frames, ignore_index=True)

    def _fit(self, fit: str, rows: pd.DataFrame, seen: set[Point]) -> list[pd.DataFrame]:
        """Draw the rows of a fit that are not drawn yet, and its law through each series."""
        drawn = []
        divided = self.context.option("series") is not None
        for value, colour, group in self._series(rows):
            # Several fits of one table share its rows; each is drawn once.
            fresh = group[[row not in seen for row in _measured(group)]].iloc[:: self.every]
            if len(fresh):
                marks.observed(
                    self.axes,
                    marks.lowered(fresh, law_lines.offset_of(self.context, fit)),
                    self.x,
                    colour=colour or (self._law_style(fit)[0] if self.apart else style.INK),
                    size=POINT_SIZE if len(rows) < MANY_ROWS else SMALL_POINT_SIZE,
                )
            line_colour, line_style = self._law_style(fit)
            if divided:
                published = self.context.is_published(fit)
                line_colour, line_style = colour, style.PUBLISHED_LINE if published else "-"
            drawn.append(self._law(fit, value, group, line_colour, line_style))
        self.has_held_out |= bool((rows["role"] == "held_out").any())
        self._annotate(rows)
        return drawn

    def _rows_apart(self) -> bool:
        """Whether several fits of the panel have rows, and none in common."""
        points = self.context.points
        keys = [set(_measured(points[fit])) for fit in self.panel.fits if fit in points]
        return len(keys) > 1 and sum(map(len, keys)) == len(set().union(*keys))

    def _rows(self, fit: str) -> pd.DataFrame | None:
        if fit not in self.context.points:
            return None
        rows = curves.with_sizes(self.context.points[fit])
        if self.x not in rows:
            raise self.context.error(
                f"the rows of fit {fit} have no column {self.x!r}",
                f"use one of {', '.join(rows.columns)}",
                "options.x",
            )
        return self.panel.rows(rows)

    def _series(self, rows: pd.DataFrame) -> list[tuple[Any, Any, pd.DataFrame]]:
        """Value, colour and rows of each series; one without value or colour when not divided."""
        column = self.context.option("series")
        if column is None:
            return [(None, None, rows)]
        values = self.context.option("series_values") or layout.distinct(
            self.context, list(self.context.fits), column
        )
        ordered = all(isinstance(value, (int, float)) for value in values)
        colours = style.series_colours(values, ordered=ordered)
        keys = layout.rounded(rows[column])
        picked = [
            (value, colour, rows[keys == value])
            for value, colour in zip(values, colours, strict=True)
        ]
        return [item for item in picked if len(item[2])]

    def _law_style(self, fit: str) -> tuple[Any, Any]:
        """Look of a law; where each panel has one fit, all refits look alike."""
        alone = self.context.option("panels") == "fit" and not self.context.is_published(fit)
        return (style.BLUE, "-") if alone else marks.law_style(self.context, fit)

    def _law(
        self, fit: str, value: Any, rows: pd.DataFrame | None, colour: Any, line_style: Any
    ) -> pd.DataFrame:
        """Draw a law through a series and note its label; return the plotted numbers."""
        line = law_lines.law_line(self.context, fit, rows, self.x)
        label = self._label(fit, value)
        if line is None:
            if value is not None:
                self.keys[label] = Line2D([], [], color=colour, linestyle="none", marker="o", ms=4)
            return pd.DataFrame()
        marks.law(
            self.axes,
            line.x,
            line.predicted,
            line.data_range,
            colour=colour,
            line_style=line_style,
            band=line.band,
        )
        # A panel for each fit says in its title which law the line is.
        if value is not None or self.context.option("panels") != "fit":
            self.ends.append(EndLabel(float(line.x[-1]), float(line.predicted[-1]), label, colour))
            # With series, colour names the series and the line style tells published from refit.
            divided = value is not None
            self.keys[label] = Line2D(
                [], [], color=colour, linestyle="-" if divided else line_style
            )
            if divided:
                self.styles[self.context.is_published(fit)] = line_style
        frame = line.frame(self.x)
        frame.insert(0, "panel", self.panel.title)
        frame.insert(1, "fit", fit)
        frame.insert(2, "what", "law")
        if value is not None:
            frame[str(self.context.option("series"))] = value
        return frame

    def _label(self, fit: str, value: Any) -> str:
        if value is None:
            return self.context.fit_label(fit)
        labels = self.context.option("series_labels") or {}
        text = labels.get(value)
        if text is None and isinstance(value, float):
            text = style.compact_number(value) if value >= 1000 else f"{value:g}"
        return str(text if text is not None else value)

    def _annotate(self, rows: pd.DataFrame) -> None:
        """Write the errors of the held-out rows furthest along x into the emptier lower corner."""
        count = int(self.context.option("annotate", 0))
        held = rows[rows["role"] == "held_out"].sort_values(self.x, kind="stable").tail(count)
        if not count or held.empty:
            return
        lines = [
            f"{row_name(row)}{style.percent(row['relative_residual'], digits=2)}"
            for row in held.to_dict("records")
        ]
        falling = np.corrcoef(rows[self.x], rows["observed"])[0, 1] < 0
        style.note(
            self.axes,
            0.03 if falling else 0.98,
            0.03,
            "error of held-out rows\n" + "\n".join(lines),
            ha="left" if falling else "right",
            va="bottom",
            fontsize=6.5,
            linespacing=1.3,
        )

    def dress(self) -> None:
        """Scales, ticks and title, once everything is drawn."""
        self.axes.set_title(layout.wrapped_title(self.panel.title, self.columns))
        if self.context.option("x_scale", "log") == "log":
            column = column_of(self.context, self.x, self.panel.fits[0])
            style.log_axis(self.axes.xaxis, column)
        if self.context.option("y_scale", "log") == "log":
            # Sizes as responses (optimal N*, tokens) are written as sizes.
            style.log_axis(self.axes.yaxis, response_unit(self.context, self.panel.fits[0]) or "")


def row_name(row: Mapping[Any, Any]) -> str:
    """Size of a run, for a note: ``1.4B, D/N 640: ``; empty when it is not known."""
    parts = []
    params = row.get("params", row.get("params_total"))
    if params and np.isfinite(params):
        parts.append(style.compact_number(params, 2))
    ratio = row.get("tokens_per_parameter")
    if ratio and np.isfinite(ratio):
        parts.append(f"D/N {ratio:.3g}")
    return f"{', '.join(parts)}: " if parts else ""


def _measured(rows: pd.DataFrame) -> list[Point]:
    """What tells the points of some rows apart."""
    return list(zip(rows["row_key"], rows["observed"], strict=True))
