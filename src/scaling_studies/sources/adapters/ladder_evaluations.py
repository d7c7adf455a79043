"""Evaluations during training, one wandb export a run; the last few of each run are kept.

Written for the OLMo ladder (Bhagia et al. 2024), ``ladder-runs/*.csv``.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from scaling_studies.sources import checked

_LADDER = re.compile(r"(?P<size>\d+[MB])-(?P<multiple>[\d.]+)xC(?P<rerun>-rerun)?")
_LOSS = re.compile(r"eval/(?P<name>[a-z0-9_-]+)-validation/CrossEntropyLoss")
_BITS = re.compile(r"eval/downstream_bpb/(?P<name>[a-z0-9_]+)_bpb")


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
        text = checked.read_text_table(paths[path], table=path)
        checked.require_columns(text.columns, ["batch_size_in_tokens"], table=path)
        first = max(len(text) - last, 0)
        for row in range(first, len(text)):
            record = text.iloc[row].to_dict()
            place = {"table": path, "row": row + 1}
            # 1 is the last evaluation, 2 the one before it.
            key = {"run": run, "from_end": len(text) - row}
            checkpoints.append(key | described | _progress(record, **place))
            evaluations.extend(key | value for value in _values(record, **place))
    return {
        "checkpoints": _finished(checkpoints, ["params", "run", "from_end"], ["run", "from_end"]),
        "evaluations": _finished(evaluations, ["run", "from_end", "unit", "eval_set"], None),
    }


def _finished(rows: list[dict[str, Any]], order: list[str], key: list[str] | None) -> pd.DataFrame:
    # Objects, so that an empty cell stays None and a step stays an integer.
    frame = checked.in_order(pd.DataFrame(rows, dtype=object), order)
    return checked.require_unique(frame, key or order, table=order[0])


def _describe(
    run: str, params: dict[str, int], targets: dict[str, str], *, table: str
) -> dict[str, Any]:
    found = _LADDER.fullmatch(run)
    if found is None and run not in targets:
        raise checked.refuse("is neither a ladder run nor a named target", table=table)
    size = found["size"] if found else targets[run]
    if size not in params:
        raise checked.refuse(f"the size {size!r} has no parameter count", table=table)
    return {
        "model_size": size,
        "params": params[size],
        "token_multiple": float(found["multiple"]) if found else None,
        "rerun": bool(found and found["rerun"]),
        "role": "ladder" if found else "target",
    }


def _progress(record: dict[str, str], *, table: str, row: int) -> dict[str, Any]:
    """Return step, tokens and compute of one evaluation.

    ASSUME: where an export has no token count, tokens are step times batch; where it has no step
    (a single evaluation after annealing), the step stays empty.
    """

    def number(name: str) -> float:
        return checked.number(record[name], table=table, row=row, column=name, positive=True)

    batch = number("batch_size_in_tokens")
    step = number("_step") if "_step" in record else None
    if "throughput/total_tokens" in record:
        tokens = number("throughput/total_tokens")
    elif step is not None:
        tokens = step * batch
    else:
        raise checked.refuse("has neither tokens nor a step", table=table, row=row)
    gigaflops = "throughput/total_training_Gflops"
    flops = number(gigaflops) * 1e9 if gigaflops in record else None
    rate = "learning_rate_peak"
    return {
        "step": None if step is None else int(step),
        "tokens": int(tokens),
        "flops": flops,
        "batch_tokens": int(batch),
        "learning_rate_peak": number(rate) if rate in record else None,
    }


def _values(record: dict[str, str], *, table: str, row: int) -> list[dict[str, Any]]:
    values = []
    for column, value in record.items():
        for pattern, unit in ((_LOSS, "nats_per_token"), (_BITS, "bits_per_byte")):
            found = pattern.fullmatch(column)
            if found is not None:
                number = checked.number(value, table=table, row=row, column=column, positive=True)
                values.append({"eval_set": found["name"], "unit": unit, "value": number})
    if not values:
        raise checked.refuse("has no validation loss", table=table, row=row)
    return values
