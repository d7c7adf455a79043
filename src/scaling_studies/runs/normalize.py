"""Published tables to the run table, as the study card says.

Rows come in a fixed order: tables by name, rows as in the table, measurements as in the card, then
the table's averages. Tables are taken in pieces, so that many millions of rows need little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from scaling_studies.cards.models.table import Join, TableEntry
from scaling_studies.errors import TableError
from scaling_studies.runs import cells
from scaling_studies.runs.averages import add_averages
from scaling_studies.runs.columns import COLUMNS, RUN_SCHEMA
from scaling_studies.runs.compute import add_compute_columns
from scaling_studies.runs.joins import JoinedTable
from scaling_studies.runs.keys import SeenRows, add_row_keys, identities
from scaling_studies.runs.mapping import TableMapping
from scaling_studies.runs.measurements import measure
from scaling_studies.runs.problems import Problems
from scaling_studies.runs.raw_rows import RawRows
from scaling_studies.runs.run_files import write_runs
from scaling_studies.runs.tables import RawTable, locate
from scaling_studies.sources.records import check_carried


def normalize_file(
    study: str,
    tables: Mapping[str, TableEntry],
    data_dir: Path,
    out: Path,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Read the raw tables of a card and write its run table.

    Parameters
    ----------
    study, tables
        The study, and the tables of its card.
    data_dir
        Folder that the card's file names are relative to.
    out
        Parquet file to write; it appears only when no table has a problem.
    provenance
        Record stored in the file's schema metadata.

    Raises
    ------
    CardError
        When the card maps what the run table does not have.
    SourceError
        When a file is not there or is another one than the card says.
    TableError
        When a raw table breaks the contract; names the first problem and counts the others.
    ArtefactError
        When the file cannot be written.
    """
    write_runs(_pieces(study, tables, data_dir), out, provenance)


def read_run_table(study: str, tables: Mapping[str, TableEntry], data_dir: Path) -> pa.Table:
    """Return the run table that `normalize_file` would write, and write nothing.

    Raises
    ------
    CardError, SourceError, TableError
        As `normalize_file`.
    """
    found = [RUN_SCHEMA.empty_table(), *_pieces(study, tables, data_dir)]
    return pa.concat_tables(found).unify_dictionaries()


def _pieces(study: str, tables: Mapping[str, TableEntry], data_dir: Path) -> Iterator[pa.Table]:
    for name, entry in sorted(tables.items()):
        for frame in _normalize_table(TableMapping(study, name, entry), data_dir):
            yield _to_arrow(frame)


def _normalize_table(mapping: TableMapping, data_dir: Path) -> Iterator[pd.DataFrame]:
    """Yield the run table's rows of one raw table, and raise its problems at its end."""
    entry = mapping.entry

    def open_raw(source: TableEntry | Join) -> RawTable:
        path = locate(data_dir, source.file, sha256=source.sha256, **mapping.place)
        check_carried(data_dir, source.file, **mapping.place)
        return RawTable.open(path, **mapping.place)

    table = open_raw(entry)
    joined = [JoinedTable.read(open_raw(join).read(), join, mapping) for join in entry.join]
    _check_raw_columns(mapping, table.columns, joined)
    read = [name for name in mapping.keys_and_columns() if name in table.columns]
    problems, seen, first_row = Problems(**mapping.place), SeenRows(), 1
    for raw in [table.read(read)] if mapping.needs_whole_table else table.pieces(read):
        rows = RawRows(raw, problems, first_row)
        for each in joined:
            rows.raw = each.add_to(rows.raw, problems, first_row)
        frame = _normalize_rows(rows, mapping, seen)
        first_row += raw.num_rows
        # Rows are of use only while there are no problems.
        if not problems.count:
            yield add_averages(frame, mapping) if entry.averages else frame
    if first_row == 1:
        raise TableError(f"{mapping.entry.file} has no rows", fix="add the rows", **mapping.place)
    seen.note_repeated(problems, mapping.raw_column("run_id"))
    problems.raise_first()


def _check_raw_columns(
    mapping: TableMapping, raw_columns: tuple[str, ...], joined: list[JoinedTable]
) -> None:
    """Refuse columns that no file has, or that two have."""
    origin = dict.fromkeys(raw_columns, mapping.entry.file)
    for each in joined:
        file = each.join.file
        mapping.require(each.join.on, list(origin), f"the join with {file}")
        for name in each.columns.column_names:
            if name in origin:
                raise TableError(
                    f"the column is in {origin[name]} and in {file}, which is joined",
                    column=name,
                    fix="join on it as well, or rename one of the two",
                    **mapping.place,
                )
            origin[name] = file
    mapping.require(mapping.raw_columns(), list(origin), "the card")


def _normalize_rows(rows: RawRows, mapping: TableMapping, seen: SeenRows) -> pd.DataFrame:
    """Return a piece of the run table; what is wrong with the rows is noted."""
    with np.errstate(all="ignore"):  # bad cells are noted with their place
        frame = _columns(rows, mapping)
        excused = (frame["status"] != "ok").astype(bool)
        measured = [measure(rows, each, mapping, excused) for each in mapping.entry.measurements]
    rows.check()
    repeatable = None
    # Rows with bad cells cannot be told apart.
    if mapping.names_runs and not rows.problems.count:
        found = identities(frame, mapping, measured)
        if mapping.entry.allow.duplicate_runs:
            repeatable = pd.concat(found, axis=1)
        else:
            seen.add(pd.concat(found).sort_index(kind="stable"))
    add_row_keys(frame, repeatable)
    # Row by row, and within a row in the order of the card.
    values = measured[0]
    if len(measured) > 1:
        values = pd.concat(measured).sort_index(kind="stable")
    kept = values.pop("kept")
    if not kept.all():
        values = values[kept]
    return frame.reindex(values.index).assign(**values)


def _columns(rows: RawRows, mapping: TableMapping) -> pd.DataFrame:
    """Return the columns of the run table that do not belong to a measurement."""
    frame = pd.DataFrame(index=rows.index)
    constants: dict[str, Any] = {
        "study": mapping.study,
        "table": mapping.name,
        "provenance": mapping.entry.provenance,
        "provenance_group": mapping.entry.provenance_group,
        "status": "ok",
        **mapping.entry.constants,
    }
    for name, value in constants.items():
        if COLUMNS[name].kind == "text":
            frame[name] = cells.constant(value, frame.index)
        else:
            frame[name] = value if isinstance(value, bool) else float(value)
    for each in mapping.columns:
        frame[each.target.name] = rows.column(each)
        if each.target.name == "samples" and "sample_unit" not in frame:
            frame["sample_unit"] = cells.constant(each.unit.canonical, frame.index)
    frame["status"] = frame["status"].fillna("ok")
    add_compute_columns(frame, mapping, rows)
    if "run_id" not in frame:
        frame["run_id"] = f"{mapping.name}:" + frame.index.astype("string[pyarrow]")
    group = mapping.entry.group
    frame["group_id"] = rows.labels(group) if group else frame["run_id"]
    return frame


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return rows as Arrow has them; NaN becomes null, columns that are not there are null."""
    arrays = []
    for column in RUN_SCHEMA:
        if column.name not in frame:
            array = pa.nulls(len(frame), column.type)
        elif pa.types.is_dictionary(column.type):
            array = pa.array(frame[column.name])
            if not pa.types.is_dictionary(array.type):
                array = array.cast(pa.string()).dictionary_encode()
            array = array.cast(column.type)
        else:
            array = pa.array(frame[column.name], column.type, from_pandas=True)
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=RUN_SCHEMA)
