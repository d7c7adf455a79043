"""One piece of a raw table: its columns as the run table has them, every cell checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from scaling_studies.errors import TableError
from scaling_studies.runs import cells
from scaling_studies.runs.columns import COLUMNS, Column
from scaling_studies.runs.mapping import ColumnMapping
from scaling_studies.runs.problems import Problems

_CORRECT = "correct the number or delete the row"
_WRITE_NUMBER = "write the number alone, with a decimal point and without separators"
_FILL = "fill the cell, delete the row, or set `optional: true` in the card"


class _Required(NamedTuple):
    """Cells that must keep the rule of a column; raw is None where they are derived."""

    cells: pd.Series
    rule: Column
    raw: str | None
    fix: str


@dataclass
class RawRows:
    """Rows of a raw table.

    Attributes
    ----------
    raw
        The rows.
    problems
        Where bad cells are noted.
    first_row
        Number of the first row in the table, counted from 1.
    """

    raw: pa.Table
    problems: Problems
    first_row: int = 1
    _required: list[_Required] = field(default_factory=list, repr=False)

    @property
    def index(self) -> pd.RangeIndex:
        """Numbers of the rows."""
        return pd.RangeIndex(self.first_row, self.first_row + self.raw.num_rows)

    def column(self, mapping: ColumnMapping) -> pd.Series:
        """Return a column of the run table: float64, `cells.TEXT` or booleans."""
        name, target = mapping.raw[0], mapping.target
        if len(mapping.raw) > 1:
            return cells.replace(self.labels(mapping.raw), mapping.replacements)
        raw = self.raw.column(name)
        if target.kind != "number" or mapping.replacements:
            text = cells.replace(self.text(name), mapping.replacements)
            if target.kind == "flag":
                return self._flags(text, name)
            raw = pa.chunked_array([pa.array(text, pa.string()).cast(pa.string())])
        rule = replace(target, filled=target.filled and not mapping.optional)
        if target.kind == "text":
            allowed = ", ".join(target.choices)
            fix = f"write one of: {allowed}; or replace it by `values` in the card"
            self.require(text, rule, name, fix=fix)
            return text
        numbers = self._numbers(raw, name, pd.Series(rule.filled, self.index))
        numbers = mapping.unit.convert(numbers)
        self.require(numbers, rule, name)
        return numbers

    def numbers(self, name: str, required: pd.Series) -> pd.Series:
        """Return a raw column as float64, NaN where the cell is empty or cannot be read.

        Parameters
        ----------
        name
            The raw column.
        required
            Rows whose cell may not be empty, which `require` is to check: cells that are not
            numbers are noted there, and here in the other rows.
        """
        return self._numbers(self.raw.column(name), name, required)

    def _numbers(self, raw: pa.ChunkedArray, name: str, required: pd.Series) -> pd.Series:
        numbers, unreadable = cells.as_numbers(raw)
        self.note(
            ~required & unreadable,
            name,
            lambda row: f"{self._show(name, row)} is not a number",
            _WRITE_NUMBER,
        )
        return pd.Series(numbers, self.index)

    def _flags(self, text: pd.Series, name: str) -> pd.Series:
        flags, neither = cells.as_flags(text)
        self.note(
            neither,
            name,
            lambda row: f"{self._show(name, row)} is neither true nor false",
            "write true or false",
        )
        return flags

    def text(self, name: str) -> pd.Series:
        """Return a raw column as text, missing where the cell is empty.

        Raises
        ------
        TableError
            When the column holds what has no text.
        """
        text = cells.text_series(self._as_text(name, "text"), self.index)
        self.note(
            cells.unwritable(text),
            name,
            lambda row: f"{self._show(name, row)} has a character that no page can show",
            "delete that character",
        )
        return text

    def _as_text(self, name: str, wanted: str) -> pa.ChunkedArray:
        try:
            return cells.as_text(self.raw.column(name))
        except TypeError as error:
            raise TableError(
                f"the column holds {error}, which is not {wanted}",
                study=self.problems.study,
                table=self.problems.table,
                column=name,
                fix="give a column of text or numbers",
            ) from None

    def labels(self, names: Sequence[str], rule: Column = COLUMNS["run_id"]) -> pd.Series:
        """Return raw columns as text without empty cells, several joined by bars."""
        texts = [self.text(name) for name in names]
        for name, text in zip(names, texts, strict=True):
            fix = f"write one of: {', '.join(rule.choices)}"
            self.require(text, replace(rule, filled=True), name, fix=fix)
        return cells.joined(texts, "|")

    def require(
        self, values: pd.Series, rule: Column, raw: str | None, *, fix: str = _CORRECT
    ) -> None:
        """Have cells checked by `check`.

        Parameters
        ----------
        values
            The cells in the unit of the run table, by row number.
        rule
            Column whose rule they keep; `Column.filled` says whether they may be empty.
        raw
            Raw column that they come from; None when they are derived.
        fix
            What to do about a value that is not allowed.
        """
        self._required.append(_Required(values, rule, raw, fix))

    def check(self) -> None:
        """Note every required cell that breaks the contract."""
        for each in self._required:
            allowed = each.rule.allows(each.cells)
            if (allowed if each.rule.filled else allowed | each.cells.isna()).all():
                continue
            # Only here because of the cost of loading pandera.
            from scaling_studies.runs import contract

            for failure in contract.failures(each.cells, each.rule):
                bad = pd.Series(self.index.isin(failure.rows), self.index)
                if failure.empty:
                    self._note_empty(bad, each.raw or each.rule.name)
                else:
                    self._note_value(bad, each)

    def _note_empty(self, bad: pd.Series, name: str) -> None:
        blank = self._as_text(name, "a number").is_null().to_numpy()
        self.note(bad & blank, name, lambda row: "the cell is empty", _FILL)
        self.note(
            bad & ~blank,
            name,
            lambda row: f"{self._show(name, row)} is not a number",
            _WRITE_NUMBER,
        )

    def _note_value(self, bad: pd.Series, required: _Required) -> None:
        values, rule, raw, fix = required
        name = raw or rule.name
        if raw is None:
            fix = "correct the units of the columns that it is derived from"

        def describe(row: int) -> str:
            what = (
                f"{values[row]:g}, derived from the row," if raw is None else self._show(raw, row)
            )
            return f"{what} is not {rule.wanted}"

        self.note(bad, name, describe, fix)

    def _show(self, name: str, row: int) -> str:
        return cells.show(self.raw.column(name)[row - self.first_row].as_py())

    def note(
        self,
        bad: pd.Series,
        column: str,
        describe: Callable[[int], str],
        fix: str,
        severity: pd.Series | None = None,
    ) -> None:
        """Note bad rows; see `Problems.add`."""
        self.problems.add(bad, describe, column=column, fix=fix, severity=severity)
