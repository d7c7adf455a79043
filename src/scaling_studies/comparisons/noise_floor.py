"""The noise floor: how far runs that differ in nothing but their seed lie apart.

A law gives all of them one loss, so that none can miss them by less.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.runs.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.cards.models.study import StudyCard

LOSS = "loss"
#: Units of the losses that are looked at, by their first word.
PER_PIECE = ("nats", "bits")
#: What tells the runs of a group apart: their seed; something that the table does not hold (no seed
#: is given, or the same one for several).
SEEDS, REPEATS, SAME_SEED = "seeds", "repeats", "same seed"
#: Columns that name a run or hold what was measured; all others say what was trained and measured.
NAMES = ("run_id", "row_key", "group_id", "provenance_group", "note", "seed")
MEASURED = ("value", "value_low", "value_high", "value_std")
LEVEL = 0.95
#: Median of the absolute value of a standard normal number.
MEDIAN_ERROR = NormalDist().inv_cdf(0.75)
WORDS = ("study", "table", "fits", "kind", "runs", "eval_set", "unit")
NUMBERS = ("params", "tokens", "mean", "scatter", "low", "high", "floor")


def noise_floor(cards: Mapping[str, StudyCard], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Scatter of the losses of runs of one configuration.

    Parameters
    ----------
    cards
        See `comparisons`.
    tables
        Run table by study.

    Returns
    -------
    pandas.DataFrame
        A row for each configuration and evaluation set with two runs or more: study, table, fits
        (of the card, of this loss), kind (`seeds`; `repeats`, whose seeds are not given; `same
        seed`, of which at least two have one seed), runs, eval_set, unit, params, tokens, mean,
        scatter (standard deviation of the logarithm of the loss) with its 95 % interval low to
        high (chi-squared), floor (median absolute relative error that normal scatter leaves to a
        law that is exactly right), n, and left_out (runs that do not count in n: with the value of
        another to the last digit, or without a seed where others have one). Only `seeds` are a
        floor: the others may differ in a setting. Measured losses of sound runs, each at its end.
    """
    rows = [row for study, frame in tables.items() for row in _of_study(cards[study], frame)]
    table = pd.DataFrame(rows, columns=[*WORDS, *NUMBERS, "n", "left_out"])
    types = dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64")
    return table.astype(types | dict.fromkeys(("n", "left_out"), "int64"))


def _of_study(card: StudyCard, frame: pd.DataFrame) -> list[dict[str, Any]]:
    losses = frame[
        (frame["metric"] == LOSS)
        & frame["unit"].astype("str").str.startswith(PER_PIECE)
        & (frame["provenance"] == "measured")
        & (frame["status"] == "ok")
        & (frame["value"] > 0.0)
    ]
    ends = losses.sort_values(["is_final", "tokens", "step"], kind="stable", na_position="first")
    ends = ends.drop_duplicates(["table", "run_id", "eval_set", "unit"], keep="last").sort_index()
    same = [name for name in COLUMNS if name in ends and name not in NAMES and name not in MEASURED]
    known = [name for name in same if ends[name].notna().any()]
    if ends.empty:
        return []
    groups = ends.groupby(known, dropna=False, observed=True, sort=False)
    return [_row(card, runs) for _, runs in groups if len(runs) > 1]


def _row(card: StudyCard, runs: pd.DataFrame) -> dict[str, Any]:
    first = runs.iloc[0]
    seeded = runs["seed"].notna()
    known = runs[seeded] if seeded.sum() > 1 else runs
    apart = known.drop_duplicates("value")
    count = len(apart)
    scatter = float(np.log(apart["value"]).std(ddof=1)) if count > 1 else np.nan
    return {
        "study": card.study,
        "table": first["table"],
        "fits": ", ".join(_fits(card, first)),
        "kind": _kind(known["seed"]),
        "runs": ", ".join(map(str, runs["run_id"])),
        "eval_set": first["eval_set"] if pd.notna(first["eval_set"]) else "",
        "unit": first["unit"],
        "params": _size(first),
        "tokens": first["tokens"],
        "mean": float(apart["value"].mean()),
        "scatter": scatter,
        **dict(zip(("low", "high"), _interval(scatter, count), strict=True)),
        "floor": MEDIAN_ERROR * scatter,
        "n": count,
        "left_out": len(runs) - count,
    }


def _kind(seeds: pd.Series) -> str:
    if seeds.isna().any():
        return REPEATS
    return SAME_SEED if seeds.duplicated().any() else SEEDS


def _interval(scatter: float, count: int) -> tuple[float, float]:
    """Interval of a standard deviation of normal numbers."""
    if count < 2:
        return np.nan, np.nan
    from scipy.special import chdtri  # planning, which asks for `LOSS`, does without

    ends = chdtri(count - 1, [0.5 - LEVEL / 2.0, 0.5 + LEVEL / 2.0])
    low, high = scatter * np.sqrt((count - 1) / ends)
    return float(low), float(high)


def _size(row: pd.Series) -> float:
    sizes = row[["params_total", "params_active", "params_non_embedding"]].dropna()
    return float(sizes.iloc[0]) if len(sizes) else np.nan


def _fits(card: StudyCard, row: pd.Series) -> list[str]:
    """Fits of a card whose response is this loss."""
    return [
        name
        for name, fit in card.fits.items()
        if fit.response is not None
        and fit.response.metric == LOSS
        and fit.table in (None, row["table"])
        and fit.response.eval_set in (None, row["eval_set"])
    ]
