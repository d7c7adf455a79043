"""Which rows are fitted: those of runs that ended, once each, of one kind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scaling_studies.errors import CardError, TableError, one_line
from scaling_studies.reading.checkpoints import best_of_sweeps, one_row_a_run, went_wrong
from scaling_studies.reading.flags import ask_of_flagged
from scaling_studies.reading.guesses import smells_of_data
from scaling_studies.reading.kinds import Distinction, distinctions, shown_values
from scaling_studies.reading.names import name_of
from scaling_studies.reading.progress import progress_columns
from scaling_studies.reading.questions import typed
from scaling_studies.reading.roles import STATES
from scaling_studies.reading.selection import AXES, Selection, is_run
from scaling_studies.words import suggest

#: Most of anything that a run has.
MOST = 1e30


def select(chosen: Selection) -> None:
    """Leave rows out, as was said or as must be, and say so.

    Raises
    ------
    MustBeSaid
        When rows are of several kinds, checkpoints or a sweep, and it was not said which count.
    TableError
        When a number is impossible, or no row is left.
    """
    _said_rows(chosen)
    _unfinished(chosen)
    ended_lost = _lost(chosen)
    _no_data_yet(chosen)
    _impossible(chosen)
    _require_rows(chosen)
    ask_of_flagged(chosen)
    if "last" in chosen.rows or not chosen.models:
        chosen.progress = progress_columns(chosen.table, chosen.frame)
    _one_kind(chosen)
    _name_runs(chosen)
    one_row_a_run(chosen, ended_lost)
    best_of_sweeps(chosen)
    went_wrong(chosen)
    _require_rows(chosen)


def _require_rows(chosen: Selection) -> None:
    if chosen.frame.empty:
        raise TableError(
            "no row is left to fit",
            table=chosen.table.name,
            fix="look at what was left out: " + " ".join(chosen.notes[-4:]),
        )


def _unfinished(chosen: Selection) -> None:
    """Leave out runs whose state says that they did not end."""
    if "status" not in chosen.frame:
        return
    states = chosen.frame["status"].str.lower().map(STATES).fillna("ok")
    for state in ("unfinished", "diverged"):
        left = chosen.keep((states != state)[chosen.frame.index], f"their state says {state}")
        chosen.told_by_card += left


def _lost(chosen: Selection) -> set[str]:
    """Leave out rows without a loss; the names of runs that ended without one."""
    table = chosen.table
    columns = table.columns_of(chosen.roles["loss"].column)
    cells = [table.numbers(column).lost for column in columns]
    lost = pd.Series(np.any(cells, axis=0))[chosen.frame.index]
    ended = set()
    if "run" in chosen.frame:
        last = lost.groupby(chosen.frame["run"]).last()
        ended = {str(name) for name, gone in last.items() if gone}
    chosen.keep(~lost, "their loss is NaN or infinite, so the run diverged")
    unmeasured = chosen.keep(np.isfinite(chosen.frame["loss"]), "no loss was measured there")
    chosen.told_by_card += unmeasured
    if "diverged" in chosen.drop and "run" in chosen.frame:
        chosen.keep(~chosen.frame["run"].isin(ended), "their run diverged later")
    return ended


def _no_data_yet(chosen: Selection) -> None:
    for what in ("tokens", "samples", "flops"):
        if what in chosen.frame:
            chosen.keep(chosen.frame[what] != 0, f"{what} is 0, before the first step")


def _impossible(chosen: Selection) -> None:
    """Stop at numbers that cannot be, and leave out rows without a size or data."""
    for what in (*AXES, "loss"):
        if what not in chosen.frame:
            continue
        # Squares of larger numbers are no numbers of a computer any more.
        wrong = (chosen.frame[what] <= 0) | (chosen.frame[what] > MOST)
        if wrong.any():
            row = int(wrong.index[int(wrong.to_numpy().argmax())])
            column = chosen.roles[what].column
            shown = "*".join(
                chosen.table.cells[name].iloc[row] for name in chosen.table.columns_of(column)
            )
            problem = "not more than zero" if chosen.frame[what][row] <= 0 else f"above {MOST:g}"
            raise TableError(
                f"{one_line(shown, 60)} is {problem}, as {what} "
                f"{'must' if 'not' in problem else 'cannot'} be",
                table=chosen.table.name,
                row=row + 1,
                column=column,
                fix="correct the number or delete the row",
            )
        if what != "loss":
            chosen.keep(np.isfinite(chosen.frame[what]), f"their {what} is empty")


def _said_rows(chosen: Selection) -> None:
    """Keep and drop rows by values of columns."""
    for text, keeps in [
        *((text, True) for text in chosen.rows),
        *((t, False) for t in chosen.drop),
    ]:
        column, equals, value = text.partition("=")
        if not equals:
            if text not in ("last", "all", "diverged", "unfinished"):
                flag = "--rows" if keeps else "--drop"
                words = "last, all" if keeps else "diverged, unfinished"
                raise CardError(
                    f"{flag} {text}: nothing is called {text!r}",
                    fix=f"say {words} or COLUMN=VALUE",
                )
            continue
        chosen.table.require(column, text)
        cells = chosen.table.cells.loc[chosen.frame.index, column]
        if not (cells == value).any():
            known = list(cells.unique())
            raise CardError(
                f"{text}: no row has {value!r} there",
                fix=suggest(value, known, f"there are {shown_values(known)}"),
            )
        chosen.keep((cells == value) == keeps, "as you said, " + text)


def _one_kind(chosen: Selection) -> None:
    """Ask which rows count where they are of several kinds."""
    if "all" in chosen.rows or not chosen.axes:
        return
    for found in distinctions(
        chosen.table, chosen.frame, chosen.axes, chosen.used, chosen.progress
    ):
        if found.sort == "kinds" and not is_run(found.column, chosen):
            _ask_kind(found, chosen)
            return _one_kind(chosen)
    return None


def _ask_kind(found: Distinction, chosen: Selection) -> None:
    column = found.column
    answers = {value: typed("--rows", f"{column}={value}") for value in found.entries[:6]}
    if column in progress_columns(chosen.table, chosen.frame):
        answers["last of each run"] = "--rows last"
    answers["all"] = "--rows all"
    answer = chosen.questions.decide(
        f"rows are of {len(found.entries)} kinds that one law cannot hold "
        f"({one_line(column, 60)}: {shown_values(found.entries)})",
        answers,
        place={"column": column},
    )
    if answer in ("all", "last of each run"):
        chosen.rows = [*chosen.rows, answer.split()[0]]
        chosen.progress = [column] if answer != "all" else ()
    else:
        cells = chosen.table.cells.loc[chosen.frame.index, column]
        chosen.keep(cells == answer, f"{one_line(column, 60)} is not {one_line(answer, 60)}")


def _apart_by_size(chosen: Selection) -> None:
    """Tell sizes under one name apart: the name is that of a sweep, and no run changes its size."""
    frame = chosen.frame
    if "params" not in frame or frame.groupby("run")["params"].nunique().max() < 2:
        return
    sizes = frame["params"].map("{:g}".format)
    chosen.frame = frame.assign(run=frame["run"] + " of " + sizes)
    chosen.notes.append("Runs of one name are told apart by their size.")


def _name_runs(chosen: Selection) -> None:
    """Tell runs of one name apart by their seed, number or date."""
    if "run" not in chosen.frame:
        return
    _apart_by_size(chosen)
    position = [name for name in ("step", *chosen.axes) if name in chosen.frame]
    keys = [chosen.frame["run"], *(chosen.frame[name] for name in position)]
    if not chosen.frame.groupby(keys, sort=False)["loss"].transform("size").gt(1).any():
        return
    sources = {chosen.roles["run"].column, *chosen.progress} | chosen.used
    for column in chosen.table.columns:
        if column in sources:
            continue
        cells = chosen.table.cells.loc[chosen.frame.index, column]
        if smells_of_data(name_of(column)):
            continue
        if chosen.table.is_numeric(column) and cells.nunique() > len(cells) / 2:
            continue
        if (
            not chosen.frame.groupby([*keys, cells], sort=False)["loss"]
            .transform("size")
            .gt(1)
            .any()
        ):
            chosen.frame = chosen.frame.assign(run=chosen.frame["run"] + f" {column} " + cells)
            chosen.notes.append(f"Runs of one name are told apart by {one_line(column, 60)}.")
            return
