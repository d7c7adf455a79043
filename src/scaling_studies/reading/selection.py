"""Rows of a table on their way to the fit, and what is said about those left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scaling_studies.errors import one_line
from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions
from scaling_studies.reading.table import Table
from scaling_studies.words import count_of

#: Columns of the frame that a law sees.
AXES = ("params", "tokens", "samples", "flops")


@dataclass
class Selection:
    """Rows on their way to the fit.

    Attributes
    ----------
    table, frame
        The table, and the rows that are left; the index of `frame` counts rows of the table.
    roles
        Name -> column.
    questions
        Asks, or stops.
    rows, best_of, drop
        What was said; see `read_runs`.
    notes, warnings
        Sentences.
    alternatives
        What to type -> rows that it would give.
    sorts
        ``replicated`` when a column tells repetitions apart.
    told_by_card
        Rows left out that a card leaves out by itself: unfinished, or without a loss.
    progress
        Columns that say how far a run had come.
    sizes_missing
        Asks for the sizes of runs with checkpoints; None where they are known or not wanted.
    """

    table: Table
    frame: pd.DataFrame
    roles: Mapping[str, Role]
    questions: Questions
    rows: Sequence[str] = ()
    best_of: str | None = None
    drop: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    alternatives: dict[str, pd.DataFrame] = field(default_factory=dict)
    sorts: set[str] = field(default_factory=set)
    told_by_card: int = 0
    progress: Sequence[str] = ()
    sizes_missing: Callable[[], None] | None = None

    @property
    def rows_said(self) -> list[str]:
        """Kinds of rows that were asked for, as ``column=value``."""
        return [one for one in self.rows if "=" in one]

    @property
    def axes(self) -> list[str]:
        """Columns that tell places in a design apart."""
        known = [axis for axis in AXES if axis in self.frame]
        return [axis for axis in known if axis != "flops" or len(known) == 1] if known else []

    @property
    def used(self) -> set[str]:
        """Columns of the table that have a meaning of their own."""
        kept = {
            column
            for what, role in self.roles.items()
            if what in (*AXES, "loss", "step", "status", "unique_tokens")
            or what.startswith("params")
            for column in self.table.columns_of(role.column)
        }
        return kept

    @property
    def models(self) -> str:
        """Column of names that are those of models rather than runs; empty where runs are named."""
        if "run" not in self.frame or "params" not in self.frame:
            return ""
        column = self.roles["run"].column
        names = {*name_of(column).names}
        if names & word_list("columns", "run") and not names & word_list("models"):
            return ""
        pairs = self.frame[["run", "params"]].drop_duplicates()
        one_size = pairs["run"].is_unique and pairs["params"].is_unique
        return one_line(column, 60) if one_size else ""

    def keep(self, where: pd.Series | np.ndarray, note: str = "") -> int:
        """Keep rows, and say how many were left out."""
        mask = np.asarray(where, bool)
        left = int((~mask).sum())
        self.frame = self.frame.loc[self.frame.index[mask]]
        if left and note:
            self.notes.append(f"{count_of(left, 'row')} left out: {note}.")
        return left


def is_run(column: str, chosen: Selection) -> bool:
    """Whether a column names the runs."""
    return "run" in chosen.roles and chosen.roles["run"].column == column
