"""Each table that breaks the contract ends in one line with place and fix, and in no file."""

import numpy as np
import pytest
from bad_tables import GOOD, card_of, columns, measurement, normalize_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_studies.errors import CardError, ScalingStudiesError, SourceError, TableError
from scaling_studies.runs.normalize import normalize_file, read_run_table

JOIN = {"join": [{"file": "b.csv", "on": ["run"]}]}
TABLES = {
    "a missing column": ({"a.csv": GOOD.replace("n,d", "n,dd")}, {}, "d", "did you mean 'dd'?"),
    "three missing columns": ({"a.csv": "x\n1\n"}, {}, "run", "(and 3 more)"),
    "a missing group": ({"a.csv": GOOD}, {"group": ["size"]}, "size", "There are: run, n, d, loss"),
    "a unit of something else": (
        {"a.csv": GOOD},
        columns(params_total={"from": "n", "unit": "tokens"}),
        "n",
        "'tokens' is not a unit of params. Fix: write one of: params, thousand",
    ),
    "an unknown unit of a value": (
        {"a.csv": GOOD},
        measurement(unit="bits per byte"),
        "loss",
        "did you mean 'bits_per_byte'?",
    ),
    "a column twice": ({"a.csv": "run,n,n,d\nx,1,1,1\n"}, {}, "n", "appears twice in a.csv"),
    "a nameless column": ({"a.csv": "run, ,n\nx,1,1\n"}, {}, None, "column number 2 of a.csv"),
    "a short row": ({"a.csv": GOOD.replace("y,2,20", "y,20")}, {}, None, "row 2: the row has 3"),
    "a long row": ({"a.csv": GOOD.replace("y,2,20", "y,2,0,2")}, {}, None, "row 2: the row has 5"),
    "an empty file": ({"a.csv": ""}, {}, None, "a.csv is empty"),
    "a header alone": ({"a.csv": "run,n,d,loss\n"}, {}, None, "a.csv has no rows"),
    "semicolons": ({"a.csv": GOOD.replace(",", ";")}, {}, None, "separated by semicolons"),
    "tabs": ({"a.csv": GOOD.replace(",", "\t")}, {}, None, "separated by tabs"),
    "Latin-1": ({"a.csv": GOOD.replace("y", "é").encode("latin-1")}, {}, None, "line 3 of a.csv"),
    "UTF-16": ({"a.csv": GOOD.encode("utf-16")}, {}, None, "is not UTF-8"),
    "an open quote": ({"a.csv": GOOD.replace("y", '"y')}, {}, None, "a.csv cannot be read"),
    "no Parquet": ({"a.parquet": "text"}, {"file": "a.parquet"}, None, "cannot be read as Parquet"),
    "empty Parquet": ({"a.parquet": ""}, {"file": "a.parquet"}, None, "cannot be read as Parquet"),
    "no JSON": ({"a.jsonl": '{"run": 1}\n{]\n'}, {"file": "a.jsonl"}, None, "row 2: the line of"),
    "a JSON list": ({"a.jsonl": "[1, 2]\n"}, {"file": "a.jsonl"}, None, "row 1: the line of"),
    "deep JSON": ({"a.jsonl": "[" * 9999 + "\n"}, {"file": "a.jsonl"}, None, "row 1: the line of"),
    "empty JSON lines": ({"a.jsonl": "\n"}, {"file": "a.jsonl"}, None, "a.jsonl is empty"),
    "another format": ({"a.xlsx": "x"}, {"file": "a.xlsx"}, None, "give a .csv, .parquet or"),
    "a join key that is missing": (
        {"a.csv": GOOD, "b.csv": "name,q\nx,1\n"},
        JOIN,
        "run",
        "the joined file b.csv lacks the key column",
    ),
    "a join key that is missing here": (
        {"a.csv": GOOD.replace("run", "name"), "b.csv": "run,q\nx,1\n"},
        JOIN,
        "run",
        "the join with b.csv reads it",
    ),
    "a duplicate join key": (
        {"a.csv": GOOD, "b.csv": "run,q\nx,1\ny,2\nz,3\ny,4\n"},
        JOIN,
        "run",
        "the joined file b.csv has the key 'y' twice, first in row 2",
    ),
    "an unmatched join key": (
        {"a.csv": GOOD, "b.csv": "run,q\nx,1\nz,3\n"},
        JOIN,
        "run",
        "row 2, column run: 'y' is not among the keys of the joined file b.csv",
    ),
    "an empty join key": (
        {"a.csv": GOOD, "b.csv": "run,q\nx,1\n,2\n"},
        JOIN,
        "run",
        "row 2, column run: the joined file b.csv has an empty key",
    ),
    "a column in both files": (
        {"a.csv": GOOD, "b.csv": "run,d\nx,1\ny,2\nz,3\n"},
        JOIN,
        "d",
        "the column is in a.csv and in b.csv, which is joined",
    ),
    "an average over a set that a run lacks": (
        {"a.csv": "run,n,d,set,loss\nx,1,1,web,2\nx,1,1,code,2\ny,2,2,web,3\n"},
        measurement(eval_set={"column": "set"})
        | {"averages": [{"metric": "loss", "eval_set": "mean"}]},
        "eval_set",
        "run y has no value of loss on code",
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_bad_table_is_named(tmp_path, case):
    files, entry, column, problem = TABLES[case]
    error, _ = normalize_folder(tmp_path, entry, files)
    assert isinstance(error, TableError)
    assert error.place["table"] == "points"
    assert error.place.get("column") == column
    assert problem in str(error), str(error)


def test_a_file_that_is_missing_or_not_the_recorded_one_is_named(tmp_path):
    error, _ = normalize_folder(tmp_path, {"file": "b.csv"}, {"a.csv": GOOD})
    assert isinstance(error, SourceError)
    assert "the file b.csv is not there" in str(error)
    error, _ = normalize_folder(tmp_path, {"sha256": "0" * 64}, {"a.csv": GOOD})
    assert isinstance(error, SourceError)
    assert f"not the recorded {'0' * 64}" in str(error)


@pytest.mark.parametrize("file", ["../a.csv", "b/../../a.csv", "link.csv"])
def test_no_file_outside_the_folder_is_read(tmp_path, file):
    (tmp_path / "a.csv").write_text(GOOD)
    data = tmp_path / "data"
    data.mkdir()
    (data / "b").mkdir()
    (data / "link.csv").symlink_to(tmp_path / "a.csv")
    error, _ = normalize_folder(data, {"file": file}, {})
    assert isinstance(error, CardError)
    assert "leads out of the folder" in str(error)


CELL = st.one_of(
    st.sampled_from(
        ["", "nan", "-1", "0", "inf", "1e999", "x", "1,5", '"', "\0", "é", "1\n2", "'"]
    ),
    st.text(max_size=6),
    st.floats().map(repr),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), CELL), max_size=4),
    noise=st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=2)), max_size=2),
)
def test_a_garbled_table_is_refused_in_one_line_or_obeys_the_contract(tmp_path, changes, noise):
    rows = [line.split(",") for line in GOOD.splitlines()]
    for row, column, text in changes:
        rows[row][column] = text
    data = "".join(",".join(row) + "\n" for row in rows).encode("utf-8", "surrogatepass")
    for place, piece in noise:
        data = data[:place] + piece + data[place:]
    (tmp_path / "a.csv").write_bytes(data)
    card = card_of({})
    out = tmp_path / "out.parquet"
    out.unlink(missing_ok=True)
    try:
        normalize_file(**card, data_dir=tmp_path, out=out)
    except ScalingStudiesError as error:
        line = str(error)
        assert "\n" not in line
        assert line.startswith("study a_2020, table points")
        assert ". Fix: " in line
        assert not out.exists()
        assert not list(tmp_path.glob(".*"))
        return
    table = read_run_table(**card, data_dir=tmp_path).to_pandas()
    assert out.exists()
    for name in ("params_total", "tokens", "value", "flops_6nd"):
        assert np.isfinite(table[name]).all()
        assert (table[name] > 0).all()
    assert table["run_id"].notna().all()
    assert not table.duplicated(["row_key", "metric", "eval_set"]).any()
