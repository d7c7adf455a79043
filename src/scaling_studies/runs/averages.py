"""Means over several evaluation sets, added to the run table as measurements of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scaling_studies.cards.models.table import Average
from scaling_studies.errors import TableError
from scaling_studies.runs.cells import constant
from scaling_studies.runs.mapping import TableMapping


def add_averages(runs: pd.DataFrame, mapping: TableMapping) -> pd.DataFrame:
    """Return the run table of one raw table with the averages of each checkpoint appended.

    Returns
    -------
    pandas.DataFrame
        The given rows, then for each average one row for each checkpoint, in the order of the
        checkpoints. Intervals are not averaged.

    Raises
    ------
    CardError
        When the metric or an evaluation set does not occur.
    TableError
        When a checkpoint lacks one of the evaluation sets or has one twice, or units differ.
    """
    parts = [runs]
    for number, average in enumerate(mapping.entry.averages):
        parts.append(_average(runs, average, number, mapping))
    return pd.concat(parts)


def _average(
    runs: pd.DataFrame, average: Average, number: int, mapping: TableMapping
) -> pd.DataFrame:
    metric, name = average.metric, average.eval_set
    rows = runs[runs["metric"].eq(metric).fillna(False).astype(bool)]
    over = _sets(rows, average, number, mapping)
    rows = rows[rows["eval_set"].isin(over)]
    counts = rows.pivot_table(
        index="row_key", columns="eval_set", values="metric", aggfunc="count", fill_value=0
    )
    counts = counts.reindex(index=rows["row_key"].unique(), columns=over)
    wrong = np.argwhere(counts.to_numpy() != 1)
    if len(wrong):
        checkpoint, eval_set = counts.index[wrong[0][0]], over[wrong[0][1]]
        found = "no value" if counts.loc[checkpoint, eval_set] == 0 else "several values"
        raise TableError(
            f"run {checkpoint} has {found} of {metric} on {eval_set}, "
            f"so that the average {name!r} is not defined",
            fix="complete the rows, or leave the evaluation set out of `over`",
            **mapping.place,
            column="eval_set",
        )
    if len(rows["unit"].unique()) > 1:
        raise TableError(
            f"the average {name!r} would mix units",
            fix="average evaluation sets of one unit",
            **mapping.place,
            column="unit",
        )
    values = rows.set_index(["eval_set", "row_key"])["value"]
    total = sum(values.loc[each] for each in over)  # in this order, so that rounding stays the same
    first = rows.drop_duplicates("row_key")
    return first.assign(
        eval_set=constant(name, first.index),
        value=first["row_key"].map(total / len(over)),
        **{column: np.nan for column in ("value_low", "value_high", "value_std") if column in runs},
    )


def _sets(rows: pd.DataFrame, average: Average, number: int, mapping: TableMapping) -> list[str]:
    """Return the evaluation sets to average, in the order of their names."""
    metric = average.metric
    known = sorted(rows["eval_set"].dropna().unique())
    over = sorted(set(average.over or known))
    unknown = [each for each in over if each not in known]
    key = f"averages[{number}]"
    if unknown:
        raise mapping.card_error(
            f"{unknown[0]!r} is not an evaluation set of the metric {metric!r}",
            key,
            f"average over some of: {', '.join(known) or '(the metric does not occur)'}",
        )
    if not over:
        problem = f"the metric {metric!r} has no evaluation sets to average"
        raise mapping.card_error(problem, key, "name a metric that has evaluation sets")
    return over
