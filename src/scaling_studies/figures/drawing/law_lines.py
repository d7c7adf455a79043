"""A fitted law as the line of one series: where it is drawn, what is held, its band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.figures.context import FigureContext
from scaling_studies.figures.drawing import curves, marks
from scaling_studies.laws import get_law

#: Largest relative spread of a held axis within a series at which it counts as constant.
CONSTANT = 0.02
POINTS = 200


@dataclass(frozen=True)
class LawLine:
    """Values of a law along one column.

    Attributes
    ----------
    x, predicted
        Shape (n,).
    band
        Low and high, each of shape (n,), or None.
    data_range
        Ends of the fitted rows along x.
    """

    x: np.ndarray
    predicted: np.ndarray
    band: tuple[np.ndarray, np.ndarray] | None
    data_range: tuple[float, float]

    def frame(self, name: str) -> pd.DataFrame:
        """Columns ``name``, predicted and, with a band, predicted_low and predicted_high."""
        frame = pd.DataFrame({name: self.x, "predicted": self.predicted})
        if self.band is not None:
            frame["predicted_low"], frame["predicted_high"] = self.band
        return frame


def law_line(context: FigureContext, fit: str, rows: pd.DataFrame | None, x: str) -> LawLine | None:
    """Line of a fit through the rows of one series, as ``options.line`` wants it; None for none.

    A law that is only printed has no rows. A `CardError` says why a law cannot be drawn along x: an
    axis is unknown, or varies within the series.
    """
    wanted = context.option("line", "law", ("law", "rows", "none"))
    if wanted == "none":
        return None
    offset = offset_of(context, fit)
    if wanted == "rows":
        return None if rows is None else _through_rows(rows, x, offset)
    artefact = context.fits[fit]
    low, high = _range(context, rows, x)
    inner = (low, high) if rows is None else marks.data_range(rows, x)
    grid = _grid(context, low, high, inner, x)
    along = _axis_behind(artefact.law, rows, x)
    axes = curves.law_axes(artefact.law, along, grid, _held(context, fit, rows, along))
    if axes is None:
        raise context.error(
            f"law {artefact.law} cannot be drawn along {x!r} alone",
            "name the columns that stay fixed within a series under options.hold, or join the "
            "predictions of the rows with `line: rows`",
            "options.hold",
        )
    band = None
    if context.option("band", True):
        band = curves.law_band(artefact, context.resamples.get(fit), axes)
    if band is not None:
        band = (band[0] - offset, band[1] - offset)
    return LawLine(grid, curves.law_values(artefact, axes) - offset, band, inner)


def offset_of(context: FigureContext, fit: str) -> float:
    """Value of the parameter that ``options.subtract`` takes off."""
    name = context.option("subtract")
    if name is None:
        return 0.0
    if name not in context.fits[fit].parameters:
        raise context.error(
            f"law {context.fits[fit].law} has no parameter {name!r}",
            "name its asymptote or leave the option out",
            "options.subtract",
        )
    return float(context.fits[fit].parameters[name])


def _through_rows(rows: pd.DataFrame, x: str, offset: float) -> LawLine:
    rows = rows.sort_values(x, kind="stable")
    values = rows["predicted"].to_numpy(float) - offset
    return LawLine(rows[x].to_numpy(float), values, None, marks.data_range(rows, x))


def _range(context: FigureContext, rows: pd.DataFrame | None, x: str) -> tuple[float, float]:
    ends = [context.option("x_min"), context.option("x_max")]
    if rows is not None:
        found = (rows[x].min(), rows[x].max())
        ends = [end if end is not None else own for end, own in zip(ends, found, strict=True)]
    if None in ends:
        raise context.error(
            "a law without rows has no range of its own", "give x_min and x_max", "options.x_min"
        )
    low, high = map(float, ends)
    return (low / 1.5, high * 1.5) if low == high else (low, high)


def _grid(
    context: FigureContext, low: float, high: float, inner: tuple[float, float], x: str
) -> np.ndarray:
    if context.option("x_scale", "log") == "log":
        grid = curves.log_grid(low, high, POINTS, extra=inner)
    else:
        grid = np.union1d(np.linspace(low, high, POINTS), np.clip(inner, low, high))
    return np.unique(np.round(grid)) if x == "step" else grid


def _axis_behind(law: str, rows: pd.DataFrame | None, x: str) -> str:
    """Axis of the law that has the values of column ``x``; ``x`` itself when none has."""
    names = get_law(law).axis_names
    if rows is None or x in names:
        return x
    values = rows[x].to_numpy()
    return next((name for name in names if np.array_equal(rows[name].to_numpy(), values)), x)


def _held(context: FigureContext, fit: str, rows: pd.DataFrame | None, x: str) -> dict[str, Any]:
    """Values of the columns that stay fixed along the line."""
    wanted = context.option("hold")
    if isinstance(wanted, dict):
        values = {name: _of_fit(context, fit, name, value) for name, value in wanted.items()}
        return {name: float(value) for name, value in values.items()}
    if rows is None:
        return {}
    if wanted is not None:
        return {name: _middle(rows[name]) for name in wanted if name in rows}
    series = context.option("series")
    others = [name for name in get_law(context.fits[fit].law).axis_names if name != x]
    # Of the sizes, one besides x fixes all; what the series is divided by comes first.
    wanted = ([series] if series in curves.SIZE_COLUMNS and series != x else []) + others
    if x in curves.SIZE_COLUMNS:
        wanted = _first_size_only(wanted)
    return {name: _constant(context, rows[name], name, x) for name in wanted if name in rows}


def _of_fit(context: FigureContext, fit: str, name: str, value: Any) -> Any:
    """A held value, which may be given by fit."""
    if not isinstance(value, dict):
        return value
    if fit not in value:
        raise context.error(
            f"{name} is held for some fits and not for {fit!r}",
            f"give it for each of {', '.join(context.needs_fits())}",
            f"options.hold.{name}",
        )
    return value[fit]


def _first_size_only(names: list[str]) -> list[str]:
    sizes = [name for name in names if name in curves.SIZE_COLUMNS]
    return [*sizes[:1], *(name for name in names if name not in sizes)]


def _middle(column: pd.Series) -> Any:
    """Median of numbers, most frequent of texts."""
    if column.dtype.kind in "fiu":
        return float(np.median(column.to_numpy(float)))
    return str(column.astype(str).mode().iloc[0])


def _constant(context: FigureContext, column: pd.Series, name: str, x: str) -> Any:
    """The one value of a column within a series."""
    middle = _middle(column)
    if isinstance(middle, str):
        same = bool((column.astype(str) == middle).all())
    else:
        same = float(np.ptp(column.to_numpy(float))) <= CONSTANT * abs(middle)
    if same:
        return middle
    raise context.error(
        f"{name} varies within a series, so the law is no line along {x!r}",
        f"divide the rows by {name} with `series` or `panels`, or join the predictions of the "
        "rows with `line: rows`",
        "options.series",
    )
