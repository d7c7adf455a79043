"""The columns that a law reads, and their checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scaling_studies.errors import FitError


@dataclass(frozen=True)
class Axis:
    """One input of a law.

    Attributes
    ----------
    name
        Column of the frame, for example ``params``.
    unit
        Unit of that column.
    meaning
        One short sentence.
    positive
        Whether values must be above zero (nearly every axis enters through its logarithm).
    text
        Whether the column holds text (a learning-rate schedule) and not numbers.
    """

    name: str
    unit: str
    meaning: str
    positive: bool = True
    text: bool = False


def read_axes(
    axes: Sequence[Axis], frame: Mapping[str, np.ndarray], needed_by: str
) -> dict[str, np.ndarray]:
    """Take a law's axes from a frame, as float64 arrays, and refuse what the law cannot use.

    Parameters
    ----------
    axes
        What is read.
    frame
        Column name -> array of shape (n,).
    needed_by
        Who asks, for the errors.

    Raises
    ------
    FitError
        A column is missing, holds text, or a value is not finite or not positive; names the
        column and the first bad row (counted from 1).
    """
    columns = {
        axis.name: read_column(
            frame, axis.name, positive=axis.positive, text=axis.text, needed_by=needed_by
        )
        for axis in axes
    }
    if len({len(values) for values in columns.values()}) > 1:
        raise FitError(f"the axes of {needed_by} have different lengths", fix="use one frame")
    return columns


def read_column(
    frame: Mapping[str, np.ndarray],
    name: str,
    *,
    positive: bool = False,
    text: bool = False,
    needed_by: str = "the fit",
) -> np.ndarray:
    """One column as a float64 (or object) array of shape (n,), checked.

    Raises
    ------
    FitError
        As `read_axes`.
    """
    if name not in frame:
        raise FitError(
            f"{needed_by} needs a column that the frame does not have",
            column=name,
            fix=f"add {name}; the frame has {', '.join(map(str, frame.keys()))}",
        )
    raw = frame[name]
    if text:
        return np.asarray(raw, dtype=object)
    try:
        values = np.ascontiguousarray(np.asarray(raw, dtype=np.float64))
    except (TypeError, ValueError):
        raise FitError(
            "the column holds something that is not a number",
            column=name,
            fix="name a column of numbers",
        ) from None
    bad = ~np.isfinite(values)
    what = "is not a finite number"
    if not bad.any() and positive:
        bad = values <= 0
        what = "is not above zero"
    if bad.any():
        row = int(np.argmax(bad))
        raise FitError(
            f"the value {values[row]:g} {what}",
            row=row + 1,
            column=name,
            fix="drop or correct the row",
        )
    return values
