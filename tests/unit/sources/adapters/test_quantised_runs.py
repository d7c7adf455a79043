"""Runs of quantised models and the names of their number formats."""

from __future__ import annotations

import json

import pytest
from upstream_files import refused, write

from scaling_studies import registry

RUN = {
    "non_embedding_parameters": 30,
    "tokens": 600,
    "loss": 3.5,
    "w_bits": 4,
    "a_bits": 4,
    "w_quant": "HadamardTrust",
    "a_quant": "HadamardTrust",
    "args": {"lr": 1e-3},
}


def runs(tmp_path, *records):
    return write(tmp_path, {"runs.json": json.dumps(records)})


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "4"),
        ({"w_quant": "FourEightMask"}, "sparse4"),
        ({"w_quant": "FP4Trust", "w_bits": 16}, "fp4"),
        ({"w_quant": "NoQuantizer", "a_quant": "NoQuantizer", "w_bits": 16}, "16"),
        ({"a_quant": "NoQuantizer", "w_bits": 2}, "2_weights"),
        ({"w_quant": "STE", "w_bits": 3}, "3_plain"),
    ],
)
def test_formats_are_named_by_the_rules_of_the_notebook(tmp_path, changes, name):
    table = registry.load("adapters", "quantised_runs")(runs(tmp_path, RUN | changes))["runs"]
    assert table["precision"].tolist() == [name]
    assert table[["params_non_embedding", "tokens", "loss"]].values.tolist() == [[30, 600, 3.5]]
    assert table["learning_rate"].tolist() == [1e-3]


def test_runs_without_a_number_are_refused(tmp_path):
    refused("quantised_runs", runs(tmp_path, RUN, RUN | {"loss": 0}), {}, "row 2", "loss")
    refused("quantised_runs", runs(tmp_path, RUN | {"args": {}}), {}, "row 1", "lr")
    refused("quantised_runs", runs(tmp_path, RUN | {"args": {"lr": -1}}), {}, "args.lr")
