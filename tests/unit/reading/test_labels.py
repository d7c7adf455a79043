"""Cells that hold more than a number, and columns that hold something else than their name says."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.errors import MustBeSaid, ScalingStudiesError, TableError
from scaling_studies.reading import read_runs

PARAMS, TOKENS = (
    side.ravel()
    for side in np.meshgrid((15e6, 42e6, 110e6, 340e6), (5e8, 2e9, 8e9, 4e10), indexing="ij")
)
LOSS = np.round(1.9 + 350 * PARAMS**-0.34 + 1200 * TOKENS**-0.31, 4)
FLOPS = 6.0 * PARAMS * TOKENS
LABELS = [f"{value / 1e6:g}M" for value in PARAMS]
RUNS = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS})
ARGUMENTS = {"--map": "maps", "--rows": "rows", "--drop": "drop", "--best-of": "best_of",
             "--params-convention": "params_convention", "--unit": "unit"}  # fmt: skip


def refusal(frame: pd.DataFrame, *said: tuple[str, str]) -> ScalingStudiesError:
    """The error of a table, one line of place, problem and fix."""
    with pytest.raises(ScalingStudiesError) as caught:
        read(frame, *said)
    assert "\n" not in str(caught.value) and "Fix: " in str(caught.value)
    return caught.value


def read(frame: pd.DataFrame, *said: tuple[str, str]):
    arguments: dict = {}
    for flag, value in said:
        name = ARGUMENTS[flag]
        if name in ("maps", "rows", "drop"):
            arguments.setdefault(name, []).append(value)
        else:
            arguments[name] = value
    return read_runs(frame, yes=True, **arguments)


def flags_of(error: ScalingStudiesError) -> list[tuple[str, str]]:
    """Flags that a fix names, as a shell reads them."""
    names = "|".join(ARGUMENTS)
    found = re.findall(rf"(?:{names}) (?:'(?:[^']|'\"'\"')*'|[^\s;,]+)", str(error.fix))
    return [tuple(shlex.split(flag)) for flag in found]  # type: ignore[misc]


def assert_right(own, **others) -> None:
    for name, values in {"params": PARAMS, "tokens": TOKENS, "loss": LOSS, **others}.items():
        np.testing.assert_allclose(own.frame[name], values, rtol=1e-3)


SURE = ["*", "†", "‡", "§", "¶", "**", " *", "(*)", "[1]", " [a]", "^a", "^{a}", " (a)", "ᵃ", "#",
        "^{*}", "$^\\dagger$", "\\textsuperscript{a}", "\\tnote{a}", "†‡", "↓"]  # fmt: skip


@settings(max_examples=40)
@given(
    mark=st.sampled_from([*SURE, "¹", "^2", "<sup>3</sup>"]),
    column=st.sampled_from(["params", "tokens", "loss"]),
    rows=st.sets(st.integers(0, 15), min_size=1),
)
def test_numbers_with_footnote_marks_are_read_and_said(mark, column, rows):
    frame = RUNS.astype(object).assign(
        params=LABELS, tokens=[f"{value / 1e9:g}B" for value in TOKENS]
    )
    for row in rows:
        frame.loc[row, column] = f"{frame.loc[row, column]}{mark}"
    own = read(frame)
    assert_right(own)
    (said,) = [line for line in own.warnings if "with a mark" in line]
    cell = frame.loc[min(rows), column]
    assert f"{len(rows)} number" in said and shlex.quote(f"{column}={cell}").strip("'") in said
    left = frame[column] != cell
    assert len(read(frame, ("--drop", f"{column}={cell}")).frame) == left.sum()


@pytest.mark.parametrize("around", ["**{}**", "*{}*", "`{}`", "__{}__"])
def test_emphasis_is_no_mark(around):
    own = read(RUNS.assign(loss=[around.format(value) for value in LOSS]))
    assert_right(own)
    assert not any("with a mark" in line for line in own.warnings)


@pytest.mark.parametrize("cell", ["110000000¹", "110000000^2", "110000000<sup>1</sup>", "110M?",
                                  "110M (ours)", "110M+", "about 110M"])  # fmt: skip
def test_what_may_be_a_power_or_a_remark_is_refused_and_its_rows_may_be_left_out(cell):
    frame = RUNS.astype(object)
    frame.loc[PARAMS == 110e6, "params"] = cell
    error = refusal(frame)
    assert isinstance(error, TableError)
    assert str(error).startswith("table the frame, row 9, column params: ")
    ((flag, said),) = flags_of(error)
    assert (flag, said) == ("--drop", f"params={cell}")
    assert len(read(frame, (flag, said)).frame) == 12


@pytest.mark.parametrize("label", ["8x{}", "{}-E64", "{}/64E", "{}-moe", "{}x8", "{}-8E-top2",
                                   "{}+64e", "{}E8"])  # fmt: skip
@pytest.mark.parametrize("column", ["params", "model_size", "size"])
def test_labels_of_experts_are_no_sizes(label, column):
    frame = RUNS.rename(columns={"params": column})
    frame[column] = [label.format(size) if size != "42M" else size for size in LABELS]
    error = refusal(frame)
    assert "a label of experts, not a number" in str(error) and "active parameters" in str(error)
    for flag in flags_of(error):
        refusal(frame, flag)


@pytest.mark.parametrize(
    "column", ["params", "active/total params", "params (total/active)", "size"]
)
@pytest.mark.parametrize("form", ["{t}-A{a}", "{t}/{a}", "{a}/{t}", "{t} ({a} active)", "{t}_A{a}",
                                  "{t} total, {a} active", "{t}a{a}", "{t}-E8-A{a}"])  # fmt: skip
def test_cells_of_active_and_total_parameters_are_asked_for(form, column):
    total = [f"{value / 1e6 * 6:g}M" for value in PARAMS]
    cells = [form.format(t=t, a=a) for t, a in zip(total, LABELS, strict=True)]
    frame = pd.DataFrame({column: cells, "tokens": TOKENS, "loss": LOSS})
    error = refusal(frame)
    assert isinstance(error, MustBeSaid)
    active, whole = (read(frame, flag) for flag in flags_of(error))
    assert_right(active)
    assert_right(whole, params=6 * PARAMS)
    assert (active.size, whole.size) == ("params_active", "params_total")


def test_sizes_in_names_of_runs_are_taken_when_said():
    frame = RUNS.drop(columns="params").assign(
        run=[f"gpt_{size}-d{row}" for row, size in enumerate(LABELS)]
    )
    flags = flags_of(refusal(frame))
    assert ("--map", "params=run") in flags
    assert_right(read(frame, ("--map", "params=run")))
    frame["run"] = [f"gpt_{size}-A1M" for size in LABELS]
    assert ("--map", "params=run") not in flags_of(refusal(frame.assign(row=range(16))))


@pytest.mark.parametrize("name", ["n_active", "active_size", "num_active_params", "active"])
def test_active_parameters_beside_total_ones_are_never_passed_over(name):
    frame = RUNS.rename(columns={"params": name}).assign(total_params=6 * PARAMS + np.arange(16))
    if name == "active":
        flags = flags_of(refusal(frame))
        assert_right(read(frame, flags[0]))
    else:
        assert_right(read(frame))


SPEEDS = ["model_tflops", "tflops", "TFLOPs", "model TFLOPs", "gflops", "hardware_tflops", "mfu",
          "achieved_tflops", "tflops_per_gpu", "TFLOP/s", "avg_tflops", "flops_per_token", "PFLOPs",
          "total_tflops", "train_tflops", "pflops_total", "petaflops", "ExaFLOPs"]  # fmt: skip


@pytest.mark.parametrize("name", SPEEDS)
def test_the_speed_of_a_device_is_never_compute(name):
    """Neither without a word, nor when what is proposed is typed."""
    speed = 140.0 + 1.7 * (np.arange(16) * 7 % 13)
    frame = RUNS.drop(columns="tokens").assign(**{name: speed})
    for flag in flags_of(refusal(frame)):
        try:
            own = read(frame, flag)
        except ScalingStudiesError as error:
            assert "\n" not in str(error)
        else:
            assert "tokens" not in own.frame or any("may be no amount" in w for w in own.warnings)


UNITS = {"model_tflops": 1e12, "TFLOPs": 1e12, "PFLOPs": 1e15, "compute (10^18 FLOPs)": 1e18,
         "compute [1e18 FLOP]": 1e18, "compute_used": 1.0, "total_macs": 2.0, "C": 1e18,
         "train_flops": 1e21, "FLOPs (x1e18)": 1e18, "total_flos": 1e15, "logC": None}  # fmt: skip


@pytest.mark.parametrize("name", UNITS)
def test_compute_is_read_or_a_fix_that_is_typed_reads_it(name):
    unit = UNITS[name]
    values = np.log10(FLOPS) if unit is None else FLOPS / unit
    frame = RUNS.drop(columns="tokens").assign(**{name: values})
    said: tuple[tuple[str, str], ...] = ()
    for _ in range(2):
        try:
            own = read(frame, *said)
        except MustBeSaid as error:
            flags = [flag for flag in flags_of(error) if "none" not in flag[1]]
            fitting = [flag for flag in flags if flag[1].endswith(_unit(unit))]
            said = ((fitting or flags)[0],)
        else:
            break
    assert_right(own, flops=FLOPS)


def _unit(unit: float | None) -> str:
    names = {1e12: "TFLOP", 1e15: "PFLOP", 1e18: "EFLOP", 1e21: "ZFLOP"}
    return names.get(unit or 0.0, "")


@pytest.mark.parametrize(("column", "factor"), [("params", 1e6), ("params", 1e9), ("tokens", 1e9)])
def test_a_unit_that_is_asked_for_is_proposed(column, factor):
    frame = RUNS.assign(**{column: RUNS[column] / factor})
    own = [read(frame, flag) for flag in flags_of(refusal(frame))]
    assert any(np.allclose(each.frame[column], RUNS[column]) for each in own)


def chart(namer, first: str = "Step") -> pd.DataFrame:
    """A chart export: a column a run and metric, with the least and the most beside it."""
    steps = np.array([1000, 4000, 16000, 64000])
    columns = {first: steps}
    for size in dict.fromkeys(PARAMS):
        loss = 1.9 + 350 * size**-0.34 + 1200 * (steps * 524288.0) ** -0.31
        for end, shift in (("", 0.0), ("__MIN", -0.01), ("__MAX", 0.01)):
            columns[f"{namer(size)} - _step{end}"] = steps
            columns[f"{namer(size)} - val/loss{end}"] = np.round(loss, 4) + shift
    return pd.DataFrame(columns)


@pytest.mark.parametrize("first", ["Step", "trainer/global_step", "train/global_step", "_step"])
@pytest.mark.parametrize(
    "name",
    [
        "run_{}",
        "Group: {}",
        "Group: run-{}",
        "Name: {}",
        "n_params: {}",
        "config.n_params: {}",
        "Group: base, n_params: {}",
        "gpt - {} - base",
    ],
)
def test_charts_are_read_when_what_is_proposed_is_typed(tmp_path, name, first):
    table = chart(lambda size: name.format(f"{size / 1e6:g}M"), first)
    table.to_csv(tmp_path / "chart.csv", index=False)
    said = [("--map", "tokens=step*524288"), ("--rows", "all")]
    path = tmp_path / "chart.csv"
    try:
        own = read(path, *said)
    except MustBeSaid as error:
        own = read(path, *said, next(flag for flag in flags_of(error) if "=none" not in flag[1]))
    np.testing.assert_allclose(own.frame["params"], PARAMS)
    np.testing.assert_allclose(own.frame["tokens"], np.tile([1e3, 4e3, 16e3, 64e3], 4) * 524288)
    assert own.frame["run"].nunique() == 4


def test_steps_at_which_runs_ended_apart_are_asked_for(tmp_path):
    table = chart("n_params: {:.0f}".format)
    table.iloc[3, 1:13] = np.nan
    table.to_csv(tmp_path / "chart.csv", index=False)
    with pytest.raises(MustBeSaid, match="step may be it"):
        read(tmp_path / "chart.csv")


@pytest.mark.parametrize(
    ("column", "name", "factor"),
    [
        ("params", "params (thousands)", 1e3),
        ("params", "paramsM", 1e6),
        ("params", "Mparams", 1e6),
        ("tokens", "tokensB", 1e9),
        ("tokens", "Gtokens", 1e9),
        ("tokens", "MTok", 1e6),
        ("tokens", "tokens (thousands)", 1e3),
        ("tokens", "tok/param", None),
        ("params", "N_nonemb", 1.0),
    ],
)
def test_units_of_names_count_also_where_ones_would_do(column, name, factor):
    values = TOKENS / PARAMS if factor is None else RUNS[column] / factor
    assert_right(read(RUNS.drop(columns=column).assign(**{name: values})))


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_large_counts_keep_the_unit_of_their_name(scale):
    """Models of 175,000 million parameters are no models of 175,000."""
    frame = RUNS.drop(columns="params").assign(**{"params (M)": scale * PARAMS / 1e6})
    np.testing.assert_allclose(read(frame).frame["params"], scale * PARAMS)


@pytest.mark.parametrize("name", ["words", "characters", "Menge"])
@pytest.mark.parametrize("axis", ["tokens", "params"])
def test_an_unknown_column_with_which_the_loss_falls_is_no_setting(name, axis):
    flags = flags_of(refusal(RUNS.rename(columns={axis: name})))
    assert_right(read(RUNS.rename(columns={axis: name}), ("--map", f"{axis}={name}")))
    assert ("--map", f"{axis}={name}") in flags


@pytest.mark.parametrize("axis", ["tokens", "params"])
def test_a_column_of_bytes_is_no_setting(axis):
    """What it takes to make tokens of them stands in the fix; parameters are not made of them."""
    flags = flags_of(refusal(RUNS.rename(columns={axis: "bytes"})))
    first = {"tokens": ("--map", "tokens=bytes*0.25"), "params": ("--map", "params=none")}[axis]
    assert first in flags and ("--map", f"{axis}=bytes") not in flags


@pytest.mark.parametrize("names", [("参数量", "训练词元", "损失"), ("Größe", "Menge", "Verlust")])
def test_a_table_in_another_language_is_read_when_what_is_proposed_is_typed(names):
    frame = RUNS.set_axis(list(names), axis="columns")
    said: list[tuple[str, str]] = []
    for _ in range(2):
        said += [flag for flag in flags_of(refusal(frame, *said)) if "none" not in flag[1]]
    assert_right(read(frame, *said))


@pytest.mark.parametrize("lost", ["inf", "nan", None, ""])
def test_numbers_of_numpy_in_a_column_of_objects_are_read(lost):
    frame = RUNS.assign(loss=[lost, *LOSS[1:]])
    assert frame["loss"].dtype == object or lost is None
    np.testing.assert_array_equal(read(frame).frame["loss"], LOSS[1:])


@pytest.mark.parametrize("column", ["params", "tokens"])
def test_a_column_of_impossible_numbers_is_named(column):
    assert f"row 1, column {column}" in str(refusal(RUNS.assign(**{column: -RUNS[column]})))
