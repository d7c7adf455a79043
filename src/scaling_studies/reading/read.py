"""The way in: a file, a folder or a frame becomes runs in base units, or one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from scaling_studies.errors import CardError, MustBeSaid, TableError, one_line
from scaling_studies.reading.columns import QUANTITIES, numbers, propose, read_maps
from scaling_studies.reading.exports import Export, join_runs, read_export, text_table
from scaling_studies.reading.own_runs import OwnRuns, Role
from scaling_studies.reading.questions import Ask, Questions
from scaling_studies.runs.units import UNITS
from scaling_studies.runs.units import unit as unit_named

#: What the user says that sizes count -> column of the run table.
SIZES = {
    "total": "params_total",
    "non_embedding": "params_non_embedding",
    "active": "params_active",
}
#: Units of a loss that are asked for; docs/run-table.md lists the others.
LOSS_UNITS = ("nats_per_token", "bits_per_token", "bits_per_byte", "bits_per_char", "perplexity")


def read_runs(
    path_or_frame: str | Path | pd.DataFrame,
    *,
    maps: Sequence[str] = (),
    unit: str | None = None,
    metric: str | None = None,
    params_convention: str | None = None,
    join: str | Path | None = None,
    rows: str | None = None,
    best_of: str | None = None,
    drop: Sequence[str] = (),
    yes: bool = False,
    ask: Ask | None = None,
) -> OwnRuns:
    """Read a table of runs in any form that is recognised.

    Parameters
    ----------
    path_or_frame
        File, folder, or a frame with a row a run or a checkpoint.
    maps
        As ``tokens=train_tokens:million``: what the columns are; ``tokens=none`` for no column.
    unit, metric
        Unit of the loss, and what was measured.
    params_convention
        ``total``, ``non_embedding`` or ``active``: what the sizes count.
    join
        Table with a row a run, whose columns are added.
    rows
        ``last`` keeps the last row of each run, ``all`` all of them.
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
    """
    export = _export(path_or_frame)
    questions = Questions(export.name, ask, yes=yes)
    if join is not None:
        export = join_runs(export, read_export(Path(join)), _run_column(export, maps))
    said = read_maps(maps, export.columns)
    roles = _usable(propose(export.cells) | said, said, export)
    if "loss" not in roles:
        shown = ", ".join(one_line(name, 40) for name in export.columns[:30])
        raise MustBeSaid(
            "no column is recognised as the loss",
            table=export.name,
            fix=f"say which it is with --map loss=COLUMN; there are: {shown}",
        )
    roles = _with_units(roles, export, unit, questions)
    size = _size(roles, params_convention, questions)
    frame, cells = _selected(_frame(roles, export), export, rows, best_of, drop)
    chosen_rows = bool(rows == "last" or best_of or drop)
    return OwnRuns(
        frame=frame,
        roles=roles,
        unit=roles["loss"].unit or "",
        metric=metric or "loss",
        size=size,
        cells=cells if chosen_rows else export.cells,
        kind="selected" if chosen_rows else export.kind,
        path=export.path,
        notes=tuple(_recognised(roles, export)),
    )


def _export(path_or_frame: str | Path | pd.DataFrame) -> Export:
    if isinstance(path_or_frame, pd.DataFrame):
        cells = text_table({str(name): path_or_frame[name] for name in path_or_frame})
        return Export("frame", None, cells)
    return read_export(Path(path_or_frame))


def _run_column(export: Export, maps: Sequence[str]) -> str:
    """Column of the runs, before other columns are known to be there."""
    said = read_maps([text for text in maps if text.startswith("run=")], export.columns)
    role = said.get("run") or propose(export.cells).get("run")
    if role is None:
        raise MustBeSaid(
            "the table names no runs to join by",
            table=export.name,
            fix="say which column does: --map run=COLUMN",
        )
    return role.column


def _usable(
    roles: Mapping[str, Role | None], said: Mapping[str, Role | None], export: Export
) -> dict[str, Role]:
    """Leave out proposals that would break the contract and that no one asked for."""

    def kept(what: str, role: Role) -> bool:
        cells = export.cells[role.column]
        if what in said or what in ("loss", "params", "tokens", "flops", "dataset", "status"):
            return True
        if what in ("run", "step"):
            return bool((cells != "").all())
        filled = cells[cells != ""]
        values = numbers(filled)
        return len(values) == len(filled) and bool((values > 0).all())

    return {what: role for what, role in roles.items() if role and kept(what, role)}


def _with_units(
    roles: Mapping[str, Role], export: Export, said: str | None, questions: Questions
) -> dict[str, Role]:
    result = dict(roles)
    for what, role in roles.items():
        if what != "loss" and what not in QUANTITIES:
            continue
        name = (
            (said if what == "loss" else None)
            or role.unit
            or _asked_unit(what, role, export, questions)
        )
        unit_named(QUANTITIES.get(what, "value"), name, table=export.name, column=role.column)
        result[what] = replace(role, unit=name)
    return result


def _asked_unit(what: str, role: Role, export: Export, questions: Questions) -> str:
    column = one_line(role.column, 60)
    if what == "loss":
        flag = "--unit, one of " + ", ".join(LOSS_UNITS)
        return questions.choice(
            f"Unit of the loss in {column!r}", LOSS_UNITS, flag, "nats_per_token"
        )
    middle = numbers(export.cells[role.column]).median()
    known = list(UNITS[QUANTITIES[what]])
    return questions.choice(
        f"Unit of {what} in {column!r}, whose values are around {middle:g},",
        known,
        f"--map {what}={role.column}:UNIT, UNIT one of {', '.join(known)}",
    )


def _size(roles: Mapping[str, Role], said: str | None, questions: Questions) -> str:
    if "params" not in roles:
        return SIZES["total"]
    if said is not None:
        if said not in SIZES:
            raise CardError(f"{said!r} is no convention", fix=f"use one of {', '.join(SIZES)}")
        return SIZES[said]
    column = roles["params"].column.lower()
    for name in ("non_embedding", "active"):
        if name in column.replace("-", "_"):
            return SIZES[name]
    answer = questions.choice(
        f"What the sizes in {one_line(roles['params'].column, 60)!r} count",
        list(SIZES),
        "--params-convention total, non_embedding or active",
        "total",
    )
    return SIZES[answer]


def _frame(roles: Mapping[str, Role], export: Export) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for what, role in roles.items():
        cells = export.cells[role.column]
        if what in ("run", "dataset", "status"):
            columns[what] = cells
            continue
        values = pd.to_numeric(cells.where(cells != "", "nan"), errors="coerce")
        filled = (cells != "") & ~cells.str.lower().isin(["nan", "inf", "infinity"])
        if (wrong := values.isna() & filled).any():
            row = int(wrong.argmax())
            raise TableError(
                f"{cells[row]!r} is not a number",
                table=export.name,
                row=row + 1,
                column=role.column,
                fix="correct the cell or delete the row",
            )
        quantity = QUANTITIES.get(what, "value") if what in (*QUANTITIES, "loss") else None
        scaled = (
            unit_named(quantity, role.unit).convert(values.to_numpy(float)) if quantity else values
        )
        columns[what] = pd.Series(np.asarray(scaled, float), index=cells.index)
    frame = pd.DataFrame(columns)
    if "tokens" not in frame and {"params", "flops"} <= set(frame):
        frame["tokens"] = frame["flops"] / (6.0 * frame["params"])
    known = [name for name in ("params", "tokens", "flops", "loss") if name in frame]
    usable = np.isfinite(frame[known]).all(axis=1)
    return frame.loc[usable]


def _recognised(roles: Mapping[str, Role], export: Export) -> list[str]:
    lines = [f"{one_line(export.name, 80)}: {len(export.cells)} rows of {export.described}."]
    for what, role in roles.items():
        values = numbers(export.cells[role.column])
        span = "" if values.empty else f", {values.min():g} to {values.max():g}"
        lines.append(f"{what} from {one_line(role.column, 60)!r} ({role.why}{span})")
    used = {role.column for role in roles.values()}
    unused = [one_line(name, 40) for name in export.columns if name not in used]
    if unused:
        lines.append(f"not used: {', '.join(unused[:12])}{' ...' if len(unused) > 12 else ''}")
    return lines


def _selected(
    frame: pd.DataFrame,
    export: Export,
    rows: str | None,
    best_of: str | None,
    drop: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that were asked for, and the cells of the table that go with them."""
    kept = frame
    for what in drop:
        name, equals, value = what.partition("=")
        if equals and name in export.columns:
            kept = kept[export.cells.loc[kept.index, name] != value]
        elif what not in ("diverged", "unfinished"):
            raise CardError(
                f"--drop {what}: nothing is called {what!r}",
                fix="say diverged, unfinished or COLUMN=VALUE",
            )
    if rows == "last" and "run" in kept:
        order = next((name for name in ("step", "tokens") if name in kept), None)
        ordered = kept if order is None else kept.sort_values(order, kind="stable")
        kept = kept.loc[sorted(ordered.groupby("run", sort=False).tail(1).index)]
    if best_of is not None:
        same = [name for name in ("params", "tokens", "samples", "flops") if name in kept]
        kept = kept.loc[sorted(kept.groupby(same)["loss"].idxmin())]
    return kept.reset_index(drop=True), export.cells.loc[kept.index].reset_index(drop=True)
