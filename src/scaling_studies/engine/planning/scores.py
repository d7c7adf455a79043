"""Scores of laws by predictions of runs that they did not see, and what chance makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Distance of the predictions that count, in multiples of what was fitted: that of plans.
PLAN_HORIZON = 10.0
#: Resamples of the runs, and the fewest predicted runs that can tell two laws apart.
RESAMPLES, FEWEST_RUNS = 2000, 5
#: A law that predicts a smaller share of the runs than the law that predicts most has no score,
#: nor has one that leaves fewer of them in common with the others.
FEWEST_SHARE = 0.5
LEVEL = 0.95
COLUMNS = ("error", "error_low", "error_high", "rank", "rank_low", "rank_high", "runs", "unusable")


def score(predictions: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Rank laws on equal terms.

    Parameters
    ----------
    predictions
        One row a prediction: ``law``, ``by`` (axis along which runs grow), ``cutoff``, ``row``,
        ``run`` (rows of one run are resampled together), ``horizon`` (the row's value over the
        cutoff), ``log_error`` (log of predicted over observed), ``usable`` (the fit converged and
        its rows determined it).

    Returns
    -------
    tuple
        A table with one row a law: error (mean absolute log error), its 95 % interval over runs,
        rank and its interval, runs (how many were predicted), unusable (share of predictions that
        do not count); laws without a score have missing values. And law -> laws that it cannot be
        told apart from.

    Notes
    -----
    Every run counts once along each axis: by the prediction, among those that all laws make, whose
    distance is nearest to tenfold. Errors of the same runs are compared in pairs; runs are
    resampled, and two laws whose mean difference may be zero are tied. With fewer than five runs
    all are.

    Examples
    --------
    >>> rows = [
    ...     {"law": law, "by": "flops", "cutoff": 1.0, "row": row, "run": row, "horizon": 10.0,
    ...      "log_error": error * (1 + 0.1 * row), "usable": True}
    ...     for law, error in (("a", 0.01), ("b", -0.03), ("c", 0.0101)) for row in range(8)
    ... ]
    >>> table, tied = score(pd.DataFrame(rows))
    >>> table["rank"].to_dict(), tied["b"]
    ({'a': 1.0, 'b': 3.0, 'c': 2.0}, [])
    """
    laws = list(dict.fromkeys(predictions["law"]))
    usable = predictions["usable"].to_numpy(bool) & np.isfinite(predictions["log_error"].to_numpy())
    table = pd.DataFrame(np.nan, index=pd.Index(laws, name="law"), columns=list(COLUMNS))
    table["unusable"] = 1.0 - pd.Series(usable).groupby(predictions["law"].to_numpy()).mean()
    kept = predictions[usable]
    counts = kept.groupby("law")["run"].nunique()
    ranked = [law for law in laws if counts.get(law, 0) >= FEWEST_SHARE * counts.max()]
    errors = _errors(kept, ranked)
    # Laws whose sound predictions do not meet those of the others take the comparison from them.
    made = kept["law"].value_counts()
    while len(ranked) > 1 and len(errors) < FEWEST_SHARE * counts[ranked].max():
        ranked.remove(min(reversed(ranked), key=lambda law: made[law]))
        errors = _errors(kept, ranked)
    table["runs"] = float(len(errors))
    if not len(errors):
        return table, {law: [] for law in laws}
    values = errors.to_numpy()
    rng = np.random.Generator(np.random.Philox(key=[20_260_301, len(values)]))
    draws = rng.multinomial(len(values), np.full(len(values), 1.0 / len(values)), RESAMPLES)
    means = draws @ values / len(values)
    average = pd.Series(values.mean(axis=0), index=ranked)
    table.loc[ranked, "error"] = average
    table.loc[ranked, "rank"] = average.round(12).rank(method="min")
    ends = [0.5 - LEVEL / 2.0, 0.5 + LEVEL / 2.0]
    ranks = pd.DataFrame(means).round(12).rank(axis=1, method="min").to_numpy()
    known = len(values) >= FEWEST_RUNS
    low, high = np.quantile(means, ends, axis=0)
    table.loc[ranked, "error_low"], table.loc[ranked, "error_high"] = low, high
    low, high = np.quantile(ranks, ends, axis=0, method="nearest")
    table.loc[ranked, "rank_low"] = low if known else 1.0
    table.loc[ranked, "rank_high"] = high if known else float(len(ranked))
    tied: dict[str, list[str]] = {law: [] for law in laws}
    for one, first in enumerate(ranked):
        for other, second in enumerate(ranked):
            low, high = np.quantile(means[:, one] - means[:, other], ends)
            if one != other and (not known or (low <= 1e-12 and high >= -1e-12)):
                tied[first].append(second)
    return table, tied


def _errors(kept: pd.DataFrame, ranked: list[str]) -> pd.DataFrame:
    """Mean absolute log error of each run (a row) by each law (a column)."""
    identity = ["by", "cutoff", "row"]
    wide = kept[kept["law"].isin(ranked)].assign(size=lambda table: table["log_error"].abs())
    wide = wide.pivot_table(
        index=[*identity, "run", "horizon"], columns="law", values="size", sort=True
    ).reindex(columns=ranked)
    wide = wide.dropna().reset_index()
    if wide.empty:
        return wide[ranked]
    wide["distance"] = np.abs(np.log(wide["horizon"] / PLAN_HORIZON))
    wide = wide.sort_values(["by", "row", "distance", "cutoff"], kind="stable")
    nearest = wide.groupby(["by", "row"], sort=True).first()
    by_axis = nearest.groupby(["run", "by"])[ranked].mean()
    return by_axis.groupby(level="run").mean()
