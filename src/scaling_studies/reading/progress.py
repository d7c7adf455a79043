"""Columns that say how far a run had come when a row of it was written."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.positions import names_checkpoints, positions_of
from scaling_studies.reading.table import Table

#: What of a frame says how far a run had come, the surest first.
POSITIONS = ("step", "epochs", "tokens", "samples", "flops")
#: Share of the rows of runs after the first at which the loss falls along a column of progress.
MOST = 0.8


def positions(frame: pd.DataFrame) -> list[str]:
    """Positions that change over the rows of a run, the surest first."""
    runs = frame.groupby("run")
    return [name for name in POSITIONS if name in frame and runs[name].nunique().max() > 1]


def progress_columns(table: Table, frame: pd.DataFrame) -> list[str]:
    """Columns named after time, passes or checkpoints that rise over the rows of each run.

    Where neither steps nor data change over the rows of runs, the loss has to fall along them:
    else they may tell runs of one name apart.
    """
    if "run" not in frame or frame["run"].is_unique:
        return []
    known = [name for name in positions(frame) if name != "epochs"]
    found = []
    for column in table.columns:
        named = {*name_of(column).words} & word_list("progress")
        if not named and not names_checkpoints(table.cells.loc[frame.index, column]):
            continue
        values = order_of(table, column, frame)
        if values is None or frame["run"].groupby([frame["run"], values]).size().max() > 1:
            continue
        along = frame[known[0]] if known else values
        other = values if known else -frame["loss"]
        rises = other.iloc[np.argsort(along, kind="stable")].groupby(frame["run"]).diff().dropna()
        if len(rises) and float((rises > 0).mean()) >= (1.0 if known else MOST):
            found.append(column)
    return found


def order_of(table: Table, column: str, frame: pd.DataFrame) -> pd.Series | None:
    """Order of the cells of a column by their numbers; None where some have none."""
    values = pd.Series(table.numbers(column).floats)[frame.index]
    if np.isfinite(values).all():
        return values
    cells = table.cells.loc[frame.index, column]
    told = None if (cells == "").any() else positions_of(cells)
    return None if told is None else pd.Series(told, frame.index)
