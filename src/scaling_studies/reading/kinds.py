"""Rows of one size and data that differ in something else: kinds, sweeps, repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scaling_studies.errors import one_line
from scaling_studies.reading.guesses import guess, is_other_metric, smells_of_data
from scaling_studies.reading.names import TABLE, name_of, word_list
from scaling_studies.reading.table import Table

#: Relative difference of losses under which rows repeat one another.
SAME_LOSS = 1e-9
#: Roles whose columns are no kinds of rows.
MEASURED = ("loss", "step", "params", "size", "tokens", "flops", "samples")
#: Most values that a column of kinds has.
MOST_KINDS = 12
#: Most of a column of texts whose name says nothing.
FEW_KINDS = 4
_LISTS = {
    key: frozenset(TABLE[key].split()) for key in ("replicates", "kinds", "sweeps", "ignored")
}


@dataclass(frozen=True)
class Distinction:
    """A column that tells rows of one size and data apart.

    Attributes
    ----------
    column
        Its name.
    sort
        ``kinds`` (other things are measured or trained), ``sweeps`` (a setting is tried) or
        ``replicates`` (the same again).
    entries
        What it holds.
    """

    column: str
    sort: str
    entries: tuple[str, ...]


def repeated(frame: pd.DataFrame, axes: Sequence[str]) -> pd.Series:
    """Where rows have the size and data of another row, and another loss."""
    if not axes:
        return pd.Series(False, index=frame.index)
    keys = [np.round(np.log(frame[axis].to_numpy(float)), 6) for axis in axes]
    groups = frame["loss"].groupby(keys)
    spread = groups.transform("max") - groups.transform("min")
    return spread > SAME_LOSS * frame["loss"].abs()


def distinctions(
    table: Table,
    frame: pd.DataFrame,
    axes: Sequence[str],
    used: set[str],
    progress: Sequence[str] = (),
) -> list[Distinction]:
    """Columns that tell rows apart, those of kinds first.

    Parameters
    ----------
    table
        The table; its rows are named by the index of `frame`.
    frame
        Rows that are left, with axes and loss.
    axes
        Columns of `frame` that a law sees.
    used
        Columns of the table that are sizes, data, compute, loss, step or state.
    progress
        Columns that say how far a run had come, which make no kinds.
    """
    again = repeated(frame, axes)
    keys = [np.round(np.log(frame[axis].to_numpy(float)), 6) for axis in axes]
    passes = _passes(table, progress) if {"tokens", "samples"} & {*axes} else None
    found = []
    for column in table.columns:
        repeats = column == passes
        if column in progress or (column in used and not repeats):
            continue
        cells = table.cells.loc[frame.index, column]
        filled = cells[cells != ""]
        values = tuple(sorted(set(filled)))
        if len(values) < 2:
            continue
        sort = "kinds" if repeats else _sort(column, table)
        tells = bool(again.any()) and _tells_apart(cells, again, keys)
        if sort == "":
            few = tells and len(values) <= len(frame) / 2
            text = not table.is_numeric(column)
            few = few or (text and len(values) <= FEW_KINDS and _mixes(cells, frame, keys))
            sort = ("kinds" if text else "sweeps") if few else "ignored"
        if sort == "kinds" and not repeats:
            tells = len(values) <= MOST_KINDS and (tells or _mixes(cells, frame, keys))
        if tells and sort != "ignored":
            found.append(Distinction(column, sort, values))
    order = ("kinds", "sweeps", "replicates")
    return sorted(found, key=lambda each: order.index(each.sort))


def _passes(table: Table, progress: Sequence[str]) -> str | None:
    """Column of how often data were seen, or of how much of it was new: it changes a law."""
    for wanted in ("epochs", "unique_tokens"):
        for column in table.columns:
            name = name_of(column)
            role = guess(name)
            told = {*name.names} & word_list("columns", "epochs") if wanted == "epochs" else (
                role is not None and role.role == wanted
            )  # fmt: skip
            if told and table.is_numeric(column) and column not in progress:
                return column
    return None


def _sort(column: str, table: Table) -> str:
    """Sort of a column by its name; "ignored" for measurements and notes, "" when unknown."""
    name = name_of(column)
    for sort in ("kinds", "sweeps", "replicates", "ignored"):
        if name.plain in _LISTS[sort] or name.full in _LISTS[sort]:
            amount = sort == "kinds" and table.is_numeric(column) and smells_of_data(name)
            return "ignored" if amount else sort
    role = guess(name)
    if role is not None and role.role in MEASURED:
        return "ignored"
    if _holds_a_setting(name.full):
        return "sweeps"
    if table.is_numeric(column) and (is_other_metric(name) or smells_of_data(name)):
        return "ignored"
    numbers = table.numbers(column)
    measured = table.is_numeric(column) and len(set(table.cells[column])) > MOST_KINDS
    return "ignored" if measured and not numbers.wrong.any() else ""


def _holds_a_setting(full: str) -> bool:
    """Whether a name holds that of a setting that is tried: ``base_lr``, ``muon_weight_decay``."""
    return any(f"_{setting}_" in f"_{full}_" for setting in _LISTS["sweeps"])


def _tells_apart(cells: pd.Series, again: pd.Series, keys: list[np.ndarray]) -> bool:
    """Whether a column differs among rows of one size and data, in most such places."""
    counts = cells.groupby(keys).transform("nunique")[again]
    return bool((counts > 1).mean() > 0.5)


def _mixes(cells: pd.Series, frame: pd.DataFrame, keys: list[np.ndarray]) -> bool:
    """Whether kinds stand side by side among rows of all sizes, each with rows of its own."""
    if cells.value_counts().min() < 2 or not keys:
        return False
    # A kind that goes with the size, such as an architecture, is no kind of its own.
    sizes = [keys[0]]
    by_size = cells.groupby(sizes).nunique()
    if (by_size <= 1).all():
        return False
    if len(keys) < 2 or cells.groupby([keys[-1]]).nunique().max() > 1:
        return True
    # Nor is one that goes with the data: then each kind has a range of it.
    along = cells.iloc[np.argsort(keys[-1], kind="stable")].to_numpy()
    return int((along[1:] != along[:-1]).sum()) + 1 > len(set(along))


def shown_values(values: Sequence[str], most: int = 5) -> str:
    """Values of a column for a message."""
    text = ", ".join(one_line(value, 30) for value in values[:most])
    return text + (", ..." if len(values) > most else "")
