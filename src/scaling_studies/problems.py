"""Collects what is wrong with a table and reports it as one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaling_studies.errors import TableError

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Problems:
    """Problems of one raw table; keeps the first and counts the rest.

    The first is the one in the lowest row; within a row, the one that was added first.

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
    _first: tuple[int, str, str, str] | None = field(default=None, repr=False)

    def add(
        self,
        bad: np.ndarray,
        describe: Callable[[int], str],
        *,
        column: str,
        fix: str,
        first_row: int = 1,
        show: int | None = None,
    ) -> None:
        """Note bad rows of one column.

        Parameters
        ----------
        bad
            Boolean, shape (rows of the batch,).
        describe
            Says what is wrong in a row of the batch, counted from 0.
        column
            Raw column in which it is.
        fix
            What to do about it.
        first_row
            Number of the batch's first row in the table, counted from 1.
        show
            Row of the batch to report instead of the lowest bad one (the worst, for example).
        """
        number = int(bad.sum())
        if not number:
            return
        self.count += number
        index = int(bad.argmax()) if show is None else show
        if self._first is None or first_row + index < self._first[0]:
            self._first = (first_row + index, column, describe(index), fix)

    def raise_first(self) -> None:
        """Raise the first problem, saying how many more there are.

        Raises
        ------
        TableError
            When there is any.
        """
        if self._first is None:
            return
        row, column, problem, fix = self._first
        raise TableError(
            problem + and_more(self.count - 1),
            study=self.study,
            table=self.table,
            row=row,
            column=column,
            fix=fix,
        )


def and_more(number: int) -> str:
    """Return `` (and N more)``, or nothing when there are no more."""
    return f" (and {number} more)" if number else ""
