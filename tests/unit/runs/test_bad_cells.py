"""Each cell that breaks the contract ends in one line with place and fix, and in no file."""

import pytest
from bad_tables import TABLE, card_of, cells, columns, measurement, normalize_folder

from scaling_studies.errors import TableError
from scaling_studies.runs import raw_csv
from scaling_studies.runs.normalize import normalize_file, read_run_table

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
