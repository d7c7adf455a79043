"""Which rows of a raw table belong to the same checkpoint, and which state one twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from scaling_studies.runs import cells
from scaling_studies.runs.mapping import TableMapping
from scaling_studies.runs.problems import Problems


def identities(
    frame: pd.DataFrame, mapping: TableMapping, measured: Sequence[pd.DataFrame]
) -> list[pd.DataFrame]:
    """Return what tells rows apart: run, step, and the labels that are read from columns.

    Returns
    -------
    list of pandas.DataFrame
        One for each measurement; a single one where all labels are fixed by the card.
    """
    run = frame[[name for name in ("run_id", "step") if name in frame]]
    if mapping.labels_vary:
        return [run.join(values[["metric", "eval_set"]]) for values in measured]
    return [run]


def add_row_keys(frame: pd.DataFrame, identity: pd.DataFrame | None = None) -> None:
    """Add ``row_key``: ``<run_id>``, ``<run_id>@<step>`` or, where repeated, ``...#<n>``.

    Parameters
    ----------
    frame
        Columns of the run table; changed in place.
    identity
        What tells rows apart, where the table may state a checkpoint several times.

    Examples
    --------
    >>> frame = pd.DataFrame({"run_id": ["a", "a"], "step": [10.0, 10.0]})
    >>> add_row_keys(frame, frame.copy())
    >>> frame["row_key"].tolist()
    ['a@10', 'a@10#2']
    """
    keys = frame["run_id"].astype(cells.TEXT)
    if "step" in frame:
        steps = cells.numbers_as_text(frame["step"].to_numpy())
        keys = cells.joined([keys, cells.text_series(steps, frame.index)], "@")
    if identity is not None:
        identity = identity.set_axis(range(identity.shape[1]), axis=1)
        before = identity.groupby(list(identity), dropna=False).cumcount()
        keys = keys.mask(before > 0, keys + "#" + (before + 1).astype(cells.TEXT))
    frame["row_key"] = keys


@dataclass
class SeenRows:
    """Finds rows that repeat an earlier one, over all pieces of a table."""

    _pieces: list[pa.Table] = field(default_factory=list, repr=False)

    def add(self, identity: pd.DataFrame) -> None:
        """Add rows in order; the index of `identity` holds their numbers."""
        columns = {"row": pa.array(identity.index)}
        for name, values in identity.items():
            array = pa.array(values)
            columns[str(name)] = array if name == "step" else array.dictionary_encode()
        self._pieces.append(pa.table(columns))

    def note_repeated(self, problems: Problems, column: str) -> None:
        """Note the rows that repeat an earlier one."""
        if not self._pieces:
            return
        rows = pa.concat_tables(self._pieces).unify_dictionaries().to_pandas().set_index("row")
        repeated = rows.duplicated()

        def describe(row: int) -> str:
            same = rows.groupby(list(rows), dropna=False, observed=True).ngroup()
            first = (same == same[repeated].iloc[0]).idxmax()
            return f"repeats row {first} (same run, step, metric and evaluation set)"

        problems.add(
            repeated,
            describe,
            column=column,
            fix="delete one of the rows, map the column that tells them apart, or set "
            "`allow: {duplicate_runs: true}` in the card",
        )
