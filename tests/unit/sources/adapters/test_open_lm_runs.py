"""Records of OpenLM runs."""

from __future__ import annotations

import copy
import json

import pytest
from upstream_files import refused, write

from scaling_studies import registry

RUN = "set-tiny-1.0"
MODEL = {
    "name": RUN,
    "dataset_name": "set",
    "hyperparameters": {
        "model": "configs/tiny.json",
        "params": 100,
        "params_no_embed": 60,
        "tokens": 2000,
        "chinchilla_multiplier": 1.0,
        "lr": 0.003,
        "cd": 3e-05,
        "warmup": 10,
        "wd": 0.1,
        "global_bs": 8,
    },
    "open_lm_args": ["--global-batch-size", "8", "--seed", "7"],
    "results": [
        {
            "loss": 4.0,
            "loss_sequences_lower_95": 3.5,
            "loss_sequences_upper_95": 4.5,
            "loss_tokens_lower_95": 3.9,
            "loss_tokens_upper_95": 4.1,
            "val_data": [shard],
        }
        for shard in ("data/c4_val/shard-0.tar", "data/de-en/val_de-en_100.tar")
    ],
}
TASKS = {"eval_metrics": {"icl": {"b": 0.25, "a": 1.0}}}
OPEN_LM = {"datasets": {"set": "ours"}, "tasks": 2, "evaluation_sets": 2}


def open_lm(tmp_path, model=MODEL, tasks=TASKS):
    return write(
        tmp_path,
        {
            f"exp/models/{RUN}.json": json.dumps(model),
            f"exp/evals/evaluation_{RUN}_heavy.json": json.dumps(tasks),
        },
    )


def test_open_lm_records(tmp_path):
    tables = registry.load("adapters", "open_lm_runs")(open_lm(tmp_path), **OPEN_LM)
    (run,) = tables["runs"].to_dict("records")
    assert run["dataset"] == "ours" and run["architecture"] == "tiny" and run["seed"] == 7
    assert run["token_multiplier"] == 20.0 and run["batch_sequences"] == 8
    assert list(tables["losses"]["eval_set"]) == ["c4_val", "val_de-en_100"]
    assert tables["losses"]["low"].tolist() == [3.5, 3.5]
    assert tables["task_errors"].to_dict("list") == {
        "run": [RUN, RUN],
        "task": ["a", "b"],
        "error": [0.0, 0.75],
    }


def test_open_lm_takes_the_trainer_argument_where_the_summary_has_a_placeholder(tmp_path):
    model = copy.deepcopy(MODEL)
    model["hyperparameters"]["global_bs"] = 1
    tables = registry.load("adapters", "open_lm_runs")(open_lm(tmp_path, model), **OPEN_LM)
    assert tables["runs"]["batch_sequences"].tolist() == [8]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("name",), "other", ("column name", "is not the file's name")),
        (("dataset_name",), "unknown", ("column dataset_name", "unknown")),
        (("hyperparameters", "params"), "many", ("column params", "not a number")),
        (("hyperparameters", "params"), 100.5, ("column params", "whole number")),
        (("hyperparameters", "tokens"), 2001, ("column tokens", "20 tokens a parameter")),
        (("hyperparameters", "lr"), 0.0, ("column lr", "not positive")),
        (("hyperparameters", "lr"), True, ("column lr", "not a number")),
        (("hyperparameters", "global_bs"), 16, ("column global_bs", "contradicts")),
        (("open_lm_args",), ["--seed", "7"], ("--global-batch-size", "missing")),
        (("results", 0, "loss"), float("nan"), ("row 1, column loss", "finite")),
        (("results", 1, "loss"), 9.0, ("row 2, column loss", "outside its interval")),
        (("results", 1, "val_data"), [], ("row 2, column val_data",)),
        (("results", 1, "val_data"), ["x/c4_val/y.tar"], ("appears twice",)),
        (("results",), [], ("has 0 losses, not 2",)),
    ],
)
def test_open_lm_refuses_bad_models(tmp_path, path, value, words):
    model = copy.deepcopy(MODEL)
    *parents, last = path
    inner = model
    for key in parents:
        inner = inner[key]
    inner[last] = value
    refused("open_lm_runs", open_lm(tmp_path, model), OPEN_LM, *words)


def test_open_lm_refuses_missing_fields_records_and_bad_accuracies(tmp_path):
    model = copy.deepcopy(MODEL)
    del model["hyperparameters"]["tokens"]
    refused("open_lm_runs", open_lm(tmp_path, model), OPEN_LM, RUN, "column tokens", "missing")
    bad = {"eval_metrics": {"icl": {"a": 1.5, "b": 0.5}}}
    refused("open_lm_runs", open_lm(tmp_path, tasks=bad), OPEN_LM, "column a", "fraction")
    few = {"eval_metrics": {"icl": {"a": 0.5}}}
    refused("open_lm_runs", open_lm(tmp_path, tasks=few), OPEN_LM, "has 1 tasks, not 2")
    paths = open_lm(tmp_path)
    del paths[f"exp/evals/evaluation_{RUN}_heavy.json"]
    refused("open_lm_runs", paths, OPEN_LM, "no evaluation record")
    paths = open_lm(tmp_path)
    paths[f"exp/models/{RUN}.json"].write_text("{")
    refused("open_lm_runs", paths, OPEN_LM, RUN, "cannot be read as JSON")
