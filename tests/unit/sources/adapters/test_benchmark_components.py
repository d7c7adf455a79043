"""Hard scores beside components of easy ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from upstream_files import refused, write

from scaling_studies import registry

SCORES = ["S1", "S2", "S3", "S4", "S5"]
OPTIONS = {
    "families": ["A", "B"],
    "scores": SCORES,
    "benchmarks": {"hard": {"column": "Hard", "chance": 0.25, "fitted": 100.0}},
    "line": "A",
}


def files(*, missing=False):
    rng = np.random.default_rng(3)
    flops = np.geomspace(1, 1000, 14)
    ability = np.log10(flops)[:, None] + rng.normal(0, 0.2, (14, 3))
    scores = 0.2 + 0.05 * ability @ rng.uniform(0.2, 1.0, (3, 5))
    easy = pd.DataFrame(scores.round(6), columns=SCORES).astype(object)
    if missing:
        easy.loc[2, "S3"] = ""
    easy.insert(0, "Model", [f"m{number}" for number in range(14)])
    easy["Model Family"] = ["A"] * 4 + ["B"] * 9 + ["C"]
    easy["Model Size (B)"], easy["FLOPs (1E21)"] = 7.0, flops.astype(object)
    easy.loc[8, "FLOPs (1E21)"] = ""
    hard = pd.DataFrame({"Model": easy["Model"], "Hard": np.linspace(0.25, 0.5, 14)})
    named = {"easy_benchmark.csv": easy, "hard_board.csv": hard.iloc[::-1]}
    return {name: frame.to_csv(index=False) for name, frame in named.items()}, scores


def extract(tmp_path, **how):
    given, scores = files(**how)
    made = registry.load("adapters", "benchmark_components")(write(tmp_path, given), **OPTIONS)
    return made["models"], scores


def test_scores_are_rescaled_from_chance_and_models_without_compute_are_held_out(tmp_path):
    models, _ = extract(tmp_path)
    assert models["model"].tolist() == [f"m{number}" for number in range(13)]
    assert models["score"].iloc[0] == 0.0 and models["score"].max() < 1 / 3
    assert models["role"].tolist() == ["fit"] * 8 + ["held_out"] * 5
    assert models["flops"].isna().tolist() == [number == 8 for number in range(13)]


def test_the_first_component_is_log_compute_along_the_line_of_one_family(tmp_path):
    models, _ = extract(tmp_path)
    family = models.iloc[:4]
    log_flops = np.log10(family["flops"].astype(float)) - 21
    columns = family[["component_1", "component_2", "component_3"]].to_numpy()
    slopes, starts = np.polyfit(log_flops, columns, 1)
    assert slopes == pytest.approx([1, 0, 0], abs=1e-6)
    assert starts == pytest.approx([0, 0, 0], abs=1e-6)


def test_components_span_what_those_of_the_fitted_scores_span(tmp_path):
    models, scores = extract(tmp_path)
    fitted = scores[:8] - scores[:8].mean(axis=0)
    directions = np.linalg.svd(fitted)[2][:3]
    usual = (scores[:13] - scores[:8].mean(axis=0)) @ directions.T
    columns = [f"component_{number}" for number in (1, 2, 3)]
    turned = np.column_stack([models[columns].to_numpy(), np.ones(13)])
    _, left, rank, _ = np.linalg.lstsq(turned, usual, rcond=None)
    assert rank == 4 and left == pytest.approx(0, abs=1e-9)


def test_a_missing_score_is_filled_from_the_others(tmp_path):
    whole, _ = extract(tmp_path / "whole")
    filled, _ = extract(tmp_path / "filled", missing=True)
    columns = ["component_1", "component_2", "component_3"]
    assert filled[columns].notna().all(axis=None)
    assert filled.loc[2, "component_1"] == pytest.approx(whole.loc[2, "component_1"], abs=1.0)


def test_a_score_beyond_one_is_refused(tmp_path):
    given, _ = files()
    given["hard_board.csv"] = given["hard_board.csv"].replace("m13,0.5", "m13,1.5")
    refused("benchmark_components", write(tmp_path, given), OPTIONS, "column Hard", "1.5")
