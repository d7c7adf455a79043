"""A score of models by training set at several scales, the best run of each.

Written for Li et al. 2024 (DCLM), ``DCLM_model_database.csv``: one row a trained model.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE, TEXT

_COLUMNS = {
    "dataset": ("Dataset", TEXT),
    "params": ("params", COUNT),
    "tokens": ("tokens", POSITIVE),
    "score": ("Core", POSITIVE),
}
#: Tokens a parameter of the smallest budget of a scale, and how near to it runs lie.
TOKENS_PER_PARAMETER, NEAR = 20.0, 0.05


def extract(paths: dict[str, Path], *, params: dict[str, int]) -> dict[str, pd.DataFrame]:
    """Return the sets that were used at the largest scale and at another.

    Parameters
    ----------
    paths
        One file.
    params
        Parameters of a scale by the name of its column, the largest scale last.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``scores``, one row a training set; empty where it was not used at a scale.
    """
    ((name, path),) = paths.items()
    raw = checked.read_text(path, table=name)
    checked.require_columns(raw.columns, ["Core"], table=name)
    runs = checked.take(raw[raw["Core"] != ""], _COLUMNS, table=name)
    multiple = runs["tokens"] / (TOKENS_PER_PARAMETER * runs["params"])
    scales = {number: scale for scale, number in params.items()}
    runs = runs.assign(scale=runs["params"].map(scales))[(multiple - 1.0).abs() < NEAR]
    best = runs.pivot_table(index="dataset", columns="scale", values="score", aggfunc="max")
    best = best[list(params)].dropna(subset=[list(params)[-1]])
    best = best[best.notna().sum(axis=1) > 1]
    return {"scores": best.astype(object).where(best.notna(), None).reset_index()}
