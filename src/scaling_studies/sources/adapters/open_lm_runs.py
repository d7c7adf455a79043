"""OpenLM training records: one JSON a model, and one JSON of task accuracies a model.

Written for the scaling test bed of Gadre et al. 2024: ``exp_data/models/<run>.json`` and
``exp_data/evals/evaluation_<run>_heavy.json``.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, FRACTION, POSITIVE, WHOLE

#: A token multiplier of the paper is 20 times the one in the records ("Chinchilla multiplier").
_TOKENS_PER_PARAMETER = 20
_RUN_KEY = ("dataset", "params", "token_multiplier")
_SIZES = {
    "params": ("params", COUNT),
    "params_non_embedding": ("params_no_embed", COUNT),
    "tokens": ("tokens", COUNT),
    "token_multiplier": ("chinchilla_multiplier", POSITIVE),
}
_TRAINING = {
    "learning_rate": ("lr", POSITIVE),
    "learning_rate_end": ("cd", POSITIVE),
    "warmup_steps": ("warmup", COUNT),
    "weight_decay": ("wd", POSITIVE),
}
_LOSS = {
    "loss": ("loss", POSITIVE),
    "low": ("loss_sequences_lower_95", POSITIVE),
    "high": ("loss_sequences_upper_95", POSITIVE),
    "low_tokens": ("loss_tokens_lower_95", POSITIVE),
    "high_tokens": ("loss_tokens_upper_95", POSITIVE),
}


def extract(
    paths: dict[str, Path], *, datasets: dict[str, str], tasks: int, evaluation_sets: int
) -> dict[str, pd.DataFrame]:
    """Return runs, validation losses and task errors.

    Parameters
    ----------
    paths
        All model records and all evaluation records.
    datasets
        Upstream's name of a training set to ours.
    tasks, evaluation_sets
        How many tasks and how many validation sets every run must have.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``runs`` (one row a run), ``losses`` (run × evaluation set) and ``task_errors``
        (run × task), ordered by training set, size and token multiplier.
    """
    runs, losses, errors = [], [], []
    for path in sorted(path for path in paths if "/models/" in path):
        record = checked.read_json(paths[path], table=path)
        run = _run(record, datasets, table=path)
        runs.append(run)
        losses.extend(_losses(record, evaluation_sets, table=path))
        evaluations = str(
            PurePosixPath(path).parents[1] / "evals" / f"evaluation_{run['run']}_heavy.json"
        )
        if evaluations not in paths:
            raise checked.refuse(f"the run has no evaluation record {evaluations}", table=path)
        errors.extend(_errors(paths[evaluations], run["run"], tasks, table=evaluations))
    frame = checked.in_order(pd.DataFrame(runs), _RUN_KEY)
    checked.require_unique(frame, ("run",), table="runs")
    order = {run: position for position, run in enumerate(frame["run"])}
    return {
        "runs": frame,
        "losses": _by_run(losses, order, "eval_set"),
        "task_errors": _by_run(errors, order, "task"),
    }


def _by_run(rows: list[dict[str, Any]], order: dict[str, int], key: str) -> pd.DataFrame:
    rows = sorted(rows, key=lambda row: (order[row["run"]], row[key]))
    return checked.require_unique(pd.DataFrame(rows), ("run", key), table=key)


def _run(record: dict[str, Any], datasets: dict[str, str], *, table: str) -> dict[str, Any]:
    run = checked.field(record, "name", table=table)
    if PurePosixPath(table).stem != run:
        raise checked.refuse(f"{run!r} is not the file's name", table=table, column="name")
    dataset = checked.field(record, "dataset_name", table=table)
    if dataset not in datasets:
        raise checked.refuse(f"unknown {dataset!r}", table=table, column="dataset_name")
    settings = checked.field(record, "hyperparameters", table=table)
    sizes = checked.take_fields(settings, _SIZES, table=table)
    sizes["token_multiplier"] *= _TOKENS_PER_PARAMETER
    if sizes["tokens"] != sizes["token_multiplier"] * sizes["params"]:
        raise checked.refuse(
            f"{sizes['tokens']} is not {sizes['token_multiplier']:g} tokens a parameter",
            table=table,
            column="tokens",
        )
    model = PurePosixPath(checked.field(settings, "model", table=table))
    return {
        "run": run,
        "dataset": datasets[dataset],
        "architecture": model.name.removesuffix(".json"),
        **sizes,
        "batch_sequences": _batch_sequences(record, table=table),
        **checked.take_fields(settings, _TRAINING, table=table),
        "seed": _argument(record, "--seed", WHOLE, table=table),
    }


def _batch_sequences(record: dict[str, Any], *, table: str) -> int:
    """Return the batch size that the trainer was started with, in sequences.

    ASSUME: the trainer's argument holds. The summary field ``global_bs`` says 1 for the 6.9B
    runs, which is a placeholder; everywhere else the two must agree.
    """
    batch = _argument(record, "--global-batch-size", COUNT, table=table)
    summary = record["hyperparameters"].get("global_bs")
    if summary not in (1, batch):
        raise checked.refuse(
            f"{summary!r} contradicts --global-batch-size {batch}", table=table, column="global_bs"
        )
    return batch


def _argument(record: dict[str, Any], name: str, kind: checked.Kind, *, table: str) -> int:
    """Return the number that follows an option in the trainer's command line."""
    arguments = checked.field(record, "open_lm_args", table=table)
    try:
        text = arguments[arguments.index(name) + 1]
    except (ValueError, IndexError):
        raise checked.refuse("the argument is missing", table=table, column=name) from None
    return kind.read(text, table=table, column=name)


def _losses(record: dict[str, Any], count: int, *, table: str) -> list[dict[str, Any]]:
    rows = []
    for position, result in enumerate(checked.field(record, "results", table=table), start=1):
        loss = checked.take_fields(result, _LOSS, table=table, row=position)
        for low, high in (("low", "high"), ("low_tokens", "high_tokens")):
            if not loss[low] <= loss["loss"] <= loss[high]:
                raise checked.refuse(
                    f"{loss['loss']!r} is outside its interval {loss[low]!r} to {loss[high]!r}",
                    table=table,
                    row=position,
                    column="loss",
                )
        evaluation_set = _evaluation_set(result, table=table, row=position)
        rows.append({"run": record["name"], "eval_set": evaluation_set, **loss})
    if len(rows) != count:
        raise checked.refuse(f"has {len(rows)} losses, not {count}", table=table, column="results")
    return rows


def _evaluation_set(result: dict[str, Any], *, table: str, row: int) -> str:
    """Return the folder that holds the validation shard; German-English by its file's stem."""
    shards = checked.field(result, "val_data", table=table, row=row)
    if len(shards) != 1:
        raise checked.refuse("is not one shard", table=table, row=row, column="val_data")
    shard = PurePosixPath(shards[0])
    return shard.stem if shard.parent.name == "de-en" else shard.parent.name


def _errors(path: Path, run: str, count: int, *, table: str) -> list[dict[str, Any]]:
    metrics = checked.field(checked.read_json(path, table=table), "eval_metrics", table=table)
    accuracies = checked.field(metrics, "icl", table=table)
    if len(accuracies) != count:
        raise checked.refuse(f"has {len(accuracies)} tasks, not {count}", table=table, column="icl")
    return [
        {"run": run, "task": task, "error": 1.0 - FRACTION.read(value, table=table, column=task)}
        for task, value in sorted(accuracies.items())
    ]
