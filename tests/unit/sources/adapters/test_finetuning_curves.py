"""Losses by the size of the fine-tuning data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from upstream_files import refused, write

from scaling_studies import fit, registry

HEADER = "config name,family,size,400,0,200\n"


def test_each_size_of_the_data_becomes_a_row_named_after_its_file(tmp_path):
    files = {"b/wmt19.csv": HEADER + "m,F,10,2.0,3.0,2.5\n", "a/flan.csv": HEADER}
    files["a/flan.csv"] += "n,G,20,1.0,1.5,1.2\nm,F,10,2.0,3.0,2.5\n"
    losses = registry.load("adapters", "finetuning_curves")(write(tmp_path, files))["losses"]
    assert losses[["dataset", "model", "examples", "loss"]].to_numpy().tolist() == [
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


SIZES = [200 * 2**step for step in range(14)]
CURVE = [0.8 + 30.0 / (9.0 + size**0.4) for size in SIZES]
ERRORS = "dataset,model,our_rmsd_under_log\n"


def curve_file(losses):
    cells = ",".join(map(str, losses))
    return f"config name,family,size,{','.join(map(str, SIZES))}\nm,F,10,{cells}\n"


def test_a_published_error_stands_beside_the_lowest_one(tmp_path):
    noise = 0.02 * np.cos(np.arange(14) * 2.5)
    files = {
        "b/flan.csv": curve_file(CURVE),
        "b/wmt19.csv": curve_file(np.array(CURVE) * np.exp(noise)),
        "r/rmsd.csv": ERRORS + "WMT19,m,0.05\nFLAN,m,0.01\n",
    }
    errors = registry.load("adapters", "finetuning_curves")(write(tmp_path, files))["errors"]
    assert errors[["dataset", "model", "published_error"]].to_numpy().tolist() == [
        ["wmt19", "m", 0.05],
        ["flan", "m", 0.01],
    ]
    noisy, clean = errors["lowest_error"]
    assert clean == pytest.approx(0.0, abs=1e-8)
    # Four numbers of the law take four of 14 degrees of freedom, and no more than all of the noise.
    assert 0.3 < noisy / np.sqrt(np.mean(noise**2)) < 1.0


def test_the_lowest_error_is_the_one_of_the_law_that_the_cards_fit(tmp_path):
    # Two searches in two forms of one law: the paper's here, with a half-way point in cards.
    losses = np.array(CURVE) * np.exp(0.02 * np.cos(np.arange(14) * 2.5))
    files = {"flan.csv": curve_file(losses), "rmsd.csv": ERRORS + "FLAN,m,0.05\n"}
    errors = registry.load("adapters", "finetuning_curves")(write(tmp_path, files))["errors"]
    frame = pd.DataFrame({"x": np.array(SIZES, dtype=float), "loss": losses})
    found = fit("rectified", frame, objective="squared_log")
    assert found.converged
    assert errors["lowest_error"].tolist() == pytest.approx(
        [np.sqrt(found.objective_value / 14)], rel=1e-6
    )


def test_a_published_error_of_a_curve_that_is_not_there_is_refused(tmp_path):
    files = {"flan.csv": curve_file(CURVE), "rmsd.csv": ERRORS + "FLAN,other,0.01\n"}
    refused("finetuning_curves", write(tmp_path, files), {}, "rmsd.csv", "other on flan")
