"""What every adapter checks of the values it reads, with errors that name the place.

An adapter describes its columns once, as *our name: (upstream's name, kind)*, and takes them from a
frame or from single records. Row numbers in the errors count the rows below a table's header from
1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scaling_studies.errors import TableError

_REPORT = "check that the file is the pinned one; if upstream changed its format, adapt the adapter"


@dataclass(frozen=True)
class Kind:
    """What the values of a column must be: text, or finite numbers.

    Attributes
    ----------
    dtype
        Of the column that is made; the numbers of an ``int64`` must be whole.
    positive
        Also refuse zero and negative numbers.
    fraction
        Also refuse numbers outside 0 to 1.
    empty
        An empty cell is None instead of refused.
    """

    dtype: str = "float64"
    positive: bool = False
    fraction: bool = False
    empty: bool = False

    def read(self, value: Any, *, table: str, column: str, row: object | None = None) -> Any:
        """Return one value, or raise a TableError that names its place."""
        if self.dtype == "str":
            return value
        if self.empty and value == "":
            return None
        try:
            number = float("text" if isinstance(value, bool) else value)
        except (TypeError, ValueError):
            wrong = "is not a number"
        else:
            if not math.isfinite(number):
                wrong = "is not a finite number"
            elif self.positive and number <= 0.0:
                wrong = "is not positive"
            elif self.fraction and not 0.0 <= number <= 1.0:
                wrong = "is not a fraction"
            elif self.dtype != "int64":
                return number
            elif number == math.floor(number):
                return int(number)
            else:
                wrong = "is not a whole number"
        raise refuse(f"{value!r} {wrong}", table=table, row=row, column=column)


TEXT = Kind("str")
WHOLE = Kind("int64")
COUNT = Kind("int64", positive=True)
NUMBER = Kind()
POSITIVE = Kind(positive=True)
POSITIVE_OR_EMPTY = Kind("object", positive=True, empty=True)
FRACTION = Kind(fraction=True)
FRACTION_OR_EMPTY = Kind("object", fraction=True, empty=True)

#: Our name of a column -> upstream's name and what the values must be.
Columns = Mapping[str, tuple[str, Kind]]


def take(frame: pd.DataFrame, columns: Columns, *, table: str) -> pd.DataFrame:
    """Return our columns of a frame, every value checked.

    Parameters
    ----------
    frame
        Rows, named in errors by index, so that rows left out before do not shift the numbers.
    columns
        What to take.
    table
        How errors call the frame.

    Returns
    -------
    pandas.DataFrame
        Shape (rows, columns), with a fresh index.

    Raises
    ------
    TableError
        When a column is missing or a value is not what it must be.
    """
    require_columns(frame.columns, (theirs for theirs, _ in columns.values()), table=table)
    return pd.DataFrame(
        {
            ours: pd.Series(
                [
                    kind.read(value, table=table, column=theirs, row=row)
                    for row, value in zip(frame.index + 1, frame[theirs], strict=True)
                ],
                dtype=kind.dtype,
            )
            for ours, (theirs, kind) in columns.items()
        }
    )


def take_fields(
    record: Mapping[Any, Any], columns: Columns, *, table: str, row: object | None = None
) -> dict[str, Any]:
    """Return our fields of one record, every value checked; as `take`."""
    return {
        ours: kind.read(
            field(record, theirs, table=table, row=row), table=table, column=theirs, row=row
        )
        for ours, (theirs, kind) in columns.items()
    }


def read_table(path: Path, columns: Columns, *, table: str, separator: str = ",") -> pd.DataFrame:
    """Read our columns of a delimited file, every value checked; as `read_text` and `take`."""
    return take(read_text(path, table=table, separator=separator), columns, table=table)


def read_text(path: Path, *, table: str, separator: str = ",") -> pd.DataFrame:
    """Read a delimited file as text.

    Parameters
    ----------
    path
        The file; ``.gz`` is decompressed.
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
        When the file cannot be parsed or has no rows.
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
        raise refuse(f"cannot be read as a table ({error})", table=table) from None
    if frame.empty:
        raise refuse("has no rows", table=table)
    return frame


def read_json(path: Path, *, table: str) -> Any:
    """Return a JSON file's content, or raise a TableError that names the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise refuse(f"cannot be read as JSON ({error})", table=table) from None


def require_columns(present: Iterable[str], required: Iterable[str], *, table: str) -> None:
    """Raise a TableError naming the first required column that is not present."""
    present = list(present)
    for column in required:
        if column not in present:
            raise refuse("the column is missing", table=table, column=column)


def field(record: Mapping[Any, Any], name: str, *, table: str, row: object | None = None) -> Any:
    """Return a record's field, or raise a TableError that names it."""
    try:
        return record[name]
    except (KeyError, TypeError, IndexError):
        raise refuse("the field is missing", table=table, row=row, column=name) from None


def refuse(
    problem: str, *, table: str, row: object | None = None, column: str | None = None
) -> TableError:
    """Return the error for a value that an adapter's own rule refuses."""
    return TableError(problem, table=table, row=row, column=column, fix=_REPORT)


def require_unique(frame: pd.DataFrame, key: Sequence[str], *, table: str) -> pd.DataFrame:
    """Return the frame, or raise a TableError naming the first row whose key appeared before."""
    repeated = frame.duplicated(list(key)).to_numpy()
    if repeated.any():
        row = int(repeated.argmax()) + 1
        values = ", ".join(str(value) for value in frame.iloc[row - 1][list(key)])
        raise refuse(
            f"the row ({values}) appears twice", table=table, row=row, column="+".join(key)
        )
    return frame


def in_order(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return the frame sorted by the key columns, with a fresh index."""
    return frame.sort_values(list(key), kind="stable").reset_index(drop=True)
