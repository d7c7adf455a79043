"""Forecasts of all studies: coverage of intervals, their score, and a board of laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.distance import ANY_LAW, BINS
from scaling_studies.forecasts.contenders import STACKED
from scaling_studies.forecasts.new_runs import (
    LEVELS,
    NAIVE,
    counted,
    distinct_points,
    learned_quantiles,
    left_out_intervals,
    winkler,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Level at which intervals are scored.
LEVEL = 0.95
ALL = "all"
#: Columns of the board, and those that hold numbers.
BOARD = (
    "law",
    "distance_bin",
    "n",
    "studies",
    "median_error",
    "bias",
    "covered",
    "shared_studies",
    "relative_error",
    "rank",
    "in_sample",
    "relative_in_sample",
    "in_sample_rank",
)
NUMBERS = (*BOARD[4:7], *BOARD[8:])
#: Studies from which a law is ranked.
SEVERAL = 3
TODAY, LEARNED = "parameters and noise", "learned from other studies"


def compare_forecasts(
    tables: Iterable[pd.DataFrame],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Hold the forecasts of all studies against what was measured.

    Parameters
    ----------
    tables
        Roll-outs of the studies (see `forecasts.study_rollouts.roll_out_study`).

    Returns
    -------
    coverage : pandas.DataFrame
        study, law, distance_bin, kind (`law`: its interval as its fit says; `new_run`: the learned
        interval, from all studies but this one), level, n (predictions, each run once) and covered
        (how many of them the interval holds).
    intervals : pandas.DataFrame
        law (`any law` for all single ones together), distance_bin, method (how the interval of a
        new run was made), level, n, studies,
        covered (share), score (mean interval score) and width (median, of the loss, as a share).
    board : pandas.DataFrame
        law, distance_bin (``all`` for all), n, studies, median_error, bias (median signed error),
        covered (share of new runs in their learned intervals), relative_error (to that of the
        combination on the same runs, mean over `shared_studies`) and its rank, in_sample (median
        over roll-outs), relative_in_sample and in_sample_rank. Laws of one study have no rank.
    learned : pandas.DataFrame
        law, distance_bin, level, quantile (units of `engine.uncertainty.distance`, from all
        studies), n and studies behind it.
    """
    rows = counted(distinct_points(tables))
    halves = {level: left_out_intervals(rows, level) for level in LEVELS}
    covered = _coverage(rows, halves)
    found = _intervals(rows, halves[LEVEL]), _board(rows, halves[LEVEL])
    return covered, *found, learned_quantiles(rows)


def _coverage(rows: pd.DataFrame, halves: dict[float, np.ndarray]) -> pd.DataFrame:
    parts = []
    laws = ~rows["law"].isin(NAIVE).to_numpy()
    kinds = [("new_run", level, half) for level, half in halves.items()]
    kinds.append(("law", LEVEL, rows["law_half"].to_numpy()))
    for kind, level, half in kinds:
        kept = np.isfinite(half) & (laws if kind == "law" else True)
        inside = np.abs(rows["log_error"].to_numpy()) <= half
        part = rows.assign(distance_bin=rows["bin"], kind=kind, level=level, inside=inside)[kept]
        by = part.groupby(["study", "law", "distance_bin", "kind", "level"], sort=True)["inside"]
        parts.append(by.agg(n="size", covered="sum").reset_index())
    return pd.concat(parts, ignore_index=True)


def _intervals(rows: pd.DataFrame, learned: np.ndarray) -> pd.DataFrame:
    parts = []
    for method, half in ((TODAY, rows["run_half"].to_numpy()), (LEARNED, learned)):
        # The same predictions under both methods, so that their scores compare.
        naive = rows["law"].isin(NAIVE).to_numpy()
        kept = np.isfinite(learned) & (np.isfinite(rows["run_half"].to_numpy()) | naive)
        kept &= np.isfinite(half)
        part = rows.assign(
            distance_bin=rows["bin"],
            method=method,
            level=LEVEL,
            inside=np.abs(rows["log_error"]) <= half,
            scored=winkler(rows["log_error"].to_numpy(), half, LEVEL),
            wide=np.expm1(np.minimum(half, 50.0)) - np.expm1(-half),
        )[kept]
        single = ~part["law"].isin([*NAIVE, STACKED])
        parts += [_scored(part), _scored(part[single].assign(law=ANY_LAW))]
    return pd.concat(parts, ignore_index=True)


def _scored(part: pd.DataFrame) -> pd.DataFrame:
    return (
        part.groupby(["law", "distance_bin", "method", "level"], sort=True)
        .agg(
            n=("inside", "size"),
            studies=("study", "nunique"),
            covered=("inside", "mean"),
            score=("scored", "mean"),
            width=("wide", "median"),
        )
        .reset_index()
    )


def _board(rows: pd.DataFrame, half: np.ndarray) -> pd.DataFrame:
    rows = rows.assign(inside=np.abs(rows["log_error"]) <= half, known=np.isfinite(half))
    parts = []
    for bin_ in (*BINS, ALL):
        part = rows if bin_ == ALL else rows[rows["bin"] == bin_]
        if part.empty:
            continue
        by = part.assign(size=part["log_error"].abs()).groupby("law", sort=True)
        table = by.agg(
            n=("size", "size"),
            studies=("study", "nunique"),
            median_error=("size", "median"),
            bias=("log_error", "median"),
            in_sample=("in_sample", "median"),
        )
        table["covered"] = part[part["known"]].groupby("law")["inside"].mean()
        table = table.join(_against_the_combination(part))
        several = table["shared_studies"] >= SEVERAL
        for name, of in (("rank", "relative_error"), ("in_sample_rank", "relative_in_sample")):
            table[name] = table[of].where(several).round(12).rank(method="min")
        parts.append(table.reset_index().assign(distance_bin=bin_))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["law"])
    found = found.reindex(columns=list(BOARD))
    found["shared_studies"] = found["shared_studies"].fillna(0).astype("int64")
    counts = dict.fromkeys(("n", "studies", "shared_studies"), "int64")
    return found.astype(
        counts | dict.fromkeys(BOARD[:2], "str") | dict.fromkeys(NUMBERS, "float64")
    )


def _against_the_combination(part: pd.DataFrame) -> pd.DataFrame:
    """Errors of each law over those of the combination of laws, on the runs that both predict.

    Mean absolute errors of the same runs from the same cutoffs by study, and the geometric mean of
    their ratios over studies: no study weighs more for its many rows.
    """
    identity = ["study", "fit", "run_id", "row_key", "bin", "cutoff"]
    columns = [*identity, "law", "log_error", "in_sample"]
    own = part[columns].assign(size=part["log_error"].abs())
    combined = own[own["law"] == STACKED][[*identity, "size", "in_sample"]]
    both = own.merge(combined, on=identity, suffixes=("", "_combined"))
    names = ["size", "size_combined", "in_sample", "in_sample_combined"]
    means = both.groupby(["law", "study"], sort=True)[names].mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = pd.DataFrame(
            {
                "relative_error": np.log(means["size"] / means["size_combined"]),
                "relative_in_sample": np.log(means["in_sample"] / means["in_sample_combined"]),
            }
        )
    by = ratios.groupby("law", sort=True)
    means = by.mean()
    return pd.DataFrame(np.exp(means), means.index, means.columns).assign(shared_studies=by.size())
