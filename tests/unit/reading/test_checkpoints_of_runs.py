"""Rows of one run at several times: told from runs of their own, whatever says how far it was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs

SAID = {"unit": "nats_per_token", "params_convention": "total"}
PROGRESS = ["epoch", "train/epoch", "Epoch", "step", "iter", "global_step", "wall_time", "elapsed",
            "elapsed (h)", "Relative Time (Process)", "_runtime", "_timestamp", "hours", "date",
            "checkpoint", "ckpt", "progress", "batches", "percent done"]  # fmt: skip


def checkpoints(ends=(2e9, 8e9, 3e10)) -> pd.DataFrame:
    """Four checkpoints of each run; before the last the loss is above the law."""
    size, end, part = (
        side.ravel()
        for side in np.meshgrid([15e6, 42e6, 110e6, 340e6], ends, [0.25, 0.5, 0.75, 1.0],
                                indexing="ij")
    )  # fmt: skip
    loss = 1.9 + 350 * size**-0.34 + 1200 * (part * end) ** -0.31
    name = [f"gpt-{n / 1e6:g}M-{d / 1e9:g}bt" for n, d in zip(size, end, strict=True)]
    columns = {"run_name": name, "params": size, "tokens": part * end, "end": end, "part": part}
    return pd.DataFrame({**columns, "val_loss": np.round(loss * (1.04 - 0.04 * part), 5)})


ROWS = checkpoints()
ENDS = ROWS[ROWS["part"] == 1.0]


def assert_ends(own, ends=ENDS) -> None:
    got = own.frame.sort_values(["params", "tokens"])
    wanted = ends.sort_values(["params", "tokens"])
    for name, column in (("params", "params"), ("tokens", "end"), ("loss", "val_loss")):
        np.testing.assert_allclose(got[name], wanted[column], rtol=1e-9)


def along(column: str, rows: pd.DataFrame = ROWS) -> pd.Series:
    if column == "date":
        return rows["part"].map(lambda part: f"2025-03-{round(4 * part):02d}")
    return rows["part"] * (1.0 if "epoch" in column.lower() else 4000.0)


@settings(max_examples=40)
@given(
    column=st.sampled_from(PROGRESS),
    planned=st.booleans(),
    said=st.sampled_from([{"rows": "last"}, {"yes": True}]),
    order=st.sampled_from(["as it is", "turned", "shuffled"]),
)
def test_the_end_of_each_run_is_taken_whatever_says_how_far_it_was(column, planned, said, order):
    frame = ROWS.assign(tokens=ROWS["end"]) if planned else ROWS
    frame = frame[["run_name", "params", "tokens", "val_loss"]].assign(**{column: along(column)})
    frame = frame.iloc[::-1] if order == "turned" else frame
    frame = frame.sample(frac=1.0, random_state=0) if order == "shuffled" else frame
    own = read_runs(frame, **said, **SAID)
    assert_ends(own)
    assert any("The last row of each of 12 runs is taken" in line for line in own.notes)


@settings(max_examples=30)
@given(
    column=st.sampled_from(["run_name", "run", "id", "experiment", "label", "what it was"]),
    form=st.sampled_from(["gpt-{n}M-{d}bt", "{n}M_D{d}e9", "exp {n}m, long {d}", "v2-{n}M_{d}"]),
    step=st.booleans(),
)
def test_a_label_that_holds_the_size_tells_runs_apart_too(column, form, step):
    labels = [form.format(n=f"{n / 1e6:g}", d=f"{d / 1e9:g}")
              for n, d in zip(ROWS["params"], ROWS["end"], strict=True)]  # fmt: skip
    frame = pd.DataFrame({column: labels, "tokens": ROWS["tokens"], "val_loss": ROWS["val_loss"]})
    frame = frame.assign(step=4000 * ROWS["part"]) if step else frame
    assert_ends(read_runs(frame, maps=[f"params={column}"], rows="last", **SAID))
    with pytest.raises(MustBeSaid, match=r"48 checkpoints of 12 runs.*--rows last"):
        read_runs(frame, maps=[f"params={column}"], **SAID)


@pytest.mark.parametrize("column", ["label", "run_name"])
def test_rows_under_a_label_of_the_size_alone_are_said_to_be_checkpoints_perhaps(column):
    names = [f"gpt-{n / 1e6:g}M" for n in ENDS["params"]]
    frame = pd.DataFrame({column: names, "tokens": ENDS["end"], "val_loss": ENDS["val_loss"]})
    frame = pd.concat([frame, frame.assign(tokens=ENDS["end"] * 9, val_loss=ENDS["val_loss"] - 1)])
    own = read_runs(frame, maps=[f"params={column}"], **SAID)
    said = {"label": "All 24 rows under 4 names of label; if they are checkpoints",
            "run_name": "All 24 checkpoints of 4 runs"}  # fmt: skip
    assert any(line.startswith(said[column]) for line in own.warnings)
    assert len(own.alternatives["--rows last"]) == 4
    kept = read_runs(frame, maps=[f"params={column}"], rows="all", **SAID)
    assert len(kept.frame) == 24


def test_passes_over_the_data_by_runs_of_their_own_stay_kinds():
    frame = ENDS[["params", "val_loss"]].assign(model=[f"gpt-{n}" for n in ENDS["params"]])
    frame["tokens"], frame["epochs"] = 1e10, np.tile([1, 4, 15], 4)
    with pytest.raises(MustBeSaid, match=r"3 kinds.*epochs.*--rows last \(last of each run\)"):
        read_runs(frame, **SAID)
    assert len(read_runs(frame, rows="last", **SAID).frame) == 4
    assert len(read_runs(frame, rows="all", **SAID).frame) == 12


def test_times_at_which_runs_of_one_name_were_made_again_are_no_progress():
    again = ENDS.assign(val_loss=ENDS["val_loss"] + np.tile([0.01, -0.01], 6), date="2025-03-02")
    frame = pd.concat([ENDS.assign(date="2025-03-01"), again])
    frame = frame.drop(columns=["end", "part"])
    assert len(read_runs(frame, yes=True, **SAID).frame) == 24


def test_planned_data_of_all_rows_are_said_when_all_rows_are_taken():
    frame = ROWS.assign(tokens=ROWS["end"], step=along("step")).drop(columns=["end", "part"])
    own = read_runs(frame, rows="all", **SAID)
    assert any("have the tokens of its end" in line for line in own.warnings)


def test_data_from_compute_are_said_to_be_derived_with_their_own_range():
    frame = ENDS[["params", "val_loss"]].assign(total_flos=6 * ENDS["params"] * ENDS["end"])
    (line,) = [line for line in read_runs(frame, **SAID).notes if line.startswith("  tokens")]
    assert "derived from 'total_flos'" in line and "2e+09 to 3e+10" in line
    frame = ENDS[["params", "val_loss"]].assign(tpp=ENDS["end"] / ENDS["params"])
    (line,) = [line for line in read_runs(frame, **SAID).notes if line.startswith("  tokens")]
    assert "derived from 'params*tpp'" in line and "2e+09 to 3e+10" in line


@pytest.mark.parametrize("every", [1000, 2500, 4000.0])
@pytest.mark.parametrize("batches", [(524288,), (65536, 131072, 262144, 524288)])
def test_rows_at_even_steps_without_names_of_runs_are_said_to_look_like_checkpoints(
    tmp_path, every, batches
):
    size, part = (side.ravel() for side in np.meshgrid([15e6, 42e6, 110e6, 340e6], np.arange(1, 9)))
    batch = np.resize(batches, 4)[np.searchsorted([15e6, 42e6, 110e6, 340e6], size)]
    tokens = batch * every * part
    loss = 1.9 + 350 * size**-0.34 + 1200 * tokens**-0.31
    frame = pd.DataFrame(
        {"params": size, "step": every * part, "tokens": tokens, "loss": loss}
    ).sample(frac=1.0, random_state=0)

    def warned(table: pd.DataFrame, **more) -> bool:
        table.to_csv(tmp_path / "a.csv", index=False)
        own = read_runs(tmp_path / "a.csv", yes=True, **SAID, **more)
        return any("even distances of steps" in each for each in own.warnings)

    assert warned(frame)
    assert not warned(frame, rows="all")
    # Runs of their own lie where a budget puts them.
    uneven = frame.assign(step=np.round(frame["step"] ** 1.5), tokens=frame["tokens"] ** 1.05)
    assert not warned(uneven)
    # Nor are runs that stop at the same step, as in a sweep of learning rates.
    stops = frame.assign(tokens=frame["tokens"] / frame["step"] * 4000, step=4000)
    assert not warned(stops.assign(lr=np.geomspace(1e-4, 1e-2, len(stops))), best_of="lr")
