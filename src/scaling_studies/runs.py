"""The run table: the one contract between published tables and everything computed from them.

A run table is long: one row is one measured value of one metric on one evaluation set, for one
checkpoint of one run. `COLUMNS` describes its columns, `RUN_SCHEMA` is the same as an Arrow schema
with units and descriptions in the field metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scaling_studies.errors import ArtefactError
from scaling_studies.run_columns import COLUMNS, RUN_SCHEMA

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS",
    "ROW_GROUP_ROWS",
    "RUN_SCHEMA",
    "RunWriter",
    "empty_runs",
    "read_runs",
    "write_runs",
]

#: Rows in a row group of the Parquet file; part of the contract, as it decides the file's bytes.
ROW_GROUP_ROWS = 1 << 18


class RunWriter:
    """Writes a run table in parts; the bytes do not depend on how the rows were parted.

    Use as a context manager. The file appears under its name only when the block ends without an
    error; otherwise nothing is left behind.

    Parameters
    ----------
    path
        The file to write.
    provenance
        Record of how the table was made, stored as ``scaling_studies.provenance``.
    """

    def __init__(self, path: Path, provenance: Mapping[str, Any] | None = None) -> None:
        self._path = Path(path)
        self._temporary = self._path.with_name(f".{self._path.name}.partial")
        metadata = dict(RUN_SCHEMA.metadata)
        if provenance is not None:
            text = json.dumps(provenance, sort_keys=True, separators=(",", ":"))
            metadata[b"scaling_studies.provenance"] = text.encode()
        self._schema = RUN_SCHEMA.with_metadata(metadata)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> RunWriter:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(
            self._temporary,
            self._schema,
            compression="zstd",
            use_dictionary=[name for name in RUN_SCHEMA.names if name != "row_key"],
        )
        return self

    def write(self, part: pa.Table) -> None:
        """Add rows; `part` has the columns of `RUN_SCHEMA`, in order."""
        self._waiting.append(part.cast(RUN_SCHEMA))
        self._waiting_rows += part.num_rows
        if self._waiting_rows >= ROW_GROUP_ROWS:
            rows = pa.concat_tables(self._waiting)
            whole = self._waiting_rows - self._waiting_rows % ROW_GROUP_ROWS
            for start in range(0, whole, ROW_GROUP_ROWS):
                self._write_group(rows.slice(start, ROW_GROUP_ROWS))
            rest = rows.slice(whole)
            self._waiting = [rest]
            self._waiting_rows = rest.num_rows

    def _write_group(self, rows: pa.Table) -> None:
        columns = [_sorted_dictionary(column) for column in rows.columns]
        group = pa.Table.from_arrays(columns, schema=self._schema)
        self._writer.write_table(group, row_group_size=ROW_GROUP_ROWS)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                if self._waiting_rows or not self._waiting:
                    rows = pa.concat_tables(self._waiting) if self._waiting else empty_runs()
                    self._write_group(rows)
                self._writer.close()
                self._temporary.replace(self._path)
        finally:
            if kind is not None:
                self._writer.close()
            self._temporary.unlink(missing_ok=True)


def _sorted_dictionary(column: pa.ChunkedArray) -> pa.Array:
    """Return the column as one chunk; a dictionary holds the used values only, sorted."""
    column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
    if column.num_chunks != 1:
        whole = column.combine_chunks()
        whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    else:
        whole = column.chunk(0)
    if not pa.types.is_dictionary(whole.type):
        return whole
    values = whole.dictionary
    codes = whole.indices
    used = codes.drop_null().unique().to_numpy()
    order = used[np.argsort(np.array(values.take(pa.array(used)).to_pylist(), dtype=object))]
    if len(order) == len(values) and np.array_equal(order, np.arange(len(values))):
        return whole
    rank = np.zeros(max(len(values), 1), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    known = codes.is_valid().to_numpy(zero_copy_only=False)
    renamed = rank[codes.fill_null(0).to_numpy()]
    return pa.DictionaryArray.from_arrays(
        pa.array(renamed, mask=None if known.all() else ~known),
        values.take(pa.array(order)),
    )


def empty_runs() -> pa.Table:
    """Return a run table without rows."""
    return RUN_SCHEMA.empty_table()


def write_runs(table: pa.Table, path: Path, provenance: Mapping[str, Any] | None = None) -> None:
    """Write a run table as Parquet; the same rows always give the same bytes.

    Parameters
    ----------
    table
        Rows with the columns of `RUN_SCHEMA`.
    path
        File to write; it appears only when complete.
    provenance
        Record of how the table was made, stored as ``scaling_studies.provenance``.
    """
    with RunWriter(path, provenance) as writer:
        writer.write(table)


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
        with pq.ParquetFile(path) as file:
            _require_contract(file.schema_arrow, path)
            table = file.read(columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise ArtefactError(
            f"{path} cannot be read as a run table ({_first_line(error)})", fix=_remake(path)
        ) from None
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


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _remake(path: Path) -> str:
    return f"remake it with `snakemake --cores 1 --force results/runs/{path.name}`"
