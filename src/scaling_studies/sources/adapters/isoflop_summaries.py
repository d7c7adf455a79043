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
from scaling_studies.sources.checked import POSITIVE, TEXT
from scaling_studies.sources.unpickle import read_frame

_EXPERIMENT = {
    "dataset": ("dataset", TEXT),
    "hyperparameters": ("hparams", TEXT),
    "warmup": ("warmup", TEXT),
    "decay": ("decay", TEXT),
    "flops_convention": ("param_count", TEXT),
    "loss_split": ("val", TEXT),
}
_OPTIMA = {
    "flops": ("flops", POSITIVE),
    "params": ("n", POSITIVE),
    "tokens": ("t", POSITIVE),
    "loss": ("loss", POSITIVE),
    "log_params_std": ("n_star_std", POSITIVE),
    "log_tokens_std": ("t_star_std", POSITIVE),
    "log_loss_std": ("loss_star_std", POSITIVE),
}
_POINTS = {
    "flops": ("flops", POSITIVE),
    "params": ("orig_n", POSITIVE),
    "tokens": ("orig_t", POSITIVE),
    "loss": ("orig_loss", POSITIVE),
}


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
        checked.require_columns(frame.columns, ["optimal_pairs", "data"], table=path)
        for row, record in enumerate(frame.to_dict("records"), start=1):
            settings = checked.take_fields(record, _EXPERIMENT, table=path, row=row)
            name = _experiment(record, datasets, experiments, table=path, row=row)
            dataset = datasets[settings["dataset"]]
            described.append({"experiment": name, **settings, "dataset": dataset})
            for column in ("optimal_pairs", "data"):
                if not isinstance(record[column], pd.DataFrame):
                    raise checked.refuse("is not a table", table=path, row=row, column=column)
            optima.append(_optima(record["optimal_pairs"], table=path).assign(experiment=name))
            points.append(_points(record["data"], table=path).assign(experiment=name))
    tables = {
        "experiments": (pd.DataFrame(described), ["experiment"]),
        "optima": (pd.concat(optima), ["experiment", "flops"]),
        "isoflops": (pd.concat(points), ["experiment", "flops", "params"]),
    }
    return {
        name: checked.require_unique(
            checked.in_order(frame.set_index("experiment").reset_index(), key), key, table=name
        )
        for name, (frame, key) in tables.items()
    }


def _experiment(
    record: dict[Any, Any],
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
    met = ", ".join(f"{theirs} {record[theirs]}" for theirs, _ in _EXPERIMENT.values())
    raise checked.refuse(f"no experiment is described for {met}", table=table, row=row)


def _optima(pairs: pd.DataFrame, *, table: str) -> pd.DataFrame:
    checked.require_columns(pairs.columns, ["n", "n_star_std"], table=table)
    pairs = pairs.reset_index(drop=True)
    # A FLOP value whose curve has no minimum inside its range has no optimum: all NaN.
    pairs = pairs[~pairs[["n", "n_star_std"]].isna().all(axis=1)]
    return checked.take(pairs, _OPTIMA, table=table)


def _points(curves: pd.DataFrame, *, table: str) -> pd.DataFrame:
    lists = [theirs for theirs, _ in list(_POINTS.values())[1:]]
    checked.require_columns(curves.columns, lists, table=table)
    curves = curves.reset_index(drop=True)
    # A FLOP value that no run of the experiment reaches has no curve: a bare NaN or None.
    curves = curves[curves["orig_n"].map(np.ndim) > 0]
    return checked.take(curves.explode(lists), _POINTS, table=table)
