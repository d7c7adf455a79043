"""Columns of a published delimited file under our names, in the order of the file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked


def extract(
    paths: dict[str, Path],
    *,
    table: str,
    numbers: dict[str, str],
    texts: dict[str, str] | None = None,
    keep: dict[str, str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return some columns of one file.

    Parameters
    ----------
    paths
        One CSV file.
    table
        Name of the table that is made.
    numbers, texts
        Our column name to upstream's; every number must be positive. Texts come first.
    keep
        Upstream's column to the text that the kept rows have in it.

    Returns
    -------
    dict of str to pandas.DataFrame
        The table.

    Raises
    ------
    TableError
        A column is missing, a number is none, or no row is kept.
    """
    ((name, path),) = paths.items()
    raw = checked.read_text(path, table=name)
    checked.require_columns(raw.columns, keep or {}, table=name)
    for column, text in (keep or {}).items():
        raw = raw[raw[column] == text]
        if raw.empty:
            raise checked.refuse(f"no row says {text!r}", table=name, column=column)
    kinds = {ours: (theirs, checked.TEXT) for ours, theirs in (texts or {}).items()}
    kinds |= {ours: (theirs, checked.POSITIVE) for ours, theirs in numbers.items()}
    return {table: checked.take(raw, kinds, table=name)}
