"""Compute and steps in units that are not those of the table's numbers."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from own_tables import PARAMS, RUNS, TOKENS, stops

from scaling_studies.reading import read_runs

FLOPS = 6.0 * PARAMS * TOKENS


@pytest.mark.parametrize(
    ("unit", "flop"),
    [("TFLOP/s-days", 8.64e16), ("PFLOP/s-day", 8.64e19), ("TF-days", 8.64e16),
     ("EFLOP/s days", 8.64e22)],
)  # fmt: skip
def test_days_of_any_speed_are_compute(unit, flop):
    own = read_runs(RUNS.drop(columns="tokens").assign(**{f"compute ({unit})": FLOPS / flop}))
    np.testing.assert_allclose(own.frame["flops"], FLOPS)


@pytest.mark.parametrize(
    ("unit", "flop"),
    [("PFLOP/s-hours", 3.6e18), ("TFLOP/s-h", 3.6e15), ("TPU-hours", 7e17), ("GPU days", 1.7e19),
     ("A100 hours", 7e17), ("kWh", 1e18), ("credits", 1e18)],
)  # fmt: skip
def test_compute_in_another_unit_is_named_in_what_to_type(unit, flop):
    column = f"compute [{unit}]"
    frame = RUNS.drop(columns="tokens").assign(**{column: FLOPS / flop})
    line = stops(frame, f"--map 'flops={column}*")
    flag, said = shlex.split(line.partition("Fix: type ")[2])[:2]
    assert flag == "--map"
    np.testing.assert_allclose(read_runs(frame, maps=[said]).frame["flops"], FLOPS)


@pytest.mark.parametrize("steps", ["ksteps", "steps (k)", "kiters", "train steps (thousands)"])
@pytest.mark.parametrize("batch", ["batch_tokens", "batch_tokens (M)", "batch_size,seq_len"])
def test_steps_in_thousands_are_counted_in_ones(steps, batch):
    frame = RUNS.drop(columns="tokens").assign(**{steps: TOKENS / 524_288 / 1e3})
    for column in batch.split(","):
        frame[column] = {"batch_tokens": 524_288, "batch_tokens (M)": 0.524288, "seq_len": 2048,
                         "batch_size": 256}[column]  # fmt: skip
    if "," not in batch:
        np.testing.assert_allclose(read_runs(frame, yes=True).frame["tokens"], TOKENS)
        return
    flag, said = shlex.split(stops(frame, "--map").partition("Fix: type ")[2])[:2]
    assert flag == "--map"
    np.testing.assert_allclose(read_runs(frame, maps=[said]).frame["tokens"], TOKENS)
