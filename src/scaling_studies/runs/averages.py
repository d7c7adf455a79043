"""Means over several evaluation sets, added to the run table as measurements of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies.errors import CardError, TableError
from scaling_studies.runs.columns import RUN_SCHEMA


def add_averages(
    runs: pa.Table, averages: Sequence[Mapping[str, Any]], *, study: str, table: str
) -> pa.Table:
    """Return the run table of one raw table with the averages of each checkpoint appended.

    Parameters
    ----------
    runs
        Normalised rows of one table.
    averages
        The card's ``averages``: metric, name of the average, and the evaluation sets to average
        (all of the metric when not given).

    Returns
    -------
    pyarrow.Table
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
    for number, average in enumerate(averages):
        key = f"tables.{table}.averages[{number}]"
        parts.append(_average(runs, average, key=key, study=study, table=table))
    return pa.concat_tables(parts)


def _average(
    runs: pa.Table, average: Mapping[str, Any], *, key: str, study: str, table: str
) -> pa.Table:
    metric, name = average["metric"], average["eval_set"]
    rows = runs.filter(pc.equal(runs["metric"].cast(pa.string()), metric))
    sets = rows["eval_set"].cast(pa.string())
    known = sorted(each for each in pc.unique(sets).to_pylist() if each is not None)
    over = sorted(set(average.get("over", known)))
    for each in over:
        if each not in known:
            raise CardError(
                f"{each!r} is not an evaluation set of the metric {metric!r}",
                study=study,
                key=key,
                fix=f"average over some of: {', '.join(known) or '(the metric does not occur)'}",
            )
    if not over:
        raise CardError(
            f"the metric {metric!r} has no evaluation sets to average",
            study=study,
            key=key,
            fix="name a metric that has evaluation sets",
        )
    chosen = pc.is_in(sets, value_set=pa.array(over))
    rows, sets = rows.filter(chosen), sets.filter(chosen)
    set_codes = pc.index_in(sets, value_set=pa.array(over)).to_numpy()
    encoded = rows["row_key"].combine_chunks().dictionary_encode()
    checkpoints = encoded.indices.to_numpy()
    shape = (len(over), len(encoded.dictionary))
    cells = set_codes.astype(np.int64) * shape[1] + checkpoints
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    if (counts != 1).any():
        checkpoint, place = np.argwhere(counts.T != 1)[0]
        found = "no value" if counts[place, checkpoint] == 0 else "several values"
        raise TableError(
            f"run {encoded.dictionary[checkpoint]} has {found} of {metric} on {over[place]}, "
            f"so that the average {name!r} is not defined",
            study=study,
            table=table,
            column="eval_set",
            fix="complete the rows, or leave the evaluation set out of `over`",
        )
    if len(pc.unique(rows["unit"].cast(pa.string()))) > 1:
        raise TableError(
            f"the average {name!r} would mix units",
            study=study,
            table=table,
            column="unit",
            fix="average evaluation sets of one unit",
        )
    values = np.zeros(shape)
    values[set_codes, checkpoints] = rows["value"].to_numpy()
    total = np.zeros(shape[1])
    for each in values:  # in the order of the names, so that rounding is always the same
        total = total + each
    _, first = np.unique(checkpoints, return_index=True)
    result = rows.take(pa.array(first))
    columns = {
        "eval_set": pa.array([name] * len(first), pa.string()).dictionary_encode(),
        "value": pa.array(total / len(over), from_pandas=True),
        "value_low": pa.nulls(len(first), pa.float64()),
        "value_high": pa.nulls(len(first), pa.float64()),
        "value_std": pa.nulls(len(first), pa.float64()),
    }
    for column, array in columns.items():
        index = RUN_SCHEMA.get_field_index(column)
        result = result.set_column(index, RUN_SCHEMA.field(index), array)
    return result
