"""Collects what is wrong with a table and reports it as one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaling_studies.errors import TableError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class _Problem:
    row: int
    column: str
    text: str
    fix: str
    severity: float


@dataclass
class Problems:
    """Problems of one raw table; keeps the first and counts the rest.

    The first is the one in the lowest row; within a row, the one that was added first. Of problems
    with a severity only the worst one of a column counts for that.

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
    _first: _Problem | None = field(default=None, repr=False)
    _worst: dict[str, _Problem] = field(default_factory=dict, repr=False)

    def add(
        self,
        bad: np.ndarray,
        describe: Callable[[int], str],
        *,
        column: str,
        fix: str,
        first_row: int = 1,
        severity: np.ndarray | None = None,
    ) -> None:
        """Note bad rows of one column.

        Parameters
        ----------
        bad
            Boolean, shape (rows of the part,).
        describe
            Says what is wrong in a row of the part, counted from 0.
        column
            Raw column in which it is.
        fix
            What to do about it.
        first_row
            Number of the part's first row in the table, counted from 1.
        severity
            How bad each row is, shape (rows of the part,), to report the worst instead of the
            lowest; it must be largest in a bad row.
        """
        number = int(bad.sum())
        if not number:
            return
        self.count += number
        index = int(bad.argmax() if severity is None else severity.argmax())
        how_bad = 0.0 if severity is None else float(severity[index])
        before = self._first if severity is None else self._worst.get(column)
        if before is not None and (
            before.row <= first_row + index if severity is None else before.severity >= how_bad
        ):
            return
        problem = _Problem(first_row + index, column, describe(index), fix, how_bad)
        if severity is None:
            self._first = problem
        else:
            self._worst[column] = problem

    def raise_first(self) -> None:
        """Raise the first problem, saying how many more there are.

        Raises
        ------
        TableError
            When there is any.
        """
        if not self.count:
            return
        found = [*([self._first] if self._first else []), *self._worst.values()]
        first = min(found, key=lambda problem: problem.row)
        raise TableError(
            first.text + and_more(self.count - 1),
            study=self.study,
            table=self.table,
            row=first.row,
            column=first.column,
            fix=first.fix,
        )


def and_more(number: int) -> str:
    """Return `` (and N more)``, or nothing when there are no more."""
    return f" (and {number} more)" if number else ""
