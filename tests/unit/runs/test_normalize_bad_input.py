"""Each break of the contract ends in one line that names the place and the fix, and in no file."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_studies.cards.models.table import TableEntry
from scaling_studies.errors import CardError, ScalingStudiesError, SourceError, TableError
from scaling_studies.runs import raw_csv
from scaling_studies.runs.normalize import normalize_file, read_run_table

GOOD = "run,n,d,loss\nx,1,10,2\ny,2,20,3\nz,4,40,1.5\n"
TABLE = {
    "file": "a.csv",
    "provenance": "measured",
    "columns": {
        "run_id": {"from": "run"},
        "params_total": {"from": "n", "unit": "million"},
        "tokens": {"from": "d"},
    },
    "measurements": [
        {"metric": "loss", "eval_set": "web", "unit": "nats_per_token", "from": "loss"}
    ],
}


def cells(**changes):
    """Return the good table with cells replaced; `loss_2="x"` is the loss of the second row."""
    rows = [line.split(",") for line in GOOD.splitlines()]
    for place, text in changes.items():
        column, row = place.rsplit("_", 1)
        rows[int(row)][rows[0].index(column)] = text
    return "".join(",".join(row) + "\n" for row in rows)


def columns(**changes):
    return {"columns": TABLE["columns"] | changes}


def measurement(**changes):
    return {"measurements": [TABLE["measurements"][0] | changes]}


def card_of(entry):
    """Return the arguments for the good table with other entries, even a file no card may name."""
    table = TableEntry.model_validate(TABLE | entry | {"file": TABLE["file"]})
    table = table.model_copy(update={"file": entry.get("file", TABLE["file"])})
    return {"study": "a_2020", "tables": {"points": table}}


def normalize_folder(folder, entry, files):
    """Write the files, normalise them, and return the error; check that nothing is left."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    card = card_of(entry)
    out = folder / "results" / "a_2020.parquet"
    with pytest.raises(ScalingStudiesError) as caught:
        normalize_file(**card, data_dir=folder, out=out)
    assert not list(folder.glob("results/*"))
    text = str(caught.value)
    assert "\n" not in text
    assert "study a_2020" in text
    assert ". Fix: " in text
    assert str(folder) not in text
    return caught.value, card


CELLS = {
    "text in a number": (cells(loss_2="two"), {}, 2, "loss", "'two' is not a number"),
    "text in a size": (cells(n_3="1M"), {}, 3, "n", "'1M' is not a number"),
    "digits with separators": (cells(d_1='"1,000"'), {}, 1, "d", "'1,000' is not a number"),
    "a decimal comma": (cells(loss_1='"2,5"'), {}, 1, "loss", "'2,5' is not a number"),
    "a blank in a number": (cells(d_1="1 0"), {}, 1, "d", "'1 0' is not a number"),
    "hexadecimal digits": (cells(n_1="0x10"), {}, 1, "n", "'0x10' is not a number"),
    "a flag for a number": (cells(n_1="true"), {}, 1, "n", "'true' is not a number"),
    "NaN for a loss": (cells(loss_3="NaN"), {}, 3, "loss", "NaN is not a number"),
    "NaN for a size": (cells(n_2="nan"), {}, 2, "n", "nan is not a number"),
    "an empty loss": (cells(loss_3=""), {}, 3, "loss", "the cell is empty"),
    "an empty size": (cells(n_3=""), {}, 3, "n", "the cell is empty"),
    "a blank size": (cells(n_3="  "), {}, 3, "n", "the cell is empty"),
    "an empty run": (cells(run_3=""), {}, 3, "run", "the cell is empty"),
    "an infinite loss": (
        cells(loss_1="inf"),
        {},
        1,
        "loss",
        "inf is not more than zero and finite",
    ),
    "an infinite size": (cells(n_1="-inf"), {}, 1, "n", "-inf is not more than zero"),
    "a number beyond the floats": (cells(d_2="1e400"), {}, 2, "d", "1e400 is not more than zero"),
    "a size beyond the floats in its unit": (cells(n_2="1e305"), {}, 2, "n", "1e305 is not more"),
    "6ND beyond the floats": (
        cells(n_2="1e200", d_2="1e200"),
        {},
        2,
        "flops_6nd",
        "inf, derived from the row, is not more than zero and finite",
    ),
    "a negative loss": (cells(loss_2="-3"), {}, 2, "loss", "-3 is not more than zero"),
    "a loss of zero": (cells(loss_2="0"), {}, 2, "loss", "0 is not more than zero"),
    "a negative count": (
        cells(loss_2="-3"),
        {"allow": {"zero_values": True}},
        2,
        "loss",
        "-3 is not zero or more",
    ),
    "a perplexity below one": (
        cells(loss_2="0.5"),
        measurement(unit="perplexity"),
        2,
        "loss",
        "0.5 is not more than zero and finite in nats_per_token",
    ),
    "a negative perplexity": (
        cells(loss_2="-0.5"),
        measurement(unit="perplexity") | {"allow": {"negative_values": True}},
        2,
        "loss",
        "-0.5 is not finite in nats_per_token",
    ),
    "percent that are called fractions": (
        cells(loss_1="0.9", loss_3="0.8"),
        measurement(unit="fraction"),
        2,
        "loss",
        "3 is not more than zero and at most 1 in fraction",
    ),
    "zero tokens": (cells(d_2="0"), {}, 2, "d", "0 is not more than zero"),
    "negative tokens": (cells(d_2="-20"), {}, 2, "d", "-20 is not more than zero"),
    "zero parameters": (cells(n_1="0"), {}, 1, "n", "0 is not more than zero"),
    "parameters that vanish": (cells(n_1="1e-400"), {}, 1, "n", "1e-400 is not more than zero"),
    "a negative step": (
        cells(d_2="-1"),
        columns(step={"from": "d"}, tokens={"from": "n"}),
        2,
        "d",
        "-1 is not zero or more",
    ),
    "an infinite seed": (cells(d_2="inf"), columns(seed={"from": "d"}), 2, "d", "inf is not"),
    "a duplicate run": (cells(run_3="x"), {}, 3, "run", "repeats row 1 (same run, step"),
    "a duplicate checkpoint": (
        cells(run_2="x", n_2="1.0", d_2="10.0"),
        columns(step={"from": "d"}),
        2,
        "run",
        "repeats row 1",
    ),
    "an unknown status": (cells(run_1="fine"), columns(status={"from": "run"}), 1, "run", "'fine'"),
    "a flag that is neither": (
        cells(d_3="2"),
        columns(is_final={"from": "d", "values": {"10": "true", "20": "false"}}),
        3,
        "d",
        "2 is neither true nor false",
    ),
    "a lower end above the upper": (
        cells(n_2="3", d_2="2"),
        measurement(low="n", high="d"),
        2,
        "n",
        "the interval's lower end 3 is above its upper 2",
    ),
    "a negative deviation": (cells(d_3="-1"), measurement(std="d"), 3, "d", "-1 is not"),
    "text in an interval": (cells(run_1="1", run_2="1"), measurement(low="run"), 3, "run", "'z'"),
    "a negative relative error": (
        cells(d_3="-1"),
        {"columns": {"params_total": {"from": "n"}}} | measurement(relative_error="d"),
        3,
        "d",
        "-1 is not zero or more",
    ),
    "an unknown unit in a cell": (
        cells(run_1="percent", run_2="bits_per_byte", run_3="bits"),
        {"columns": {"params_total": {"from": "n"}}} | measurement(unit={"column": "run"}),
        3,
        "run",
        "'bits' is not a value of unit",
    ),
    "an empty unit in a cell": (
        cells(run_1="elo", run_2="", run_3="elo"),
        {"columns": {"params_total": {"from": "n"}}} | measurement(unit={"column": "run"}),
        2,
        "run",
        "the cell is empty",
    ),
    "a fraction above one among other units": (
        cells(run_1="elo", run_2="fraction", run_3="elo"),
        {"columns": {"params_total": {"from": "n"}}} | measurement(unit={"column": "run"}),
        2,
        "loss",
        "3 is not more than zero and at most 1 in fraction",
    ),
    "an empty part of a run": (
        cells(n_2=""),
        {"columns": {"run_id": {"from": ["run", "n"]}}},
        2,
        "n",
        "the cell is empty",
    ),
    "an empty group": (cells(run_2=""), {"group": ["d", "run"]}, 2, "run", "the cell is empty"),
    "an empty evaluation set": (
        cells(run_2=""),
        {"columns": {"params_total": {"from": "n"}}} | measurement(eval_set={"column": "run"}),
        2,
        "run",
        "the cell is empty",
    ),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_bad_cell_is_named(tmp_path, case):
    text, entry, row, column, problem = CELLS[case]
    error, card = normalize_folder(tmp_path, entry, {"a.csv": text})
    assert isinstance(error, TableError)
    start = f"study a_2020, table points, row {row}, column {column}: {problem}"
    assert str(error).startswith(start), str(error)
    with pytest.raises(TableError) as caught:
        read_run_table(**card, data_dir=tmp_path)
    assert str(caught.value) == str(error)


FLOPS = {"columns": TABLE["columns"] | {"flops": {"from": "c"}}, "flops_tolerance": 0.05}


def test_compute_far_from_6nd_names_the_worst_row(tmp_path, monkeypatch):
    rows = ["run,n,d,loss,c"] + [f"r{k},1,{k},2,{6e6 * k * 1.01}" for k in range(1, 200)]
    for row, factor in ((30, 1.2), (120, 0.5), (170, 1.3)):
        rows[row] = f"r{row},1,{row},2,{6e6 * row * factor}"
    text = "\n".join(rows) + "\n"
    lines = set()
    for block in (1 << 20, 400):
        monkeypatch.setattr(raw_csv, "_BLOCK_BYTES", block)
        lines.add(str(normalize_folder(tmp_path, FLOPS, {"a.csv": text})[0]))
    assert lines == {
        "study a_2020, table points, row 120, column c: 3.6e+08 FLOP differ from 6ND = 7.2e+08 by "
        "-50 %, more than the 5 % allowed (and 2 more). Fix: correct the row, the units or "
        "`flops_convention`, or set `flops_tolerance` to what the study's own accounting needs"
    }


def test_compute_within_the_tolerance_is_accepted(tmp_path):
    (tmp_path / "a.csv").write_text("run,n,d,loss,c\nx,1,10,2,6.29e7\n")
    normalize_file(**card_of(FLOPS), data_dir=tmp_path, out=tmp_path / "out.parquet")
    assert (tmp_path / "out.parquet").exists()


def test_several_problems_are_counted(tmp_path):
    text = cells(loss_3="two", n_2="", d_2="0", run_3="x")
    error, _ = normalize_folder(tmp_path, {}, {"a.csv": text})
    assert str(error) == (
        "study a_2020, table points, row 2, column n: the cell is empty (and 2 more). "
        "Fix: fill the cell, delete the row, or set `optional: true` in the card"
    )


@pytest.mark.parametrize("key", ["negative_values", "zero_values"])
def test_a_departure_that_is_a_fact_of_the_table_can_be_allowed(tmp_path, key):
    value = "-3" if key == "negative_values" else "0"
    (tmp_path / "a.csv").write_text(cells(loss_2=value))
    card = card_of({"allow": {key: True}})
    table = read_run_table(**card, data_dir=tmp_path)
    assert table["value"].to_pylist() == [2.0, float(value), 1.5]


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


CARDS = {
    "an unknown column": (columns(params={"from": "n"}), "columns.params", "params_total"),
    "an unknown constant": ({"constants": {"optimizer": "sgd"}}, "constants.optimizer", "There"),
    "a column of the project": (columns(value={"from": "n"}), "columns.value", "delete"),
    "a column that is a constant too": (
        {"constants": {"tokens": 1.0}},
        "constants.tokens",
        "delete one of them",
    ),
    "text for a number": ({"constants": {"depth": "1e9"}}, "constants.depth", "1.0e+9"),
    "a number for text": ({"constants": {"dataset": 4}}, "constants.dataset", "in quotes"),
    "a number for a flag": ({"constants": {"is_final": 1}}, "constants.is_final", "true or false"),
    "a flag for a number": ({"constants": {"depth": True}}, "constants.depth", "write a number"),
    "a negative depth": ({"constants": {"depth": -1}}, "constants.depth", "correct"),
    "an infinite width": ({"constants": {"width": np.inf}}, "constants.width", "correct"),
    "an empty text": ({"constants": {"note": " "}}, "constants.note", "write the text"),
    "an unknown status": ({"constants": {"status": "good"}}, "constants.status", "ok, diverged"),
    "a unit of text": (columns(note={"from": "run", "unit": "params"}), "columns.note.unit", "del"),
    "a derivation without input": (
        {"columns": {"tokens": {"derive": "tokens_from_6nd"}}},
        "columns.tokens.derive",
        "map flops",
    ),
    "a derivation of something else": (
        columns(flops={"derive": "tokens_from_6nd"}),
        "columns.flops.derive",
        "derive tokens by it",
    ),
    "a number from two columns": (
        columns(depth={"from": ["n", "d"]}),
        "columns.depth.from",
        "take it from one column",
    ),
    "a key that may be empty": (
        columns(run_id={"from": "run", "optional": True}),
        "columns.run_id.optional",
        "delete this entry",
    ),
    "two intervals": (
        measurement(low="n", relative_error="d"),
        "measurements",
        "delete one of them",
    ),
    "two standard deviations": (
        measurement(std="n", log_std="d"),
        "measurements",
        "delete one of them",
    ),
    "two sample units": (
        columns(samples={"from": "d", "unit": "hours"}) | {"constants": {"sample_unit": "words"}},
        "columns.samples.unit",
        "delete sample_unit",
    ),
    "one label twice": (
        {"measurements": TABLE["measurements"] * 2},
        "measurements",
        "different evaluation sets",
    ),
    "an average of nothing": (
        {"averages": [{"metric": "error", "eval_set": "mean"}]},
        "averages[0]",
        "name a metric",
    ),
    "an average over an unknown set": (
        {"averages": [{"metric": "loss", "eval_set": "mean", "over": ["web", "code"]}]},
        "averages[0]",
        "average over some of: web",
    ),
}


@pytest.mark.parametrize("case", CARDS)
def test_a_card_that_does_not_fit_the_contract_is_named(tmp_path, case):
    entry, key, fix = CARDS[case]
    error, _ = normalize_folder(tmp_path, entry, {"a.csv": GOOD})
    assert isinstance(error, CardError)
    assert error.place["key"] == f"tables.points.{key}"
    assert fix in str(error), str(error)


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


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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
