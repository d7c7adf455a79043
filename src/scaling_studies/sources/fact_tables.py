"""Fact tables as bytes: the same rows always give the same CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.errors import TableError


def to_csv_bytes(frame: pd.DataFrame, *, table: str) -> bytes:
    r"""Return a frame as CSV: UTF-8, ``\n`` line ends, no index.

    Floats are written in the shortest form that reads back to the same float64, whole columns of
    integers without a point, booleans as ``true`` and ``false``, missing values (``None``,
    ``pandas.NA``) as empty cells. NaN and infinities are refused: a fact table states facts.

    Parameters
    ----------
    frame
        The rows, in the order in which they are written.
    table
        How an error calls the table.

    Raises
    ------
    TableError
        When a value is NaN, infinite, or of a type that has no one written form.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [
        [_cell(value, table=table, column=name, row=row) for row, value in enumerate(values, 1)]
        for name, values in ((name, frame[name].tolist()) for name in frame.columns)
    ]
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode("utf-8")


def _cell(value: Any, *, table: str, column: str, row: int) -> str:
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)) and math.isfinite(value):
        return repr(float(value))
    if isinstance(value, str):
        return value
    raise TableError(
        f"{value!r} cannot be written",
        table=table,
        column=column,
        row=row,
        fix="give a finite number, text, true or false, or leave the cell empty",
    )
