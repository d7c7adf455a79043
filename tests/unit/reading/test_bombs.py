"""Files that grow when they are read: refused in a line, at once, in little memory."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from limits import measured, refusal

from scaling_studies.reading import read_runs
from scaling_studies.runs.tables import RawTable

MEGABYTE = b"a" * 1_000_000
GOOD = b"run,params,tokens,loss\n" + b"".join(
    b"r%d,%d,%d,%.4f\n" % (i, 2e7 * 2**i, 4e8 * 2**i, 4.5 * 0.86**i) for i in range(8)
)
#: Begin, what is repeated 200 times, end: 200 MB.
LONG: dict[str, tuple[bytes, bytes, bytes]] = {
    "one line": (b"", MEGABYTE, b""),
    "one cell": (GOOD + b"r9,", MEGABYTE, b",1,2\n"),
    "one number": (GOOD + b"r9,", b"1" * 1_000_000, b",1,2\n"),
    "commas": (GOOD, b"," * 1_000_000, b""),
    "a header of commas": (b"run,params", b"," * 1_000_000, b"\n"),
    "blanks": (GOOD, b" " * 1_000_000, b""),
    "zero bytes": (b"", b"\0" * 1_000_000, b""),
    "zero bytes in a row": (GOOD + b"r9,", b"\0" * 1_000_000, b""),
}
COLUMNS = ",".join(f"c{i}" for i in range(100_000))
SMALL: dict[str, bytes] = {
    "100,000 columns": f"params,tokens,loss,{COLUMNS}\n1,1,1{',1' * 100_000}\n".encode(),
    "100,000 columns of one name": b"loss," * 100_000 + b"loss\n" + b"1," * 100_000 + b"1\n",
    "an escape": GOOD + b"r9\x1b[2J,1e9,2e10,3\n",
    "text that turns": GOOD + "r9\u202e,1e9,2e10,3\n".encode(),
    "a zero byte": GOOD + b"r9\0,1e9,2e10,3\n",
    "a control in the header": GOOD.replace(b"run", b"run\x07"),
}
PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}
JSON: dict[str, str] = {
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "a million digits": '[{"params": ' + "9" * 1_000_000 + "}]",
    "100,000 keys": json.dumps([{f"k{i}": 1 for i in range(100_000)}]),
    "half a pair": '[{"run": "\\ud800", "params": 1e9, "tokens": 1e10, "loss": 3.0}]',
    "half a pair in a key": '[{"\\udfff": 1, "params": 1e9, "tokens": 1e10, "loss": 3.0}]',
    "a long text": json.dumps([{"run": "a" * 5_000_000, "params": 1e9, "loss": 3.0}]),
    "nulls": "null\nnull\n",
}


def read(path: Path) -> None:
    read_runs(path, yes=True, unit="nats_per_token")


def read_raw(path: Path) -> None:
    RawTable.open(path, study="a_2020", table="points").read()


@pytest.fixture(scope="module", autouse=True)
def loaded(tmp_path_factory):
    """What reading imports is loaded before anything is measured."""
    folder = tmp_path_factory.mktemp("good")
    packed, plain = folder / "runs.csv.zst", folder / "runs.csv"
    packed.write_bytes(PACK["zst"](GOOD))
    plain.write_bytes(GOOD)
    read(packed)
    read_raw(plain)


@pytest.mark.parametrize("reader", [read, read_raw])
@pytest.mark.parametrize("name", LONG)
def test_a_line_of_200_megabytes(tmp_path, name, reader):
    begin, again, end = LONG[name]
    path = tmp_path / "runs.csv"
    with path.open("wb") as file:
        file.write(begin)
        file.writelines([again] * 200)
        file.write(end)
    line = refusal(lambda: reader(path))
    path.unlink()
    assert "has more than 1,048,576 bytes" in line


@pytest.mark.parametrize("name", SMALL)
def test_columns_without_number_and_signs_that_no_page_shows(tmp_path, name):
    path = tmp_path / "runs.csv"
    path.write_bytes(SMALL[name])
    refusal(lambda: read(path))


@pytest.mark.parametrize("name", [name for name in SMALL if "column" in name or "header" in name])
def test_columns_of_a_table_of_a_card(tmp_path, name):
    path = tmp_path / "runs.csv"
    path.write_bytes(SMALL[name])
    assert "column" in refusal(lambda: read_raw(path))


@pytest.mark.parametrize(
    ("ending", "content"),
    [*((ending, "zeros") for ending in PACK), ("gz", "rows"), ("zst", "rows")],
)
def test_a_packed_bomb(tmp_path, ending, content):
    path = tmp_path / f"runs.csv.{ending}"
    data = b"\0" * 300_000_000 if content == "zeros" else GOOD + b"r,1,1,2\n" * 6_000_000
    path.write_bytes(PACK[ending](data))
    del data
    refusal(lambda: read(path))


@pytest.mark.parametrize("ending", PACK)
def test_a_packed_file_that_is_cut_short(tmp_path, ending):
    path = tmp_path / f"runs.csv.{ending}"
    packed = PACK[ending](GOOD * 50)
    path.write_bytes(packed[: len(packed) // 2])
    refusal(lambda: read(path))


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_json_that_is_no_table(tmp_path, name, ending):
    path = tmp_path / f"runs.{ending}"
    path.write_text(JSON[name])
    refusal(lambda: read(path))


def test_json_of_200_megabytes(tmp_path):
    path = tmp_path / "runs.json"
    with path.open("wb") as file:
        file.write(b'[{"run": "')
        file.writelines([MEGABYTE] * 200)
        file.write(b'"}]')
    assert "more than 64,000,000 bytes" in refusal(lambda: read(path))


def test_a_workbook_that_unpacks_without_end(tmp_path):
    path = tmp_path / "runs.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"\0" * 60_000_000)
    assert "unpacks to 60,000,000 bytes" in refusal(lambda: read(path))


@pytest.mark.parametrize("reader", [read, read_raw])
def test_parquet_of_very_many_rows_or_columns(tmp_path, reader):
    rows, columns = tmp_path / "rows.parquet", tmp_path / "columns.parquet"
    table = pa.table({name: pa.repeat(1.0, 2_500_000) for name in ("params", "tokens", "loss")})
    with pq.ParquetWriter(rows, table.schema) as writer:
        for _ in range(10):
            writer.write_table(table)
    del table
    assert "25,000,000 rows" in refusal(lambda: reader(rows))
    pq.write_table(pa.table({f"c{i}": [1.0] for i in range(12_000)}), columns)
    assert "12,000 columns" in refusal(lambda: reader(columns))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings_are_read(tmp_path, encoding):
    path = tmp_path / "runs.csv"
    path.write_bytes(GOOD.decode().encode(encoding))
    said, seconds, _ = measured(lambda: read(path))
    assert said is None and seconds < 1.0


def test_blank_lines_before_the_header_take_no_time(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_bytes(b"\n" * 1_000_000 + GOOD)
    said, seconds, _ = measured(lambda: read(path))
    assert said is None and seconds < 1.0
