"""Reads the columns of one part of a raw table and notes every cell that breaks the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies.errors import TableError
from scaling_studies.runs import cells
from scaling_studies.runs.columns import Column
from scaling_studies.runs.mapping import ColumnMapping
from scaling_studies.runs.problems import Problems

_CORRECT = "correct the number or delete the row"


class CellReader:
    """One part of a raw table.

    Parameters
    ----------
    raw
        The part's rows.
    problems
        Where bad cells are noted.
    first_row
        Number of the part's first row in the table, counted from 1.
    """

    def __init__(self, raw: pa.Table, problems: Problems, first_row: int) -> None:
        self.rows = raw.num_rows
        self.first_row = first_row
        self._raw = raw
        self._problems = problems

    def cell(self, name: str) -> pa.Array:
        """Return a raw column as one array."""
        column = self._raw.column(name)
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    def note(
        self,
        bad: np.ndarray,
        column: str,
        describe: Callable[[int], str],
        fix: str,
        severity: np.ndarray | None = None,
    ) -> None:
        """Note bad rows; see `Problems.add`."""
        self._problems.add(
            bad, describe, column=column, fix=fix, first_row=self.first_row, severity=severity
        )

    def column(self, mapping: ColumnMapping) -> Any:
        """Return a column of the run table: float64 with NaN, dictionary-encoded text or flags."""
        name, target = mapping.raw[0], mapping.target
        many = len(mapping.raw) > 1
        cell = self.joined_labels(mapping.raw) if many else self.cell(name)
        if mapping.values:
            cell = cells.replace(cell, mapping.values)
        if target.kind == "number":
            return self._contract_numbers(cell, name, mapping)
        if target.kind == "flag":
            return self._flags(cell, name)
        return self._contract_text(cell, name, target)

    def joined_labels(self, names: Sequence[str]) -> pa.DictionaryArray:
        """Return the texts of several raw columns joined by bars, none of them empty."""
        labels = [self.label(name) for name in names]
        if len(labels) == 1:
            return labels[0]
        decoded = [label.dictionary_decode() for label in labels]
        return pc.binary_join_element_wise(*decoded, "|").dictionary_encode()

    def label(self, name: str) -> pa.DictionaryArray:
        """Return a raw column as text without empty cells (metric, evaluation set, group)."""
        text = self._text(self.cell(name), name)
        self._note_empty(text, name)
        return text

    def numbers(
        self, name: str, missing_fix: str | None = None, excused: np.ndarray | None = None
    ) -> np.ndarray:
        """Return a raw column as float64, NaN where the cell is empty or cannot be read.

        Parameters
        ----------
        name
            The raw column.
        missing_fix
            What to do about empty cells; None when cells may be empty.
        excused
            Rows whose cell may be empty all the same, boolean, shape (rows,).
        """
        return self._numbers(self.cell(name), name, missing_fix, excused)

    def note_numbers(self, bad: np.ndarray, name: str, rule: str, fix: str = _CORRECT) -> None:
        """Note numbers that break a rule, by their raw cells."""
        if bad.any():
            cell = self.cell(name)
            self.note(bad, name, lambda row: f"{show(cell, row)} is not {rule}", fix)

    def _numbers(
        self,
        cell: pa.Array,
        name: str,
        missing_fix: str | None,
        excused: np.ndarray | None = None,
    ) -> np.ndarray:
        numbers, unreadable = cells.as_numbers(cell)
        if unreadable is not None:
            self.note(
                unreadable,
                name,
                lambda row: f"{show(cell, row)} is not a number",
                "write the number alone, with a decimal point and without separators",
            )
        missing = np.isnan(numbers)
        if missing_fix is None or not missing.any():
            return numbers
        for excuse in (unreadable, excused):
            if excuse is not None:
                missing &= ~excuse
        empty = cell.is_null().to_numpy(zero_copy_only=False)
        self.note(
            missing,
            name,
            lambda row: (
                "the cell is empty"
                if _is_blank(cell, row) or empty[row]
                else f"{show(cell, row)} is not a number"
            ),
            missing_fix,
        )
        return numbers

    def _contract_numbers(self, cell: pa.Array, name: str, mapping: ColumnMapping) -> np.ndarray:
        target = mapping.target
        missing_fix = None
        if target.filled and not mapping.optional:
            missing_fix = "fill the cell, delete the row, or set `optional: true` on the column"
        raw = self._numbers(cell, name, missing_fix)
        numbers = mapping.unit.convert(raw)
        allowed = target.allows(numbers)
        if not allowed.all():
            self.note(
                ~(allowed | np.isnan(raw)),
                name,
                lambda row: f"{show(cell, row)} is not {target.wanted}",
                _CORRECT,
            )
        return numbers

    def _flags(self, cell: pa.Array, name: str) -> pa.Array:
        try:
            flags, unreadable = cells.as_flags(cell)
        except TypeError as error:
            raise self._no_text(error, name) from None
        if unreadable is not None:
            self.note(
                unreadable,
                name,
                lambda row: f"{show(cell, row)} is neither true nor false",
                "write true or false",
            )
        return flags

    def _contract_text(self, cell: pa.Array, name: str, target: Column) -> pa.DictionaryArray:
        text = self._text(cell, name)
        if target.filled:
            self._note_empty(text, name)
        if target.values:
            known = pc.is_in(text.dictionary, value_set=pa.array(target.values))
            strange = pc.fill_null(pc.invert(known.take(text.indices)), False)
            self.note(
                strange.to_numpy(zero_copy_only=False),
                name,
                lambda row: f"{show(cell, row)} is not a value of {target.name}",
                f"write one of: {', '.join(target.values)}; or replace it by `values` in the card",
            )
        return text

    def _text(self, cell: pa.Array, name: str) -> pa.DictionaryArray:
        try:
            return cells.as_text(cell)
        except TypeError as error:
            raise self._no_text(error, name) from None

    def _no_text(self, error: TypeError, name: str) -> TableError:
        return TableError(
            f"the column holds {error}, which is not text",
            study=self._problems.study,
            table=self._problems.table,
            column=name,
            fix="give a column of text or numbers",
        )

    def _note_empty(self, text: pa.DictionaryArray, name: str) -> None:
        if text.null_count:
            self.note(
                text.is_null().to_numpy(zero_copy_only=False),
                name,
                lambda row: "the cell is empty",
                "fill the cell or delete the row",
            )


def texts_differ(text: pa.DictionaryArray | str, word: str, rows: int) -> np.ndarray:
    """Return where a text column (or constant) is not the word, boolean, shape (rows,)."""
    if isinstance(text, str):
        return np.full(rows, text != word)
    different = pc.fill_null(pc.not_equal(text.dictionary, word).take(text.indices), True)
    return different.to_numpy(zero_copy_only=False)


def show(cell: pa.Array, row: int) -> str:
    """Return a raw cell for an error: short and on one line."""
    text = repr(cell[row].as_py())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_blank(cell: pa.Array, row: int) -> bool:
    value = cell[row].as_py()
    return isinstance(value, str) and not value.strip()
