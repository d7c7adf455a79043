"""Sweeps over learning rate and batch size: one CSV a family of models, one row a run.

Written for Li et al. 2025 (Step Law), ``data/dense_lr_bs_loss.csv``, ``data/moe_lr_bs_loss.csv``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE

_RUN = {
    "params_non_embedding": ("N", COUNT),
    "tokens": ("D", COUNT),
    "learning_rate": ("lr", POSITIVE),
    "batch_sequences": ("bs", COUNT),
    "steps": ("ti", COUNT),
    "width": ("h", COUNT),
    "feed_forward": ("ffnh", COUNT),
    "heads": ("numh", COUNT),
    "layers": ("numl", COUNT),
}
_EXPERTS = {
    "params_active": ("Na", COUNT),
    "experts_per_token": ("topk", COUNT),
    "experts": ("nume", COUNT),
}
# ASSUME: the smoothed loss is the one the paper fits; the raw one is a single noisy step.
_LOSS = {"loss": ("smooth loss", POSITIVE), "loss_last_step": ("loss", POSITIVE)}
_ORDER = [
    "params_non_embedding",
    "tokens",
    "learning_rate",
    "batch_sequences",
    "width",
    "layers",
    "feed_forward",
    "loss",
]


def extract(paths: dict[str, Path], *, dense: str, experts: str) -> dict[str, pd.DataFrame]:
    """Return the sweeps of dense models and of mixtures of experts.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``dense`` and ``experts``, ordered by size, tokens, learning rate and batch.
    """
    of_dense = checked.read_table(paths[dense], _RUN | _LOSS, table=dense)
    of_experts = checked.read_table(paths[experts], _RUN | _EXPERTS | _LOSS, table=experts)
    return {
        "dense": checked.in_order(of_dense, _ORDER),
        "experts": checked.in_order(of_experts, _ORDER),
    }
