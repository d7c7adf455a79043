"""What every adapter checks of the values it reads, with errors that name the place.

Row numbers in the errors count the rows below a table's header from 1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.errors import TableError

_REPORT = "check that the file is the pinned one; if upstream changed its format, adapt the adapter"


def read_text_table(
    path: Path, columns: Sequence[str] | None = None, *, table: str, separator: str = ","
) -> pd.DataFrame:
    """Read a delimited file as text, keeping only the named columns.

    Parameters
    ----------
    path
        The file; ``.gz`` is decompressed.
    columns
        Columns that must be there and are kept; None keeps all.
    table
        How errors call the file.
    separator
        The delimiter. Lines that begin with ``#`` are comments in a tab-separated file.

    Returns
    -------
    pandas.DataFrame
        All values as strings, empty cells as ``""``; shape (rows, columns).

    Raises
    ------
    TableError
        When the file cannot be parsed, has no rows, or lacks a column.
    """
    try:
        frame = pd.read_csv(
            path,
            sep=separator,
            comment="#" if separator == "\t" else None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            engine="c",
        )
    except (ValueError, OSError, EOFError) as error:
        raise TableError(f"cannot be read as a table ({error})", table=table, fix=_REPORT) from None
    require_columns(frame.columns, columns or [], table=table)
    if frame.empty:
        raise TableError("has no rows", table=table, fix=_REPORT)
    return frame if columns is None else frame[list(columns)]


def require_columns(present: Iterable[str], required: Iterable[str], *, table: str) -> None:
    """Raise a TableError naming the first required column that is not present."""
    present = list(present)
    for column in required:
        if column not in present:
            raise TableError("the column is missing", table=table, column=column, fix=_REPORT)


def number(
    value: Any,
    *,
    table: str,
    column: str,
    row: object | None = None,
    positive: bool = False,
) -> float:
    """Return a value as a finite float.

    Parameters
    ----------
    value
        Text or a number.
    table, column, row
        The place named in the error.
    positive
        Also refuse zero and negative values.

    Raises
    ------
    TableError
        When the value is not a finite number, or not positive where that is asked.
    """
    place = {"table": table, "column": column, "row": row}
    if isinstance(value, bool):
        raise TableError(f"{value!r} is not a number", fix=_REPORT, **place)
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise TableError(f"{value!r} is not a number", fix=_REPORT, **place) from None
    if not math.isfinite(result):
        raise TableError(f"{value!r} is not a finite number", fix=_REPORT, **place)
    if positive and result <= 0.0:
        raise TableError(f"{value!r} is not positive", fix=_REPORT, **place)
    return result


def integer(
    value: Any,
    *,
    table: str,
    column: str,
    row: object | None = None,
    positive: bool = False,
) -> int:
    """Return a value as an int; like :func:`number`, and a fraction is refused too."""
    result = number(value, table=table, column=column, row=row, positive=positive)
    if result != math.floor(result):
        raise TableError(
            f"{value!r} is not a whole number", table=table, column=column, row=row, fix=_REPORT
        )
    return int(result)


def numbers(frame: pd.DataFrame, column: str, *, table: str, positive: bool = False) -> np.ndarray:
    """Return a column as float64, shape (rows,); see :func:`number` for what is refused.

    Rows are named by the frame's index, so that rows left out before do not shift them.
    """
    return np.array(
        [
            number(value, table=table, column=column, row=row, positive=positive)
            for row, value in zip(frame.index + 1, frame[column], strict=True)
        ],
        dtype=np.float64,
    )


def optional_numbers(
    frame: pd.DataFrame, column: str, *, table: str, positive: bool = False
) -> pd.Series:
    """Return a column of floats in which an empty cell is None; else as :func:`numbers`."""
    return pd.Series(
        [
            None
            if value == ""
            else number(value, table=table, column=column, row=row, positive=positive)
            for row, value in zip(frame.index + 1, frame[column], strict=True)
        ],
        dtype=object,
    )


def integers(frame: pd.DataFrame, column: str, *, table: str, positive: bool = False) -> np.ndarray:
    """Return a column as int64, shape (rows,); see :func:`integer` for what is refused."""
    return np.array(
        [
            integer(value, table=table, column=column, row=row, positive=positive)
            for row, value in zip(frame.index + 1, frame[column], strict=True)
        ],
        dtype=np.int64,
    )


def read_json(path: Path, *, table: str) -> Any:
    """Return a JSON file's content, or raise a TableError that names the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise TableError(f"cannot be read as JSON ({error})", table=table, fix=_REPORT) from None


def field(record: Mapping[str, Any], name: str, *, table: str, row: object | None = None) -> Any:
    """Return a record's field, or raise a TableError that names it."""
    try:
        return record[name]
    except (KeyError, TypeError, IndexError):
        raise TableError(
            "the field is missing", table=table, row=row, column=name, fix=_REPORT
        ) from None


def refuse(
    problem: str, *, table: str, row: object | None = None, column: str | None = None
) -> TableError:
    """Return the error for a value that an adapter's own rule refuses."""
    return TableError(problem, table=table, row=row, column=column, fix=_REPORT)


def require_unique(frame: pd.DataFrame, key: Sequence[str], *, table: str) -> pd.DataFrame:
    """Return the frame, or raise a TableError naming the first row whose key appeared before."""
    repeated = frame.duplicated(list(key)).to_numpy()
    if repeated.any():
        row = int(np.flatnonzero(repeated)[0]) + 1
        values = ", ".join(str(value) for value in frame.iloc[row - 1][list(key)])
        raise refuse(
            f"the row ({values}) appears twice", table=table, row=row, column="+".join(key)
        )
    return frame


def in_order(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return the frame sorted by the key columns, with a fresh index."""
    return frame.sort_values(list(key), kind="stable").reset_index(drop=True)
