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
    Columns held at their value within a series while the law is drawn; the series column and the
    law's other axes by default.
``x_scale``, ``y_scale``
    ``log`` (default) or ``linear``.
``x_label``, ``y_label``, ``labels``
    Axis labels, and short names by fit.
``x_min``, ``x_max``
    Range to draw the laws over; the data's when absent.
``annotate``
    Write the relative errors of so many held-out rows, those furthest along x (0).
``subtract``
    Parameter of the law (its asymptote) that is taken off the values, so that a power law becomes
    straight on logarithmic axes.
``band``, ``share_x``, ``share_y``, ``columns``, ``panel_height``
    Draw intervals (true), share axes (true), panels in a row, height of a panel in inches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures import _curves, _marks, _panels, _style
from scaling_studies.figures._axes import axis_label, column_of, response_label
from scaling_studies.figures._labels import EndLabel, label_ends
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scaling_studies.figures._context import FigureContext

# fmt: off
OPTIONS = (
    "x", "panels", "panel_titles", "series", "series_values", "series_labels", "series_title",
    "hold", "x_scale", "y_scale", "x_label", "y_label", "labels", "x_min", "x_max", "band",
    "annotate", "subtract", "share_x", "share_y", "columns", "panel_height",
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

    panels = _panels.panels(context)
    columns = int(context.option("columns") or _panels.usual_columns(len(panels)))
    share_x, share_y = (bool(context.option(f"share_{name}", True)) for name in "xy")
    figure, grid = _panels.panel_grid(
        len(panels),
        columns=columns,
        panel_height=float(context.option("panel_height", 2.1)),
        share_x=share_x,
        share_y=share_y,
    )
    drawings = [
        _PanelDrawing(context, axes, panel, columns)
        for axes, panel in zip(grid, panels, strict=True)
    ]
    frames = [drawing.draw() for drawing in drawings]
    for drawing in drawings:
        drawing.dress()
    columns = min(columns, len(panels))
    first = drawings[0]
    for position, drawing in enumerate(drawings):
        if not share_x or position + columns >= len(drawings):
            drawing.axes.set_xlabel(_panels.wrapped_label(drawing.x_label, columns))
        if not share_y or position % columns == 0:
            drawing.axes.set_ylabel(drawing.y_label)
    if len(panels) > 1:
        _legend(context, figure, drawings)
    else:
        first.keys.clear()
        _legend(context, figure, drawings)
        figure.draw_without_rendering()
        label_ends(first.axes, first.ends[:MOST_END_LABELS])
    return figure, pd.concat(frames, ignore_index=True)


def _legend(context: FigureContext, figure: Figure, drawings: list[_PanelDrawing]) -> None:
    keys = {}
    for drawing in drawings:
        keys.update(drawing.keys)
    if any(drawing.has_held_out for drawing in drawings):
        keys |= _marks.row_keys()
    if not keys:
        return
    figure.legend(
        list(keys.values()),
        list(keys),
        title=context.option("series_title"),
        loc="outside lower left",
        alignment="left",
        ncols=_panels.legend_columns(list(keys)),
    )


def _row_name(row: dict[str, Any]) -> str:
    """Size of a run, for a note: ``1.4B, D/N 640: ``."""
    parts = []
    params = row.get("params", row.get("params_total"))
    if params and np.isfinite(params):
        parts.append(_style.compact_number(params, 2))
    ratio = row.get("tokens_per_parameter")
    if ratio and np.isfinite(ratio):
        parts.append(f"D/N {ratio:.3g}")
    return f"{', '.join(parts)}: " if parts else ""


class _PanelDrawing:
    """One panel while it is drawn."""

    def __init__(
        self, context: FigureContext, axes: Axes, panel: _panels.Panel, columns: int
    ) -> None:
        self.columns = columns
        self.context = context
        self.axes = axes
        self.panel = panel
        self.ends: list[EndLabel] = []
        self.keys: dict[str, Any] = {}
        self.has_held_out = False
        first = context.fits[panel.fits[0]]
        self.x = context.option("x") or get_law(first["law"]).axis_names[0]
        fit = panel.fits[0]
        self.x_label = (
            panel.x_label or context.option("x_label") or axis_label(context, self.x, fit)
        )
        self.y_label = panel.y_label or context.option("y_label") or response_label(context, fit)
        if context.option("subtract") and not context.option("y_label"):
            self.y_label = self.y_label.replace("Loss", f"Loss − {context.option('subtract')}")
        axes.set_xscale(context.option("x_scale", "log", ("log", "linear")))
        axes.set_yscale(context.option("y_scale", "log", ("log", "linear")))

    def draw(self) -> pd.DataFrame:
        """Draw rows and laws; return the plotted numbers."""
        import pandas as pd

        series = self.context.option("series")
        frames = []
        seen: set[str] = set()
        for fit in self.panel.fits:
            rows = self._rows(fit)
            if rows is None:
                self._line(fit, None, None, *self._law_style(fit))
                continue
            groups = self._series(rows, series)
            for value, colour, group in groups:
                # Several fits of one table share its rows; each is drawn once.
                fresh = group[~group["row_key"].isin(seen)]
                line_colour, line_style = self._law_style(fit)
                if len(fresh):
                    _marks.observed(
                        self.axes,
                        _marks.lowered(fresh, self._offset(fit)),
                        self.x,
                        colour=colour or _style.INK,
                        size=3.6,
                    )
                if series is not None:
                    published = self.context.is_published(fit)
                    line_colour = colour
                    line_style = _style.PUBLISHED_LINE if published else "-"
                drawn = self._line(fit, value, group, line_colour, line_style)
                frames.append(drawn)
            seen |= set(rows["row_key"])
            self.has_held_out |= bool((rows["role"] == "held_out").any())
            self._annotate(rows)
            frames.append(_marks.plotted_rows(rows, panel=self.panel.title, fit=fit, what="row"))
        if not frames:
            _style.say_empty(self.axes, "no rows for this panel")
            return pd.DataFrame()
        return pd.concat(frames, ignore_index=True)

    def _law_style(self, fit: str) -> tuple[Any, Any]:
        """Look of a law; where each panel has one fit, all refits look alike."""
        alone = self.context.option("panels") == "fit" and not self.context.is_published(fit)
        return (_style.BLUE, "-") if alone else _marks.law_style(self.context, fit)

    def _annotate(self, rows: pd.DataFrame) -> None:
        """Write the errors of the held-out rows furthest along x into the emptier lower corner."""
        count = int(self.context.option("annotate", 0))
        held = rows[rows["role"] == "held_out"].sort_values(self.x).tail(count)
        if not count or held.empty:
            return
        lines = [
            f"{_row_name(row)}{_style.percent(row['relative_residual'], digits=2)}"
            for row in held.to_dict("records")
        ]
        falling = np.corrcoef(rows[self.x], rows["observed"])[0, 1] < 0
        self.axes.text(
            0.03 if falling else 0.98,
            0.03,
            "error of held-out rows\n" + "\n".join(lines),
            transform=self.axes.transAxes,
            ha="left" if falling else "right",
            va="bottom",
            fontsize=6.5,
            color=_style.INK,
            linespacing=1.3,
        )

    def _rows(self, fit: str) -> pd.DataFrame | None:
        if fit not in self.context.points:
            return None
        rows = self.panel.rows(_curves.with_sizes(self.context.points[fit]))
        if self.x not in rows:
            raise self.context.error(
                f"the rows of fit {fit} have no column {self.x!r}",
                f"use one of {', '.join(rows.columns)}",
                "options.x",
            )
        return rows

    def _series(
        self, rows: pd.DataFrame, column: str | None
    ) -> list[tuple[Any, Any, pd.DataFrame]]:
        """Value, colour and rows of each series; one without value or colour when not divided."""
        if column is None:
            return [(None, None, rows)]
        values = self.context.option("series_values") or _panels.distinct(
            self.context, self.panel.fits, column
        )
        ordered = all(isinstance(value, (int, float)) for value in values)
        colours = _style.series_colours(values, ordered=ordered)
        keys = _panels.rounded(rows[column])
        picked = [
            (value, colour, rows[keys == value])
            for value, colour in zip(values, colours, strict=True)
        ]
        return [item for item in picked if len(item[2])]

    def _line(
        self, fit: str, value: Any, rows: pd.DataFrame | None, colour: Any, line_style: Any
    ) -> pd.DataFrame:
        """Draw a law along x through a series and note its label."""
        import pandas as pd

        artefact = self.context.fits[fit]
        low, high = self._range(rows)
        inner = (low, high) if rows is None else _marks.data_range(rows, self.x)
        grid = _curves.log_grid(low, high, extra=inner)
        axes = _curves.law_axes(artefact["law"], self.x, grid, self._hold(artefact, rows))
        if axes is None:
            raise self.context.error(
                f"law {artefact['law']} cannot be drawn along {self.x!r}",
                "name the columns that stay fixed within a series under options.hold",
                "options.hold",
            )
        values = _curves.law_values(artefact, axes) - self._offset(fit)
        band = None
        if self.context.option("band", True):
            band = _curves.law_band(artefact, self.context.resamples.get(fit), axes)
        if band is not None:
            band = tuple(end - self._offset(fit) for end in band)
        _marks.law(self.axes, grid, values, inner, colour=colour, line_style=line_style, band=band)
        label = self._label(fit, value)
        from matplotlib.lines import Line2D

        # A panel for each fit says in its title which law the line is.
        if value is not None or self.context.option("panels") != "fit":
            self.ends.append(EndLabel(float(grid[-1]), float(values[-1]), label, colour))
            self.keys[label] = Line2D([], [], color=colour, linestyle=line_style)
        frame = pd.DataFrame({self.x: grid, "predicted": values})
        if band is not None:
            frame["predicted_low"], frame["predicted_high"] = band
        frame.insert(0, "panel", self.panel.title)
        frame.insert(1, "fit", fit)
        frame.insert(2, "what", "law")
        if value is not None:
            frame[str(self.context.option("series"))] = value
        return frame

    def _offset(self, fit: str) -> float:
        """Value of the parameter that is taken off."""
        name = self.context.option("subtract")
        if name is None:
            return 0.0
        if name not in self.context.fits[fit]["parameters"]:
            raise self.context.error(
                f"law {self.context.fits[fit]['law']} has no parameter {name!r}",
                "name its asymptote or leave the option out",
                "options.subtract",
            )
        return float(self.context.fits[fit]["parameters"][name])

    def _range(self, rows: pd.DataFrame | None) -> tuple[float, float]:
        low, high = self.context.option("x_min"), self.context.option("x_max")
        if rows is not None:
            low = low or rows[self.x].min()
            high = high or rows[self.x].max()
        if low is None or high is None:
            raise self.context.error(
                "a law without rows has no range of its own", "give x_min and x_max"
            )
        low, high = float(low), float(high)
        return (low / 1.5, high * 1.5) if low == high else (low, high)

    def _hold(self, artefact: dict[str, Any], rows: pd.DataFrame | None) -> dict[str, float]:
        if rows is None:
            return {}
        wanted = self.context.option("hold")
        if wanted is None:
            series = self.context.option("series")
            others = [name for name in get_law(artefact["law"]).axis_names if name != self.x]
            wanted = ([series] if series in _curves.SIZE_COLUMNS else []) + others
        return {name: float(np.median(rows[name])) for name in wanted if name in rows}

    def _label(self, fit: str, value: Any) -> str:
        if value is None:
            return self.context.fit_label(fit)
        labels = self.context.option("series_labels") or {}
        text = labels.get(value)
        if text is None and isinstance(value, float):
            text = _style.compact_number(value) if value >= 1000 else f"{value:g}"
        return str(text if text is not None else value)

    def dress(self) -> None:
        """Scales, ticks and title, once everything is drawn."""
        self.axes.set_title(_panels.wrapped_title(self.panel.title, self.columns))
        if self.context.option("x_scale", "log") == "log":
            _style.log_axis(self.axes.xaxis, column_of(self.context, self.x, self.panel.fits[0]))
        if self.context.option("y_scale", "log") == "log":
            _style.log_axis(self.axes.yaxis, "observed")
