"""Sweeps over learning rate and batch size: one CSV a family of models, one row a run.

Written for Li et al. 2025 (Step Law), ``data/dense_lr_bs_loss.csv``, ``data/moe_lr_bs_loss.csv``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from scaling_studies.sources import checked

_COMMON = ["h", "ffnh", "numh", "numl", "lr", "bs", "ti", "loss", "smooth loss", "D", "N"]
_EXPERTS = ["Na", "topk", "nume"]


def extract(paths: dict[str, Path], *, dense: str, experts: str) -> dict[str, pd.DataFrame]:
    """Return the sweeps of dense models and of mixtures of experts.

    Parameters
    ----------
    paths
        The two CSV files.
    dense, experts
        Which path is which.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``dense`` and ``experts``, ordered by size, tokens, learning rate and batch.
    """
    return {
        "dense": _sweep(paths[dense], table=dense),
        "experts": _sweep(paths[experts], table=experts, more=_EXPERTS),
    }


def _sweep(path: Path, *, table: str, more: list[str] | None = None) -> pd.DataFrame:
    text = checked.read_text_table(path, [*_COMMON, *(more or [])], table=table)

    def integers(name: str) -> np.ndarray:
        return checked.integers(text, name, table=table, positive=True)

    def numbers(name: str) -> np.ndarray:
        return checked.numbers(text, name, table=table, positive=True)

    runs = {
        "params_non_embedding": integers("N"),
        "tokens": integers("D"),
        "learning_rate": numbers("lr"),
        "batch_sequences": integers("bs"),
        "steps": integers("ti"),
        "width": integers("h"),
        "feed_forward": integers("ffnh"),
        "heads": integers("numh"),
        "layers": integers("numl"),
    }
    if more:
        runs |= {
            "params_active": integers("Na"),
            "experts_per_token": integers("topk"),
            "experts": integers("nume"),
        }
    # ASSUME: the smoothed loss is the one the paper fits; the raw one is a single noisy step.
    runs |= {"loss": numbers("smooth loss"), "loss_last_step": numbers("loss")}
    key = ["params_non_embedding", "tokens", "learning_rate", "batch_sequences"]
    key += ["width", "layers", "feed_forward", "loss"]
    return checked.in_order(pd.DataFrame(runs), key)
