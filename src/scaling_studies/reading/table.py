"""A table of text with the numbers and the meaning of its columns at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from scaling_studies.errors import CardError, TableError, one_line
from scaling_studies.reading.files import Raw
from scaling_studies.reading.marks import is_mixture
from scaling_studies.reading.numbers import (
    Numbers,
    numbers_of,
    without_error,
    writes_decimal_commas,
)
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import typed
from scaling_studies.words import count_of, suggest

#: Most cells that are named to be dropped, and roles that a table may be read without.
MOST_DROPPED, _MAY_BE_NONE = 3, ("tokens", "samples", "flops")
#: A cell that multiplies two numbers, as passes over data.
_PRODUCT = re.compile(r"\d[\d.,]*\s*[x×*·]\s*\d.*", re.IGNORECASE)
_ONE_POINT = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")


class Table:
    """A table whose columns can be asked for numbers.

    Parameters
    ----------
    raw
        Cells as text.
    """

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.name = raw.name
        self.cells = raw.cells
        self.columns = raw.columns
        self._numbers: dict[str, Numbers] = {}
        #: Columns of text that numbers were taken out of.
        self.labels: set[str] = set()
        #: Rows that were said to be left out by a value, whose other cells need not be numbers.
        self.aside = np.zeros(len(self.cells), bool)

    def set_aside(self, rows: Sequence[str], drop: Sequence[str]) -> None:
        """Set rows aside that were said to be left out: ``COLUMN=VALUE`` of ``--rows``, ``--drop``.

        What names no column or value of the table is left to what reads it.
        """
        for texts, keeps in ((rows, True), (drop, False)):
            for column, _, value in (text.partition("=") for text in texts):
                if column in self.columns and (found := self.cells[column] == value).any():
                    self.aside |= (~found if keeps else found).to_numpy()

    def replace_numbers(self, column: str, floats: np.ndarray) -> None:
        """Take other numbers, in ones, for a column whose cells hold more than a number."""
        self.labels.add(column)
        old = self.numbers(column)
        known = np.isfinite(floats)
        self._numbers[column] = Numbers(
            floats, old.empty, old.lost, old.wrong & ~known, known, old.marked
        )

    def add(self, column: str, floats: np.ndarray) -> None:
        """Add a column of numbers in ones that were read from other cells."""
        self.cells = self.cells.assign(**{column: [f"{value:.15g}" for value in floats]})
        self.columns = [*self.columns, column]

    @cached_property
    def decimal_comma(self) -> bool | None:
        """Whether the table writes decimal commas; None when no column tells."""
        told = [writes_decimal_commas(self.cells[name]) for name in self.columns]
        if True in told or False in told:
            return True in told
        # Semicolons stand between cells where commas are decimal, unless points are.
        points = any(self.cells[name].str.contains(_ONE_POINT).any() for name in self.columns)
        return True if self.raw.separator == ";" and not points else None

    def numbers(self, column: str) -> Numbers:
        """Numbers of a column."""
        if column not in self._numbers:
            self._numbers[column] = numbers_of(self.cells[column], decimal_comma=self.decimal_comma)
        return self._numbers[column]

    def is_numeric(self, column: str) -> bool:
        """Whether most filled cells of a column are numbers."""
        numbers = self.numbers(column)
        filled = int((~numbers.empty).sum())
        found = int(np.isfinite(numbers.floats).sum())
        return filled > 0 and 2 * found > filled and found > 0

    def holds_percents(self, column: str) -> bool:
        """Whether cells of a column end in a percent sign, and so are fractions as numbers."""
        return bool((self.cells[column].map(without_error).str[-1:] == "%").any())

    def first_percent(self, column: str) -> tuple[int, str]:
        """Row and cell of the first per cent of a column."""
        row = int((self.cells[column].map(without_error).str[-1:] == "%").argmax())
        return row, self.cells[column].iloc[row]

    def varies(self, column: str) -> bool:
        """Whether a column holds more than one value."""
        return len({*self.cells[column]} - {""}) > 1

    def shown(self, columns: Sequence[str], most: int = 30) -> str:
        """Names of columns for a message."""
        names = ", ".join(one_line(name, 40) for name in columns[:most])
        return names + (" ..." if len(columns) > most else "")

    def require(self, column: str, said: str) -> None:
        """Raise a CardError when there is no such column."""
        if column not in self.columns:
            raise CardError(
                f"{said}: the table has no column {column!r}",
                fix=suggest(column, self.columns, f"it has {self.shown(self.columns)}"),
            )

    def check(self, column: str, role: str = "params", *, every: bool = False) -> None:
        """Raise a TableError that names the first cell of a column that is no number.

        Parameters
        ----------
        column
            Its name.
        role
            What it is read as; labels of experts stand for sizes alone.
        every
            Whether empty cells are wrong, too.
        """
        numbers = self.numbers(column)
        wrong = (numbers.wrong | (numbers.empty if every else False)) & ~self.aside
        if wrong.any():
            row = int(wrong.argmax())
            more = f" (and {int(wrong.sum()) - 1} more)" if wrong.sum() > 1 else ""
            cell = self.cells[column].iloc[row]
            mixture = is_mixture(cell) and (role == "size" or role.startswith("params"))
            fix = "write the active parameters there, as 1.3B" if mixture else "correct the cell"
            if not mixture and _PRODUCT.fullmatch(cell):
                fix = "write the product there as one number"
            raise TableError(
                f"{cell!r} is {'a label of experts, ' if mixture else ''}not a number{more}",
                table=self.name,
                row=row + 1,
                column=column,
                fix=f"{fix}, or {self._without(column, role, wrong)}",
            )
        bare = ~numbers.suffixed & np.isfinite(numbers.floats) & (np.abs(numbers.floats) < 1e4)
        bare &= ~self.aside
        if numbers.suffixed.any() and (bare & (numbers.floats != 0)).any():
            row = int((bare & (numbers.floats != 0)).argmax())
            cell = self.cells[column].iloc[row]
            signs = "per cent sign" if self.holds_percents(column) else "K, M, B or T"
            raise TableError(
                f"{cell!r} has no {signs}, others of its column do",
                table=self.name,
                row=row + 1,
                column=column,
                fix="write the number with its unit, as the others, or leave its rows out with "
                + typed("--drop", f"{column}={cell}"),
            )

    def _without(self, column: str, role: str, wrong: np.ndarray) -> str:
        """What to type so that a table is read without the cells of a column that are wrong."""
        cells = [*dict.fromkeys(self.cells[column][wrong])]
        if len(cells) > MOST_DROPPED and role in _MAY_BE_NONE:
            return f"say --map {role}=none to read the table without the column"
        flags = " ".join(typed("--drop", f"{column}={cell}") for cell in cells[:MOST_DROPPED])
        return f"leave {'its' if len(cells) == 1 else 'such'} rows out with {flags}"

    def values(self, expression: str) -> np.ndarray:
        """Numbers of a column, or of a product of columns and numbers (``step*524288``)."""
        if expression in self.columns:
            return self.numbers(expression).floats
        result = np.ones(len(self.cells))
        for factor in factors_of(expression, self.columns):
            part = factor if isinstance(factor, float) else self.numbers(factor).floats
            result = result * part
        return result

    def columns_of(self, expression: str) -> list[str]:
        """Columns that an expression names."""
        if expression in self.columns:
            return [expression]
        return [part for part in factors_of(expression, self.columns) if isinstance(part, str)]


def marked_numbers(table: Table, roles: Mapping[str, Role]) -> list[str]:
    """Sentences on footnote marks that were taken off numbers."""
    said = []
    for column in {name: None for role in roles.values() for name in table.columns_of(role.column)}:
        marked = table.numbers(column).marked & ~table.aside
        cells = table.cells[column][marked]
        # Emphasis stands around a number, and says nothing of what it means.
        cells = cells[~cells.str.match(r"[*_`].*[*_`]$")]
        if len(cells):
            first = cells.iloc[0]
            said.append(
                f"{count_of(len(cells), 'number')} of {one_line(column, 60)} with a mark "
                f"({one_line(first, 30)}) read without it; {typed('--drop', f'{column}={first}')} "
                "leaves such rows out."
            )
    return said


def factors_of(expression: str, columns: Sequence[str]) -> list[str | float]:
    """Cut a product into columns and numbers; a part that is neither stays text."""
    parts: list[str | float] = []
    for part in (piece.strip() for piece in expression.split("*")):
        if part in columns:
            parts.append(part)
            continue
        value = numbers_of(pd.Series([part])).floats[0]
        parts.append(float(value) if np.isfinite(value) else part)
    return parts
