"""The map of runs: where on size and data studies have runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scaling_studies.comparisons.run_map import run_map
from scaling_studies.runs.columns import COLUMNS


def runs(count: int = 1, **changes: Any) -> pd.DataFrame:
    known = {
        "table": "runs",
        "run_id": [f"run{place}" for place in range(count)],
        "params_total": 1e8,
        "tokens": 2e9,
        "metric": "loss",
        "provenance": "measured",
        "status": "ok",
        "value": 3.0,
    }
    return pd.DataFrame(known | changes, index=range(count)).reindex(columns=list(COLUMNS))


def places(*frames: pd.DataFrame) -> list[tuple[float, float, int]]:
    table = run_map({"a": "pre_training"}, {"a": pd.concat(frames, ignore_index=True)})
    assert set(table["study"]) <= {"a"} and set(table["topic"]) <= {"pre_training"}
    return [(row.params, row.tokens, row.runs) for row in table.itertuples()]


def test_runs_of_one_place_are_counted():
    assert places(runs(3), runs(1, run_id="x", tokens=4e9)) == [(1e8, 2e9, 3), (1e8, 4e9, 1)]


def test_a_curve_counts_once_at_its_end():
    assert places(runs(3, run_id="one", tokens=[1e9, 3e9, 2e9])) == [(1e8, 3e9, 1)]
    # The same name in another table is another run.
    assert places(runs(), runs(table="more")) == [(1e8, 2e9, 2)]


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ({"params_total": 1e8, "params_active": 2e7, "params_non_embedding": 9e7}, 1e8),
        ({"params_total": np.nan, "params_active": 2e7, "params_non_embedding": 9e7}, 2e7),
        ({"params_total": np.nan, "params_active": np.nan, "params_non_embedding": 9e7}, 9e7),
    ],
)
def test_a_size_counts_all_parameters_where_they_are_known(sizes, found):
    assert places(runs(**sizes)) == [(found, 2e9, 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": "accuracy"},
        {"provenance": "printed"},
        {"status": "diverged"},
        {"params_total": np.nan},
        {"tokens": np.nan},
        {"tokens": 0.0},
    ],
)
def test_what_is_no_place_of_a_run_is_left_out(changes):
    assert places(runs()) == [(1e8, 2e9, 1)]
    assert places(runs(**changes)) == []


def test_studies_stand_apart_in_their_order():
    table = run_map({"b": "", "a": "theory"}, {"b": runs(), "a": runs()})
    assert list(zip(table["study"], table["topic"], strict=True)) == [("a", "theory"), ("b", "")]
    assert run_map({}, {}).empty
