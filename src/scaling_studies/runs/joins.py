"""Adds the columns of a joined table to a raw table, matched on key columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from scaling_studies.cards.models.table import Join
from scaling_studies.errors import TableError
from scaling_studies.runs import cells
from scaling_studies.runs.mapping import TableMapping, suggest_all
from scaling_studies.runs.problems import Problems

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class JoinedTable:
    """A table whose columns are added to another.

    Attributes
    ----------
    join
        File and key columns, which both tables have.
    keys
        Key of each row as text, unique.
    columns
        The other columns that the card reads.
    """

    join: Join
    keys: pd.Index
    columns: pa.Table

    @classmethod
    def read(cls, raw: pa.Table, join: Join, mapping: TableMapping) -> JoinedTable:
        """Check the table's keys and return it.

        Raises
        ------
        TableError
            When a key column is missing, a key cell is empty or a key appears twice.
        """
        file, column = join.file, "+".join(join.on)
        for name in join.on:
            if name not in raw.column_names:
                raise TableError(
                    f"the joined file {file} lacks the key column",
                    column=name,
                    fix=f"join on columns of both files; {suggest_all(name, raw.column_names)}",
                    **mapping.place,
                )
        keys = _keys(raw, join.on, first_row=1)
        problems = Problems(**mapping.place)
        problems.add(
            keys.isna(),
            lambda row: f"the joined file {file} has an empty key",
            column=column,
            fix="fill the key or delete the row",
        )
        problems.raise_first()
        problems.add(
            keys.duplicated(),
            lambda row: (
                f"the joined file {file} has the key {_show(keys[row])} twice, "
                f"first in row {(keys == keys[row]).idxmax()}"
            ),
            column=column,
            fix="delete one of the rows, or join on more columns",
        )
        problems.raise_first()
        wanted = [name for name in raw.column_names if name not in join.on]
        read = set(mapping.keys_and_columns())
        return cls(join, pd.Index(keys), raw.select([name for name in wanted if name in read]))

    def add_to(self, raw: pa.Table, problems: Problems, first_row: int) -> pa.Table:
        """Return the raw table with this one's columns; rows keep their order."""
        keys = _keys(raw, self.join.on, first_row)
        places = self.keys.get_indexer(pd.Index(keys))
        problems.add(
            pd.Series(places < 0, keys.index),
            lambda row: (
                f"{_show(keys[row])} is not among the keys of the joined file {self.join.file}"
            ),
            column="+".join(self.join.on),
            fix="add the row to the joined file, or correct the key",
        )
        found = self.columns.take(pa.array(places, mask=places < 0))
        for name in found.column_names:
            raw = raw.append_column(name, found.column(name))
        return raw


def _keys(raw: pa.Table, on: Sequence[str], first_row: int) -> pd.Series:
    rows = pd.RangeIndex(first_row, first_row + raw.num_rows)
    texts = [cells.text_series(cells.as_text(raw.column(name)), rows) for name in on]
    return cells.joined(texts, _SEPARATOR)


def _show(key: object) -> str:
    return repr(key.replace(_SEPARATOR, ", ")) if isinstance(key, str) else "an empty key"
