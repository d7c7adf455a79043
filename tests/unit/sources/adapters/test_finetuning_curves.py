"""Losses by the size of the fine-tuning data."""

from __future__ import annotations

from upstream_files import refused, write

from scaling_studies import registry

HEADER = "config name,family,size,400,0,200\n"


def test_each_size_of_the_data_becomes_a_row_named_after_its_file(tmp_path):
    files = {"b/wmt19.csv": HEADER + "m,F,10,2.0,3.0,2.5\n", "a/flan.csv": HEADER}
    files["a/flan.csv"] += "n,G,20,1.0,1.5,1.2\nm,F,10,2.0,3.0,2.5\n"
    losses = registry.load("adapters", "finetuning_curves")(write(tmp_path, files))["losses"]
    assert losses[["dataset", "model", "examples", "loss"]].values.tolist() == [
        ["flan", "n", 0, 1.5],
        ["flan", "n", 200, 1.2],
        ["flan", "n", 400, 1.0],
        ["flan", "m", 0, 3.0],
        ["flan", "m", 200, 2.5],
        ["flan", "m", 400, 2.0],
        ["wmt19", "m", 0, 3.0],
        ["wmt19", "m", 200, 2.5],
        ["wmt19", "m", 400, 2.0],
    ]
    assert losses["params_total"].tolist() == [20] * 3 + [10] * 6


def test_a_loss_that_is_none_is_named(tmp_path):
    paths = write(tmp_path, {"flan.csv": HEADER + "m,F,10,2.0,3.0,2.5\nm,F,10,2.0,x,2.5\n"})
    refused("finetuning_curves", paths, {}, "table flan.csv", "row 2", "column 0", "'x'")
