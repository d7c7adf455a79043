"""Which rows a card means: conditions, smallest and largest, lowest of groups and bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


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
            column = numbers(frame, rows[key]["column"], study)
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
    height = numbers(frame, settings.get("of", "response"), study)
    keys = [named_column(frame, name, study).to_numpy() for name in settings.get("within", [])]
    if "bins" in settings:
        places = np.log(numbers(frame, settings["bins"]["column"], study).to_numpy(dtype=float))
        count = settings["bins"]["count"]
        edges = np.linspace(places.min(), places.max(), count + 1)
        keys.append(np.searchsorted(edges[1:-1], places, side="right"))
    groups = height.groupby(keys) if keys else height.groupby(np.zeros(len(height)))
    if "margin" in settings:
        return (height <= groups.transform("min") * (1.0 + settings["margin"])).to_numpy()
    # Of equal values the first row counts.
    return frame.index.isin(groups.idxmin())


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
            column = numbers(frame, name, study)
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


def numbers(frame: pd.DataFrame, name: str, study: str) -> pd.Series:
    """Column of a frame, as `named_column`, that has to hold numbers."""
    column = named_column(frame, name, study)
    if column.dtype.kind not in "fiub":
        raise TableError(
            "the column holds text where numbers are needed",
            study=study,
            column=name,
            fix="name a column of numbers, or compare with a value or a list",
        )
    return column
