"""Tables as they are copied from papers, spreadsheets and trackers: right, or one line."""

from __future__ import annotations

import json

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
