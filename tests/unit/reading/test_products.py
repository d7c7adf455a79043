"""Data as products: multiples in headings and cells, a corpus seen in steps or epochs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs
from scaling_studies.reading.names import name_of

SAID = {"unit": "nats_per_token", "params_convention": "total"}
SIZE = np.geomspace(2e7, 8e8, 12)
STEPS = np.array([4, 9, 20, 5, 12, 30, 8, 15, 40, 10, 25, 60]) * 1000
BATCH = 524288
DATA = STEPS * BATCH * 1.0
LOSS = np.round(1.8 + 400 * SIZE**-0.34 + 2000 * DATA**-0.29, 5)
RUNS = pd.DataFrame({"params": SIZE, "loss": LOSS})


def tokens(**columns: object) -> np.ndarray:
    return read_runs(RUNS.assign(**columns), **SAID).frame["tokens"].to_numpy()


@pytest.mark.parametrize(
    "heading",
    ["steps (k)", "Steps (×1000)", "iterations (in thousands)", "steps_k", "ksteps", "kiloiters",
     "steps (x 1,000)", "train_steps [10^3]"],
)  # fmt: skip
def test_a_multiple_in_the_heading_of_a_factor_counts(heading):
    found = tokens(**{heading: STEPS / 1000, "batch (tokens)": BATCH})
    assert found == pytest.approx(DATA)


@pytest.mark.parametrize(
    ("heading", "unit"),
    [("params (×1000000)", "1e6"), ("tokens [x 1,000,000,000]", "1e9"), ("tokens (×10^6)", "1e6")],
)
def test_a_multiple_that_is_written_out_is_a_unit(heading, unit):
    assert name_of(heading).unit == unit


@pytest.mark.parametrize(("length", "counts"), [("2k", 2048), ("4K", 4096), ("2000", 2000)])
def test_a_length_in_k_is_counted_in_1024s(length, counts):
    found = tokens(global_batch_size=256, seq_len=length, step=STEPS)
    assert found == pytest.approx(STEPS * 256.0 * counts)


def test_a_batch_of_a_power_of_two_k_is_counted_in_1024s_and_steps_are_not():
    found = tokens(tokens_per_batch="512K", steps=[f"{value // 1000}k" for value in STEPS])
    assert found == pytest.approx(DATA)


def test_tokens_of_a_whole_corpus_are_not_those_of_each_run():
    found = tokens(total_tokens=1e12, steps=STEPS, batch_tokens=BATCH)
    assert found == pytest.approx(DATA)
    with pytest.raises(MustBeSaid, match=r"total_tokens is one number.*tokens=steps\*524288"):
        tokens(total_tokens=1e12, steps=STEPS)
    said = "tokens is one number.*tokens=tokens[*]epochs"
    with pytest.raises(MustBeSaid, match=said):
        tokens(tokens=1e9, epochs=STEPS / 1000)


def test_the_tokens_of_runs_of_one_length_stay():
    assert tokens(tokens=1e10, steps=19073) == pytest.approx(np.full(12, 1e10))
