import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scaling_studies.artefacts.files import write_checksum
from scaling_studies.errors import ArtefactError
from scaling_studies.runs import run_files, run_table_docs
from scaling_studies.runs.columns import RUN_SCHEMA

REPOSITORY_DOCS = "docs/run-table.md"


def run_table(rows: int) -> pa.Table:
    """Return a run table whose texts appear in another order than the alphabet's."""
    ids = [f"run_{(7 * row) % 11:02d}" for row in range(rows)]
    columns = {
        "study": ["a_2020"] * rows,
        "run_id": ids,
        "row_key": [f"{name}@{row}" for row, name in enumerate(ids)],
        "params_total": [1e6 + row for row in range(rows)],
        "is_final": [row % 2 == 0 for row in range(rows)],
        "metric": ["loss"] * rows,
        "value": [None if row % 5 == 4 else 2.0 + row / 7 for row in range(rows)],
        "note": [None if row % 3 else f"note {row}" for row in range(rows)],
    }
    arrays = [
        pa.array(columns.get(field.name, [None] * rows), _plain(field.type)).cast(field.type)
        for field in RUN_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=RUN_SCHEMA)


def broken_off(piece):
    """Yield one piece and then fail."""
    yield piece
    raise ZeroDivisionError


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def test_the_schema_is_the_contract():
    names = RUN_SCHEMA.names
    assert names[:4] == ["study", "table", "run_id", "row_key"]
    assert names[-6:] == ["value", "value_low", "value_high", "value_std", "status", "note"]
    assert len(names) == len(set(names))
    for field in RUN_SCHEMA:
        assert field.metadata[b"description"]
        assert not pa.types.is_integer(field.type)
        if field.type == pa.float64():
            assert field.metadata[b"unit"]


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "runs" / "a_2020.parquet"
    table = run_table(20)
    run_files.write_runs([table], path, {"rule": "normalize_runs"})
    frame = run_files.read_runs(path)
    assert list(frame) == RUN_SCHEMA.names
    for name in ("run_id", "row_key", "note"):
        assert [None if value != value else value for value in frame[name]] == table[
            name
        ].to_pylist()
    np.testing.assert_array_equal(frame["value"], table["value"].to_numpy())
    assert frame["params_total"].dtype == np.float64
    metadata = pq.read_schema(path).metadata
    assert json.loads(metadata[b"scaling_studies.provenance"]) == {"rule": "normalize_runs"}
    assert b"pandas" not in metadata


def test_some_columns_can_be_read_alone(tmp_path):
    path = tmp_path / "a.parquet"
    run_files.write_runs([run_table(4)], path)
    assert list(run_files.read_runs(path, columns=["run_id", "value"])) == ["run_id", "value"]


def test_bytes_do_not_depend_on_parts_or_on_the_order_of_dictionaries(tmp_path, monkeypatch):
    monkeypatch.setattr(run_files, "ROW_GROUP_ROWS", 8)
    table = run_table(37)
    whole, parted, tidy = (tmp_path / f"{name}.parquet" for name in ("whole", "parted", "tidy"))
    run_files.write_runs([table], whole)
    ends = ((0, 1), (1, 1), (1, 14), (14, 15), (15, 37))
    run_files.write_runs([table.slice(start, end - start) for start, end in ends], parted)
    shuffled = pa.Table.from_arrays(
        [
            column.combine_chunks().dictionary_decode().take(pa.array(np.arange(37)))
            if pa.types.is_dictionary(column.type)
            else column
            for column in table.columns
        ],
        names=table.column_names,
    )
    run_files.write_runs([shuffled], tidy)
    assert whole.read_bytes() == parted.read_bytes() == tidy.read_bytes()
    assert pq.ParquetFile(whole).num_row_groups == 5
    group = pq.ParquetFile(whole).read_row_group(1)["run_id"].chunk(0)
    words = group.dictionary.to_pylist()
    assert words == sorted(set(table["run_id"].to_pylist()[8:16]))


def test_an_empty_table_is_a_file_with_the_schema(tmp_path):
    path = tmp_path / "none.parquet"
    run_files.write_runs([], path)
    assert run_files.read_runs(path).empty


def test_nothing_is_left_behind_when_writing_ends_in_an_error(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(ZeroDivisionError):
        run_files.write_runs(broken_off(run_table(3)), path)
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_survives_an_error(tmp_path):
    path = tmp_path / "a.parquet"
    run_files.write_runs([run_table(3)], path)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        run_files.write_runs(broken_off(run_table(5)), path)
    assert path.read_bytes() == before
    assert len(run_files.read_runs(path)) == 3


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(ArtefactError, match=r"cannot write .*Fix: "):
        run_files.write_runs([run_table(1)], tmp_path / "runs" / "a.parquet")


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    script = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_run_files import run_table
from scaling_studies.runs import run_files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
run_files.ROW_GROUP_ROWS = 64
try:
    run_files.write_runs([run_table(1000)], {str(tmp_path / "a.parquet")!r})
except Exception as error:
    print(type(error).__name__, error)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert found.stdout.startswith("ArtefactError cannot write "), found
    assert ". Fix: free disk space" in found.stdout
    assert found.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_every_flipped_byte_and_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "a_2020.parquet"
    run_files.write_runs([run_table(6)], path)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for place in random.integers(0, len(whole), 25):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << random.integers(0, 8)
        path.write_bytes(bytes(damaged))
        with pytest.raises(ArtefactError, match=r"a_2020\.parquet.*snakemake --force"):
            run_files.read_runs(path)
        path.write_bytes(whole[:place])
        with pytest.raises(ArtefactError, match=r"a_2020\.parquet.*snakemake --force"):
            run_files.read_runs(path)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (pa.table({"x": [1.0]}), "lacks the column study"),
        (
            run_table(1).set_column(
                RUN_SCHEMA.get_field_index("params_total"),
                "params_total",
                pa.array(["1"]),
            ),
            "another version",
        ),
    ],
)
def test_another_parquet_file_is_not_a_run_table(tmp_path, table, problem):
    path = tmp_path / "a.parquet"
    run_files.write_runs([run_table(1)], path)
    pq.write_table(table, path)
    write_checksum(path)
    with pytest.raises(ArtefactError, match=problem):
        run_files.read_runs(path)


def test_the_document_says_what_the_schema_says(request):
    path = request.config.rootpath / REPOSITORY_DOCS
    text = path.read_text(encoding="utf-8")
    assert run_table_docs.updated(text) == text, (
        f"run: python -m scaling_studies.runs.run_table_docs {REPOSITORY_DOCS}"
    )
    for name in RUN_SCHEMA.names:
        assert f"| `{name}` |" in text
