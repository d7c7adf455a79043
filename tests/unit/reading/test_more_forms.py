"""Tables as they are copied from papers, spreadsheets and trackers: right, or one line."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.errors import MustBeSaid, ScalingStudiesError, TableError
from scaling_studies.reading import read_runs

SIZES, DATA = (15e6, 42e6, 110e6, 340e6, 900e6), (5e8, 2e9, 8e9, 4e10)
PARAMS, TOKENS = (side.ravel() for side in np.meshgrid(SIZES, DATA))
LOSS = np.round(1.9 + 350 * PARAMS**-0.34 + 1200 * TOKENS**-0.31, 4)
FLOPS = 6.0 * PARAMS * TOKENS


def suffixed(value: float) -> str:
    return f"{value / 1e9:g}B" if value >= 1e9 else f"{value / 1e6:g}M"


def grouped(value: float, sign: str) -> str:
    return f"{int(value):,}".replace(",", sign)


def table(head: str, row, separator: str = ",") -> str:
    lines = [row(*values) for values in zip(PARAMS, TOKENS, LOSS, strict=True)]
    return "\n".join([head.replace(",", separator), *lines]) + "\n"


def read(tmp_path, text: str, name: str = "runs.csv", **said):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_runs(path, yes=True, **said)


def assert_right(own, *, flops: bool = False) -> None:
    frame = own.frame
    assert len(frame) == len(LOSS)
    np.testing.assert_allclose(frame["params"], PARAMS, rtol=1e-3)
    np.testing.assert_allclose(frame["loss"], LOSS, rtol=1e-3)
    column, truth = ("flops", FLOPS) if flops else ("tokens", TOKENS)
    np.testing.assert_allclose(frame[column], truth, rtol=1e-3)


GROUPS = (" ", "'", "’", "\u2009", "\u202f", "\u00a0")
ERRORS = ("", " ± 0.003", "±0.003", " +/- 0.003", " +- 1e-3", "(3)", " ± 0.1%")
SIZE_FORMS = (
    "{:.4g}", "{suffixed}", "~{suffixed}", "{grouped}", "{millions:g} million", "{millions:g}×10^6",
    "{millions:g}·10⁶",
)  # fmt: skip


@settings(max_examples=60)
@given(
    separator=st.sampled_from(",;\t|"),
    comma=st.booleans(),
    group=st.sampled_from(GROUPS),
    error=st.sampled_from(ERRORS),
    form=st.sampled_from(SIZE_FORMS),
    decimals=st.sampled_from((3, 4)),
)
def test_numbers_in_any_form_are_read(
    tmp_path_factory, separator, comma, group, error, form, decimals
):
    """A decimal comma stands where it is no separator; errors behind a loss are left aside."""
    comma = comma and separator != ","
    # Three digits behind a comma are thousands, unless semicolons stand between cells.
    decimals = 4 if comma and separator != ";" else decimals

    def number(text: str) -> str:
        return text.replace(".", ",") if comma else text

    def row(params: float, tokens: float, loss: float) -> str:
        size = form.format(
            params,
            suffixed=suffixed(params),
            grouped=grouped(params, group),
            millions=params / 1e6,
        )
        cells = (number(size), grouped(tokens, group), number(f"{loss:.{decimals}f}{error}"))
        return separator.join(cells)

    own = read(tmp_path_factory.mktemp("runs"), table("params,tokens,loss", row, separator))
    assert_right(own)
    said = any("errors behind the numbers" in line for line in own.notes)
    assert said == bool(error)


@pytest.mark.parametrize(
    ("head", "factor"),
    [
        ("compute (EFLOP-days)", 8.64e22),
        ("train_exaflop_days", 8.64e22),
        ("training compute [EF/s days]", 8.64e22),
        ("PF-days", 8.64e19),
        ("compute (petaflop/s-days)", 8.64e19),
        ("zettaflop-days", 8.64e25),
        ("compute (ZFLOPs)", 1e21),
    ],
)
def test_days_of_compute_are_compute(tmp_path, head, factor):
    own = read(
        tmp_path, table(f"params,{head},loss", lambda n, d, x: f"{n},{6 * n * d / factor:.6g},{x}")
    )
    assert_right(own, flops=True)


@pytest.mark.parametrize("unit", ["EFLOP-days", "PF/s-days", "ZFLOPs", "exaflops"])
def test_cells_with_a_unit_of_compute_are_read(tmp_path, unit):
    factor = {"EFLOP-days": 8.64e22, "PF/s-days": 8.64e19, "ZFLOPs": 1e21, "exaflops": 1e18}[unit]
    own = read(
        tmp_path,
        table("params,compute,loss", lambda n, d, x: f"{n},{6 * n * d / factor:.6g} {unit},{x}"),
    )
    assert_right(own, flops=True)


@pytest.mark.parametrize("rule", ["\\hline", "\\midrule", "\\toprule\n\\cmidrule{1-3}"])
@pytest.mark.parametrize(
    "number", ["{}", "${}$", "\\textbf{{{}}}", "${} \\pm 0.003$", "\\num{{{}}}"]
)
def test_tables_of_papers_are_read(tmp_path, rule, number):
    rows = [
        f"{grouped(n, '{,}')} & ${d / 1e9:g} \\times 10^{{9}}$ & {number.format(x)} \\\\"
        for n, d, x in zip(PARAMS, TOKENS, LOSS, strict=True)
    ]
    head = f"\\begin{{tabular}}{{lll}}\n{rule}\nparams & tokens & \\textbf{{loss}} \\\\\n{rule}\n"
    own = read(tmp_path, head + "\n".join(rows) + f"\n{rule}\n\\end{{tabular}}\n", "table.tex")
    assert_right(own)


def test_a_heading_of_groups_of_columns_is_part_of_the_heading(tmp_path):
    text = table("params,tokens,loss", lambda n, d, x: f"{n},{d},{x}")
    own = read(tmp_path, "model,,evaluation\n" + text)
    assert_right(own)
    assert "The heading has 2 lines, read as one." in own.notes
    assert any("'evaluation/loss'" in line for line in own.notes)


def test_a_title_and_empty_cells_of_a_spreadsheet_are_no_numbers(tmp_path):
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS}, dtype=object)
    more = pd.DataFrame([[1e9, 1e10, None], [2e9, 1e10, "NaN"]], columns=frame.columns)
    path = tmp_path / "runs.xlsx"
    with pd.ExcelWriter(path) as writer:
        title = pd.DataFrame([["Sweep of week 12", None, None]])
        title.to_excel(writer, index=False, header=False)
        pd.concat([frame, more]).to_excel(writer, index=False, startrow=3)
    own = read_runs(path, yes=True)
    assert_right(own)
    assert any("1 row left out: no loss was measured" in line for line in own.notes)
    assert any("1 row left out: their loss is NaN" in line for line in own.notes)


def test_runs_of_mlflow_as_its_server_gives_them(tmp_path):
    runs = [
        {
            "info": {"run_id": str(row), "status": "FINISHED"},
            "data": {
                "metrics": [{"key": "val_loss", "value": x, "step": 9}],
                "params": [
                    {"key": "n_params", "value": str(int(n))},
                    {"key": "tokens", "value": str(int(d))},
                ],
            },
        }
        for row, (n, d, x) in enumerate(zip(PARAMS, TOKENS, LOSS, strict=True))
    ]
    assert_right(read(tmp_path, json.dumps({"runs": runs}), "runs.json"))


def refused(tmp_path, text: str, kind: type[ScalingStudiesError], *words: str) -> str:
    with pytest.raises(kind) as error:
        read(tmp_path, text)
    line = str(error.value)
    assert "\n" not in line and all(word in line for word in words), line
    return line


@settings(max_examples=30)
@given(
    mixed=st.sampled_from(("params", "tokens")),
    unit=st.sampled_from((1e6, 1e9)),
    rows=st.sets(st.integers(0, 19), min_size=1, max_size=8),
)
def test_two_units_in_one_column_are_refused(tmp_path_factory, mixed, unit, rows):
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    frame.loc[sorted(rows), mixed] /= unit
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    frame.to_csv(path, index=False)
    with pytest.raises((TableError, MustBeSaid), match=f"column {mixed}"):
        read_runs(path, yes=True)


@pytest.mark.parametrize("head", ["loss_bits", "loss (bits)", "val_loss [bits]", "eval/loss_bits"])
def test_bits_of_what_is_asked(tmp_path, head):
    text = table(f"params,tokens,{head}", lambda n, d, x: f"{n},{d},{x / np.log(2):.5f}")
    refused(tmp_path, text, MustBeSaid, "--unit", "bits_per_token", "bits_per_byte")
    assert_right(read(tmp_path, text, unit="bits_per_token"))


@pytest.mark.parametrize(("head", "of"), [("log10_loss", np.log10), ("ln_loss", np.log)])
def test_logarithms_of_the_loss_are_undone(tmp_path, head, of):
    text = table(f"params,tokens,{head}", lambda n, d, x: f"{n},{d},{of(x):.7f}")
    assert_right(read(tmp_path, text))


@pytest.mark.parametrize("cell", ["{:g}x", "{0:g}-{0:g}", "{:g}%", "{:g}?", "{:g} (see note)"])
@pytest.mark.parametrize("column", ["params", "tokens", "loss"])
def test_a_named_column_that_cannot_be_read_is_named(tmp_path, column, cell):
    def row(n: float, d: float, x: float) -> str:
        values = {"params": f"{n:g}", "tokens": f"{d:g}", "loss": f"{x:g}"}
        values[column] = cell.format(float(values[column]))
        return ",".join(values.values())

    refused(tmp_path, table("params,tokens,loss", row), TableError, f"row 1, column {column}")


@pytest.mark.parametrize("shape", ["n_layer", "d_model", "hidden_size", "width", "depth"])
def test_widths_and_depths_are_no_setting_of_which_the_best_is_kept(tmp_path, shape):
    places = iter(range(100))
    text = table(f"{shape},tokens,loss", lambda n, d, x: f"{8 + next(places) % 5},{d},{x}")
    refused(tmp_path, text, MustBeSaid, "sizes are not known", "--map params=")


def test_a_crossed_table_of_numbers_without_names_is_told_to_be_written_out(tmp_path):
    frame = pd.DataFrame({"size": PARAMS, "tokens": TOKENS, "loss": LOSS})
    text = frame.pivot_table(index="size", columns="tokens", values="loss").to_csv()
    refused(tmp_path, text, TableError, "a row a run", "columns are data")


def test_decimal_commas_that_look_like_thousands_are_asked_for(tmp_path):
    text = table(
        "params,tokens,loss", lambda n, d, x: f"{n:.0f}\t{d:.0f}\t{x:.3f}".replace(".", ","), "\t"
    )
    refused(tmp_path, text, MustBeSaid, "write a point where its commas are decimal")


def test_a_fix_with_a_name_of_several_words_works_when_typed(tmp_path):
    text = table("params,gpu hours,loss", lambda n, d, x: f"{n},{6 * n * d / 7e17},{x}")
    line = refused(tmp_path, text, MustBeSaid, "--map 'flops=gpu hours*7e17'")
    assert "--map tokens=none" in line
    assert_right(read(tmp_path, text, maps=["flops=gpu hours*7e17"]), flops=True)


def foreign(form: str, path) -> None:
    """Write the runs in a form that is not read."""
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    if form == "SQLite":
        with sqlite3.connect(path) as base:
            frame.to_sql("my_runs", base, index=False)
    elif form == "numpy arrays":
        with path.open("wb") as file:
            np.savez(file, **{name: frame[name].to_numpy() for name in frame})
    elif form == "pickle":
        frame.to_pickle(path)
    elif form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("runs.csv", frame.to_csv(index=False))
    elif form == "HTML":
        path.write_text(frame.to_html(index=False), encoding="utf-8")
    elif form == "YAML":
        rows = [f"- {{step: 10, loss: {loss}, params: 1}}" for loss in LOSS]
        path.write_text("\n".join(rows), encoding="utf-8")
    elif form == "a picture":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9000)
    else:
        path.write_text("\n".join(form.format(loss=loss) for loss in LOSS), encoding="utf-8")


@pytest.mark.parametrize("name", ["runs.csv", "the runs", "runs.xlsx"])
@pytest.mark.parametrize(
    ("form", "fix"),
    [
        ("SQLite", "sqlite3 -header -csv {path} 'SELECT * FROM my_runs' > {csv}"),
        ("numpy arrays", "numpy.load("),
        ("pickle", "pandas.read_pickle("),
        ("zip", "unzip {path} and give runs.csv"),
        ("HTML", "pandas.read_html("),
        ("YAML", "write it as JSON"),
        ("a picture", "save the table as CSV"),
        ("[titan] 2025-01-01 - INFO - step: 11  loss: {loss}  tps: 5,000", "a row a run"),
        ("step 250: train loss {loss}, val loss {loss}", "a row a run"),
        (" iteration 10/ 1000 | elapsed (ms): 300.1 | lm loss: {loss} |", "a row a run"),
        ("epoch=3 loss={loss} lr=0.001", "a row a run"),
    ],
)
def test_a_file_of_another_form_is_called_what_it_is(tmp_path, form, fix, name):
    path = tmp_path / name
    foreign(form, path)
    with pytest.raises(TableError) as caught:
        read_runs(path)
    line, csv = str(caught.value), shlex.quote(str(path.with_suffix(".csv")))
    assert fix.format(path=shlex.quote(str(path)), csv=csv) in line and "\n" not in line
    assert "log" in line if "{loss}" in form else form.split()[-1] in line


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a\r\n", "\x1a\x1a\x1a", "\n\x1a\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_end_that_dos_writes_is_no_cell(tmp_path, end, separator):
    row = lambda *values: separator.join(f"{value:.6g}" for value in values)  # noqa: E731
    text = table("params,tokens,loss", row, separator)
    assert_right(read(tmp_path, text.rstrip() + end))


def test_pipes_devices_and_names_of_no_file_are_refused_with_what_they_are(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "a pipe. Fix: save"),
        ("-", "a pipe, which is not read. Fix: save"),
        ("/dev/zero", "a device"),
        (tmp_path / "none.csv", "there is no file none.csv"),
        (tmp_path / ("a" * 300), "too long"),
    ):
        with pytest.raises(TableError) as caught:
            read_runs(path)
        assert said in str(caught.value)


def test_a_folder_that_may_not_be_looked_into_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "runs/a").mkdir(parents=True)
    usual = Path.iterdir

    def closed(folder):
        if folder.name == "a":
            raise PermissionError(13, "Permission denied", str(folder))
        return usual(folder)

    monkeypatch.setattr(Path, "iterdir", closed)
    with pytest.raises(TableError, match=r"runs/a gives: Permission denied\. Fix: give a folder"):
        read_runs(tmp_path / "runs")


@pytest.mark.parametrize("column", [0, 1, 2])
@pytest.mark.parametrize("value", ["1e148", "9" * 200, "2e31"])
def test_numbers_beyond_all_runs_are_refused_before_they_overflow(tmp_path, column, value):
    cells = [f"{n:g},{d:g},{y:g}".split(",") for n, d, y in zip(PARAMS, TOKENS, LOSS, strict=True)]
    cells[3][column] = value
    text = "\n".join(["params,tokens,loss (nats)", *map(",".join, cells)])
    with pytest.raises(TableError, match=r"row 4, column .* is above 1e\+30, as .* cannot be"):
        read(tmp_path, text)


@pytest.mark.parametrize("cell", ["2x{:g}", "{:g}-e4", "4 x {:g}", "moe {:g}", "0x{:g}"])
@pytest.mark.parametrize("role", ["tokens", "compute", "loss"])
def test_labels_of_experts_are_those_of_sizes_alone(tmp_path, cell, role):
    values = {"tokens": TOKENS, "compute": FLOPS, "loss": LOSS}
    others = [name for name in ("tokens", "loss") if name != role]
    frame = pd.DataFrame({"params": PARAMS, **{name: values[name] for name in others}})
    frame[role] = [cell.format(value) for value in values[role]]
    if role == "compute":
        frame = frame.drop(columns="tokens")
    try:
        read_runs(frame)
    except ScalingStudiesError as error:
        assert "expert" not in str(error) and "active" not in str(error)
        if role != "loss" and "not a number" in str(error):
            said = {"tokens": "tokens", "compute": "flops"}[role]
            assert f"--map {said}=none" in str(error)
            read_runs(frame, maps=[f"{said}=none", *(["tokens=none"] if role != "tokens" else [])])


@pytest.mark.parametrize(
    "cell",
    ["≈{:.5e} FLOP (6ND)", "~{:.5e} FLOPs (est.)", "{:.5e} (6 N D)", "≅{:.5e} flop [approx]"],
)
def test_remarks_behind_compute_change_no_number(tmp_path, cell):
    row = lambda n, d, y: f"{n:g},{cell.format(6 * n * d)},{y}"  # noqa: E731
    assert_right(read(tmp_path, table("params,compute,loss", row)), flops=True)


@pytest.mark.parametrize("cell", ["NaN", "", "nan", "diverged", "-"])
@pytest.mark.parametrize("name", ["loss", "val_loss", "eval/loss"])
def test_a_loss_without_a_number_is_named(tmp_path, cell, name):
    text = table(f"run,params,tokens,{name}", lambda n, d, _: f"r{n:g}-{d:g},{n:g},{d:g},{cell}")
    with pytest.raises(TableError, match=rf"row 1, column {name}: the column holds no number"):
        read(tmp_path, text)
    text = table(f"{name},params,tokens,mystery", lambda n, d, y: f"{cell},{n:g},{d:g},{y}")
    with pytest.raises(TableError, match=r"name another column with --map loss=mystery"):
        read(tmp_path, text)
    assert_right(read(tmp_path, text, maps=["loss=mystery"]))
