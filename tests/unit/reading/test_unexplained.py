"""Runs that differ by more than the one axis that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs

SAID = {"unit": "nats_per_token", "params_convention": "total"}
RNG = np.random.Generator(np.random.Philox(5))
SIZE = np.geomspace(1e7, 1e9, 24)
RATIO = RNG.permutation(np.geomspace(5, 100, 24))
DATA = SIZE * RATIO
LOSS = (1.8 + 400 * SIZE**-0.34 + 2000 * DATA**-0.29) * np.exp(0.001 * RNG.standard_normal(24))
RUNS = pd.DataFrame({"params": SIZE, "loss": LOSS})
#: Each amount of data once, sizes under it that have no name of their own.
OF_DATA = pd.DataFrame({"tokens": DATA, "loss": LOSS})


@pytest.mark.parametrize(
    ("column", "values", "flag"),
    [
        ("isoflop", 6 * SIZE * DATA, "--map flops=isoflop"),
        ("horizon", DATA, "--map tokens=horizon"),
        ("M", RATIO, "--map tokens=M"),
        ("hardware_flops", 6 * SIZE * DATA, "--map flops=hardware_flops"),
        ("budget", [f"{value / 1e9:.4f}bt_seen" for value in DATA], "--join FILE"),
        ("max_duration", [f"{value / 5e5:.0f}ba" for value in DATA], "--join FILE"),
        ("chinchilla", [f"{value / 20:.3f}x" for value in RATIO], "--join FILE"),
        ("wall-clock (h)", SIZE * DATA / 1e15, "--join FILE"),
    ],
)
def test_what_goes_with_the_losses_that_sizes_leave_is_asked(column, values, flag):
    with pytest.raises(MustBeSaid) as caught:
        read_runs(RUNS.assign(**{column: values}), **SAID)
    said = str(caught.value)
    assert "about a curve of sizes alone" in said and column in said
    assert flag in said and "--map tokens=none" in said


@pytest.mark.parametrize(
    ("column", "values", "flag"),
    [
        ("d_model", np.round(SIZE**0.5 / 20), "--map params=d_model"),
        ("model_size_gb", SIZE * 2 / 1e9, "--map params=model_size_gb"),
        ("flops_per_token", 6 * SIZE, "params=flops_per_token*0.166666666667"),
        ("name", [f"gpt-{value / 1e6:.0f}M-r0" for value in SIZE], "--map params=name"),
    ],
)
def test_what_goes_with_the_losses_that_data_leave_is_asked(column, values, flag):
    with pytest.raises(MustBeSaid) as caught:
        read_runs(OF_DATA.assign(**{column: values}), **SAID)
    assert "about a curve of data alone" in str(caught.value) and flag in str(caught.value)


def test_levels_of_a_text_that_tell_runs_apart_are_asked():
    size = np.repeat([1e7, 5e7, 2e8, 1e9], 6)
    data = np.geomspace(1e9, 1e11, 24)
    loss = 1.8 + 400 * size**-0.34 + 2000 * data**-0.29
    frame = pd.DataFrame({"tokens": RNG.permutation(data), "loss": loss})
    frame["loss"] = 1.8 + 400 * size**-0.34 + 2000 * frame["tokens"] ** -0.29
    frame["variant"] = np.repeat(["S", "M", "L", "XL"], 6)
    with pytest.raises(MustBeSaid, match=r"variant.*--join FILE with the size of each variant"):
        read_runs(frame, **SAID)


@pytest.mark.parametrize("column", ["accuracy", "grad_norm", "val_perplexity"])
def test_what_is_measured_is_no_second_axis(column):
    frame = RUNS.assign(**{column: np.exp(LOSS)})
    assert set(read_runs(frame, **SAID, maps=["loss=loss"]).roles) >= {"params", "loss"}


def test_the_answer_that_is_offered_is_taken():
    frame = RUNS.assign(horizon=DATA)
    alone = read_runs(frame, maps=["tokens=none"], **SAID)
    assert "tokens" not in alone.roles
    both = read_runs(frame, maps=["tokens=horizon"], **SAID)
    assert both.frame["tokens"].to_numpy() == pytest.approx(DATA)


def test_sizes_that_explain_the_losses_are_enough():
    loss = 1.8 + 400 * SIZE**-0.34
    frame = pd.DataFrame({"params": SIZE, "loss": loss, "horizon": SIZE * 20})
    assert "tokens" not in read_runs(frame, **SAID).roles


def test_few_runs_are_not_asked():
    frame = RUNS.assign(horizon=DATA).iloc[::4]
    assert len(frame) == 6 and "tokens" not in read_runs(frame, **SAID).roles


def test_scatter_that_no_column_explains_is_said_and_small_noise_is_not():
    own = read_runs(RUNS, **SAID)
    (said,) = [line for line in own.warnings if "smooth curve of sizes alone" in line]
    assert "--map tokens=COLUMN or --join FILE" in said
    noise = np.exp(0.005 * RNG.standard_normal(24))
    clean = RUNS.assign(loss=(1.8 + 400 * SIZE**-0.34) * noise)
    assert not any("smooth curve" in line for line in read_runs(clean, **SAID).warnings)
