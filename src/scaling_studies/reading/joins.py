"""A table with a row a run, joined to the rows of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from scaling_studies.errors import MustBeSaid, TableError, one_line
from scaling_studies.reading.files import Raw
from scaling_studies.reading.names import TABLE, name_of

_RUNS = TABLE["columns"]["run"].split()


def join_runs(raw: Raw, other: Raw, maps: Sequence[str]) -> Raw:
    """Add columns of a table with a row a run.

    Parameters
    ----------
    raw
        Table with a row a run or a checkpoint.
    other
        Table with a row a run. It names them in a column of the same name, or in its first one.
    maps
        ``--map run=COLUMN`` says which column of `raw` names the runs.

    Raises
    ------
    MustBeSaid
        When no column names the runs.
    TableError
        When a run is not in `other`, or is twice.
    """
    key = _run_column(raw, other, maps)
    names = key if key in other.cells else str(other.cells.columns[0])
    runs, listed = raw.cells[key], other.cells[names]
    if (twice := listed.duplicated()).any():
        row = int(twice.to_numpy().argmax())
        raise TableError(
            f"the run {one_line(listed.iloc[row], 60)!r} is there twice",
            table=other.name,
            row=row + 1,
            column=names,
            fix="keep one row a run",
        )
    if not (known := runs.isin(listed)).all():
        row = int(known.to_numpy().argmin())
        raise TableError(
            f"the run {one_line(runs.iloc[row], 60)!r} is not in {other.name}",
            table=raw.name,
            row=row + 1,
            column=key,
            fix="add a row for it, or correct its name",
        )
    added = other.cells.set_index(names).loc[runs].reset_index(drop=True)
    added = added[[name for name in added if name not in raw.cells]]
    cells = pd.concat([raw.cells, added], axis="columns")
    return replace(raw, kind="joined", cells=cells, notes=[*raw.notes, *other.notes])


def _run_column(raw: Raw, other: Raw, maps: Sequence[str]) -> str:
    """Column of the runs: said, shared with the other table, or by its name."""
    for text in maps:
        if text.startswith("run=") and text[4:] in raw.columns:
            return text[4:]
    fitting = [
        (_RUNS.index(name), column)
        for column in raw.columns
        for name in (name_of(column).full, name_of(column).plain)
        if name in _RUNS
    ]
    shared = [(0, column) for column in raw.columns if column == str(other.cells.columns[0])]
    if not fitting and not shared:
        raise MustBeSaid(
            "the table names no runs to join by",
            table=raw.name,
            fix="say which column does: --map run=COLUMN",
        )
    return min(shared or fitting)[1]
