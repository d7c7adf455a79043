"""The way in: a file, a folder or a frame becomes runs in base units, or one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from scaling_studies.artefacts.given import why_not_plain
from scaling_studies.errors import MustBeSaid, one_line
from scaling_studies.reading.alternatives import alternatives
from scaling_studies.reading.axes import Axes, choose_axes
from scaling_studies.reading.files import KINDS, Raw, from_frame, read_file
from scaling_studies.reading.folders import read_folder
from scaling_studies.reading.hints import (
    how_to_say,
    letters,
    sizes_and_data,
    what_smells,
    where_compute_stands,
    where_data_stand,
    where_sizes_stand,
    where_the_loss_stands,
)
from scaling_studies.reading.joins import join_runs
from scaling_studies.reading.kinds import repeated
from scaling_studies.reading.labels import read_labels
from scaling_studies.reading.losses import LOSS_UNITS, loss_values
from scaling_studies.reading.maps import SIZES, read_maps
from scaling_studies.reading.numbers import without_error
from scaling_studies.reading.own_runs import OwnRuns, Role
from scaling_studies.reading.plausible import require_data_to_tell, require_losses_to_differ
from scaling_studies.reading.questions import Ask, Questions, mapped
from scaling_studies.reading.roles import Candidates, choose_loss, choose_others
from scaling_studies.reading.rows import select
from scaling_studies.reading.selection import Selection
from scaling_studies.reading.sizes import choose_sizes
from scaling_studies.reading.table import Table, marked_numbers
from scaling_studies.reading.unexplained import ask_what_explains

__all__ = ["LOSS_UNITS", "SIZES", "read_runs"]


def read_runs(
    path_or_frame: str | Path | pd.DataFrame,
    *,
    maps: Sequence[str] = (),
    unit: str | None = None,
    metric: str | None = None,
    params_convention: str | None = None,
    join: str | Path | pd.DataFrame | None = None,
    rows: str | Sequence[str] | None = None,
    best_of: str | None = None,
    drop: str | Sequence[str] = (),
    yes: bool = False,
    ask: Ask | None = None,
) -> OwnRuns:
    """Read a table of runs in any form that is recognised.

    Parameters
    ----------
    path_or_frame
        File, folder, or a frame with a row a run or a checkpoint.
    maps
        As ``tokens=train_tokens:million``: what the columns are; ``tokens=step*524288`` for a
        product, ``tokens=none`` for no column. Of several losses the first is the one of the runs,
        the others stand in ``other_losses``.
    unit, metric
        Unit of the loss, and what was measured.
    params_convention
        ``total``, ``non_embedding`` or ``active``: what the sizes count, or which of several
        columns of sizes is taken.
    join
        Table with a row a run, whose columns are added.
    rows
        ``last`` keeps the last row of each run, ``all`` all of them, ``column=value`` those of one
        kind; several may be given.
    best_of
        Column that runs differ in, of which the lowest loss is kept.
    drop
        Rows to leave out: ``diverged``, ``unfinished`` or ``column=value``.
    yes
        Whether safe proposals are taken without asking.
    ask
        Asks a person: called with question, choices and proposal. None when no one is there.

    Returns
    -------
    OwnRuns

    Raises
    ------
    MustBeSaid
        Something only the user can say; the fix names the flag.
    TableError
        The table cannot be read.
    CardError
        An argument of another form.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({
    ...     "name": ["a", "b", "c", "d"], "n_params": ["15M", "15M", "42M", "42M"],
    ...     "tokens (B)": [1, 4, 1, 4], "val/loss": [5.1, 4.4, 4.7, 4.0]})
    >>> read_runs(runs).frame[["params", "tokens", "loss"]].to_numpy()[:2].tolist()
    [[15000000.0, 1000000000.0, 5.1], [15000000.0, 4000000000.0, 4.4]]
    """
    losses = list(dict.fromkeys(text for text in maps if text.partition("=")[0].strip() == "loss"))
    if len(losses) > 1:
        rest = [text for text in maps if text not in losses]
        each = {
            mapped(loss): read_runs(
                path_or_frame, maps=[*rest, loss], unit=unit, metric=metric, join=join, rows=rows,
                params_convention=params_convention, best_of=best_of, drop=drop, yes=yes, ask=ask,
            )
            for loss in losses
        }  # fmt: skip
        first, *others = each.items()
        return replace(first[1], other_losses=dict(others))
    raw = _raw(path_or_frame)
    questions = Questions(raw.name, ask, yes=yes)
    if join is not None:
        raw = join_runs(raw, _raw(join), maps)
    rows = [rows] if isinstance(rows, str) else list(rows or ())
    drop = [drop] if isinstance(drop, str) else list(drop)
    table = Table(raw)
    table.set_aside(rows, drop)
    said = read_maps(maps, table)
    read_labels(table, said, params_convention, questions)
    candidates = Candidates(table, said)
    loss = choose_loss(candidates, unit, questions, where_the_loss_stands(table))
    sizes, convention = choose_sizes(candidates, params_convention, questions)
    axes = choose_axes(candidates, sizes, questions)
    values, loss, measured = loss_values(loss, table, axes, questions)
    roles = {**axes.roles, "loss": loss}
    roles |= choose_others(candidates, roles)
    frame = _frame(table, roles, axes, values)
    chosen = Selection(table, frame, roles, questions, rows=rows, best_of=best_of, drop=drop)
    _require_axis(candidates, roles, chosen, questions)
    if "params" not in roles and said.get("params", 0) is not None:
        chosen.sizes_missing = lambda: _sizes_missing(candidates, roles, chosen, questions)
    select(chosen)
    require_losses_to_differ(chosen)
    _nothing_forgotten(candidates, said, roles, chosen, questions)
    require_data_to_tell(chosen)

    def choose(rows: Sequence[str], drop: Sequence[str]) -> Selection:
        silent = Questions(raw.name)
        other = Selection(table, frame, roles, silent, rows=rows, best_of=best_of, drop=drop)
        select(other)
        return other

    assumed = {}
    if "params" in roles and convention is None:
        assumed["params_convention"] = "--params-convention total, non_embedding or active"
    if loss.unit is None:
        assumed["unit"] = "--unit, one of " + ", ".join(LOSS_UNITS)
    kept = chosen.frame.index
    whole = len(kept) + chosen.told_by_card == len(table.cells)
    return OwnRuns(
        frame=chosen.frame.reset_index(drop=True),
        roles=roles,
        unit=measured,
        metric=metric or "loss",
        size=SIZES[convention or "total"],
        cells=(table.cells if whole else table.cells.loc[kept]).reset_index(drop=True),
        kind=raw.kind,
        path=raw.path,
        notes=(*_recognised(table, roles, axes), *raw.notes, *axes.notes, *chosen.notes),
        warnings=(*axes.warnings, *chosen.warnings, *marked_numbers(table, roles)),
        assumed=assumed,
        whole=whole,
        alternatives={
            flag: other.reset_index(drop=True)
            for flag, other in alternatives(chosen, choose).items()
        },
    )


def _raw(source: str | Path | pd.DataFrame) -> Raw:
    if isinstance(source, pd.DataFrame):
        return from_frame(source)
    path = Path(source)
    # Names that are too long and folders that may not be looked into are told by what reads.
    return read_folder(path) if why_not_plain(path) == "it is a folder" else read_file(path)


def _frame(table: Table, roles: Mapping[str, Role], axes: Axes, loss: np.ndarray) -> pd.DataFrame:
    """Numbers of all rows in base units; text of runs, corpora and states."""
    columns: dict[str, np.ndarray | pd.Series] = {}
    for what, role in roles.items():
        if what == "loss":
            columns[what] = loss
        elif what in axes.numbers:
            columns[what] = axes.numbers[what]
        elif what in ("run", "dataset", "status") or not table.is_numeric(role.column):
            columns[what] = table.cells[role.column]
        else:
            columns[what] = table.values(role.column)
    return pd.DataFrame(columns, index=table.cells.index)


def _require_axis(
    candidates: Candidates, roles: Mapping[str, Role], chosen: Selection, questions: Questions
) -> None:
    """Stop when neither sizes nor data nor compute are known."""
    if {"params", "tokens", "samples", "flops"} & set(roles):
        return
    table = candidates.table
    candidates.require_read("params", "tokens", "samples", "flops")
    candidates.require_numbers("params", "tokens", "samples", "flops")
    everything = np.arange(len(table.cells))
    smelling = what_smells(candidates, chosen.used - _steps(roles), everything)
    sizes = sizes_and_data(candidates, chosen.used)
    if not sizes:
        sizes = where_sizes_stand(candidates, chosen.used)
        names = [column for column in table.columns if not table.is_numeric(column)]
        of_names = {mapped(f"tokens={column}") for column in names}
        sizes = [" or ".join(sizes)] if len(sizes) > 1 else sizes
        sizes += [one for one in where_data_stand(candidates, chosen.used) if one in of_names]
        sizes += letters(candidates)
    hints = [*sizes, *(how_to_say(column, candidates) for column in smelling[:1])]
    hint = f"; for example {' and '.join(hints)}" if hints and not sizes else ""
    said = (
        " and ".join(hints)
        if sizes
        else "--map params=COLUMN, --map tokens=COLUMN or --map flops=COLUMN"
    )
    raise MustBeSaid(
        "no column is recognised as sizes, tokens, samples or compute",
        table=table.name,
        fix=f"say which it is with {said}, or give a table with a row a run with --join FILE"
        f"{hint}; there are: {table.shown(table.columns)}",
    )


def _steps(roles: Mapping[str, Role]) -> set[str]:
    return {roles["step"].column} if "step" in roles else set()


def _nothing_forgotten(
    candidates: Candidates,
    said: Mapping[str, Role | None],
    roles: Mapping[str, Role],
    chosen: Selection,
    questions: Questions,
) -> None:
    """Ask when runs differ by something that may be data, size or compute and is not used."""
    frame = chosen.frame
    none_said = any(said.get(what, 0) is None for what in ("tokens", "samples", "flops"))
    if not {"tokens", "samples", "flops"} & set(roles) and not none_said:
        candidates.require_read("tokens", "samples", "flops")
        rows = frame.index.to_numpy()
        params = frame["params"].to_numpy(float) if "params" in frame else None
        smelling = what_smells(candidates, chosen.used - _steps(roles), rows, params)
        again = bool(repeated(frame, ["params"]).any())
        if smelling:
            column = smelling[0]
            questions.decide(
                f"no column is recognised as the data that runs saw, and "
                f"{', '.join(one_line(each, 40) for each in smelling[:4])} may be it",
                {
                    "data": how_to_say(column, candidates),
                    "sizes alone": "--map tokens=none",
                },
                place={"column": column},
            )
        elif again and "replicated" not in chosen.sorts:
            data = where_data_stand(candidates, chosen.used)
            data = data or where_compute_stands(candidates, chosen.used)
            questions.decide(
                "sizes repeat with different losses, and no column says by what the runs differ",
                {
                    "data": " or ".join([*data, "--join FILE with the tokens of each run"]),
                    "as repetitions": "--map tokens=none",
                },
                place={"column": roles["params"].column},
            )
        elif "params" in frame:
            ask_what_explains(candidates, chosen, "params", questions)
    elif chosen.sizes_missing is not None:
        chosen.sizes_missing()


def _sizes_missing(
    candidates: Candidates, roles: Mapping[str, Role], chosen: Selection, questions: Questions
) -> None:
    candidates.require_read("params")
    frame = chosen.frame
    axis = next(what for what in ("tokens", "samples", "flops") if what in roles)
    curves = "run" in frame and 1 < len(set(frame["run"])) < len(frame)
    again = bool(repeated(frame, [axis]).any()) and "replicated" not in chosen.sorts
    unsure = candidates.of("params", sure=False)
    if not (curves or again or unsure):
        ask_what_explains(candidates, chosen, axis, questions)
        return
    sizes = where_sizes_stand(candidates, chosen.used)
    questions.decide(
        "sizes are not known, and runs of the same data differ in loss"
        if again
        else "sizes are not known, and the table holds several runs",
        {
            "sizes": " or ".join([*sizes, "--join FILE with the size of each run"]),
            "one size": "--map params=none",
        },
        place={"column": roles[axis].column},
    )


def _recognised(table: Table, roles: Mapping[str, Role], axes: Axes) -> list[str]:
    rows = f"{len(table.cells)} rows, {len(table.columns)} columns"
    lines = [f"{one_line(table.name, 80)}: {KINDS[table.raw.kind]}, {rows}."]
    for what, role in roles.items():
        compute = roles["flops"].column if what == "tokens" and "flops" in roles else None
        derived = role.column == compute or role.column not in table.columns
        values = table.values(role.column) if table.columns_of(role.column) else np.array([])
        values = axes.numbers.get(what, values) if derived else values
        values = values[np.isfinite(values)]
        span = f", {values.min():g} to {values.max():g}" if len(values) else ""
        unit = (
            f" in {role.unit}" if role.unit and (what != "loss" or role.unit == "percent") else ""
        )
        way = "derived from" if derived else "from"
        lines.append(f"  {what:<14} {way} {one_line(role.column, 60)!r}{unit} ({role.why}{span})")
        for column in table.columns_of(role.column):
            cells = table.cells[column] if table.is_numeric(column) else ()
            if any(without_error(cell) != cell for cell in cells):
                lines.append(f"  errors behind the numbers of {one_line(column, 60)} are not used")
    used = {column for role in roles.values() for column in table.columns_of(role.column)}
    unused = [name for name in table.columns if name not in used]
    if unused:
        lines.append(f"  not used: {table.shown(unused, 12)}")
    return lines
