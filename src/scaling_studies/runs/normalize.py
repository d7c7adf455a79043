"""Published tables to the run table, as the study card says.

`normalize` works on frames in memory; `normalize_file` reads files in parts and writes a file, so
that a table of many millions of rows needs little memory. Both give the same rows in the same
order: tables by name, rows as in the table, measurements as in the card, then the table's averages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from scaling_studies.errors import TableError
from scaling_studies.runs import tables
from scaling_studies.runs.averages import add_averages
from scaling_studies.runs.joins import JoinedTable
from scaling_studies.runs.mapping import Join, TableMapping
from scaling_studies.runs.normalizer import TableNormalizer
from scaling_studies.runs.raw_csv import NumbersUnreadableError
from scaling_studies.runs.run_files import RunWriter, empty_runs

if TYPE_CHECKING:
    import pandas as pd


def normalize(card: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> pa.Table:
    """Return the run table of a study.

    Parameters
    ----------
    card
        The validated study card.
    frames
        Raw tables by file name as written in the card (see `tables.read_tables`).

    Returns
    -------
    pyarrow.Table
        Rows with the columns of `runs.RUN_SCHEMA`.

    Raises
    ------
    CardError
        When the card maps what the run table does not have.
    TableError
        When a raw table breaks the contract; names the first problem and counts the others.
    """
    found: list[pa.Table] = []
    for name in sorted(card["tables"]):
        mapping = TableMapping(card, name)
        raw = _from_frame(frames, mapping.file, mapping)
        joined = [
            JoinedTable.read(_from_frame(frames, join.file, mapping), join, mapping)
            for join in mapping.joins
        ]
        normalizer = TableNormalizer(mapping, raw.column_names, joined)
        found += _run_parts(normalizer, iter([raw] if raw.num_rows else []))
    return pa.concat_tables(found).unify_dictionaries() if found else empty_runs()


def normalize_file(
    card: Mapping[str, Any],
    data_dir: Path,
    out: Path,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Read the raw tables of a card and write its run table.

    Parameters
    ----------
    card
        The validated study card.
    data_dir
        Folder that the card's file names are relative to.
    out
        Parquet file to write; it appears only when no table has a problem.
    provenance
        Record stored in the file's schema metadata.

    Raises
    ------
    CardError, SourceError, TableError
        See `normalize` and `tables.locate`.
    ArtefactError
        When the file cannot be written.
    """
    # Numbers are parsed while the file is read. Only when that fails are they read as text, which
    # takes longer but tells which cell it was.
    for as_numbers in (True, False):
        try:
            with RunWriter(out, provenance) as writer:
                for part in _file_parts(card, data_dir, as_numbers=as_numbers):
                    writer.write(part)
            return
        except NumbersUnreadableError:
            continue


def read_run_table(card: Mapping[str, Any], data_dir: Path) -> pa.Table:
    """Return the run table that `normalize_file` would write, and write nothing.

    Raises
    ------
    CardError, SourceError, TableError
        As `normalize_file`.
    """
    try:
        found = list(_file_parts(card, data_dir, as_numbers=True))
    except NumbersUnreadableError:
        found = list(_file_parts(card, data_dir, as_numbers=False))
    return pa.concat_tables(found).unify_dictionaries() if found else empty_runs()


def _file_parts(card: Mapping[str, Any], data_dir: Path, *, as_numbers: bool) -> Iterator[pa.Table]:
    """Yield the run table's rows from the card's files; see `normalize_file`."""

    def open_raw(source: TableMapping | Join) -> tables.RawTable:
        path = tables.locate(data_dir, source.file, sha256=source.sha256, **mapping.place)
        return tables.RawTable.open(path, **mapping.place)

    for name in sorted(card["tables"]):
        mapping = TableMapping(card, name)
        raw = open_raw(mapping)
        joined = [JoinedTable.read(open_raw(join).read(), join, mapping) for join in mapping.joins]
        normalizer = TableNormalizer(mapping, raw.columns, joined)
        columns = [each for each in mapping.keys_and_columns() if each in raw.columns]
        numbers = mapping.number_columns() if as_numbers else ()
        yield from _run_parts(normalizer, raw.parts(columns, numbers))


def _run_parts(normalizer: TableNormalizer, parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield the run table's rows of one raw table, and raise its problems at its end."""
    mapping = normalizer.mapping
    if mapping.needs_whole_table:
        parts = iter([tables.whole(parts, file=mapping.file, **mapping.place)])
    for part in parts:
        rows = normalizer.normalize(part)
        if normalizer.problems.count:
            continue
        if mapping.averages:
            rows = add_averages(rows, mapping.averages, **mapping.place)
        yield rows
    normalizer.finish()


def _from_frame(frames: Mapping[str, pd.DataFrame], file: str, mapping: TableMapping) -> pa.Table:
    if file not in frames:
        raise TableError(
            f"no frame was given for {file}", fix="give one under that name", **mapping.place
        )
    frame = frames[file]
    try:
        return pa.Table.from_pandas(frame, preserve_index=False).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A column that mixes text and numbers: as text, so that the cell can be named.
        mixed = frame.copy()
        for column in frame.select_dtypes("object").columns:
            known = frame[column].notna()
            mixed[column] = frame[column].astype(str).where(known, None)
        return pa.Table.from_pandas(mixed, preserve_index=False).combine_chunks()
