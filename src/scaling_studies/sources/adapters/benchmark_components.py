"""Scores of models on a hard benchmark beside components of their scores on easier ones.

Written for Ruan et al. 2024, ``base_llm_benchmark_eval.csv`` and
``base_llm_leaderboard_v2_eval.csv``: one row a model.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import FRACTION, FRACTION_OR_EMPTY, POSITIVE_OR_EMPTY, TEXT

_MODELS = {
    "model": ("Model", TEXT),
    "family": ("Model Family", TEXT),
    "params": ("Model Size (B)", POSITIVE_OR_EMPTY),
    "flops": ("FLOPs (1E21)", POSITIVE_OR_EMPTY),
}
COMPONENTS, ENOUGH, DIGITS = 3, 1e-4, 9


class Benchmark(TypedDict):
    """Column of a hard benchmark, its score by chance, and the most compute (1e21) fitted."""

    column: str
    chance: float
    fitted: float


def extract(
    paths: dict[str, Path],
    *,
    families: list[str],
    scores: list[str],
    benchmarks: dict[str, Benchmark],
    line: str,
) -> dict[str, pd.DataFrame]:
    """Return one row a benchmark and model.

    Parameters
    ----------
    paths
        Models with their easier scores, and their hard ones.
    families
        Families that are kept.
    scores
        Columns of the easier scores.
    benchmarks
        By name.
    line
        Family along whose compute the first component is laid.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``models``.

    Notes
    -----
    A missing score is that of the first component of the standardised scores, over and over until
    none changes; then three components of the centred scores are taken, both from the fitted rows.
    The three are turned, shifted and stretched: any such change leaves a linear function of them
    what it is. The first is then the log10 of compute (1e21 FLOP) along a line through the models
    of one family, and the others are zero on it.
    """
    easy, hard = (checked.read_text(path, table=name) for name, path in sorted(paths.items()))
    kinds = _MODELS | {name: (name, FRACTION_OR_EMPTY) for name in scores}
    models = checked.take(easy, kinds, table="models")
    columns = {name: (entry["column"], FRACTION) for name, entry in benchmarks.items()}
    known = checked.take(hard, {"model": ("Model", TEXT)} | columns, table="benchmarks")
    rows = models[models["family"].isin(families)].merge(known, on="model").reset_index(drop=True)
    flops = rows["flops"].astype(float).to_numpy()
    made = []
    for name, entry in benchmarks.items():
        fitted = flops <= entry["fitted"]
        values = _filled(rows[scores].astype(float).to_numpy(), fitted)
        turned = _along(_components(values, fitted), np.log10(flops), rows["family"] == line)
        score = (rows[name] - entry["chance"]) / (1.0 - entry["chance"])
        frame = rows[["model", "family"]].assign(
            params=rows["params"].astype(float) * 1e9,
            flops=pd.Series(flops * 1e21).astype(object).where(~np.isnan(flops), None),
            benchmark=name,
            role=np.where(fitted, "fit", "held_out"),
            score=score.round(DIGITS),
        )
        for number, column in enumerate(turned.T, start=1):
            frame[f"component_{number}"] = column.round(DIGITS)
        made.append(frame)
    return {"models": pd.concat(made, ignore_index=True)}


def _filled(scores: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    missing = np.isnan(scores)
    filled = np.where(missing, np.nanmean(scores[fitted], axis=0), scores)
    while True:
        mean, spread = filled[fitted].mean(axis=0), filled[fitted].std(axis=0)
        standard = (filled - mean) / spread
        first = np.linalg.svd(standard[fitted], full_matrices=False)[2][0]
        rebuilt = np.outer(standard @ first, first) * spread + mean
        before, filled = filled, np.where(missing, rebuilt, scores)
        if np.abs(filled - before).max() < ENOUGH:
            return filled


def _components(scores: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    centred = scores - scores[fitted].mean(axis=0)
    directions = np.linalg.svd(centred[fitted], full_matrices=False)[2][:COMPONENTS]
    # The sign of a direction is arbitrary: most scores grow along it.
    directions *= np.sign(directions.sum(axis=1))[:, None]
    turned: np.ndarray = centred @ directions.T
    return turned


def _along(components: np.ndarray, log_flops: np.ndarray, family: pd.Series) -> np.ndarray:
    """Coordinates of which the first is log compute on a line through the family's models."""
    chosen = family.to_numpy()
    rise, start = np.polyfit(log_flops[chosen], components[chosen], 1)
    length = np.linalg.norm(rise)
    # The line's direction first, two that are square to it after.
    basis, _ = np.linalg.qr(np.column_stack([rise, np.eye(COMPONENTS)])[:, :COMPONENTS])
    basis[:, 0] = rise / length
    coordinates: np.ndarray = (components - start) @ basis
    coordinates[:, 0] /= length
    return coordinates
