"""Adds the columns of a joined table to a raw table, matched on key columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies.errors import TableError
from scaling_studies.runs import cells
from scaling_studies.runs.mapping import Join, TableMapping, suggest_all
from scaling_studies.runs.problems import Problems

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class JoinedTable:
    """A table whose columns are added to another.

    Attributes
    ----------
    file
        Its name in the card.
    on
        Key columns, present in both tables.
    keys
        Key of each row as text, unique; shape (rows,).
    columns
        The other columns that the card reads.
    """

    file: str
    on: tuple[str, ...]
    keys: pa.Array
    columns: pa.Table

    @classmethod
    def read(cls, raw: pa.Table, join: Join, mapping: TableMapping) -> JoinedTable:
        """Check the table's keys and return it.

        Parameters
        ----------
        raw
            Rows of the joined table.
        join, mapping
            The join, and the table that it belongs to.

        Raises
        ------
        TableError
            When a key column is missing, a key cell is empty or a key appears twice.
        """
        file, on = join.file, join.on
        for name in on:
            if name not in raw.column_names:
                raise TableError(
                    f"the joined file {file} lacks the key column",
                    column=name,
                    fix=f"join on columns of both files; {suggest_all(name, raw.column_names)}",
                    **mapping.place,
                )
        keys = _keys(raw, on)
        problems = Problems(**mapping.place)
        column = "+".join(on)
        problems.add(
            keys.is_null().to_numpy(zero_copy_only=False),
            lambda row: f"the joined file {file} has an empty key",
            column=column,
            fix="fill the key or delete the row",
        )
        problems.raise_first()
        encoded = keys.dictionary_encode()
        codes = encoded.indices.to_numpy()
        first = np.full(len(encoded.dictionary), -1, dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        problems.add(
            first[codes] != np.arange(len(codes)),
            lambda row: (
                f"the joined file {file} has the key {_show(keys[row])} twice, "
                f"first in row {first[codes[row]] + 1}"
            ),
            column=column,
            fix="delete one of the rows, or join on more columns",
        )
        problems.raise_first()
        read = [
            name
            for name in mapping.keys_and_columns()
            if name in raw.column_names and name not in on
        ]
        return cls(file, on, keys, raw.select(read))

    def add_to(self, raw: pa.Table, problems: Problems, first_row: int) -> pa.Table:
        """Return the raw table with this one's columns; rows keep their order."""
        keys = _keys(raw, self.on)
        places = pc.index_in(keys, value_set=self.keys)
        unmatched = places.is_null().to_numpy(zero_copy_only=False)
        problems.add(
            unmatched,
            lambda row: f"{_show(keys[row])} is not among the keys of the joined file {self.file}",
            column="+".join(self.on),
            fix="add the row to the joined file, or correct the key",
            first_row=first_row,
        )
        for name in self.columns.column_names:
            raw = raw.append_column(name, self.columns.column(name).combine_chunks().take(places))
        return raw


def _keys(raw: pa.Table, on: Sequence[str]) -> pa.Array:
    parts = [cells.as_text(_one_chunk(raw.column(name))).dictionary_decode() for name in on]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, _SEPARATOR)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _show(key: pa.Scalar) -> str:
    text = key.as_py()
    return "an empty key" if text is None else repr(text.replace(_SEPARATOR, ", "))
