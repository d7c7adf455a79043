"""Do studies agree once their numbers mean the same? A summary of each comparable group."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.random_effects import FEWEST, Pooled, pool

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Exponents that belong to whichever law; others are compared within one law.
OF_ANY_LAW = ("a_opt", "b_opt")
#: Groups of counts of N that are taken together: tables of embeddings are looked up, not multiplied
#: with, and a law of either count has the output layer in it.
WITH_OUTPUT, WITHOUT, ANY = "with the output layer", "without embeddings", "as published"
CLASSES = {"total": WITH_OUTPUT, "active": WITH_OUTPUT, "non_embedding": WITHOUT}
#: Why an estimate is in no summary.
SAME_RUNS = "rests on the same runs as one that counts"
NO_INTERVAL, BARRED = "has no interval", "is kept out of allocations by its card"
STATISTICS = tuple(field.name for field in fields(Pooled) if field.name != "n")


def compare_estimates(estimates: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group estimates that may be compared, and summarise each group.

    Parameters
    ----------
    estimates
        See `comparisons.estimates.estimates`.

    Returns
    -------
    members : pandas.DataFrame
        The estimates once for each group that they are in: all columns, group_law (as `law` of the
        groups), `counted_as` (what N counts in it; ``as published`` for all together),
        `counts` (whether the estimate is in the summary) and `reason` (why not).
    groups : pandas.DataFrame
        quantity, law (empty for exponents that any law may have), counted_as, estimates (in the
        group), pooled (in the summary), studies (behind them), same_runs and no_interval (left out
        for this reason), and where at least three are pooled the fields of
        `engine.uncertainty.random_effects.Pooled`, with mean_least and mean_most (mean with any one
        left out).
    """
    rows = estimates.assign(
        group_law=estimates["law"].where(~estimates["quantity"].isin(OF_ANY_LAW), "")
    )
    members, groups = [], []
    for (quantity, law), part in rows.groupby(["quantity", "group_law"], sort=True):
        for counted_as, inside in _by_count(part):
            marked = _mark(inside).assign(counted_as=counted_as)
            members.append(marked)
            groups.append(
                {"quantity": quantity, "law": law, "counted_as": counted_as, **_summary(marked)}
            )
    order = ["quantity", "law", "counted_as", "estimates", "pooled", "studies", "same_runs",
             "no_interval", *STATISTICS, "mean_least", "mean_most"]  # fmt: skip
    words = ["quantity", "law", "counted_as"]
    counts = order[3:8]
    table = pd.DataFrame(groups, columns=order).astype(
        dict.fromkeys(words, "str")
        | dict.fromkeys(counts, "int64")
        | dict.fromkeys(order[8:], "float64")
    )
    empty = estimates.assign(counts=False, reason="", counted_as="", group_law="").iloc[:0]
    joined = pd.concat(members, ignore_index=True) if members else empty
    texts = ["counted_as", "reason", "group_law"]
    return joined.astype(dict.fromkeys(texts, "str")), table


def _by_count(part: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """All estimates of a quantity, then those whose N counts the same."""
    yield ANY, part
    classes = part["params_count"].map(CLASSES)
    for name in (WITH_OUTPUT, WITHOUT):
        inside = part[classes == name]
        if 0 < len(inside) < len(part):
            yield name, inside


def _mark(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of each estimate whether it counts: one for each set of runs and meaning of N.

    Of several, the headline of a study goes first, then a refit, then more rows, then order.
    """
    barred = rows["quantity"].isin(OF_ANY_LAW) & ~rows["allocates"]
    known = np.isfinite(rows["standard_error"]) & (rows["standard_error"] > 0.0)
    order = rows.assign(
        other=~rows["headline"],
        printed=rows["source"] != "refit",
        fewer=-rows["n"],
        count=rows["params_count"].map(CLASSES),
    )[(known & ~barred).to_numpy()]
    order = order.sort_values(["other", "printed", "fewer"], kind="stable")
    counts = rows.index.isin(order.drop_duplicates(["runs", "count"]).index)
    reason = np.select([counts, barred, known], ["", BARRED, SAME_RUNS], NO_INTERVAL)
    return rows.assign(counts=counts, reason=reason)


def _summary(rows: pd.DataFrame) -> dict[str, Any]:
    used = rows[rows["counts"]]
    found = {
        "estimates": len(rows),
        "pooled": len(used),
        "studies": used["study"].nunique(),
        "same_runs": int((rows["reason"] == SAME_RUNS).sum()),
        "no_interval": int((rows["reason"] == NO_INTERVAL).sum()),
    }
    if len(used) < FEWEST or used["study"].nunique() < FEWEST:
        return found
    values, errors = used["value"].to_numpy(), used["standard_error"].to_numpy()
    pooled = {name: float(value) for name, value in asdict(pool(values, errors)).items()}
    others = _means_without_one(values, errors)
    return found | pooled | {"mean_least": min(others), "mean_most": max(others)}


def _means_without_one(values: np.ndarray, errors: np.ndarray) -> list[float]:
    if len(values) <= FEWEST:
        return [np.nan]
    kept = [np.arange(len(values)) != place for place in range(len(values))]
    return [pool(values[keep], errors[keep]).mean for keep in kept]
