"""Tables of runs as experiment trackers export them, as one table with a row a checkpoint.

What is recognised:

- a plain table: a row a run, or a row a checkpoint with a column that names the run;
- a chart export, wide: a column of steps and, for each run, a column ``<run> - <metric>`` (with
  ``__MIN`` and ``__MAX`` beside it, which repeat the value);
- a folder with one CSV file a run, each with the same columns; files named
  ``run-<run>-tag-<metric>.csv`` with the columns Wall time, Step and Value hold one metric each;
- a history in JSON lines, nested objects included.

Only text is handled here: cells become numbers where the run table is made, with errors that name
the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scaling_studies.errors import TableError
from scaling_studies.runs.raw_json_lines import records_of
from scaling_studies.runs.tables import RawTable

#: Columns that name run and step in tables that are put together here.
RUN, STEP = "run", "step"
STEPS = ("step", "_step", "global_step", "trainer/global_step", "iteration", "iter", "epoch")
#: Kind of an export -> what it is called.
KINDS = {
    "plain": "a plain table",
    "frame": "a frame",
    "nested": "a history in JSON lines",
    "wide": "an export with a column a run",
    "folder": "a folder with a file a run",
    "joined": "two tables, joined by run",
}
_REPEATED = re.compile(r"__(MIN|MAX)$")
_TAGGED = re.compile(r"^(?:run-)?(?P<run>.+?)-tag-(?P<tag>.+)$")


@dataclass(frozen=True)
class Export:
    """A table of runs.

    Attributes
    ----------
    kind
        ``plain``, ``wide``, ``folder``, ``nested``, ``frame`` or ``joined``.
    path
        File or folder; None when a frame was given.
    cells
        All cells as text, empty ones as ``""``; shape (rows, columns).
    """

    kind: str
    path: Path | None
    cells: pd.DataFrame

    @property
    def name(self) -> str:
        """Name of the file, or what a frame is called."""
        return self.path.name if self.path is not None else "the frame"

    @property
    def described(self) -> str:
        """What the form is called."""
        return KINDS[self.kind]

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.cells]


def read_export(path: Path) -> Export:
    """Read a table of runs in any form that is recognised.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file, or a folder of .csv files.

    Raises
    ------
    TableError
        When it is none of these; one line that names the file and the row.
    """
    path = Path(path)
    if path.is_dir():
        return Export("folder", path, _folder(path))
    if not path.is_file():
        raise TableError(f"there is no file {path.name}", fix="correct the name of the table")
    if path.suffix == ".jsonl":
        return _json_lines(path)
    cells = _read(path)
    wide = _wide(cells) if path.suffix == ".csv" else None
    return Export("plain", path, cells) if wide is None else Export("wide", path, wide)


def join_runs(export: Export, other: Export, key: str) -> Export:
    """Add columns of a table with a row a run.

    Parameters
    ----------
    export
        Table with a row a checkpoint.
    other
        Table with a row a run.
    key
        Column of `export` with the run; `other` has one of that name, or its first column is it.

    Raises
    ------
    TableError
        When a run is not in `other`, or is twice.
    """
    names = key if key in other.cells else other.cells.columns[0]
    runs, listed = export.cells[key], other.cells[names]
    if (twice := listed.duplicated()).any():
        row = int(twice.argmax())
        raise TableError(
            f"the run {listed[row]!r} is there twice",
            table=other.name,
            row=row + 1,
            column=names,
            fix="keep one row a run",
        )
    if not (known := runs.isin(listed)).all():
        row = int(known.argmin())
        raise TableError(
            f"the run {runs[row]!r} is not in {other.name}",
            table=export.name,
            row=row + 1,
            column=key,
            fix="add a row for it, or correct its name",
        )
    added = other.cells.set_index(names).loc[runs].reset_index(drop=True)
    added = added[[name for name in added if name not in export.cells]]
    return Export("joined", export.path, pd.concat([export.cells, added], axis="columns"))


def _read(path: Path) -> pd.DataFrame:
    table = RawTable.open(path, study=path.stem, table=path.name).read()
    return text_table({name: table[name].to_pylist() for name in table.column_names})


def text_table(columns: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """Cells as text, empty ones as ``""``."""
    return pd.DataFrame(
        {
            name: ["" if cell is None else str(cell).strip() for cell in cells]
            for name, cells in columns.items()
        },
        dtype=str,
    )


def _by_run(parts: Mapping[str, pd.DataFrame], names: list[str]) -> pd.DataFrame:
    """One table of the tables of all runs; what a run lacks stays empty."""
    return pd.concat(parts, names=names).fillna("").reset_index(level=names).reset_index(drop=True)


def _wide(cells: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of a chart export; None when the table is not one."""
    first, *others = cells.columns
    if first.strip().lower() not in STEPS:
        return None
    measured: dict[str, dict[str, str]] = {}
    for name in others:
        if _REPEATED.search(name):
            continue
        run, dash, metric = name.rpartition(" - ")
        if not dash:
            return None
        if not metric.startswith("_") and metric not in (RUN, STEP):
            measured.setdefault(run, {})[name] = metric
    if not measured:
        return None
    steps = cells.set_index(first)
    parts = {run: steps[list(names)].rename(columns=names) for run, names in measured.items()}
    # A run that was not logged at a step has no row there.
    return _by_run(
        {run: part[(part != "").any(axis=1)] for run, part in parts.items()}, [RUN, STEP]
    )


def _folder(path: Path) -> pd.DataFrame:
    # A link could lead out of the folder that the user named.
    files = sorted(
        file for file in path.iterdir() if file.suffix == ".csv" and not file.is_symlink()
    )
    if not files:
        raise TableError(
            f"the folder {path.name} holds no .csv file",
            fix="give a folder with one CSV file a run",
        )
    tables = {file.stem: _read(file) for file in files}
    tags = {name: match for name in tables if (match := _TAGGED.match(name))}
    if len(tags) == len(tables) and all({"Step", "Value"} <= {*table} for table in tables.values()):
        return _tagged(tables, tags)
    if any(RUN in table for table in tables.values()):
        return pd.concat(tables.values(), ignore_index=True).fillna("")
    return _by_run(tables, [RUN])


def _tagged(tables: Mapping[str, pd.DataFrame], tags: Mapping[str, re.Match[str]]) -> pd.DataFrame:
    """Put scalar files of one metric each together: a row a run and step."""
    metrics: dict[str, dict[str, pd.Series]] = {}
    for name, match in tags.items():
        values = tables[name].drop_duplicates("Step", keep="last").set_index("Step")["Value"]
        metrics.setdefault(match["run"], {})[match["tag"]] = values
    return _by_run({run: pd.concat(each, axis=1) for run, each in metrics.items()}, [RUN, STEP])


def _json_lines(path: Path) -> Export:
    place = {"study": path.stem, "table": path.name}
    records = list(records_of(path, **place))
    if not records:
        raise TableError(f"{path.name} has no rows", fix="add the rows", **place)
    nested = any(isinstance(value, (dict, list)) for item in records for value in item.values())
    flat = [dict(_flat(record)) for record in records]
    cells = pd.DataFrame(flat, dtype=str).fillna("")
    return Export("nested" if nested else "plain", path, cells)


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterable[tuple[str, str]]:
    """Yield the scalars of nested objects under dotted names; lists are left out."""
    for name, value in record.items():
        if isinstance(value, dict) and depth < 4:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, bool):
            yield f"{prefix}{name}", "true" if value else "false"
        elif isinstance(value, float):
            yield f"{prefix}{name}", repr(value) if value == value else ""
        elif isinstance(value, (str, int)):
            yield f"{prefix}{name}", str(value)
