"""The run table: the one contract between published tables and everything computed from them.

A run table is long: one row is one measured value of one metric on one evaluation set, for one
checkpoint of one run. `COLUMNS` describes its columns, `RUN_SCHEMA` is the same as an Arrow schema
with units and descriptions in the field metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scaling_studies.errors import ArtefactError

if TYPE_CHECKING:
    import pandas as pd

#: Rows in a row group of the Parquet file; part of the contract, as it decides the file's bytes.
ROW_GROUP_ROWS = 1 << 18

PROVENANCES = ("measured", "digitised", "interpolated", "printed", "simulated")
FLOPS_CONVENTIONS = (
    "6ND_total",
    "6ND_non_embedding",
    "6ND_active",
    "reported",
    "forward_only",
    "attention",
    "unknown",
)
STATUSES = ("ok", "diverged", "unfinished", "duplicate")

_TEXT = pa.dictionary(pa.int32(), pa.string())
_ARROW_TYPES = {
    "text": _TEXT,
    "key": pa.string(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """A column of the run table.

    Attributes
    ----------
    name, group, description
        Name, the part of the contract it belongs to, and its meaning.
    kind
        ``text`` (dictionary-encoded), ``key`` (plain text, because nearly every row differs),
        ``number`` (float64) or ``flag`` (boolean).
    unit
        Unit of a number, else None.
    quantity
        Quantity whose units a raw column may have (a key of `units.UNITS`).
    sign
        What a number must be: ``positive``, ``not_negative`` or ``any``.
    filled
        True when no cell may be empty where a card maps the column.
    values
        The only values a text may have; any when empty.
    settable
        True when a card may map the column or give it as a constant; the others are made here.
    """

    name: str
    group: str
    description: str
    kind: Literal["text", "key", "number", "flag"] = "number"
    unit: str | None = None
    quantity: str = "count"
    sign: Literal["positive", "not_negative", "any"] = "any"
    filled: bool = False
    values: tuple[str, ...] = ()
    settable: bool = True


def _text(
    name: str,
    group: str,
    description: str,
    *,
    values: tuple[str, ...] = (),
    filled: bool = False,
    settable: bool = True,
) -> Column:
    return Column(name, group, description, "text", values=values, filled=filled, settable=settable)


_COLUMNS = (
    _text("study", "identity", "Study whose card named the table", settable=False),
    _text("table", "identity", "Table of the card", settable=False),
    _text(
        "run_id",
        "identity",
        "Training run; `<table>:<row>` where the table does not name its runs",
        filled=True,
    ),
    Column(
        "row_key",
        "identity",
        "Checkpoint: `<run_id>` or `<run_id>@<step>`; all measurements of one checkpoint share it",
        "key",
        settable=False,
    ),
    _text(
        "group_id",
        "identity",
        "Rows that are not independent share it (checkpoints of one run, one problem, one budget)",
        settable=False,
    ),
    _text(
        "provenance",
        "identity",
        "How the numbers came to be",
        values=PROVENANCES,
        settable=False,
    ),
    _text(
        "provenance_group",
        "identity",
        "Shared by tables that hold the same measurements published twice",
        settable=False,
    ),
    Column(
        "params_total",
        "size",
        "Parameters, embeddings included",
        unit="params",
        quantity="params",
        sign="positive",
        filled=True,
    ),
    Column(
        "params_non_embedding",
        "size",
        "Parameters without embeddings",
        unit="params",
        quantity="params",
        sign="positive",
        filled=True,
    ),
    Column(
        "params_active",
        "size",
        "Parameters that take part in the computation for one token",
        unit="params",
        quantity="params",
        sign="positive",
        filled=True,
    ),
    _text("params_convention", "size", "What the paper's own N means"),
    Column(
        "tokens",
        "data",
        "Training tokens seen at this row (D)",
        unit="tokens",
        quantity="tokens",
        sign="positive",
        filled=True,
    ),
    Column(
        "unique_tokens",
        "data",
        "Distinct training tokens (U)",
        unit="tokens",
        quantity="tokens",
        sign="positive",
        filled=True,
    ),
    Column(
        "epochs",
        "data",
        "Passes over the unique tokens (D/U)",
        unit="epochs",
        quantity="epochs",
        sign="positive",
    ),
    Column(
        "samples",
        "data",
        "Training data where it is not counted in tokens; its unit is `sample_unit`",
        unit="sample_unit",
        quantity="samples",
        sign="positive",
        filled=True,
    ),
    _text("sample_unit", "data", "What `samples` counts, for example characters, images, hours"),
    Column(
        "flops",
        "compute",
        "Training compute as published or derived by the card (C)",
        unit="FLOP",
        quantity="flops",
        sign="positive",
        filled=True,
    ),
    _text("flops_convention", "compute", "How the compute was counted", values=FLOPS_CONVENTIONS),
    Column(
        "flops_6nd",
        "compute",
        "6ND with the N of `flops_convention`, else active, total or non-embedding parameters",
        unit="FLOP",
        quantity="flops",
        settable=False,
    ),
    Column(
        "step",
        "training",
        "Optimiser step of the checkpoint",
        unit="steps",
        quantity="steps",
        sign="not_negative",
        filled=True,
    ),
    Column("is_final", "training", "True for the last checkpoint of a run", "flag"),
    Column(
        "batch_tokens",
        "training",
        "Tokens in a batch",
        unit="tokens",
        quantity="tokens",
        sign="positive",
    ),
    Column(
        "learning_rate",
        "training",
        "Learning rate: the peak of the schedule, or its value at the step in per-step tables",
        unit="1",
        quantity="learning_rate",
        sign="not_negative",
    ),
    _text("schedule", "training", "Learning-rate schedule"),
    Column(
        "warmup_tokens",
        "training",
        "Tokens in the warm-up",
        unit="tokens",
        quantity="tokens",
        sign="not_negative",
    ),
    Column("seed", "training", "Seed of the run", unit="1"),
    _text("dataset", "training", "Training data set"),
    _text("tokenizer", "training", "Tokenizer"),
    _text("architecture", "training", "Model family or shape"),
    Column("experts", "extra axes", "Experts of a routed model", unit="1", sign="positive"),
    Column(
        "parallel_streams", "extra axes", "Parallel streams of a model", unit="1", sign="positive"
    ),
    Column(
        "samples_drawn",
        "extra axes",
        "Samples drawn from a model for a problem",
        unit="1",
        sign="positive",
    ),
    Column("width", "extra axes", "Width of the model", unit="1", sign="positive"),
    Column("depth", "extra axes", "Layers of the model", unit="1", sign="positive"),
    Column(
        "context_length",
        "extra axes",
        "Context length",
        unit="tokens",
        quantity="tokens",
        sign="positive",
    ),
    Column(
        "problem_size",
        "extra axes",
        "Size of the problem, for example the edge of a board",
        unit="1",
        sign="positive",
    ),
    _text("eval_set", "measurement", "Evaluation set", settable=False),
    _text("metric", "measurement", "What was measured", settable=False),
    _text("unit", "measurement", "Unit of the value", settable=False),
    Column("value", "measurement", "Measured value", unit="unit", settable=False),
    Column(
        "value_low",
        "measurement",
        "Lower end of the published interval",
        unit="unit",
        settable=False,
    ),
    Column(
        "value_high",
        "measurement",
        "Upper end of the published interval",
        unit="unit",
        settable=False,
    ),
    Column(
        "value_std",
        "measurement",
        "Published standard deviation of the value",
        unit="unit",
        settable=False,
    ),
    _text(
        "status", "state", "State of the run at this row; `ok` unless a card says", values=STATUSES
    ),
    _text("note", "state", "Remark on the row"),
)

#: Columns of the run table by name, in order.
COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}


def _field(column: Column) -> pa.Field:
    metadata = {"group": column.group, "description": column.description}
    if column.unit is not None:
        metadata["unit"] = column.unit
    return pa.field(column.name, _ARROW_TYPES[column.kind], metadata=metadata)


#: Arrow schema of a run table.
RUN_SCHEMA: pa.Schema = pa.schema(
    [_field(column) for column in _COLUMNS], metadata={"scaling_studies.contract": "run-table-1"}
)


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
