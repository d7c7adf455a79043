"""Which rows a card means: conditions, smallest and largest, lowest of groups and bins."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.cards.models.rows import Bounds, Condition, Lowest, Rows
from scaling_studies.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_COMPARISONS = {"min": operator.ge, "max": operator.le, "above": operator.gt, "below": operator.lt}


def choose(frame: pd.DataFrame, rows: Rows, study: str) -> np.ndarray:
    """Which rows satisfy a card's `rows` entry.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)

    Raises
    ------
    TableError
        When a column is not there.
    """
    chosen = np.ones(len(frame), dtype=bool)
    if rows.where is not None:
        chosen &= _holds(frame, rows.where, study)
    if rows.any is not None:
        chosen &= np.any([_holds(frame, where, study) for where in rows.any], axis=0)
    for extreme, take_last in ((rows.drop_largest, True), (rows.keep_smallest, False)):
        if extreme is not None:
            column, count = numbers(frame, extreme.column, study), extreme.count
            # Ties are broken by row order, so that the choice is the same everywhere.
            order = np.argsort(column[chosen].to_numpy(), kind="stable")
            positions = np.flatnonzero(chosen)[order]
            chosen[positions[-count:] if take_last else positions[count:]] = False
    if rows.lowest is not None:
        chosen[np.flatnonzero(chosen)[~_lowest(frame[chosen], rows.lowest, study)]] = False
    return chosen


def _lowest(frame: pd.DataFrame, settings: Lowest, study: str) -> np.ndarray:
    """Which rows have the smallest value of their group (and bin), or one within the margin."""
    height = numbers(frame, settings.of, study)
    keys = [named_column(frame, name, study).to_numpy() for name in settings.within or ()]
    if settings.bins is not None:
        places = np.log(numbers(frame, settings.bins.column, study).to_numpy(dtype=float))
        edges = np.linspace(places.min(), places.max(), settings.bins.count + 1)
        keys.append(np.searchsorted(edges[1:-1], places, side="right"))
    groups = height.groupby(keys) if keys else height.groupby(np.zeros(len(height)))
    if settings.margin is not None:
        return (height <= groups.transform("min") * (1.0 + settings.margin)).to_numpy()
    # Of equal values the first row counts.
    return frame.index.isin(groups.idxmin())


def _holds(frame: pd.DataFrame, where: Mapping[str, Condition], study: str) -> np.ndarray:
    held = np.ones(len(frame), dtype=bool)
    for name, condition in where.items():
        column = named_column(frame, name, study)
        if not isinstance(condition, Bounds):
            held &= _is_one_of(column, condition if isinstance(condition, tuple) else (condition,))
            continue
        if condition.not_ is not None:
            held &= ~_is_one_of(column, condition.not_)
        for name_of_limit, compare in _COMPARISONS.items():
            limit = getattr(condition, name_of_limit)
            if limit is not None:
                held &= np.asarray(compare(numbers(frame, name, study), limit), dtype=bool)
    return held


def _is_one_of(column: pd.Series, values: Sequence[Any]) -> np.ndarray:
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
