"""Checkpoints of one run, settings that were tried, and runs that went wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scaling_studies.errors import one_line
from scaling_studies.reading.guesses import smells_of_data
from scaling_studies.reading.identify import identifiable
from scaling_studies.reading.kinds import SAME_LOSS, distinctions, repeated, shown_values
from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.progress import MOST, POSITIONS, order_of, positions
from scaling_studies.reading.questions import mapped, typed
from scaling_studies.reading.scales import counted
from scaling_studies.reading.selection import Selection, is_run
from scaling_studies.words import count_of

#: How far above the loss of a smaller run with less data one lies that went wrong.
FAR_ABOVE = 1.1
#: Range of an unknown column from which it may be an axis, and most rows that are compared.
WIDE, MOST_COMPARED = 3.0, 2000
#: Rows of a run from which the trend of its loss shows through noise.
LONG = 12


def one_row_a_run(chosen: Selection, ended_lost: set[str]) -> None:
    """Keep the last row of each run, or all, where runs have several."""
    frame = chosen.frame
    if "run" not in frame and evenly_spaced(frame) and "all" not in chosen.rows:
        chosen.warnings.append(
            "Rows of each size lie at even distances of steps with one batch size, as checkpoints "
            "of one run do, and no column names runs; before its learning rate has decayed a "
            "checkpoint has a higher loss than a run that ends there. With a column that names "
            "the runs --rows last takes their ends; --rows all says that all rows are meant."
        )
    if "run" not in frame or frame["run"].is_unique:
        return
    order = positions(frame)
    position = _position(chosen, order)
    if position is None:
        return
    if chosen.sizes_missing is not None:
        chosen.sizes_missing()
    data = [name for name in ("tokens", "samples", "flops") if name in frame]
    planned = bool(data) and not {*data} & {*order} and not chosen.models
    last = position.groupby(frame["run"]).transform("max") == position
    ends = frame[last & ~frame["run"].isin(ended_lost)]
    if "last" in chosen.rows:
        _take_last(chosen, ends, ended_lost)
        return
    if "all" in chosen.rows:
        chosen.alternatives["--rows last"] = ends
        if planned:
            chosen.warnings.append(
                f"All rows of a run have the {data[0]} of its end, also those of its checkpoints; "
                "--rows last leaves them out."
            )
        return
    if planned or not data:
        _take_last(chosen, ends, ended_lost)
        if planned:
            chosen.notes.append(f"{data[0]} are the same in all rows of a run: those of its end.")
        elif "step" in chosen.roles:
            step = counted(chosen.roles["step"].column, chosen.table)
            chosen.warnings.append(
                f"Steps are not counted as data; --map tokens={step}*524288 with your tokens a "
                "step counts them."
            )
        return
    runs = int(frame["run"].nunique())
    named = chosen.models if order and order[0] not in ("step", "epochs") else ""
    said = (
        f"{len(frame)} rows under {runs} names of {named}; if they are checkpoints of one run "
        "each, a checkpoint has a higher loss before its learning rate has decayed than a run "
        "that ends there"
        if named
        else f"{len(frame)} checkpoints of {runs} runs: before its learning rate has decayed a "
        "checkpoint has a higher loss than a run that ends there"
    )
    if not _ends_suffice(ends):
        chosen.warnings.append(f"All {said}; the ends alone cannot determine a law.")
        chosen.alternatives["--rows last"] = ends
        return
    answer = chosen.questions.decide(
        said, {"last": "--rows last", "all": "--rows all"}, proposal="last", safe=not named
    )
    if answer == "last":
        _take_last(chosen, ends, ended_lost)
    else:
        chosen.alternatives["--rows last"] = ends


def _position(chosen: Selection, order: list[str]) -> pd.Series | None:
    """How far runs had come at each row; None where it is not known or no end is looked for."""
    frame = chosen.frame
    if order:
        return frame[order[0]]
    if chosen.progress:
        told = order_of(chosen.table, chosen.progress[0], frame)
        if told is not None:
            return told
    others = any(name in frame for name in POSITIONS) and "last" not in chosen.rows
    said = "all" in chosen.rows or chosen.best_of is not None
    if others or said or _order_unknown(chosen):
        return None
    return pd.Series(range(len(frame)), frame.index)


def _ends_suffice(ends: pd.DataFrame) -> bool:
    if "params" in ends:
        return bool(identifiable(ends, "additive"))
    return bool(identifiable(ends, "power_offset"))


def _order_unknown(chosen: Selection) -> bool:
    """Ask which rows count where the loss does not fall along the rows of runs, as in a sweep."""
    frame = chosen.frame
    falls = frame.groupby("run")["loss"].diff().dropna() < 0
    if (column := _unknown_amount(chosen)) is not None:
        answers = {"the data": mapped(f"tokens={column}"), "all": "--rows all"}
        problem = f"{one_line(column, 60)} varies over the rows of a run, and may be its data"
        if chosen.questions.decide(problem, answers, place={"column": column}) == "all":
            chosen.rows = [*chosen.rows, "all"]
        return True
    if float(falls.mean()) >= MOST or _falls_in_all(frame):
        chosen.notes.append(
            "No column says how far a run had come; its rows are taken in the order in which they "
            "stand, along which the loss falls."
        )
        return False
    _ask_which(
        chosen,
        "no column says how far runs had come, and the loss does not fall along the rows of a run, "
        "so which row is the last is not known",
        int(falls.index[0]),
    )
    return True


def _unknown_amount(chosen: Selection) -> str | None:
    """Column that may be data, has no meaning yet and varies over the rows of runs."""
    frame, table = chosen.frame, chosen.table
    for column in table.columns:
        if column in chosen.used or not smells_of_data(name_of(column)):
            continue
        cells = table.cells.loc[frame.index, column]
        if table.is_numeric(column) and cells.groupby(frame["run"]).nunique().max() > 1:
            return column
    return None


def _falls_in_all(frame: pd.DataFrame) -> bool:
    """Whether the loss of long runs falls in spite of its noise, from third to third."""
    runs = [rows["loss"].to_numpy(float) for _, rows in frame.groupby("run")]
    if min(map(len, runs)) < LONG:
        return False
    thirds = [[float(np.mean(part)) for part in np.array_split(loss, 3)] for loss in runs]
    return all(first > middle > last for first, middle, last in thirds)


def _ask_which(chosen: Selection, problem: str, row: int) -> None:
    """Ask whether the lowest loss or all of several rows count, of which none is the last."""
    run = chosen.roles["run"].column
    settings = [
        column
        for column in chosen.table.columns
        if {*name_of(column).names} & word_list("sweeps") and chosen.table.varies(column)
    ]
    column = (settings or chosen.table.columns_of(run) or [run])[0]
    best = f"the lowest loss of each {' and '.join(chosen.axes)}" if chosen.axes else ""
    answers = {best: typed("--best-of", column)} if best else {}
    answers["all"] = "--rows all"
    answer = chosen.questions.decide(problem, answers, place={"row": row + 1, "column": run})
    if answer == "all":
        chosen.rows = [*(one for one in chosen.rows if one != "last"), "all"]
    else:
        chosen.best_of = column


def _take_last(chosen: Selection, ends: pd.DataFrame, ended_lost: set[str]) -> None:
    losses = ends.groupby("run")["loss"]
    apart = (losses.transform("max") - losses.transform("min")) > SAME_LOSS * ends["loss"].abs()
    if apart.any():
        if chosen.best_of is None:
            row = int(apart.index[apart][0])
            run = one_line(ends["run"][row], 60)
            count = int((ends["run"] == ends["run"][row]).sum())
            _ask_which(
                chosen, f"{count} rows of {run} with different losses stand at its end, and no "
                "column tells which is the last", row,
            )  # fmt: skip
        return
    ends = ends[~ends["run"].duplicated()]
    chosen.alternatives["--rows all"] = chosen.frame
    left = len(chosen.frame) - len(ends)
    chosen.frame = ends
    chosen.notes.append(
        f"The last row of each of {count_of(len(ends), 'run')} is taken; "
        f"{count_of(left, 'row')} before it left out."
    )
    if ended_lost:
        chosen.notes.append(f"{count_of(len(ended_lost), 'run')} that diverged left out.")


def evenly_spaced(frame: pd.DataFrame) -> bool:
    """Whether rows of each size are at even distances of steps, and have one batch size."""
    if not {"params", "tokens", "step"} <= {*frame} or frame["params"].nunique() == len(frame):
        return False
    for _, rows in frame.sort_values("step").groupby("params"):
        gaps = np.diff(rows["step"].to_numpy(float))
        batch = (rows["tokens"] / rows["step"]).to_numpy(float)
        even = len(rows) >= 3 and gaps[0] > 0 and np.allclose(gaps, gaps[0])
        if not even or np.ptp(batch) > 0.01 * batch[0]:
            return False
    return True


def best_of_sweeps(chosen: Selection) -> None:
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
    found = distinctions(chosen.table, chosen.frame, axes, chosen.used, chosen.progress)
    for sweep in (each for each in found if each.sort == "sweeps"):
        if chosen.sizes_missing is not None and _shapes_a_model(sweep.column):
            chosen.sizes_missing()
        if _ask_axis(sweep.column, chosen):
            return
        answer = chosen.questions.decide(
            f"runs of one size and data differ in {one_line(sweep.column, 60)} "
            f"({shown_values(sweep.entries)}), and a law is meant for the best",
            {
                f"best of {sweep.column}": typed("--best-of", sweep.column),
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
        replicates.sort(key=lambda each: is_run(each.column, chosen))
        by = replicates[0].column if replicates else None
        if by and not is_run(replicates[0].column, chosen):
            chosen.sorts.add("replicated")
        what = f"told apart by {one_line(by, 60)}" if by else "and no column tells them apart"
        chosen.notes.append(
            f"{count_of(int(again.sum()), 'row')} repeat size and data of another with another "
            f"loss, {what}; all are fitted."
        )


def _ask_axis(column: str, chosen: Selection) -> bool:
    """Ask about an unknown column with which the loss falls as it does with data or size.

    Returns whether all rows are kept without it.
    """
    name = name_of(column)
    if {name.full, name.plain} & word_list("sweeps"):
        return False
    frame = chosen.frame
    values = chosen.table.numbers(column).floats[frame.index.to_numpy()]
    if not (values > 0).all() or values.max() < WIDE * values.min() or len(frame) > MOST_COMPARED:
        return False
    same = np.ones((len(frame), len(frame)), bool)
    for axis in chosen.axes:
        logs = np.log(frame[axis].to_numpy(float))
        same &= np.abs(logs[:, None] - logs[None, :]) < 1e-6
    loss = frame["loss"].to_numpy(float)
    more = same & (values[:, None] > values[None, :])
    falls = more & (loss[:, None] < loss[None, :])
    if 5 * int(falls.sum()) < 4 * int(more.sum()):
        return False
    known = set(chosen.axes)
    axes = {what: mapped(f"{what}={column}") for what in ("tokens", "samples", "params", "flops")}
    for what in known & axes.keys():
        axes.pop(what)
    if known & {"tokens", "samples", "flops"}:
        axes = {what: flag for what, flag in axes.items() if what == "params"}
    answer = chosen.questions.decide(
        f"the loss falls with {one_line(column, 60)} among runs that are alike in "
        f"{', '.join(sorted(known))}, as it does with an axis of a law",
        {**axes, "a setting": typed("--best-of", column), "all": "--rows all"},
        place={"column": column},
    )
    return answer != "a setting"


def _shapes_a_model(column: str) -> bool:
    """Whether a column is the depth or a width of models, whose sizes differ then."""
    name = name_of(column)
    return bool({name.full, name.plain, *name.words} & word_list("architecture"))


def _keep_best(chosen: Selection, column: str) -> None:
    keys = [np.round(np.log(chosen.frame[axis].to_numpy(float)), 6) for axis in chosen.axes]
    best = chosen.frame.groupby(keys)["loss"].idxmin()
    chosen.alternatives["--rows all"] = chosen.frame
    chosen.keep(
        chosen.frame.index.isin(best),
        f"another {one_line(column, 60)} has a lower loss at the same size and data",
    )


def went_wrong(chosen: Selection) -> None:
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
