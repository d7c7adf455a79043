"""From the run table to the frame of one fit: which rows, which axes, which response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies import registry
from scaling_studies.cards.models.rows import Rows
from scaling_studies.errors import FitError, TableError
from scaling_studies.fits.measurements import average_rows, axis_values, measurement
from scaling_studies.fits.reductions import reduce_rows, reduction
from scaling_studies.fits.row_choice import choose, named_column, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaling_studies.cards.models.fit import FitEntry, Response, Weights
    from scaling_studies.fits.reductions import Coverage
    from scaling_studies.models.law import Law

#: Columns of the run table that hold the measurement itself; all others go along with the points.
MEASUREMENT = (
    "study",
    "metric",
    "unit",
    "value",
    "value_low",
    "value_high",
    "value_std",
    "status",
    "note",
)
#: Columns that may hold the N of tokens per parameter, the first that is there.
SIZES = ("params", "params_total", "params_non_embedding")


def fit_frame(runs: pd.DataFrame, fit: FitEntry, *, study: str) -> pd.DataFrame:
    """Rows of one fit, fitted and held-out.

    Parameters
    ----------
    runs
        Run table (see :mod:`scaling_studies.runs.run_files`).
    fit
        Entry of the card under ``fits``.
    study
        Named in errors.

    Returns
    -------
    pandas.DataFrame
        One row per fitted or held-out point, in the order of the run table: the columns of the run
        table that are not empty, one column for each axis of the
        law (in the run table's units), ``tokens_per_parameter`` where it is known, ``observed``,
        ``observed_low``, ``observed_high``, ``observed_std``, ``weight`` and ``role`` (``fit`` or
        ``held_out``). Rows that the fit reduces come back reduced.

    Raises
    ------
    TableError
        When a column or a measurement is not there, or an axis is empty in a row that is needed.
    FitError
        When no row is left to fit.
    """
    # A card whose fit has rows says both.
    assert fit.response is not None and fit.axes is not None
    usable = usable_rows(runs)
    if fit.table is not None:
        usable = usable[usable["table"] == fit.table]
    points = measurement(usable, fit.response, study).reset_index(drop=True)
    if fit.average is not None:
        points = average_rows(points, fit.average, study)

    carried = [name for name in points if name not in MEASUREMENT and points[name].notna().any()]
    frame = points[carried].copy()
    for axis, source in fit.axes.items():
        frame[axis] = axis_values(usable, points, axis, source, study, fit.average)
    frame = _with_tokens_per_parameter(frame)
    frame = frame.assign(**_observed(points, fit.response, study))

    # Conditions and weights may name any column of the run table, or an axis.
    known = pd.concat([points[points.columns.difference(frame.columns, sort=False)], frame], axis=1)
    frame["weight"] = _weights(known, fit.weights, study)
    frame["role"] = _roles(known, fit, study)
    frame = frame[frame["role"] != ""].reset_index(drop=True)
    _refuse_empty_axes(frame, fit.axes, study)

    if fit.reduce is not None:
        return reduce_rows(frame, reduction_of(runs, fit, frame, study=study))
    return frame


def axis_names(fit: FitEntry, law: Law) -> tuple[str, ...]:
    """Columns that a fit reads beside its response: the estimator's own, or the law's axes."""
    names: tuple[str, ...] = registry.trait("estimators", fit.estimator, "AXES", law.axis_names)
    return names


def axes_of(law: Law, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Axes of a law in some rows, by name."""
    return {name: rows[name].to_numpy() for name in law.axis_names}


def usable_rows(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of a run table whose run ended as it should."""
    return runs[runs["status"] == "ok"]


def reduction_of(runs: pd.DataFrame, fit: FitEntry, rows: pd.DataFrame, *, study: str) -> Coverage:
    """The reduction of a fit's rows that its ``reduce`` asks for.

    Parameters
    ----------
    runs, fit, study
        As in :func:`fit_frame`.
    rows
        The rows before it; :func:`fit_frame` of the entry without ``reduce``.
    """
    assert fit.reduce is not None
    at = measurement(usable_rows(runs), fit.reduce.at, study)["value"]
    return reduction(rows, fit.reduce, at.to_numpy(dtype=float), study)


def _with_tokens_per_parameter(frame: pd.DataFrame) -> pd.DataFrame:
    size = next((name for name in SIZES if name in frame), None)
    if size and "tokens" in frame and all(frame[n].dtype.kind == "f" for n in (size, "tokens")):
        frame["tokens_per_parameter"] = frame["tokens"] / frame[size]
    return frame


def _observed(points: pd.DataFrame, response: Response, study: str) -> dict[str, pd.Series | float]:
    """The response of each point and its published interval, by column of the frame."""
    value, low, high = (points[name] for name in ("value", "value_low", "value_high"))
    if response.column is not None:
        empty = dict.fromkeys(("observed_low", "observed_high", "observed_std"), np.nan)
        return {"observed": named_column(points, response.column, study), **empty}
    if response.complement:
        value, low, high = 1.0 - value, 1.0 - high, 1.0 - low
    return {
        "observed": value,
        "observed_low": low,
        "observed_high": high,
        "observed_std": points["value_std"],
    }


def _roles(known: pd.DataFrame, fit: FitEntry, study: str) -> np.ndarray:
    """``fit`` or ``held_out`` for each point; empty for those that take no part."""
    fitted = choose(known, fit.rows, study)
    if not fitted.any():
        raise FitError(
            "no row is left to fit", study=study, key="rows", fix="widen the conditions of the fit"
        )
    if fit.held_out is None:
        held_out = np.zeros(len(known), dtype=bool)
    elif isinstance(fit.held_out, Rows):
        held_out = choose(known, fit.held_out, study) & ~fitted
    else:
        held_out = ~fitted
    return np.select([fitted, held_out], ["fit", "held_out"], "")


def _weights(frame: pd.DataFrame, weights: Weights | None, study: str) -> np.ndarray:
    if weights is None:
        return np.ones(len(frame))
    column = numbers(frame, weights.column, study).to_numpy(dtype=float)
    if weights.relative:
        column = column / frame["observed"].to_numpy(dtype=float)
    return column**weights.power


def _refuse_empty_axes(frame: pd.DataFrame, axes: Iterable[str], study: str) -> None:
    for axis in axes:
        empty = frame[axis].isna().to_numpy()
        if empty.any():
            row = frame.iloc[int(empty.argmax())]
            raise TableError(
                "the value is empty but the fit needs it",
                study=study,
                table=row["table"],
                row=row["row_key"],
                column=axis,
                fix="map the column in the card or leave the row out with `rows`",
            )
