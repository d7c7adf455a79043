"""Which rows are fitted: those of runs that ended, once each, of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scaling_studies.errors import CardError, TableError, one_line
from scaling_studies.reading.guesses import smells_of_data
from scaling_studies.reading.identify import identifiable
from scaling_studies.reading.kinds import Distinction, distinctions, repeated, shown_values
from scaling_studies.reading.names import name_of
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions
from scaling_studies.reading.roles import STATES
from scaling_studies.reading.table import Table
from scaling_studies.words import count_of, suggest

#: How far above the loss of a smaller run with less data one lies that went wrong.
FAR_ABOVE = 1.1
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
    sizes_missing: Callable[[], None] | None = None

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

    def keep(self, where: pd.Series | np.ndarray, note: str = "") -> int:
        """Keep rows, and say how many were left out."""
        mask = np.asarray(where, bool)
        left = int((~mask).sum())
        self.frame = self.frame.loc[self.frame.index[mask]]
        if left and note:
            self.notes.append(f"{count_of(left, 'row')} left out: {note}.")
        return left


def select(chosen: Selection) -> None:
    """Leave rows out, as was said or as must be, and say so.

    Raises
    ------
    MustBeSaid
        When rows are of several kinds, checkpoints or a sweep, and it was not said which count.
    TableError
        When a number is impossible, or no row is left.
    """
    _unfinished(chosen)
    ended_lost = _lost(chosen)
    _no_data_yet(chosen)
    _impossible(chosen)
    _said_rows(chosen)
    _one_kind(chosen)
    _name_runs(chosen)
    _checkpoints(chosen, ended_lost)
    _best(chosen)
    _went_wrong(chosen)
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
        chosen.keep((states != state)[chosen.frame.index], f"their state says {state}")


def _lost(chosen: Selection) -> set[str]:
    """Leave out rows without a loss; the names of runs that ended without one."""
    numbers = chosen.table.numbers(chosen.roles["loss"].column)
    lost = pd.Series(numbers.lost)[chosen.frame.index]
    ended = set()
    if "run" in chosen.frame:
        last = lost.groupby(chosen.frame["run"]).last()
        ended = set(last.index[last])
    chosen.keep(~lost, "their loss is NaN or infinite, so the run diverged")
    chosen.keep(np.isfinite(chosen.frame["loss"]), "no loss was measured there")
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
        wrong = chosen.frame[what] <= 0
        if wrong.any():
            row = int(wrong.index[wrong.to_numpy().argmax()])
            column = chosen.roles[what].column
            shown = "*".join(
                chosen.table.cells[name].iloc[row] for name in chosen.table.columns_of(column)
            )
            raise TableError(
                f"{shown} is not more than zero, as {what} must be",
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
    for found in distinctions(chosen.table, chosen.frame, chosen.axes, chosen.used):
        if found.sort == "kinds" and not _is_run(found, chosen):
            _ask_kind(found, chosen)
            return _one_kind(chosen)
    return None


def _is_run(found: Distinction, chosen: Selection) -> bool:
    return "run" in chosen.roles and chosen.roles["run"].column == found.column


def _ask_kind(found: Distinction, chosen: Selection) -> None:
    column = found.column
    answers = {value: f"--rows {_quoted(f'{column}={value}')}" for value in found.entries[:6]}
    answers["all"] = "--rows all"
    answer = chosen.questions.decide(
        f"rows are of {len(found.entries)} kinds that one law cannot hold "
        f"({one_line(column, 60)}: {shown_values(found.entries)})",
        answers,
        place={"column": column},
    )
    if answer == "all":
        chosen.rows = [*chosen.rows, "all"]
    else:
        cells = chosen.table.cells.loc[chosen.frame.index, column]
        chosen.keep(cells == answer, f"{one_line(column, 60)} is not {one_line(answer, 60)}")


def _quoted(text: str) -> str:
    return f"'{text}'" if any(sign in text for sign in ' ()&;<>|*$!"') else text


def _name_runs(chosen: Selection) -> None:
    """Tell runs of one name apart by their seed, number or date."""
    if "run" not in chosen.frame:
        return
    position = [name for name in ("step", *chosen.axes) if name in chosen.frame]
    keys = [chosen.frame["run"], *(chosen.frame[name] for name in position)]
    if not chosen.frame.groupby(keys, sort=False)["loss"].transform("size").gt(1).any():
        return
    sources = {chosen.roles["run"].column} | chosen.used
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


def _checkpoints(chosen: Selection, ended_lost: set[str]) -> None:
    """Keep the last row of each run, or all, where runs have several."""
    frame = chosen.frame
    if "run" not in frame or frame["run"].is_unique:
        return
    order = [name for name in ("step", "epochs", "tokens", "samples", "flops") if name in frame]
    position = frame[order[0]] if order else pd.Series(range(len(frame)), frame.index)
    if frame.groupby("run")[order[0]].nunique().max() == 1 if order else False:
        return
    if chosen.sizes_missing is not None:
        chosen.sizes_missing()
    last = position.groupby(frame["run"]).transform("max") == position
    ends = frame[last & ~frame["run"].isin(ended_lost)]
    if "last" in chosen.rows:
        chosen.alternatives["--rows all"] = frame
        _take_last(chosen, ends, ended_lost)
        return
    if "all" in chosen.rows:
        chosen.alternatives["--rows last"] = ends
        return
    if not {"tokens", "samples", "flops"} & set(frame):
        chosen.alternatives["--rows all"] = frame
        _take_last(chosen, ends, ended_lost)
        if "step" in chosen.roles:
            step = chosen.roles["step"].column
            chosen.warnings.append(
                f"Steps are not counted as data; --map tokens={step}*524288 with your tokens a "
                "step counts them."
            )
        return
    runs = int(frame["run"].nunique())
    said = (
        f"{len(frame)} checkpoints of {runs} runs: before its learning rate has decayed a "
        "checkpoint has a higher loss than a run that ends there"
    )
    if not _ends_suffice(ends):
        chosen.warnings.append(f"All {said}; the ends alone cannot determine a law.")
        chosen.alternatives["--rows last"] = ends
        return
    answer = chosen.questions.decide(
        said, {"last": "--rows last", "all": "--rows all"}, proposal="last", safe=True
    )
    if answer == "last":
        chosen.alternatives["--rows all"] = frame
        _take_last(chosen, ends, ended_lost)
    else:
        chosen.alternatives["--rows last"] = ends


def _ends_suffice(ends: pd.DataFrame) -> bool:
    if "params" in ends:
        return bool(identifiable(ends, "additive"))
    return bool(identifiable(ends, "power_offset"))


def _take_last(chosen: Selection, ends: pd.DataFrame, ended_lost: set[str]) -> None:
    left = len(chosen.frame) - len(ends)
    chosen.frame = ends
    chosen.notes.append(
        f"The last row of each of {count_of(len(ends), 'run')} is taken; "
        f"{count_of(left, 'row')} before it left out."
    )
    if ended_lost:
        chosen.notes.append(f"{count_of(len(ended_lost), 'run')} that diverged left out.")


def _best(chosen: Selection) -> None:
    """Keep the lowest loss of a sweep, or ask."""
    axes = chosen.axes
    if not axes:
        return
    if chosen.best_of is not None:
        column = chosen.best_of
        if column not in chosen.table.columns and column in chosen.roles:
            column = chosen.roles[column].column
        chosen.table.require(column, f"--best-of {column}")
        _keep_best(chosen, column)
        return
    if "all" in chosen.rows:
        return
    found = distinctions(chosen.table, chosen.frame, axes, chosen.used)
    for sweep in (each for each in found if each.sort == "sweeps"):
        answer = chosen.questions.decide(
            f"runs of one size and data differ in {one_line(sweep.column, 60)} "
            f"({shown_values(sweep.entries)}), and a law is meant for the best",
            {
                f"best of {sweep.column}": f"--best-of {_quoted(sweep.column)}",
                "all": "--rows all",
            },
            proposal=f"best of {sweep.column}",
            place={"column": sweep.column},
        )
        if answer != "all":
            _keep_best(chosen, sweep.column)
        return
    again = repeated(chosen.frame, axes)
    if again.any():
        replicates = [each for each in found if each.sort == "replicates"]
        replicates.sort(key=lambda each: _is_run(each, chosen))
        by = replicates[0].column if replicates else None
        if by and not _is_run(replicates[0], chosen):
            chosen.sorts.add("replicated")
        what = f"told apart by {one_line(by, 60)}" if by else "and no column tells them apart"
        chosen.notes.append(
            f"{count_of(int(again.sum()), 'row')} repeat size and data of another with another "
            f"loss, {what}; all are fitted."
        )


def _keep_best(chosen: Selection, column: str) -> None:
    keys = [np.round(np.log(chosen.frame[axis].to_numpy(float)), 6) for axis in chosen.axes]
    best = chosen.frame.groupby(keys)["loss"].idxmin()
    chosen.alternatives["--rows all"] = chosen.frame
    chosen.keep(
        chosen.frame.index.isin(best),
        f"another {one_line(column, 60)} has a lower loss at the same size and data",
    )


def _went_wrong(chosen: Selection) -> None:
    """Say, or leave out when told to, runs far above smaller ones that saw less data."""
    data = next((name for name in ("tokens", "samples", "flops") if name in chosen.frame), None)
    frame = chosen.frame
    if "params" not in frame or data is None or len(frame) > 5000 or len(frame) < 4:
        return
    sizes, amounts, loss = (frame[name].to_numpy(float) for name in ("params", data, "loss"))
    below = (sizes[None, :] <= sizes[:, None]) & (amounts[None, :] <= amounts[:, None])
    np.fill_diagonal(below, False)
    better = below & (loss[None, :] * FAR_ABOVE < loss[:, None])
    wrong = (below.sum(axis=1) > 1) & (better.sum(axis=1) > 0.5 * below.sum(axis=1))
    if not wrong.any():
        return
    if "diverged" in chosen.drop:
        chosen.alternatives["without --drop diverged"] = frame
        chosen.keep(~wrong, "their loss is far above that of smaller runs with less data")
        return
    rows = ", ".join(str(int(row) + 1) for row in frame.index[wrong][:5])
    chosen.warnings.append(
        f"{count_of(int(wrong.sum()), 'row')} ({rows}) far above the loss of smaller runs with "
        "less data; --drop diverged leaves them out."
    )
