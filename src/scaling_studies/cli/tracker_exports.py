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

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaling_studies.errors import TableError
from scaling_studies.runs.raw_csv import explain, header
from scaling_studies.runs.raw_json_lines import records_of

#: Column that names the run in tables that are put together here.
RUN = "run"
STEPS = ("step", "_step", "global_step", "trainer/global_step", "iteration", "iter", "epoch")
_REPEATED = re.compile(r"__(MIN|MAX)$")
_TAGGED = re.compile(r"^(?:run-)?(?P<run>.+?)-tag-(?P<tag>.+)$")
_PLAIN_KINDS = (".csv", ".parquet", ".jsonl")


@dataclass(frozen=True)
class Export:
    """A table of runs.

    Attributes
    ----------
    kind
        ``plain``, ``wide``, ``folder`` or ``nested``.
    path
        File or folder.
    columns
        Name -> cells as text, empty ones as ``""``; all of one length.
    """

    kind: str
    path: Path
    columns: dict[str, list[str]]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), []))

    def as_csv(self) -> str:
        """Return the table as CSV text."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*self.columns.values(), strict=True))
        return text.getvalue()


def read_export(path: Path, study: str) -> Export:
    """Read a table of runs in any form that is recognised.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file, or a folder of .csv files.
    study
        Named in errors.

    Raises
    ------
    TableError
        When it is none of these; one line that names the file and the row.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path, study)
    if not path.is_file():
        raise TableError(
            f"there is no file {path.name}", study=study, fix="correct the name of the table"
        )
    if path.suffix == ".jsonl":
        return _json_lines(path, study)
    if path.suffix == ".csv":
        columns = _read_csv(path, study)
        wide = _wide(columns)
        return Export("wide", path, wide) if wide else Export("plain", path, columns)
    if path.suffix == ".parquet":
        return Export("plain", path, _read_parquet(path, study))
    raise TableError(
        f"{path.name} is not a kind of table that is read",
        study=study,
        fix=f"give a {', '.join(_PLAIN_KINDS)} file or a folder of .csv files",
    )


def join_runs(export: Export, other: Export, key: str, study: str) -> Export:
    """Add columns of a table with a row a run.

    Parameters
    ----------
    export
        Table with a row a checkpoint.
    other
        Table with a row a run.
    key
        Column of `export` with the run; `other` has one of that name, or its first column is it.
    study
        Named in errors.

    Raises
    ------
    TableError
        When a run is not in `other`, or is twice.
    """
    names = key if key in other.columns else next(iter(other.columns))
    rows: dict[str, int] = {}
    for row, run in enumerate(other.columns[names]):
        if run in rows:
            raise TableError(
                f"the run {run!r} is there twice",
                study=study,
                table=other.path.name,
                row=row + 1,
                column=names,
                fix="keep one row a run",
            )
        rows[run] = row
    for row, run in enumerate(export.columns[key]):
        if run not in rows:
            raise TableError(
                f"the run {run!r} is not in {other.path.name}",
                study=study,
                table=export.path.name,
                row=row + 1,
                column=key,
                fix="add a row for it, or correct its name",
            )
    chosen = [rows[run] for run in export.columns[key]]
    added = {
        name: [cells[row] for row in chosen]
        for name, cells in other.columns.items()
        if name not in export.columns and name != names
    }
    return Export("joined", export.path, export.columns | added)


def _read_csv(path: Path, study: str) -> dict[str, list[str]]:
    place = {"study": study, "table": path.name}
    names = header(path, **place)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [cells for cells in csv.reader(file, strict=True) if cells][1:]
    except (UnicodeDecodeError, csv.Error) as error:
        raise explain(path, error, **place) from None
    if any(len(cells) != len(names) for cells in lines):
        raise explain(path, ValueError("uneven rows"), **place)
    if not lines:
        raise TableError(f"{path.name} has no rows", fix="add the rows", **place)
    for index, name in enumerate(names):
        if not name.strip():
            number = f"column number {index + 1} of {path.name} has no name"
            raise TableError(number, fix="name it or delete it", **place)
        if name in names[:index]:
            raise TableError(
                "the column is there twice", column=name, fix="rename or delete one", **place
            )
    return {name: [cells[i].strip() for cells in lines] for i, name in enumerate(names)}


def _read_parquet(path: Path, study: str) -> dict[str, list[str]]:
    from scaling_studies.runs.tables import RawTable

    table = RawTable.open(path, study=study, table=path.name).read()
    return {
        name: ["" if cell is None else str(cell) for cell in table[name].to_pylist()]
        for name in table.column_names
    }


def _wide(columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]] | None:
    """Long columns of a chart export; None when the table is not one."""
    names = list(columns)
    steps = names[0]
    if steps.strip().lower() not in STEPS:
        return None
    measured: dict[str, dict[str, str]] = {}
    for name in names[1:]:
        if _REPEATED.search(name):
            continue
        run, dash, metric = name.rpartition(" - ")
        if not dash:
            return None
        if not metric.startswith("_"):
            measured.setdefault(run, {})[metric] = name
    if not measured:
        return None
    metrics = list(dict.fromkeys(metric for found in measured.values() for metric in found))
    rows = []
    for run, found in measured.items():
        for number, step in enumerate(columns[steps]):
            cells = [columns[found[m]][number] if m in found else "" for m in metrics]
            # A run that was not logged at a step has no row there.
            if any(cells):
                rows.append([run, step, *cells])
    return _columns([RUN, "step", *metrics], rows)


def _folder(path: Path, study: str) -> Export:
    # A link could lead out of the folder that the user named.
    files = sorted(
        file for file in path.iterdir() if file.suffix == ".csv" and not file.is_symlink()
    )
    if not files:
        raise TableError(
            f"the folder {path.name} holds no .csv file",
            study=study,
            fix="give a folder with one CSV file a run",
        )
    tables = {file.stem: _read_csv(file, study) for file in files}
    if all(_TAGGED.match(name) and "Value" in table for name, table in tables.items()):
        return Export("folder", path, _tagged(tables))
    names = list(dict.fromkeys(name for table in tables.values() for name in table))
    named = RUN in names
    rows = []
    for run, table in tables.items():
        length = len(next(iter(table.values())))
        for number in range(length):
            cells = [table[name][number] if name in table else "" for name in names]
            rows.append(cells if named else [run, *cells])
    return Export("folder", path, _columns(names if named else [RUN, *names], rows))


def _tagged(tables: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    """Put scalar files of one metric each together: a row a run and step."""
    values: dict[tuple[str, str], dict[str, str]] = {}
    metrics: dict[str, None] = {}
    for name, table in tables.items():
        found = _TAGGED.match(name)
        run, metric = found["run"], found["tag"]
        metrics[metric] = None
        for step, value in zip(table["Step"], table["Value"], strict=True):
            values.setdefault((run, step), {})[metric] = value
    rows = [
        [run, step, *(cells.get(metric, "") for metric in metrics)]
        for (run, step), cells in values.items()
    ]
    return _columns([RUN, "step", *metrics], rows)


def _json_lines(path: Path, study: str) -> Export:
    place = {"study": study, "table": path.name}
    records: list[dict[str, str]] = []
    nested = False
    for record in records_of(path, **place):
        nested |= any(isinstance(value, (dict, list)) for value in record.values())
        records.append(dict(_flat(record)))
    if not records:
        raise TableError(f"{path.name} has no rows", fix="add the rows", **place)
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [[record.get(name, "") for name in names] for record in records]
    return Export("nested" if nested else "plain", path, _columns(names, rows))


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


def _columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}
