"""Errors of roll-outs by distance, and the quantiles of them that make intervals of new runs.

What an interval is made of stands in `engine.uncertainty.distance`. A conformal quantile of other
studies, it holds for a new study as far as that one is like them. Each study weighs the same,
however many runs it released: a new run is one of a new study.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.distance import (
    ANY_LAW,
    BINS,
    CARRIED_LEVELS,
    EDGES,
    half_width,
    interval_scale,
)
from scaling_studies.forecasts.contenders import LARGEST_AGAIN, LAST_TWO
from scaling_studies.forecasts.study_rollouts import roll_out_study

#: The distance of a bin that a run counts at when it was predicted from several cutoffs.
MIDDLES = (1.7, 5.5, 32.0, 300.0)
LEVELS = (0.8, 0.95)
#: Fewest fitted rows, and fewest studies and runs behind a quantile of one law.
FEWEST_ROWS, FEWEST_STUDIES, FEWEST_RUNS = 6, 3, 20
NAIVE = (LAST_TWO, LARGEST_AGAIN)


def distinct_points(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Roll-outs of all studies, measurements that several of them share once."""
    seen: dict[str, str] = {}
    parts = []
    for table in tables:
        first = [
            seen.setdefault(points, study)
            for points, study in zip(table["points"], table["study"], strict=True)
        ]
        parts.append(table[np.array(first, dtype=object) == table["study"].to_numpy(dtype=object)])
    known = [part for part in parts if len(part)] or parts[:1] or [roll_out_study("", {}, {})]
    return pd.concat(known, ignore_index=True)


def counted(table: pd.DataFrame) -> pd.DataFrame:
    """Predictions that count, each run once for each law and bin of distance.

    Adds `bin`, `change` (of the logarithm of the loss, beyond the largest run fitted) and `scale`.
    """
    again = table[table["law"] == LARGEST_AGAIN]
    keys = ["study", "fit", "by", "cutoff"]
    last = again.drop_duplicates(keys).set_index(keys)["predicted"]
    sound = (
        table["usable"] & np.isfinite(table["log_error"]) & (table["fitted_rows"] >= FEWEST_ROWS)
    )
    rows = table[sound].copy()
    place = np.searchsorted(np.array(EDGES[1:-1]), rows["horizon"].to_numpy(dtype=float))
    rows["bin"] = np.array(BINS)[place]
    middle = np.array(MIDDLES)[place]
    rows["far"] = np.abs(np.log(rows["horizon"].to_numpy(dtype=float) / middle))
    before = last.reindex(pd.MultiIndex.from_frame(rows[keys])).to_numpy(dtype=float)
    rows["change"] = np.abs(rows["log_error"] + np.log(rows["observed"]) - np.log(before))
    rows["scale"] = interval_scale(rows["law_error"], rows["noise"], rows["change"])
    order = rows.sort_values(["far", "cutoff"], kind="stable")
    identity = ["study", "fit", "law", "run_id", "row_key", "bin"]
    return order.drop_duplicates(identity).sort_index().drop(columns="far")


def quantiles(
    rows: pd.DataFrame, levels: Iterable[float] = LEVELS
) -> dict[tuple[str, str, float], float]:
    """How many units new runs missed by, by law, bin of distance and level.

    Parameters
    ----------
    rows
        Predictions that count (see `counted`).
    levels
        Of the intervals.
    """
    found = {}
    laws = rows[~rows["law"].isin(NAIVE)]
    for name, part in [(ANY_LAW, laws), *rows.groupby("law", sort=True)]:
        for bin_, inside in part.groupby("bin", sort=True):
            enough = inside["study"].nunique() >= FEWEST_STUDIES and len(inside) >= FEWEST_RUNS
            if name == ANY_LAW or enough:
                missed, weights = _missed(inside)
                for level in levels:
                    found[str(name), str(bin_), level] = _upper(missed, weights, level)
    return found


def learned_quantiles(rows: pd.DataFrame) -> pd.DataFrame:
    """Quantiles that the library carries, with the predictions and studies behind each.

    Returns
    -------
    pandas.DataFrame
        law, distance_bin, level, quantile, n, studies.
    """
    found = quantiles(rows, CARRIED_LEVELS)
    laws = rows[~rows["law"].isin(NAIVE)].assign(law=ANY_LAW)
    by = pd.concat([rows, laws]).groupby(["law", "bin"], sort=True)["study"]
    behind = by.agg(n="size", studies="nunique")
    table = pd.DataFrame(
        [(*key, value, *behind.loc[key[:2]]) for key, value in sorted(found.items())],
        columns=["law", "distance_bin", "level", "quantile", "n", "studies"],
    )
    counts = dict.fromkeys(["n", "studies"], "int64")
    return table.astype({"law": "str", "distance_bin": "str"} | counts)


def _missed(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Errors in units of their scale, ascending, and weights that sum to the same for each study.

    None is known where the last loss is predicted again.
    """
    # A naive peer that repeats the last loss predicts no change: its errors are as they are.
    unit = np.where(rows["law"].isin(NAIVE), 1.0, np.maximum(rows["scale"], 1e-300))
    missed = np.abs(rows["log_error"].to_numpy(dtype=float)) / unit
    weights = 1.0 / rows.groupby("study")["study"].transform("size").to_numpy(dtype=float)
    order = np.argsort(missed, kind="stable")
    return missed[order], weights[order]


def _upper(missed: np.ndarray, weights: np.ndarray, level: float) -> float:
    """Conformal quantile: the smallest value that a new one stays below with the level's chance.

    The new one weighs as the mean of the others, and may lie beyond all of them.
    """
    share = np.cumsum(weights) / (weights.sum() + weights.mean())
    return float(missed[min(int(np.searchsorted(share, level)), len(missed) - 1)])


def left_out_intervals(rows: pd.DataFrame, level: float) -> np.ndarray:
    """Half the interval of each prediction, learned from all studies but its own, shape (n,)."""
    half = np.full(len(rows), np.nan)
    for study in rows["study"].unique():
        own = (rows["study"] == study).to_numpy()
        found = quantiles(rows[~own], [level])
        for (law, bin_), places in rows[own].groupby(["law", "bin"]).indices.items():
            at = np.flatnonzero(own)[places]
            known = rows["scale"].to_numpy(dtype=float)[at]
            scale = np.ones(len(at)) if law in NAIVE else known
            half[at] = half_width(found, str(law), str(bin_), level, scale)
    return half


def winkler(error: np.ndarray, half: np.ndarray, level: float) -> np.ndarray:
    """Interval score (Winkler 1972): the width, and 2 / (1 - level) times what lies outside it."""
    beyond = np.maximum(np.abs(error) - half, 0.0)
    return np.asarray(2.0 * half + 2.0 / (1.0 - level) * beyond)
