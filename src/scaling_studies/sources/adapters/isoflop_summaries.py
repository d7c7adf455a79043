"""Pickled summaries of isoFLOP experiments: optima with their spread, and the curves.

Written for Porian et al. 2024, ``data/summary_df*.pickle.xz``: one row an experiment, whose cells
hold tables of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.unpickle import read_frame

_SETTINGS = ("dataset", "hparams", "warmup", "decay", "param_count", "val")


def extract(
    paths: dict[str, Path], *, datasets: dict[str, str], experiments: dict[str, dict[str, str]]
) -> dict[str, pd.DataFrame]:
    """Return experiments, optima and isoFLOP points.

    Parameters
    ----------
    paths
        The pickles.
    datasets
        Upstream's name of a training set to ours.
    experiments
        Our name of an experiment, without its training set, to upstream's ``hparams``,
        ``warmup``, ``decay`` and ``param_count``.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``experiments``; ``optima`` (one row a FLOP value that has an optimum); ``isoflops`` (one
        row a point of an isoFLOP curve).
    """
    described, optima, points = [], [], []
    for path in sorted(paths):
        frame = read_frame(paths[path], table=path)
        checked.require_columns(frame.columns, [*_SETTINGS, "optimal_pairs", "data"], table=path)
        for row, (_, record) in enumerate(frame.iterrows(), start=1):
            name = _experiment(record, datasets, experiments, table=path, row=row)
            described.append(
                {
                    "experiment": name,
                    "dataset": datasets[record["dataset"]],
                    "hyperparameters": record["hparams"],
                    "warmup": record["warmup"],
                    "decay": record["decay"],
                    "flops_convention": record["param_count"],
                    "loss_split": record["val"],
                }
            )
            for column in ("optimal_pairs", "data"):
                if not isinstance(record[column], pd.DataFrame):
                    raise checked.refuse("is not a table", table=path, row=row, column=column)
            optima.extend(_optima(record["optimal_pairs"], name, table=path))
            points.extend(_points(record["data"], name, table=path))
    tables = {
        "experiments": (described, ["experiment"]),
        "optima": (optima, ["experiment", "flops"]),
        "isoflops": (points, ["experiment", "flops", "params"]),
    }
    return {
        name: checked.require_unique(checked.in_order(pd.DataFrame(rows), key), key, table=name)
        for name, (rows, key) in tables.items()
    }


def _experiment(
    record: pd.Series,
    datasets: dict[str, str],
    experiments: dict[str, dict[str, str]],
    *,
    table: str,
    row: int,
) -> str:
    if record["dataset"] not in datasets:
        raise checked.refuse(
            f"unknown {record['dataset']!r}", table=table, row=row, column="dataset"
        )
    for name, settings in experiments.items():
        if all(record[key] == value for key, value in settings.items()):
            return f"{datasets[record['dataset']]}_{name}"
    found = ", ".join(f"{key} {record[key]}" for key in _SETTINGS)
    raise checked.refuse(f"no experiment is described for {found}", table=table, row=row)


def _optima(pairs: pd.DataFrame, experiment: str, *, table: str) -> list[dict[str, Any]]:
    columns = {
        "flops": "flops",
        "params": "n",
        "tokens": "t",
        "loss": "loss",
        "log_params_std": "n_star_std",
        "log_tokens_std": "t_star_std",
        "log_loss_std": "loss_star_std",
    }
    checked.require_columns(pairs.columns, columns.values(), table=table)
    rows = []
    for row, (_, pair) in enumerate(pairs.iterrows(), start=1):
        # A FLOP value whose curve has no minimum inside its range has no optimum: all NaN.
        if pd.isna(pair["n"]) and pd.isna(pair["n_star_std"]):
            continue
        rows.append(
            {"experiment": experiment}
            | {
                ours: checked.number(
                    pair[theirs], table=table, row=row, column=theirs, positive=True
                )
                for ours, theirs in columns.items()
            }
        )
    return rows


def _points(curves: pd.DataFrame, experiment: str, *, table: str) -> list[dict[str, Any]]:
    columns = {"params": "orig_n", "tokens": "orig_t", "loss": "orig_loss"}
    checked.require_columns(curves.columns, ["flops", *columns.values()], table=table)
    rows = []
    for row, (_, curve) in enumerate(curves.iterrows(), start=1):
        # A FLOP value that no run of the experiment reaches has no curve: a bare NaN or None.
        if np.ndim(curve["orig_n"]) == 0:
            continue
        flops = checked.number(curve["flops"], table=table, row=row, column="flops", positive=True)
        values = {
            ours: [
                checked.number(value, table=table, row=row, column=theirs, positive=True)
                for value in curve[theirs]
            ]
            for ours, theirs in columns.items()
        }
        for params, tokens, loss in zip(*values.values(), strict=True):
            rows.append(
                {
                    "experiment": experiment,
                    "flops": flops,
                    "params": params,
                    "tokens": tokens,
                    "loss": loss,
                }
            )
    return rows
