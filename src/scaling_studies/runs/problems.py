"""Collects what is wrong with a table and reports it as one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from scaling_studies.errors import TableError

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Problems:
    """Problems of one raw table; keeps the first and counts the rest.

    The first is the one in the lowest row; within a row, the one that was added first. Of problems
    with a severity only the worst one counts for that.

    Attributes
    ----------
    study, table
        Place named by the error.
    count
        Number of problems so far: bad cells, or bad rows where a rule is about a row.
    """

    study: str
    table: str
    count: int = 0
    _first: TableError | None = field(default=None, repr=False)
    _worst: TableError | None = field(default=None, repr=False)
    _severity: float = field(default=0.0, repr=False)

    def add(
        self,
        bad: pd.Series,
        describe: Callable[[int], str],
        *,
        column: str,
        fix: str,
        severity: pd.Series | None = None,
    ) -> None:
        """Note bad rows of one column.

        Parameters
        ----------
        bad
            Boolean; its index holds the numbers of the rows in the table, counted from 1.
        describe
            Says what is wrong in the row of a number.
        column
            Raw column in which it is.
        fix
            What to do about it.
        severity
            How bad each row is, to report the worst instead of the lowest.
        """
        number = int(bad.sum())
        if not number:
            return
        self.count += number
        row = cast("int", bad.idxmax() if severity is None else severity[bad].idxmax())
        if severity is None:
            if self._first is None or row < self._first.place["row"]:
                self._first = self._error(row, describe(row), column, fix)
        elif severity[row] > self._severity:
            self._severity = float(severity[row])
            self._worst = self._error(row, describe(row), column, fix)

    def _error(self, row: int, text: str, column: str, fix: str) -> TableError:
        return TableError(
            text, fix=fix, study=self.study, table=self.table, row=int(row), column=column
        )

    def raise_first(self) -> None:
        """Raise the first problem, saying how many more there are.

        Raises
        ------
        TableError
            When there is any.
        """
        found = [error for error in (self._first, self._worst) if error is not None]
        if found:
            first = min(found, key=lambda error: error.place["row"])
            raise TableError(first.problem + and_more(self.count - 1), fix=first.fix, **first.place)


def and_more(number: int) -> str:
    """Return `` (and N more)``, or nothing when there are no more."""
    return f" (and {number} more)" if number else ""
