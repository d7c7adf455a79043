"""Values with intervals, a line for each law and a panel for each quantity: a forest plot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from scaling_studies.cards.models.target import Target
from scaling_studies.figures.drawing import heading, layout, style

#: Fewer estimates than this are shown whole.
FEW = 6
#: Distances from the middle, in deviations that nine of ten values keep, up to which all is shown.
SPREAD = 6.0
#: Distance between the values of one line.
APART = 0.34
#: Size of labels; the share of the width from which they stand above what they name, as a forest
#: would have no room beside them, and the height in inches of a line of a label that does.
LABEL_SIZE, MOST_LABEL, LABEL_HEIGHT = 7.5, 0.2, 0.15
LINES: style.Look = {"refit": "-", "published": (0, (2, 1))}


def estimate(
    line: object, panel: str, value: float | None, interval: Mapping[str, Any], **look: Any
) -> dict[str, Any]:
    """One value as a row for :func:`draw_intervals`, with `colour` and `source` as its look."""
    numbers = {"value": value, "low": interval.get("low"), "high": interval.get("high")}
    filled = {name: np.nan if number is None else float(number) for name, number in numbers.items()}
    return {"line": line, "panel": panel, **filled, **look}


def printed(target: Target) -> tuple[float, dict[str, float]]:
    """Printed value and its 95 % interval, from the printed standard error if there is one."""
    assert target.printed is not None
    value, error = target.printed.value, 1.96 * (target.printed_error or np.nan)
    return value, {"low": value - error, "high": value + error}


def draw_intervals(
    figure: Figure | SubFigure,
    frame: pd.DataFrame,
    names: Mapping[Any, str],
    columns: int,
    titles: Mapping[str, str],
    *,
    log: bool = False,
) -> None:
    """Draw a panel for each of the titles, and in it a line for each of the names.

    Parameters
    ----------
    figure
        Figure or part of one that the panels fill.
    frame
        Rows of :func:`estimate`.
    names
        Label of each line, from the top down.
    columns
        Panels in a row.
    titles
        Title of each panel.
    log
        Whether values are on a logarithmic axis; else intervals far from all values are cut off.
    """
    above = stands_above(names.values())
    share = 1.0 - APART if above else 1.0
    places = {line: place for place, line in enumerate(names)}
    together = frame.groupby(["panel", "line"], sort=False)
    shift = together.cumcount() - (together["value"].transform("size") - 1) / 2
    frame = frame.assign(
        place=frame["line"].map(places) + (1.0 - share) / 4 + APART * share * shift,
        face=frame["colour"].where(frame["source"] == "refit", "white"),
    )
    (
        so.Plot(frame, y="place")
        .facet(col="panel", order=list(titles), wrap=columns if columns < len(titles) else None)
        .share(x=False)
        .add(
            so.Range({"capstyle": "butt", "zorder": 2}, linewidth=1.4),
            legend=False,
            orient="y",
            color="colour",
            xmin="low",
            xmax="high",
            linestyle="source",
        )
        .add(
            so.Dot(style.ABOVE, pointsize=5, edgewidth=1.2),
            legend=False,
            x="value",
            color="face",
            edgecolor="colour",
        )
        .scale(color=None, edgecolor=None, linestyle=LINES)
        .theme(style.settings())
        .on(figure)
        .plot()
    )
    panels = zip(style.panels_of(figure), titles.items(), strict=True)
    for number, (axes, (panel, title)) in enumerate(panels):
        axes.set(title=title, xlabel="", ylabel="", ylim=(len(names) - 0.5, -0.5))
        axes.set_yticks(range(len(names)), [""] * len(names) if above else list(names.values()))
        axes.tick_params(axis="y", length=0, labelsize=LABEL_SIZE)
        if above:
            axes.set_title(title, pad=8)
        if above and number % columns == 0:
            _label_above(axes, list(names.values()))
        axes.grid(visible=False, axis="y")
        rows = frame[frame["panel"] == panel]
        if log:
            style.log_axis(axes.xaxis, panel)
        else:
            _cut_off(axes, rows)
        _draw_open(axes, rows, log=log)


def stands_above(names: Iterable[str]) -> bool:
    """Whether labels are too long to stand beside the intervals that they name."""
    longest = max(heading.text_width(name, LABEL_SIZE) for name in names)
    return longest > MOST_LABEL * style.FULL_WIDTH


def height_of(names: Sequence[str], row_height: float) -> float:
    """Height in inches of the lines of a forest, with labels above them where they are long."""
    return len(names) * (row_height + (LABEL_HEIGHT if stands_above(names) else 0.0))


def _label_above(axes: Axes, names: Sequence[str]) -> None:
    """Write labels over their lines; they may reach over the panels beside."""
    look: style.Look = {"fontsize": LABEL_SIZE, "va": "top", "zorder": 5}
    for place, name in enumerate(names):
        where = axes.get_yaxis_transform()
        told = axes.annotate(name, (0.0, place - 0.46), (3.0, 0.0), where, "offset points", **look)
        told.set_in_layout(False)


def _cut_off(axes: Axes, rows: pd.DataFrame) -> None:
    """Limit the value axis to where most intervals lie; arrows mark intervals that go beyond."""
    values = rows["value"].dropna().to_numpy()
    if len(values) < FEW:
        return
    ends = rows[["value", "low", "high"]].to_numpy()
    middle = np.median(values)
    # Values that nearly agree leave room for the usual interval around them.
    usual = (rows["high"] - rows["low"]).median()
    room = np.nanmax([SPREAD * np.quantile(np.abs(values - middle), 0.9), usual, 1e-12])
    low = max(np.nanmin(ends), min(values.min(), middle - room))
    high = min(np.nanmax(ends), max(values.max(), middle + room))
    margin = 0.06 * (high - low)
    low, high = low - margin, high + margin
    axes.set_xlim(low, high)
    for beyond, edge, marker in (
        (rows[rows["low"] < low], low, "<"),
        (rows[rows["high"] > high], high, ">"),
    ):
        for place, colour in zip(beyond["place"], beyond["colour"], strict=True):
            look = {"marker": marker, "markersize": 4, "color": colour, "zorder": 3}
            axes.plot([edge], [place], clip_on=False, **look)


def _draw_open(axes: Axes, rows: pd.DataFrame, *, log: bool) -> None:
    """Draw intervals that are open on one side from their end to the frame, with an arrow."""
    rows = rows[rows["low"].isna() != rows["high"].isna()]
    if rows.empty:
        return
    left, right = axes.get_xlim()
    ends = rows[["low", "high"]].to_numpy()
    room = 1.2 if log else 0.06 * (right - left)
    least, most = float(np.nanmin(ends)), float(np.nanmax(ends))
    left = min(left, least / room if log else least - room)
    right = max(right, most * room if log else most + room)
    axes.set_xlim(left, right)
    for row in rows.to_dict("records"):
        upwards = np.isnan(row["high"])
        end, edge = (row["low"], right) if upwards else (row["high"], left)
        look: style.Look = {"color": row["colour"], "zorder": 2, "clip_on": False}
        line = LINES[row["source"]]
        axes.plot([end, edge], [row["place"]] * 2, linewidth=1.4, linestyle=line, **look)
        axes.plot([edge], [row["place"]], marker=">" if upwards else "<", markersize=4, **look)


def key(
    figure: Figure | SubFigure,
    colours: Sequence[str],
    *,
    intervals: bool = True,
    published: bool = True,
) -> None:
    """Legend of filled (refit) and, where there are some, hollow (published) markers."""
    names = ("refit, 95 % interval" if intervals else "refit", "published")
    faces = zip(names, colours, LINES.values(), (colours[0], "white"), strict=True)
    look: style.Look = {"marker": "o", "markersize": 5, "linewidth": 1.4 * intervals}
    layout.add_legend(
        figure,
        {
            name: Line2D([], [], color=colour, linestyle=line, markerfacecolor=face, **look)
            for name, colour, line, face in list(faces)[: 1 + published]
        },
    )
