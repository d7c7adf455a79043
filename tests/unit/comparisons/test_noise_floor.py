"""The noise floor: runs that differ in nothing but their seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.noise_floor import MEDIAN_ERROR, noise_floor
from scaling_studies.runs.columns import COLUMNS

CARD = {
    "study": "a",
    "title": "Some runs",
    "tables": {
        "runs": {
            "file": "a/runs.csv",
            "provenance": "measured",
            "columns": {"params_total": {"from": "n"}},
            "measurements": [{"metric": "loss", "unit": "nats_per_token", "from": "loss"}],
        }
    },
    "fits": {
        name: {
            "title": "A fit",
            "law": "power",
            "response": {"metric": "loss"} | where,
            "axes": {"x": "params_total"},
        }
        for name, where in {"f": {}, "of_code": {"eval_set": "code"}}.items()
    },
}


def runs(values: list[float], **changes: Any) -> pd.DataFrame:
    """Runs of one configuration, a seed each."""
    known = {
        "study": "a",
        "table": "runs",
        "run_id": [f"run{place}" for place in range(len(values))],
        "params_total": 1e8,
        "tokens": 1e9,
        "seed": np.arange(len(values), dtype=float),
        "eval_set": "text",
        "metric": "loss",
        "unit": "nats_per_token",
        "provenance": "measured",
        "status": "ok",
        "value": values,
    }
    return pd.DataFrame(known | changes).reindex(columns=list(COLUMNS))


def floor_of(*frames: pd.DataFrame) -> pd.DataFrame:
    return noise_floor({"a": StudyCard.rebuilt(CARD)}, {"a": pd.concat(frames, ignore_index=True)})


def test_seeds_scatter_by_what_they_were_drawn_with():
    values = 3.0 * np.exp(0.004 * np.random.default_rng(0).standard_normal(400))
    (row,) = floor_of(runs(list(values))).to_dict("records")
    assert row["kind"] == "seeds" and row["n"] == 400 and row["fits"] == "f"
    assert row["low"] < 0.004 < row["high"] and row["high"] < 1.2 * row["low"]
    # The median of what a law misses that knows the mean.
    missed = np.median(np.abs(values / values.mean() - 1.0))
    assert row["floor"] == pytest.approx(missed, rel=0.1)
    assert row["floor"] == pytest.approx(MEDIAN_ERROR * row["scatter"])


@pytest.mark.parametrize(
    "changes",
    [
        {"tokens": [1e9, 2e9]},
        {"learning_rate": [1e-3, 2e-3]},
        {"dataset": ["web", "books"]},
        {"eval_set": ["text", "code"]},
        {"unit": ["nats_per_token", "bits_per_byte"]},
        {"metric": "elo"},
        {"unit": "elo"},
        {"provenance": "digitised"},
        {"status": ["ok", "diverged"]},
        {"run_id": "run0"},
    ],
)
def test_what_differs_in_more_than_the_seed_is_no_replicate(changes):
    assert len(floor_of(runs([3.0, 3.1]))) == 1
    assert floor_of(runs([3.0, 3.1], **changes)).empty


@pytest.mark.parametrize(
    ("seed", "kind", "counted"),
    [
        (np.nan, "repeats", 3),
        (7.0, "same seed", 3),
        ([7.0, 7.0, 8.0], "same seed", 3),
        ([7.0, 8.0, np.nan], "seeds", 2),
        ([7.0, np.nan, np.nan], "repeats", 3),
    ],
)
def test_only_other_seeds_are_seeds(seed, kind, counted):
    (row,) = floor_of(runs([3.0, 3.1, 3.2], seed=seed)).to_dict("records")
    assert (row["kind"], row["n"], row["left_out"]) == (kind, counted, 3 - counted)


def test_the_same_run_twice_is_no_replicate():
    (row,) = floor_of(runs([3.0, 3.0])).to_dict("records")
    assert (row["n"], row["left_out"]) == (1, 1)
    assert np.isnan(row["scatter"]) and np.isnan(row["floor"]) and np.isnan(row["high"])


def test_a_run_counts_at_its_end():
    early, late = runs([5.0, 4.0], tokens=1e8), runs([3.0, 3.1])
    (row,) = floor_of(late, early).to_dict("records")
    assert row["mean"] == pytest.approx(3.05) and row["tokens"] == 1e9
    final = [runs([3.3, 3.4]).assign(is_final=True), runs([3.0, 3.1]).assign(is_final=False)]
    assert floor_of(*final)["mean"].tolist() == [pytest.approx(3.35)]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)), st.floats(0.1, 10.0))
def test_neither_order_nor_unit_matters(order, factor):
    values = [3.0, 3.01, 2.98, 3.02, 3.005, 2.99]
    one = floor_of(runs(values))["scatter"][0]
    assert floor_of(runs(values).iloc[list(order)])["scatter"][0] == pytest.approx(one, rel=1e-9)
    other = floor_of(runs([factor * value for value in values]))["scatter"][0]
    assert other == pytest.approx(one, rel=1e-6)


def test_without_tables_there_is_an_empty_table():
    assert noise_floor({}, {}).empty
