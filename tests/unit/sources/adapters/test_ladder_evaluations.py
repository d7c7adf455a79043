"""Evaluations of a ladder of models."""

from __future__ import annotations

import pytest
from upstream_files import refused, write

from scaling_studies import registry

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
