"""A table of runs that has been read: numbers in base units, and what they were taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Role:
    """A column taken for something.

    Attributes
    ----------
    column
        Name of the column.
    unit
        Its unit; None where there is none or it is not known yet.
    why
        What speaks for it, for the reader of the proposal.
    """

    column: str
    unit: str | None = None
    why: str = "by its name"


@dataclass(frozen=True)
class OwnRuns:
    """Runs as they are fitted, and how they were read.

    Attributes
    ----------
    frame
        One row an observation that is fitted, numbered from 0. Those known of ``params``,
        ``tokens``, ``samples``, ``flops`` and ``loss`` are floats in base units (counts, FLOP, the
        unit of the loss); ``run`` is text, ``step`` a float; other roles (``dataset``, ``seed``,
        ``learning_rate``, ...) stand under their names.
    roles
        Name -> column that was taken for it.
    unit, metric
        Unit of ``loss`` as a study card writes it (``nats_per_token``, ...), and what was measured.
    size
        Column of the run table that the sizes are: ``params_total``, ``params_non_embedding`` or
        ``params_active``.
    notes
        Sentences: what was recognised, what was left out and how many.
    warnings
        Sentences: what may make a law of these runs mean something else.
    assumed
        ``unit`` and ``params_convention``, where nothing tells them and the usual one is taken ->
        flag that says them. They name numbers and change none.
    alternatives
        Flag -> frame of the rows that it would give: what a result is shown beside.
    other_losses
        What was said of further losses -> the runs with each of them.
    cells
        The table as text: one row for each of `frame`, or all when `whole`.
    whole
        Whether every row is in `frame` but those that a card leaves out by itself.
    kind
        Form of the file: a key of `files.KINDS`.
    path
        File or folder; None when a frame was given.
    """

    frame: pd.DataFrame
    roles: Mapping[str, Role]
    unit: str
    metric: str
    size: str
    cells: pd.DataFrame
    kind: str
    path: Path | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)
    alternatives: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    whole: bool = True
    other_losses: Mapping[str, OwnRuns] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the file, or what a frame is called."""
        return self.path.name if self.path is not None else "the frame"
