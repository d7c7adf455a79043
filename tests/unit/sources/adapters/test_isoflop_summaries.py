"""Summaries of isoFLOP runs."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest
from upstream_files import refused, write

from scaling_studies import registry


def plain(columns):
    frame = pd.DataFrame(
        {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    )
    frame.columns = pd.Index(list(columns), dtype=object)
    return frame


def summary(**changes):
    nan = float("nan")
    pairs = {
        "flops": [6e12, 6e13],
        "n": [1e3, nan],
        "t": [1e9, nan],
        "loss": [4.0, nan],
        "n_star_std": [0.1, nan],
        "t_star_std": [0.1, nan],
        "loss_star_std": [0.01, nan],
    }
    curves = {
        "flops": [6e12, 6e13],
        "orig_n": [pd.Series([2e3, 1e3]), nan],
        "orig_t": [pd.Series([5e8, 1e9]), nan],
        "orig_loss": [pd.Series([4.1, 4.0]), nan],
    }
    row = {
        "dataset": "rw",
        "hparams": "base",
        "warmup": "long",
        "decay": "kaplan",
        "param_count": "standard",
        "val": "val",
        "optimal_pairs": plain(pairs | changes.pop("pairs", {})),
        "data": plain(curves | changes.pop("curves", {})),
    } | changes
    return pickle.dumps(plain({name: [value] for name, value in row.items()}))


ISOFLOP = {
    "datasets": {"rw": "refinedweb"},
    "experiments": {"first": {"hparams": "base", "param_count": "standard"}},
}


def test_isoflop_summaries(tmp_path):
    paths = write(tmp_path, {"data/s.pickle": summary()})
    tables = registry.load("adapters", "isoflop_summaries")(paths, **ISOFLOP)
    assert tables["experiments"]["experiment"].tolist() == ["refinedweb_first"]
    assert tables["optima"]["flops"].tolist() == [6e12]
    assert tables["isoflops"]["params"].tolist() == [1e3, 2e3]
    assert tables["isoflops"]["loss"].tolist() == [4.0, 4.1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dataset": "c4"}, ("row 1, column dataset", "unknown 'c4'")),
        ({"data": None}, ("row 1, column data", "not a table")),
        ({"hparams": "tuned"}, ("row 1", "no experiment is described")),
        ({"pairs": {"n": ["x", 1.0]}}, ("data/s.pickle", "column n")),
        ({"pairs": {"loss": [float("nan")] * 2}}, ("row 1, column loss", "finite")),
        ({"pairs": {"n_star_std": [0.0, float("nan")]}}, ("row 1, column n_star_std", "positive")),
        ({"curves": {"orig_loss": [pd.Series([4.1, float("nan")]), None]}}, ("column orig_loss",)),
        ({"curves": {"orig_n": [pd.Series([1e3, 1e3]), None]}}, ("isoflops", "appears twice")),
    ],
)
def test_isoflop_summaries_refuse_bad_values(tmp_path, changes, words):
    paths = write(tmp_path, {"data/s.pickle": summary(**changes)})
    refused("isoflop_summaries", paths, ISOFLOP, *words)
