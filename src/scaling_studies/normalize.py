"""Published tables to the run table, as the study card says.

`normalize` works on frames in memory, `normalize_file` from files to a file. Both give the same
rows in the same order: tables by name, rows as in the table, measurements as in the card, then the
table's averages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from scaling_studies import tables
from scaling_studies.averages import add_averages
from scaling_studies.joins import JoinedTable
from scaling_studies.runs import RunWriter, empty_runs
from scaling_studies.table_mapping import TableMapping
from scaling_studies.table_normalizer import TableNormalizer

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
    raw = {file: _from_frame(frame, card, file) for file, frame in frames.items()}
    parts = [part for name in sorted(card["tables"]) for part in _normalize(card, name, raw)]
    return pa.concat_tables(parts) if parts else empty_runs()


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
        Parquet file to write; it appears only when all tables are without a problem.
    provenance
        Record stored in the file's schema metadata.

    Raises
    ------
    CardError, SourceError, TableError
        See `normalize` and `tables.locate`.
    """
    study = card["study"]
    with RunWriter(out, provenance) as writer:
        raw = {
            file: tables.read_raw(
                tables.locate(data_dir, file, study=study, table=name), study=study, table=name
            )
            for file, name in tables.table_files(card).items()
        }
        for name in sorted(card["tables"]):
            for part in _normalize(card, name, raw):
                writer.write(part)


def _normalize(
    card: Mapping[str, Any], name: str, raw: Mapping[str, pa.Table]
) -> Iterator[pa.Table]:
    mapping = TableMapping(card, name)
    table = raw[mapping.file]
    joined = [
        JoinedTable.read(raw[join["file"]], file=join["file"], on=join["on"], **mapping.place)
        for join in card["tables"][name].get("join", ())
    ]
    normalizer = TableNormalizer(mapping, table.column_names, joined)
    rows = normalizer.normalize(table)
    normalizer.finish()
    yield add_averages(rows, mapping.averages, **mapping.place) if mapping.averages else rows


def _from_frame(frame: pd.DataFrame, card: Mapping[str, Any], file: str) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A column that mixes text and numbers: as text, so that the cell can be named.
        mixed = frame.copy()
        for column in frame.select_dtypes("object").columns:
            known = frame[column].notna()
            mixed[column] = frame[column].astype(str).where(known, None)
        return pa.Table.from_pandas(mixed, preserve_index=False).combine_chunks()
