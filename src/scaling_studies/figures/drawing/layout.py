"""Grid of equal panels, and how rows and fits are divided among them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from scaling_studies.figures.context import FigureContext
from scaling_studies.figures.drawing import curves, heading, style

#: Text sizes in points, as in the style file.
PANEL_TITLE_SIZE = AXIS_LABEL_SIZE = 8.5
LEGEND_SIZE = 8.0


@dataclass
class Panel:
    """One panel: its title, the fits drawn in it, and rows it is limited to."""

    title: str
    fits: list[str]
    where: dict[str, Any] = field(default_factory=dict)
    x_label: str | None = None
    y_label: str | None = None

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a fit that belong into this panel."""
        for column, value in self.where.items():
            frame = frame[rounded(frame[column]) == value]
        return frame


def panels(context: FigureContext) -> list[Panel]:
    """Divide a figure by ``options.panels``.

    The option is absent (one panel with all fits), ``fit`` (one panel for each fit), ``rows`` (one
    panel for each set of fits that share rows), a list
    of ``{title, fits}`` with optional ``x_label`` and ``y_label``,
    or the name of a column of the rows (one panel for each of its values, all fits in each).
    """
    fits = context.needs_fits()
    wanted = context.option("panels")
    if wanted is None:
        return [Panel("", fits)]
    if wanted == "rows":
        return _sharing_rows(context, fits)
    if wanted == "fit":
        return [Panel(context.fit_label(fit), [fit]) for fit in fits]
    if isinstance(wanted, list):
        return [_listed(context, item, number) for number, item in enumerate(wanted)]
    values = distinct(context, fits, str(wanted))
    titles = context.option("panel_titles") or {}
    return [
        Panel(str(titles.get(_key(value), _key(value))), fits, {str(wanted): value})
        for value in values
    ]


def _sharing_rows(context: FigureContext, fits: Sequence[str]) -> list[Panel]:
    """Group fits of the same rows; a panel is called what their titles have before the colon."""
    groups: list[tuple[set[str], list[str]]] = []
    for fit in fits:
        keys = set(context.needs_points(fit)["row_key"])
        home = next((group for group in groups if group[0] & keys), None)
        if home is None:
            groups.append((keys, [fit]))
        else:
            home[0].update(keys)
            home[1].append(fit)
    titles = context.option("panel_titles") or {}
    return [
        Panel(str(titles.get(names[0], context.fits[names[0]].title.partition(":")[0])), names)
        for _, names in groups
    ]


def _listed(context: FigureContext, item: Any, number: int) -> Panel:
    key = f"options.panels[{number}]"
    known = {"title", "fits", "x_label", "y_label", "where"}
    if not isinstance(item, dict) or not {"title", "fits"} <= set(item) <= known:
        raise context.error(
            "a panel needs `title` and `fits`", "write {title: ..., fits: [...]}", key
        )
    unknown = [fit for fit in item["fits"] if fit not in context.fits]
    if unknown:
        raise context.error(f"no fit {unknown[0]!r} in this figure", "list it under `fits`", key)
    return Panel(**item)


def distinct(context: FigureContext, fits: Sequence[str], column: str) -> list[Any]:
    """Values of a column over the rows of several fits, sorted; numbers to six digits."""
    found = []
    for fit in fits:
        if fit in context.points:
            frame = curves.with_sizes(context.points[fit])
            if column not in frame:
                raise context.error(
                    f"the rows of fit {fit} have no column {column!r}",
                    f"use one of {', '.join(frame.columns)}",
                )
            found.append(frame[column])
    values = pd.concat(found).dropna()
    if pd.api.types.is_numeric_dtype(values):
        rounded = {float(f"{value:.4g}") for value in values.to_numpy(float)}
        return sorted(rounded)
    return sorted(set(values.astype(str)))


def rounded(column: pd.Series) -> pd.Series:
    """Round the numbers of a column as :func:`distinct` does."""
    if not pd.api.types.is_numeric_dtype(column):
        return column.astype(str)
    return column.map(lambda value: float(f"{value:.4g}"))


def _key(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def usual_columns(count: int) -> int:
    """Panels in a row that leave the fewest places empty."""
    return 1 if count == 1 else 2 if count in (2, 4) else 3


def wrapped_title(text: str, columns: int) -> str:
    """Title of a panel broken into lines that fit its width."""
    room = (style.FULL_WIDTH - 0.5) / columns - 0.25
    return "\n".join(heading.wrap(text, room, PANEL_TITLE_SIZE, "bold"))


def wrapped_label(text: str, columns: int) -> str:
    """Axis label broken before its unit when it is wider than its panel."""
    room = (style.FULL_WIDTH - 0.5) / columns - 0.25
    name, bracket, unit = text.partition(" (")
    if heading.text_width(text, AXIS_LABEL_SIZE) <= room or not bracket:
        return text
    return f"{name}\n({unit}"


def legend_columns(texts: Sequence[str]) -> int:
    """As many columns of a legend as fit side by side."""
    keys = 0.55
    widths = [heading.text_width(text, LEGEND_SIZE) + keys for text in texts]
    if sum(widths) <= style.FULL_WIDTH:
        return len(texts)
    return max(1, int(style.FULL_WIDTH / max(widths)))


def add_legend(
    figure: Figure | SubFigure, keys: Mapping[str, Artist], title: str | None = None
) -> None:
    """Add a legend below the panels; none without keys."""
    if keys:
        figure.legend(
            list(keys.values()),
            list(keys),
            title=title,
            loc="outside lower left",
            alignment="left",
            ncols=legend_columns(list(keys)),
        )


def grid_height(
    count: int, columns: int, panel_height: float, first_height: float | None = None
) -> float:
    """Height in inches of a grid of panels; a single row of them is taller (``first_height``)."""
    rows = math.ceil(count / columns)
    single = first_height or (3.7 if count == 1 else max(2.9, panel_height))
    return single if rows == 1 else panel_height * rows + 0.4


def panel_grid(
    count: int,
    *,
    columns: int | None = None,
    panel_height: float = 2.1,
    share_x: bool = True,
    share_y: bool = True,
    first_height: float | None = None,
) -> tuple[Figure, list[Axes]]:
    """Figure with a grid of panels."""
    columns = min(count, columns or usual_columns(count))
    figure = style.new_figure(grid_height(count, columns, panel_height, first_height))
    rows = math.ceil(count / columns)
    grid = figure.subplots(rows, columns, sharex=share_x, sharey=share_y, squeeze=False)
    panels, unused = np.split(np.ravel(grid), [count])
    for axes in unused:
        axes.remove()
    for axes in panels[max(count - columns, 0) :] if share_x else ():
        # Panels above an empty place of the last row carry their own labels.
        axes.xaxis.set_tick_params(labelbottom=True)
    return figure, list(panels)
