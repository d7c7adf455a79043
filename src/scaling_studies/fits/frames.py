"""From the run table to the frame of one fit: which rows, which axes, which response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.errors import FitError, TableError
from scaling_studies.fits.reductions import reduce_rows, reduction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.fits.reductions import Coverage

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


def fit_frame(runs: pd.DataFrame, fit: Mapping[str, Any], *, study: str) -> pd.DataFrame:
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
    usable = runs[runs["status"] == "ok"]
    if "table" in fit:
        usable = usable[usable["table"] == fit["table"]]
    points = measurement(usable, fit["response"], study).reset_index(drop=True)
    if "average" in fit:
        points = average_rows(points, fit["average"], study)
    carried = [name for name in points if name not in MEASUREMENT and points[name].notna().any()]
    frame = points[carried].copy()
    for axis, source in fit["axes"].items():
        frame[axis] = _axis(usable, points, axis, source, study, fit.get("average"))
    size = next(
        (name for name in ("params", "params_total", "params_non_embedding") if name in frame), None
    )
    if size and "tokens" in frame and all(frame[n].dtype.kind == "f" for n in (size, "tokens")):
        frame["tokens_per_parameter"] = frame["tokens"] / frame[size]
    for end in ("", "_low", "_high", "_std"):
        frame[f"observed{end}"] = points[f"value{end}"]
    if fit["response"].get("complement"):
        frame["observed"] = 1.0 - points["value"]
        frame["observed_low"] = 1.0 - points["value_high"]
        frame["observed_high"] = 1.0 - points["value_low"]
    if "column" in fit["response"]:
        frame["observed"] = named_column(points, fit["response"]["column"], study)
        frame[["observed_low", "observed_high", "observed_std"]] = np.nan
    # Conditions and weights may name any column of the run table, or an axis.
    lookup = pd.concat(
        [points.drop(columns=[*frame.columns.intersection(points.columns)]), frame], axis=1
    )
    frame["weight"] = _weights(lookup, fit.get("weights"), study)
    fitted = choose(lookup, fit.get("rows", {}), study)
    held_out = fit.get("held_out")
    if held_out == "rest":
        spared = ~fitted
    elif held_out is None:
        spared = np.zeros(len(frame), dtype=bool)
    else:
        spared = choose(lookup, held_out, study) & ~fitted
    frame["role"] = np.where(fitted, "fit", "held_out")
    frame = frame[fitted | spared].reset_index(drop=True)
    if not fitted.any():
        raise FitError(
            "no row is left to fit", study=study, key="rows", fix="widen the conditions of the fit"
        )
    for axis in fit["axes"]:
        empty = frame[axis].isna()
        if empty.any():
            row = frame.loc[empty.idxmax()]
            raise TableError(
                "the value is empty but the fit needs it",
                study=study,
                table=row["table"],
                row=row["row_key"],
                column=axis,
                fix="map the column in the card or leave the row out with `rows`",
            )
    if "reduce" in fit:
        return reduce_rows(frame, reduction_of(runs, fit, frame, study=study))
    return frame


def reduction_of(
    runs: pd.DataFrame, fit: Mapping[str, Any], rows: pd.DataFrame, *, study: str
) -> Coverage:
    """The reduction of a fit's rows that its ``reduce`` asks for.

    Parameters
    ----------
    runs, fit, study
        As in :func:`fit_frame`.
    rows
        The rows before it; :func:`fit_frame` of the entry without ``reduce``.
    """
    at = measurement(runs[runs["status"] == "ok"], fit["reduce"]["at"], study)["value"]
    return reduction(rows, fit["reduce"], at.to_numpy(dtype=float), study)


def choose(frame: pd.DataFrame, rows: Mapping[str, Any], study: str) -> np.ndarray:
    """Which rows satisfy a card's `rows` entry.

    Parameters
    ----------
    frame
        Any frame; `observed` stands for ``response``.
    rows
        Mapping with `where`, `any`, `drop_largest`, `keep_smallest`, `lowest`.
    study
        Named in errors.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)

    Raises
    ------
    TableError
        When a column is not there.
    """
    chosen = np.ones(len(frame), dtype=bool)
    if "where" in rows:
        chosen &= _holds(frame, rows["where"], study)
    if "any" in rows:
        chosen &= np.any([_holds(frame, where, study) for where in rows["any"]], axis=0)
    for key, take_last in (("drop_largest", True), ("keep_smallest", False)):
        if key in rows:
            column = _numbers(frame, rows[key]["column"], study)
            count = rows[key]["count"]
            # Ties are broken by row order, so that the choice is the same everywhere.
            order = np.argsort(column[chosen].to_numpy(), kind="stable")
            positions = np.flatnonzero(chosen)[order]
            chosen[positions[-count:] if take_last else positions[count:]] = False
    if "lowest" in rows:
        chosen[np.flatnonzero(chosen)[~_lowest(frame[chosen], rows["lowest"], study)]] = False
    return chosen


def _lowest(frame: pd.DataFrame, settings: Mapping[str, Any], study: str) -> np.ndarray:
    """Which rows have the smallest value of their group (and bin), or one within the margin."""
    height = _numbers(frame, settings.get("of", "response"), study)
    keys = [named_column(frame, name, study).to_numpy() for name in settings.get("within", [])]
    if "bins" in settings:
        places = np.log(_numbers(frame, settings["bins"]["column"], study).to_numpy(dtype=float))
        count = settings["bins"]["count"]
        edges = np.linspace(places.min(), places.max(), count + 1)
        keys.append(np.searchsorted(edges[1:-1], places, side="right"))
    groups = height.groupby(keys) if keys else height.groupby(np.zeros(len(height)))
    if "margin" in settings:
        return (height <= groups.transform("min") * (1.0 + settings["margin"])).to_numpy()
    # Of equal values the first row counts.
    return frame.index.isin(groups.idxmin())


def measurement(runs: pd.DataFrame, wanted: Mapping[str, str], study: str) -> pd.DataFrame:
    """Rows of one metric on one evaluation set.

    Parameters
    ----------
    runs
        Run table.
    wanted
        ``metric``, and ``eval_set`` when the metric was measured on several.
    study
        Named in errors.

    Returns
    -------
    pandas.DataFrame
        Some rows of `runs`.

    Raises
    ------
    TableError
        When there is no such measurement, or several evaluation sets are meant.
    """
    rows = runs[runs["metric"] == wanted["metric"]]
    if rows.empty:
        metrics = sorted(runs["metric"].dropna().astype(str).unique())
        raise TableError(
            f"there is no measurement of {wanted['metric']!r}",
            study=study,
            key="response",
            fix=f"the run table has {', '.join(metrics)}",
        )
    sets = sorted(rows["eval_set"].dropna().astype(str).unique())
    if "eval_set" in wanted:
        rows = rows[rows["eval_set"] == wanted["eval_set"]]
        if rows.empty:
            raise TableError(
                f"{wanted['metric']!r} was not measured on {wanted['eval_set']!r}",
                study=study,
                key="eval_set",
                fix=f"the run table has {', '.join(sets)}",
            )
    elif len(sets) > 1:
        raise TableError(
            f"{wanted['metric']!r} was measured on {len(sets)} evaluation sets",
            study=study,
            key="eval_set",
            fix=f"say which: {', '.join(sets)}",
        )
    return rows


def average_rows(points: pd.DataFrame, average: Mapping[str, str], study: str) -> pd.DataFrame:
    """One row for each value of a column: the mean of the measured values.

    Parameters
    ----------
    points
        Rows of one measurement.
    average
        ``by`` (rows that share it become one) and ``at`` (the row with its largest value stands
        for them and keeps its other columns).
    study
        Named in errors.

    Returns
    -------
    pandas.DataFrame
        Some rows of `points` with the mean as ``value``; published intervals, which a mean does
        not inherit, are empty.

    Raises
    ------
    TableError
        When a column is not there.
    """
    by, at = (named_column(points, average[key], study).to_numpy() for key in ("by", "at"))
    order = pd.DataFrame({"by": by, "at": at, "value": points["value"].to_numpy()})
    groups = order.groupby("by", sort=False, observed=True)
    last = groups["at"].idxmax().sort_values().to_numpy()
    kept = points.iloc[last].reset_index(drop=True)
    kept["value"] = groups["value"].mean().reindex(by[last]).to_numpy()
    return kept.assign(value_low=np.nan, value_high=np.nan, value_std=np.nan)


def _holds(frame: pd.DataFrame, where: Mapping[str, Any], study: str) -> np.ndarray:
    held = np.ones(len(frame), dtype=bool)
    for name, condition in where.items():
        column = named_column(frame, name, study)
        if not isinstance(condition, dict):
            values = condition if isinstance(condition, list) else [condition]
            held &= _is_one_of(column, values)
            continue
        tests = {
            "min": lambda value, column=column: column >= value,
            "max": lambda value, column=column: column <= value,
            "above": lambda value, column=column: column > value,
            "below": lambda value, column=column: column < value,
            "not": lambda values, column=column: ~_is_one_of(column, values),
        }
        if set(condition) - {"not"}:
            column = _numbers(frame, name, study)
        for operator, value in condition.items():
            held &= np.asarray(tests[operator](value), dtype=bool)
    return held


def _is_one_of(column: pd.Series, values: list[Any]) -> np.ndarray:
    return (
        column.isin(values).to_numpy()
        | column.astype(str).isin([str(value) for value in values]).to_numpy()
    )


def named_column(frame: pd.DataFrame, name: str, study: str) -> pd.Series:
    """Column of a frame by the name that a card uses; ``response`` is the observed value.

    Raises
    ------
    TableError
        When it is not there; lists those that are.
    """
    name = "observed" if name == "response" else name
    if name not in frame:
        raise TableError(
            "there is no such column",
            study=study,
            column=name,
            fix=f"use one of {', '.join(map(str, frame.columns))}",
        )
    return frame[name]


def _numbers(frame: pd.DataFrame, name: str, study: str) -> pd.Series:
    column = named_column(frame, name, study)
    if column.dtype.kind not in "fiub":
        raise TableError(
            "the column holds text where numbers are needed",
            study=study,
            column=name,
            fix="name a column of numbers, or compare with a value or a list",
        )
    return column


def _axis(
    runs: pd.DataFrame,
    points: pd.DataFrame,
    axis: str,
    source: Any,
    study: str,
    average: Mapping[str, str] | None,
) -> np.ndarray:
    if isinstance(source, str):
        column = named_column(points, source, study)
        return column.to_numpy() if column.dtype.kind == "f" else column.astype(object).to_numpy()
    other = measurement(runs, source, study)
    if average is not None:
        other = average_rows(other, average, study)
    values = other.set_index("row_key")["value"]
    if values.index.has_duplicates:
        raise TableError(
            "several measurements share a row",
            study=study,
            column=axis,
            fix="name the evaluation set of this axis",
        )
    return values.reindex(points["row_key"]).to_numpy()


def _weights(frame: pd.DataFrame, weights: Mapping[str, Any] | None, study: str) -> np.ndarray:
    if weights is None:
        return np.ones(len(frame))
    column = _numbers(frame, weights["column"], study).to_numpy(dtype=float)
    if weights.get("relative"):
        column = column / frame["observed"].to_numpy(dtype=float)
    return column ** weights.get("power", 1.0)
