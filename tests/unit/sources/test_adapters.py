"""Each adapter on small files of its format, good and bad."""

from __future__ import annotations

import copy
import gzip
import json
import pickle

import pandas as pd
import pytest

from scaling_studies import registry
from scaling_studies.errors import TableError


def write(tmp_path, files):
    paths = {}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths[name] = path
    return paths


def refused(adapter, paths, options, *words):
    with pytest.raises(TableError) as caught:
        registry.load("adapters", adapter)(paths, **options)
    line = str(caught.value)
    assert "\n" not in line and "Fix:" in line
    for word in words:
        assert word in line, line


# OpenLM records

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


# isoFLOP summaries


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


# Formats of delimited text: one good file each, and what a change of it must give

CHECKPOINT = {
    "run_name": "r",
    "params_active_precise": 1000,
    "width": 8,
    "depth": 2,
    "tokens": 64,
    "step": 4,
    "final_loss": 3.5,
}
FORMATS = {
    "checkpoint_records": (
        {"a.jsonl": json.dumps(CHECKPOINT) + "\n" + json.dumps(CHECKPOINT | {"step": 2}) + "\n"},
        {"tables": {"hot": "a.jsonl"}, "vocabulary": 10},
        "hot",
        {"step": [2, 4], "params_non_embedding": [920, 920], "loss": [3.5, 3.5]},
    ),
    "schedule_curves": (
        {
            "r/csv_100/cosine_24000.csv": "step,lr,loss\n3,0.1,4.0\n",
            "r/csv_25/wsd_2.csv": "step,lr,loss\n2,0.1,4.5\n1,0.2,5.0\n",
        },
        {},
        "curves",
        {"model_size": ["25M", "25M", "100M"], "step": [1, 2, 3], "learning_rate": [0.2, 0.1, 0.1]},
    ),
    "translation_summary": (
        {
            "s": "# a comment\n# another\n"
            "Lang\tLayers\tModelSize\tFeedForward\tdata_bytes\tent_dev\tbleu_dev\n"
            "ruen\t1\t2\t8\t100\t3.0\t10.5\nruen\t1\t2\t8\t50\t-\t9\nruen\t1\t2\t8\t50\t4.0\t9\n"
        },
        {"languages": {"ruen": "ru_en"}},
        "runs",
        {"training_bytes": [50, 100], "params_non_embedding": [96, 96], "bleu": [9.0, 10.5]},
    ),
    "zeroshot_results": (
        {
            "z.csv": "name,arch,upstream_dataset,downstream_dataset,task,samples_seen,gmacs,"
            "gmacs_total,acc1,acc5,mean_per_class_recall,image_retrieval_recall@5,"
            "text_retrieval_recall@5,mean_average_precision\n"
            "m,ViT,L,imagenet,zeroshot,1e9,4.5,4.5e9,0.5,0.75,0.5,,,\n"
        },
        {},
        "results",
        {"accuracy": [0.5], "mean_average_precision": [None], "gmacs_total": [4.5e9]},
    ),
}


@pytest.mark.parametrize("adapter", FORMATS)
def test_a_good_file_gives_its_table(tmp_path, adapter):
    files, options, table, expected = FORMATS[adapter]
    frame = registry.load("adapters", adapter)(write(tmp_path, files), **options)[table]
    assert {name: frame[name].tolist() for name in expected} == expected


@pytest.mark.parametrize(
    ("adapter", "old", "new", "words"),
    [
        ("checkpoint_records", '"step": 2', '"step": 4', ("appears twice",)),
        ("checkpoint_records", '"final_loss": 3.5', '"final_loss": NaN', ("row 1", "final_loss")),
        ("checkpoint_records", '"width": 8', '"width": "x"', ("row 1", "column width")),
        ("checkpoint_records", '"depth"', '"deep"', ("row 1", "column depth", "missing")),
        ("checkpoint_records", '{"run_name"', '"run_name"', ("row 1", "not JSON")),
        ("schedule_curves", "2,0.1,4.5", "1,0.1,4.5", ("wsd_2.csv", "row 2", "appears twice")),
        ("schedule_curves", "1,0.2,5.0", "1,0.2,nan", ("wsd_2.csv", "row 2, column loss")),
        ("schedule_curves", "1,0.2,5.0", "1.5,0.2,5", ("row 2, column step", "whole")),
        ("schedule_curves", "lr", "rate", ("column lr", "missing")),
        ("translation_summary", "ruen\t1\t2\t8\t100", "fren\t1\t2\t8\t100", ("row 1", "'fren'")),
        ("translation_summary", "\t50\t4.0", "\t50\tx", ("row 3, column ent_dev", "'x'")),
        ("translation_summary", "\t50\t4.0", "\t100\t4.0", ("appears twice",)),
        ("translation_summary", "data_bytes", "bytes", ("column data_bytes", "missing")),
        ("zeroshot_results", ",0.5,0.75", ",50,0.75", ("row 1, column acc1", "fraction")),
        ("zeroshot_results", ",4.5,", ",fast,", ("row 1, column gmacs", "'fast'")),
    ],
)
def test_a_bad_value_is_named(tmp_path, adapter, old, new, words):
    files, options, _, _ = FORMATS[adapter]
    changed = {name: content.replace(old, new, 1) for name, content in files.items()}
    assert changed != files
    refused(adapter, write(tmp_path, changed), options, *words)


def test_a_curve_whose_path_says_nothing_is_named(tmp_path):
    paths = write(tmp_path, {"curves/a.csv": "step,lr,loss\n1,0.1,4\n"})
    refused("schedule_curves", paths, {}, "curves/a.csv", "model size and schedule")


# Routing curves

ROUTING = (
    "hyper_id,step,num_experts,k,seed,dense_parameter_count,total_parameter_count,d_model,"
    "num_blocks,num_heads,kqv_size,routing_frequency,flops_per_step,flop_increase,"
    "loss_validation,loss_c4,loss_curation_corpus,loss_lambada,loss_pile,loss_wikitext103,"
    "router_type,model_size_label\n"
)
ROUTING_ROW = ",1,1,42,100.0,100.0,8,2,2,4,0.5,1e9,1.0,{},3.0,3.0,3.0,,3.0,Dense,1M\n"


def routing(tmp_path, *rows):
    body = ROUTING + "".join(key + ROUTING_ROW.format(loss) for key, loss in rows)
    return write(tmp_path, {"curves.csv.gz": gzip.compress(body.encode())})


def test_routing_curves_keep_the_last_step_of_each_run(tmp_path):
    paths = routing(tmp_path, ("1,20", 2.5), ("1,10", 3.0), ("0,10", 4.0), ("0,0", 9.0))
    runs = registry.load("adapters", "routing_curves")(paths)["runs"]
    assert runs[["run", "step", "loss"]].to_numpy().tolist() == [[0, 10, 4.0], [1, 20, 2.5]]
    assert (
        runs["loss_pile"].tolist() == [None, None] and runs["params_active"].tolist() == [100] * 2
    )


def test_routing_curves_refuse_bad_values(tmp_path):
    refused("routing_curves", routing(tmp_path, ("0,1", 2.5), ("0,1", 3.0)), {}, "appears twice")
    # The row is the one in the file, whatever rows were left out before it.
    bad = routing(tmp_path, ("0,1", 2.5), ("0,2", 2.4), ("1,1", ""))
    refused("routing_curves", bad, {}, "row 3, column loss_validation")
    paths = routing(tmp_path, ("0,1", 2.5))
    paths["curves.csv.gz"].write_bytes(paths["curves.csv.gz"].read_bytes()[:40])
    refused("routing_curves", paths, {}, "cannot be read")


# Ladder evaluations

LADDER = {"params": {"190M": 10, "13B": 20}, "targets": {"big": "13B"}, "last": 2}
LADDER_CSV = (
    "_step,eval/c4_en-validation/CrossEntropyLoss,eval/downstream_bpb/mmlu_bpb,"
    "throughput/total_tokens,throughput/total_training_Gflops,batch_size_in_tokens\n"
    "1.0,5.0,2.0,16,1.5,16\n2.0,4.0,1.5,32,3,16\n3.0,3.0,1.0,48,4.5,16\n"
)
TARGET_CSV = (
    "_step,eval/c4_en-validation/CrossEntropyLoss,batch_size_in_tokens,learning_rate_peak\n"
    "7.0,2.5,16,0.1\n"
)


def test_ladder_evaluations_keep_the_last_of_each_run(tmp_path):
    paths = write(tmp_path, {"runs/190M-0.5xC-rerun.csv": LADDER_CSV, "runs/big.csv": TARGET_CSV})
    tables = registry.load("adapters", "ladder_evaluations")(paths, **LADDER)
    checkpoints = tables["checkpoints"].to_dict("records")
    assert [row["from_end"] for row in checkpoints] == [1, 2, 1]
    assert [row["step"] for row in checkpoints] == [3, 2, 7]
    assert [row["tokens"] for row in checkpoints] == [48, 32, 112]
    assert [row["flops"] for row in checkpoints] == [4.5e9, 3e9, None]
    assert [row["rerun"] for row in checkpoints] == [True, True, False]
    assert [row["role"] for row in checkpoints] == ["ladder", "ladder", "target"]
    values = tables["evaluations"]
    assert values["unit"].tolist() == ["bits_per_byte", "nats_per_token"] * 2 + ["nats_per_token"]
    assert values["value"].tolist() == [1.0, 3.0, 1.5, 4.0, 2.5]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("other.csv", LADDER_CSV, ("neither a ladder run nor a named target",)),
        ("200M-1xC.csv", LADDER_CSV, ("size '200M' has no parameter count",)),
        ("190M-1xC.csv", LADDER_CSV.replace("3.0,3.0", "3.0,NaN"), ("row 3", "c4_en", "finite")),
        ("190M-1xC.csv", LADDER_CSV.replace("48,", ","), ("row 3", "total_tokens")),
        (
            "190M-1xC.csv",
            LADDER_CSV.replace("batch_size", "bs"),
            ("batch_size_in_tokens", "missing"),
        ),
        ("190M-1xC.csv", "batch_size_in_tokens\n16\n", ("row 1", "neither tokens nor a step")),
        ("190M-1xC.csv", "_step,batch_size_in_tokens\n1,16\n", ("no validation loss",)),
    ],
)
def test_ladder_evaluations_refuse_bad_values(tmp_path, name, content, words):
    refused("ladder_evaluations", write(tmp_path, {f"runs/{name}": content}), LADDER, *words)


# Hyperparameter sweeps

SWEEP_HEADER = "h,ffnh,numh,numl,lr,bs,ti,loss,smooth loss,D,N"
SWEEPS = {
    "d.csv": f"{SWEEP_HEADER}\n8,16,2,2,0.01,32,10,3.5,3.25,1000,{{}}\n",
    "m.csv": f"{SWEEP_HEADER},Na,topk,nume\n8,16,2,2,0.01,32,10,3.5,3.25,1000,500,90,1,8\n",
}


def test_hyperparameter_sweeps(tmp_path):
    options = {"dense": "d.csv", "experts": "m.csv"}
    files = SWEEPS | {"d.csv": SWEEPS["d.csv"].format(400)}
    tables = registry.load("adapters", "hyperparameter_sweeps")(write(tmp_path, files), **options)
    assert tables["dense"].loc[0, ["loss", "loss_last_step"]].tolist() == [3.25, 3.5]
    assert tables["experts"].loc[0, "params_active"] == 90
    files = SWEEPS | {"d.csv": SWEEPS["d.csv"].format("big")}
    paths = write(tmp_path, files)
    refused("hyperparameter_sweeps", paths, options, "d.csv", "row 1, column N", "'big'")
