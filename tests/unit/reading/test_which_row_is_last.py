"""Which row of a run is its last: by progress, in numbers or text, and never by chance."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs
from scaling_studies.reading.positions import positions_of

SAID = {"unit": "nats_per_token", "params_convention": "total"}
PARTS = np.array([0.05, 0.25, 0.5, 1.0])
NAMES = {
    "OLMo": lambda step, tokens: f"step{step}-tokens{tokens / 1e9:g}B",
    "Megatron": lambda step, tokens: f"iter_{step:07d}",
    "unpadded": lambda step, tokens: f"iter_{step}",
    "Trainer": lambda step, tokens: f"checkpoint-{step}",
    "short": lambda step, tokens: f"ckpt-{step}",
    "thousands": lambda step, tokens: f"{step / 1000:g}k steps",
    "powers": lambda step, tokens: f"{step:.0e}steps",
    "path": lambda step, tokens: f"/out/x2/step_{step}/model.pt",
    "passes": lambda step, tokens: f"epoch={step // 4000}-step={step}.ckpt",
    "clock": lambda step, tokens: f"{step // 3600}:{step // 60 % 60:02d}:{step % 60:02d}",
    "span": lambda step, tokens: f"{step // 3600}h {step // 60 % 60}m",
}


def curves(text, column: str) -> pd.DataFrame:
    """Four checkpoints of each of twelve runs; the last lies on the law."""
    size, tokens, part = (
        side.ravel()
        for side in np.meshgrid([15e6, 42e6, 110e6, 340e6], [1e9, 4e9, 1.6e10], PARTS,
                                indexing="ij")
    )  # fmt: skip
    names = [text(int(20000 * p), p * d) for d, p in zip(tokens, part, strict=True)]
    loss = (1.9 + 350 * size**-0.34 + 1200 * tokens**-0.31) * (1.1 - 0.1 * part)
    runs = [f"gpt-{n / 1e6:g}M-{d / 1e9:g}bt" for n, d in zip(size, tokens, strict=True)]
    columns = {"run": runs, "params": size, "tokens": tokens, column: names, "loss": loss}
    return pd.DataFrame({**columns, "part": part})


@settings(max_examples=60)
@given(
    form=st.sampled_from(sorted(NAMES)),
    column=st.sampled_from(["checkpoint", "ckpt", "revision", "elapsed", "model_path"]),
    last=st.sampled_from(["", "final", "main", "model_final.pt"]),
    said=st.sampled_from([{}, {"rows": "last"}]),
    seed=st.integers(0, 9),
)
def test_text_that_names_checkpoints_is_ordered_by_its_numbers(form, column, last, said, seed):
    if column == "model_path" and form in ("clock", "span"):
        column = "elapsed"
    frame = curves(NAMES[form], column)
    if last and form not in ("clock", "span"):
        frame.loc[frame["part"] == 1.0, column] = last
    ends = frame[frame["part"] == 1.0]
    frame = frame.drop(columns="part").sample(frac=1.0, random_state=seed)
    own = read_runs(frame, **said, **SAID)
    got = own.frame.sort_values(["params", "tokens"])
    np.testing.assert_allclose(got["loss"], ends.sort_values(["params", "tokens"])["loss"])


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["q1", "q10", "q2"], [0, 2, 1]),
        (["Mar 3, 2025", "Feb 4, 2025"], [1, 0]),
        (["13/04/2025", "14/03/2025"], [1, 0]),
        (["2025-03-04 09:00", "2025-03-04T10:00"], [0, 1]),
        (["1d 2h", "3h 4m", "59 s"], [2, 1, 0]),
        (["9:59", "1:00:02"], [0, 1]),
        (["03/04/2025", "04/03/2025"], None),
        (["best", "last"], None),
        (["ckpt_best", "ckpt_1"], None),
        (["low", "high"], None),
    ],
)
def test_text_has_the_order_of_its_numbers_or_none(cells, order):
    found = positions_of(pd.Series(cells))
    assert (None if found is None else np.argsort(found).tolist()) == order


def sweep(columns: list[str], shape: list[float]) -> pd.DataFrame:
    """Three settings of each size and data, whose best lies on the law."""
    size, tokens, off = (
        side.ravel()
        for side in np.meshgrid([15e6, 42e6, 110e6, 340e6], [1e9, 4e9, 1.6e10], shape,
                                indexing="ij")
    )  # fmt: skip
    loss = (1.9 + 350 * size**-0.34 + 1200 * tokens**-0.31) * (1 + off)
    run = [f"gpt-{n / 1e6:g}M-{d / 1e9:g}bt" for n, d in zip(size, tokens, strict=True)]
    frame = pd.DataFrame({"run": run, "params": size, "tokens": tokens, "loss": loss})
    frame = frame.assign(step=tokens // 524288, sweep="s1", run_lr=1e-3 * (1 + off))
    return frame[[*columns, "loss"]]


@settings(max_examples=40)
@given(
    columns=st.sampled_from([
        ["run", "params", "tokens"],
        ["run", "params", "tokens", "step"],
        ["run", "params"],
        ["run", "tokens"],
        ["run", "params", "tokens", "run_lr"],
    ]),
    shape=st.permutations([0.02, 0.0, 0.05]),
    yes=st.booleans(),
)  # fmt: skip
def test_of_a_sweep_no_row_is_the_last_and_what_is_typed_takes_the_best(columns, shape, yes):
    frame = sweep(columns, shape)
    if list(shape) == sorted(shape, reverse=True):
        return  # A loss that falls along the rows is that of a curve.
    with pytest.raises(MustBeSaid) as error:
        read_runs(frame, rows="last", yes=yes, **SAID)
    _, column = shlex.split(re.search(r"--best-of \S+", str(error.value))[0])
    own = read_runs(frame, best_of=column, rows=(), maps=_whole(columns), **SAID)
    best = frame.groupby([name for name in ("params", "tokens") if name in columns])["loss"].min()
    np.testing.assert_allclose(np.sort(own.frame["loss"]), np.sort(best))


def _whole(columns: list[str]) -> list[str]:
    """What is to be said of sizes and data that are not in the table."""
    return [f"{name}=none" for name in ("params", "tokens") if name not in columns]


@pytest.mark.parametrize("rows", ["last", None])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_rows_without_progress_count_in_their_order_where_the_loss_falls_and_it_is_said(
    rows, noise
):
    draw = np.random.default_rng(3)
    parts = [
        pd.DataFrame({
            "run": f"r{place}", "params": size,
            "loss": 2 + 350 * size**-0.34 + 3 * np.arange(1, 41) ** -0.5
            + draw.normal(0, noise, 40),
        })
        for place, size in enumerate([1e7, 3e7, 1e8, 3e8, 1e9, 3e9])
    ]  # fmt: skip
    own = read_runs(pd.concat(parts), rows=rows, **SAID)
    assert own.frame["loss"].tolist() == [float(part["loss"].iloc[-1]) for part in parts]
    assert any("order in which they stand" in note for note in own.notes)


@pytest.mark.parametrize("sizes", [[1e7, 3e7], [1e7, 3e7, 1e8], [1e7, 2e7, 4e7, 8e7, 1.6e8]])
def test_a_name_over_several_sizes_is_no_run(sizes):
    size, tokens = (side.ravel() for side in np.meshgrid(sizes, [1e9, 2e9, 4e9], indexing="ij"))
    tokens = tokens * size / 1e7
    loss = 1.9 + 350 * size**-0.34 + 1200 * tokens**-0.31
    frame = pd.DataFrame({"run": "sweep", "params": size, "tokens": tokens, "loss": loss})
    own = read_runs(frame, rows="last", **SAID)
    assert own.frame["params"].tolist() == sizes
    assert own.frame["tokens"].tolist() == [4e9 * one / 1e7 for one in sizes]
