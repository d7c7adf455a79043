"""Parquet columns of any type, and what other programs note in the file: taken, or one line."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from malformed import CARD, STUDY, TABLE

from scaling_studies.cards.models.table import TableEntry
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.reading import read_runs
from scaling_studies.runs.normalize import normalize_file

HEADER, *ROWS = (line.split(",") for line in TABLE.splitlines())
COLUMNS = {name: list(cells) for name, *cells in zip(HEADER, *ROWS, strict=True)}
COUNT = len(ROWS)
DAY = datetime.datetime(2020, 1, 1)
#: One cell of each type, repeated; the type where it does not follow.
CELLS = {
    "list": ([1.0], None),
    "large list": ([1.0], pa.large_list(pa.float64())),
    "pair": ([1.0, 2.0], pa.list_(pa.float64(), 2)),
    "record": ({"a": 1}, None),
    "map": ([("a", 1)], pa.map_(pa.string(), pa.int64())),
    "day": (DAY.date(), None),
    "moment": (DAY, None),
    "moment beyond nanoseconds": (datetime.datetime(9999, 1, 1), pa.timestamp("us")),
    "moment somewhere": (DAY, pa.timestamp("s", "Europe/Paris")),
    "hour": (datetime.time(1, 2), None),
    "duration": (datetime.timedelta(1), None),
    "bytes": (b"\xff\xfe", None),
    "bytes of one length": (b"\xff\xfe", pa.binary(2)),
    "nothing": (None, None),
    "flag": (True, None),
    "decimal": (decimal.Decimal("3.5"), None),
    "long decimal": (decimal.Decimal(10**60), pa.decimal256(70, 0)),
    "whole without sign": (2**64 - 1, pa.uint64()),
    "half": (np.float16(3.5), pa.float16()),
    "infinite": (float("inf"), None),
    "view": ("3.5", pa.string_view()),
    "large text": ("3.5", pa.large_string()),
}


def take_or_refuse(path: Path) -> None:
    entry = TableEntry.model_validate(CARD["tables"]["points"] | {"file": path.name})
    out = path.parent / "out" / f"{STUDY}.parquet"
    uses = (
        lambda: normalize_file(
            study=STUDY, tables={"points": entry}, data_dir=path.parent, out=out
        ),
        lambda: read_runs(path, yes=True, unit="nats_per_token"),
    )
    for use in uses:
        try:
            use()
        except ScalingStudiesError as error:
            assert str(error).isprintable() and "Fix: " in str(error)


def table_of(**columns: pa.Array) -> pa.Table:
    """The table in order, with other columns in place of some."""
    numbers = {name: pa.array([float(cell) for cell in COLUMNS[name]]) for name in HEADER[1:]}
    return pa.table({"run": pa.array(COLUMNS["run"])} | numbers | columns)


@pytest.mark.parametrize("column", ["run", "n", "loss"])
@pytest.mark.parametrize("name", CELLS)
def test_a_column_of_any_type_is_taken_or_refused_in_a_line(tmp_path, name, column):
    cell, kind = CELLS[name]
    cells = pa.array([cell] * COUNT, kind)
    try:
        pq.write_table(table_of(**{column: cells}), tmp_path / "points.parquet")
    except pa.ArrowNotImplementedError as error:
        pytest.skip(f"pyarrow {pa.__version__} writes no such file: {error}")
    take_or_refuse(tmp_path / "points.parquet")


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff",
        b"no JSON",
        b"null",
        b"[]",
        b"{}",
        b'{"index_columns": [{"kind": "range", "start": 0, "stop": 5, "step": 0, "name": null}]}',
        b'{"index_columns": ["run", "nowhere"], "columns": 3, "column_indexes": [{}]}',
        b'{"index_columns": ["run"], "columns": [{"name": "n", "pandas_type": "datetimetz"}]}',
    ],
)
def test_a_wrong_note_of_another_program_does_no_harm(tmp_path, note):
    table = table_of().replace_schema_metadata({b"pandas": note})
    pq.write_table(table, tmp_path / "points.parquet")
    take_or_refuse(tmp_path / "points.parquet")
    own = read_runs(tmp_path / "points.parquet", yes=True, unit="nats_per_token")
    assert len(own.frame) == COUNT
