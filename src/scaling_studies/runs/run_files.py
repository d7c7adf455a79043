"""The file of a run table: the one contract between published tables and all that is computed.

A run table is long: one row is one measured value of one metric on one evaluation set, for one
checkpoint of one run. `columns.COLUMNS` describes its columns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scaling_studies.artefacts import links
from scaling_studies.artefacts.files import (
    PROVENANCE_KEY,
    provenance_of,
    read_bytes,
    record_checksum,
    sha256_of,
)
from scaling_studies.errors import UNWRITABLE_FIX, ArtefactError
from scaling_studies.runs.columns import COLUMNS, RUN_SCHEMA

if TYPE_CHECKING:
    import pandas as pd

#: Rows in a row group of the Parquet file; part of the contract, as it decides the file's bytes.
ROW_GROUP_ROWS = 1 << 18


def write_runs(
    pieces: Iterable[pa.Table], path: Path, provenance: Mapping[str, Any] | None = None
) -> None:
    """Write a run table as Parquet; the same rows always give the same bytes.

    Parameters
    ----------
    pieces
        Rows with the columns of `RUN_SCHEMA`, in order; how they are cut does not matter.
    path
        File to write; it appears only when complete, and nothing is left behind by an error.
    provenance
        Record of how the table was made, stored as ``scaling_studies.provenance``.

    Raises
    ------
    ArtefactError
        When the file cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.partial")
    metadata = dict(RUN_SCHEMA.metadata)
    if provenance is not None:
        record = json.dumps(links.named(provenance, path), sort_keys=True)
        metadata[PROVENANCE_KEY] = record.encode()
    schema = RUN_SCHEMA.with_metadata(metadata)
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = pq.ParquetWriter(
            temporary,
            schema,
            compression="zstd",
            use_dictionary=_names_of("text"),
            # Numbers differ from row to row, so that dictionaries of them only cost time.
            use_byte_stream_split=_names_of("number"),
            write_statistics=False,
        )
    try:
        for rows in _row_groups(pieces):
            columns = [_sorted_dictionary(column) for column in rows.columns]
            group = pa.Table.from_arrays(columns, schema=schema)
            with _writing(path):
                writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        with _writing(path):
            writer.close()
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            digest = sha256_of(temporary)
            temporary.replace(path)
    finally:
        with suppress(OSError):
            writer.close()
        with suppress(OSError):
            temporary.unlink()
    with _writing(path):
        record_checksum(path, digest)


def _row_groups(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows cut anew, so that the file does not depend on how the pieces are cut."""
    waiting, is_first = RUN_SCHEMA.empty_table(), True
    for piece in pieces:
        waiting = pa.concat_tables([waiting, piece.cast(RUN_SCHEMA)])
        while waiting.num_rows >= ROW_GROUP_ROWS:
            yield waiting.slice(0, ROW_GROUP_ROWS)
            waiting, is_first = waiting.slice(ROW_GROUP_ROWS), False
    if waiting.num_rows or is_first:
        yield waiting


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise ArtefactError(
            f"cannot write {path}: {problem.strerror or problem}", fix=UNWRITABLE_FIX
        ) from problem


def _names_of(kind: str) -> list[str]:
    return [column.name for column in COLUMNS.values() if column.kind == kind]


def _sorted_dictionary(column: pa.ChunkedArray) -> pa.Array:
    """Return the column as one chunk; a dictionary holds the used values only, sorted."""
    if not pa.types.is_dictionary(column.type):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    column = column.unify_dictionaries()
    whole = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    values, codes = whole.dictionary, whole.indices
    used = pc.drop_null(pc.unique(codes))
    order = used.take(pc.array_sort_indices(values.take(used)))
    if order.equals(pa.array(np.arange(len(values), dtype=np.int32))):
        return whole
    rank = np.zeros(len(values), dtype=np.int32)
    rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(rank).take(codes), values.take(order))


def read_runs(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a run table.

    Parameters
    ----------
    path
        Parquet file written by `write_runs`.
    columns
        Columns to read; all when None.

    Returns
    -------
    pandas.DataFrame
        Numbers as float64 (NaN when unknown), text as pandas strings.

    Raises
    ------
    ArtefactError
        When the file is missing, damaged or does not keep the contract; names the command that
        remakes it.
    """
    path = Path(path)
    try:
        with pq.ParquetFile(pa.BufferReader(read_bytes(path))) as file:
            _require_contract(file.schema_arrow, path)
            links.check(path, provenance_of(file.schema_arrow))
            table = file.read(columns=None if columns is None else list(columns))
    except pa.ArrowException as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ArtefactError(
            f"{path} cannot be read as a run table ({reason})", fix=_remake(path)
        ) from None
    return as_frame(table)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return a run table as a frame: numbers as float64 (NaN when unknown), text as strings."""
    plain = [
        pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(plain)).to_pandas()


def _require_contract(schema: pa.Schema, path: Path) -> None:
    missing = [name for name in RUN_SCHEMA.names if name not in schema.names]
    if missing:
        raise ArtefactError(
            f"{path} is not a run table: it lacks the column {missing[0]}", fix=_remake(path)
        )
    if not schema.equals(RUN_SCHEMA):
        raise ArtefactError(
            f"{path} was written for another version of the run-table contract", fix=_remake(path)
        )


def _remake(path: Path) -> str:
    return f"make it again with: snakemake --force {path.as_posix()}"
