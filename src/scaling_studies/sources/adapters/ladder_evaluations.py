"""Evaluations during training, one wandb export a run; the last few of each run are kept.

Written for the OLMo ladder (Bhagia et al. 2024), ``ladder-runs/*.csv``.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import POSITIVE

_LADDER = re.compile(r"(?P<size>\d+[MB])-(?P<multiple>[\d.]+)xC(?P<rerun>-rerun)?")
_METRICS = {
    "nats_per_token": re.compile(r"eval/(?P<name>[a-z0-9_-]+)-validation/CrossEntropyLoss"),
    "bits_per_byte": re.compile(r"eval/downstream_bpb/(?P<name>[a-z0-9_]+)_bpb"),
}
_BATCH = {"batch_tokens": ("batch_size_in_tokens", POSITIVE)}
#: What an export may lack.
_PROGRESS = {
    "step": ("_step", POSITIVE),
    "tokens": ("throughput/total_tokens", POSITIVE),
    "flops": ("throughput/total_training_Gflops", POSITIVE),
    "learning_rate_peak": ("learning_rate_peak", POSITIVE),
}


def extract(
    paths: dict[str, Path], *, params: dict[str, int], targets: dict[str, str], last: int
) -> dict[str, pd.DataFrame]:
    """Return the last evaluations of every run.

    Parameters
    ----------
    paths
        The exports; a ladder run's size and token multiple are in its file name.
    params
        Parameters of a model size, by its label.
    targets
        File stem of a run outside the ladder to its size label.
    last
        How many evaluations to keep.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``checkpoints`` (run × evaluation) and ``evaluations`` (run × evaluation × metric).
    """
    checkpoints, evaluations = [], []
    for path in sorted(paths):
        run = PurePosixPath(path).stem
        described = _describe(run, params, targets, table=path)
        text = checked.read_text(paths[path], table=path).tail(last)
        # 1 is the last evaluation, 2 the one before it.
        key = {"run": run, "from_end": range(len(text), 0, -1)}
        progress = _progress(text, table=path)
        # Objects, so that an empty cell stays None and a step stays an integer.
        checkpoints.append(pd.DataFrame({**key, **described, **progress}, dtype=object))
        evaluations += [pd.DataFrame({**key, **values}) for values in _values(text, table=path)]
    return {
        "checkpoints": _finished(checkpoints, ["params", "run", "from_end"], ["run", "from_end"]),
        "evaluations": _finished(evaluations, ["run", "from_end", "unit", "eval_set"], None),
    }


def _finished(parts: list[pd.DataFrame], order: list[str], key: list[str] | None) -> pd.DataFrame:
    frame = checked.in_order(pd.concat(parts), order)
    return checked.require_unique(frame, key or order, table=order[0])


def _describe(
    run: str, params: dict[str, int], targets: dict[str, str], *, table: str
) -> dict[str, Any]:
    match = _LADDER.fullmatch(run)
    if match is None and run not in targets:
        raise checked.refuse("is neither a ladder run nor a named target", table=table)
    size = match["size"] if match else targets[run]
    if size not in params:
        raise checked.refuse(f"the size {size!r} has no parameter count", table=table)
    return {
        "model_size": size,
        "params": params[size],
        "token_multiple": float(match["multiple"]) if match else None,
        "rerun": bool(match and match["rerun"]),
        "role": "ladder" if match else "target",
    }


def _progress(text: pd.DataFrame, *, table: str) -> dict[str, Any]:
    """Return steps, tokens and compute of the evaluations.

    ASSUME: where an export has no token count, tokens are step times batch; where it has no step
    (a single evaluation after annealing), the step stays empty.
    """
    known = {ours: column for ours, column in _PROGRESS.items() if column[0] in text}
    taken = checked.take(text, {**_BATCH, **known}, table=table)
    if "tokens" not in known:
        if "step" not in known:
            row = text.index[0] + 1
            raise checked.refuse("has neither tokens nor a step", table=table, row=row)
        taken["tokens"] = taken["step"] * taken["batch_tokens"]
    return {
        "step": taken["step"].astype(int) if "step" in known else None,
        "tokens": taken["tokens"].astype(int),
        "flops": taken["flops"] * 1e9 if "flops" in known else None,
        "batch_tokens": taken["batch_tokens"].astype(int),
        "learning_rate_peak": taken.get("learning_rate_peak"),
    }


def _values(text: pd.DataFrame, *, table: str) -> list[dict[str, Any]]:
    values = []
    for column in text.columns:
        for unit, pattern in _METRICS.items():
            if (match := pattern.fullmatch(column)) is not None:
                taken = checked.take(text, {"value": (column, POSITIVE)}, table=table)
                values.append({"eval_set": match["name"], "unit": unit, "value": taken["value"]})
    if not values:
        raise checked.refuse("has no validation loss", table=table)
    return values
