"""`read_runs`: one frame in base units, or one question."""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import add_reading_options, read_from_options, read_runs

PARAMS, TOKENS = (grid.ravel() for grid in np.meshgrid([2e7, 1e8, 5e8], [1e9, 4e9, 2e10, 9e10]))
RUNS = pd.DataFrame(
    {
        "run": [f"r{i}" for i in range(12)],
        "params": PARAMS,
        "tokens": TOKENS,
        "loss": 1.8 + 300 * PARAMS**-0.33 + 900 * TOKENS**-0.3,
    }
)


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    add_reading_options(parser)
    return parser.parse_args(words)


def test_a_frame_and_a_file_are_read_alike(tmp_path):
    RUNS.to_csv(tmp_path / "runs.csv", index=False)
    from_file = read_runs(tmp_path / "runs.csv", yes=True)
    from_frame = read_runs(RUNS, yes=True)
    pd.testing.assert_frame_equal(from_file.frame, from_frame.frame)
    columns = ["params", "tokens", "loss"]
    pd.testing.assert_frame_equal(from_file.frame[columns], RUNS[columns])
    assert (from_file.unit, from_file.size) == ("nats_per_token", "params_total")


def test_flags_reach_the_reader(tmp_path):
    frame = RUNS.assign(params=RUNS["params"] / 1e6).rename(columns={"params": "width in M"})
    frame.to_csv(tmp_path / "runs.csv", index=False)
    table = str(tmp_path / "runs.csv")
    options = parse(table, "--yes", "--map", "params=width in M:million", "--unit", "bits_per_byte")
    own = read_from_options(options)
    np.testing.assert_allclose(own.frame["params"], RUNS["params"])
    assert own.unit == "bits_per_byte"


def test_what_must_be_said_names_the_flag(tmp_path):
    with pytest.raises(MustBeSaid, match="--map loss=quality"):
        read_runs(RUNS.rename(columns={"loss": "quality"}), yes=True)
