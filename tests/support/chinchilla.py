"""Chinchilla's digitised points as the fits of cards see them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import scaling_studies as ss
from scaling_studies.cards.load import load_card
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.cards.resolve import resolve_fit

ROOT = Path(__file__).resolve().parents[2]


@cache
def entry() -> ResolvedFit:
    """The replication's headline fit in its card."""
    return resolve_fit(load_card(ROOT / "config/studies/besiroglu_2024.yaml"), "huber_sum")


@cache
def points() -> pd.DataFrame:
    """All 245 points with the predictions of the replication's optimum; five are held out."""
    table = pd.read_csv(ROOT / "data/hoffmann_2022/points.csv")
    frame = pd.DataFrame(
        {
            "run_id": table["point"].astype(str),
            "row_key": table["point"].astype(str),
            "params_total": table["params"],
            "params": table["params"],
            "tokens": table["training_flops"] / (6.0 * table["params"]),
            "observed": table["loss"],
            "weight": 1.0,
        }
    )
    largest = table["loss"].rank(method="first") > len(table) - 5
    frame["role"] = np.where(largest, "held_out", "fit")
    frame["tokens_per_parameter"] = frame["tokens"] / frame["params"]
    rows = frame[~largest].rename(columns={"observed": "loss"})
    fit = ss.fit("additive", rows[["params", "tokens", "loss"]], confirm=False)
    return frame.assign(predicted=fit.predict(frame[["params", "tokens"]]))
