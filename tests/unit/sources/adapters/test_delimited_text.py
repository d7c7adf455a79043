"""Formats of delimited text: one good file each, and what a change of it must give."""

from __future__ import annotations

import json

import pytest
from upstream_files import refused, write

from scaling_studies import registry

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
    "named_columns": (
        {"a.csv": "n,d,kind,loss\n4,8,raw,3.5\n4,8,exp,33.1\n9007199254740993000,2,raw,3\n"},
        {"table": "runs", "numbers": {"params": "n", "loss": "loss"}, "keep": {"kind": "raw"}},
        "runs",
        {"params": [4.0, 9.007199254740993e18], "loss": [3.5, 3.0]},
    ),
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
        ("named_columns", "3.5", "-3.5", ("row 1, column loss", "positive")),
        ("named_columns", "loss", "cost", ("column loss", "missing")),
        ("named_columns", "raw,3\n", "raw,x\n", ("row 3, column loss", "'x'")),
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


def test_a_file_without_a_kept_row_is_refused(tmp_path):
    files, options, _, _ = FORMATS["named_columns"]
    refused("named_columns", write(tmp_path, files), options | {"keep": {"kind": "log"}}, "'log'")


def test_a_curve_whose_path_says_nothing_is_named(tmp_path):
    paths = write(tmp_path, {"curves/a.csv": "step,lr,loss\n1,0.1,4\n"})
    refused("schedule_curves", paths, {}, "curves/a.csv", "model size and schedule")
