"""Which column of a table is the loss, the size, the compute and what else, and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from scaling_studies.errors import MustBeSaid, TableError, one_line
from scaling_studies.reading.guesses import Guess, guess, is_other_metric
from scaling_studies.reading.names import TABLE, name_of, word_list
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions, mapped
from scaling_studies.reading.table import Table

Said = Mapping[str, Role | None]
#: Relative difference under which two columns hold the same.
SAME = 0.01
STATES = {word: state for state, words in TABLE["states"].items() for word in words.split()}


#: Roles that may be a multiple of the sizes, which count by themselves then.
AMOUNTS = ("tokens", "samples", "flops")


def _is_size(column: str) -> bool:
    found = guess(name_of(column))
    return found is not None and found.role in ("params", "size")


class Candidates:
    """Columns of a table by the role that their names and values allow.

    Parameters
    ----------
    table
        The table.
    said
        Roles that were said; their columns are no candidates for others.
    """

    def __init__(self, table: Table, said: Said) -> None:
        self.table = table
        self.said = said
        taken = {
            column
            for what, role in said.items()
            if role
            for column in table.columns_of(role.column)
            if not (what in AMOUNTS and role.column != column and _is_size(column))
        }
        self.free = [column for column in table.columns if column not in taken]
        self.guesses: dict[str, Guess] = {}
        self.unread: dict[str, str] = {}
        for column in self.free:
            found = guess(name_of(column))
            if found is not None and table.is_numeric(column):
                self.guesses[column] = found
            elif (
                found is not None
                and (found.sure or found.role == "size")
                and _are_numbers(table, column)
            ):
                self.unread.setdefault(found.role, column)
        self._letters()

    def _letters(self) -> None:
        """N, D, C and L stand for one another's meaning: two of them are sure."""
        roles = {found.role for found in self.guesses.values()} | {*self.said}
        for column, found in self.guesses.items():
            if found.kind == "letter" and len(roles & {"params", "tokens", "flops"}) > 1:
                self.guesses[column] = replace(found, kind="", sure=True)

    def require_read(self, *roles: str) -> None:
        """Raise a TableError at a column named as a role whose cells are numbers of no form."""
        for role in roles:
            if role in self.unread:
                self.table.check(self.unread[role], role)

    def require_numbers(self, *roles: str, hints: Sequence[str] = ()) -> None:
        """Raise a TableError at a column named as a role that holds no number at all."""
        for column in self.free:
            found, numbers = guess(name_of(column)), self.table.numbers(column)
            if found is None or not found.sure or found.role not in roles:
                continue
            if (numbers.empty | numbers.lost).all():
                lost = "NaN" if numbers.lost.all() else "empty or NaN"
                raise TableError(
                    "the column holds no number: all "
                    f"{len(numbers.floats)} cells are {'empty' if numbers.empty.all() else lost}",
                    table=self.table.name,
                    row=1,
                    column=column,
                    fix=f"write the {found.role} of each run there"
                    + (f", or name another column with {' or '.join(hints)}" if hints else ""),
                )

    def of(self, role: str, *, sure: bool = True) -> list[str]:
        """Columns of a role, the best first."""
        found = [
            (each.rank, self.table.columns.index(column), column)
            for column, each in self.guesses.items()
            if each.role == role and each.sure == sure
        ]
        return [column for _, _, column in sorted(found)]

    def kind(self, column: str) -> str:
        """Kind of a column's guess."""
        return self.guesses[column].kind


def _are_numbers(table: Table, column: str) -> bool:
    """Whether most filled cells of a column hold a number, with something before it or not."""
    cells = table.cells[column]
    filled = cells[~table.numbers(column).empty]
    return len(filled) > 0 and bool(filled.str.match(r"[^\d]{0,12}\.?\d").mean() > 0.5)


def choose_loss(
    candidates: Candidates, unit: str | None, questions: Questions, hints: Sequence[str] = ()
) -> Role:
    """Column of the loss, with the unit that its name says; `hints` say what to type.

    Raises
    ------
    MustBeSaid
        When none or several fit.
    """
    said = candidates.said.get("loss")
    if said is not None:
        found = guess(name_of(said.column)) if said.column in candidates.table.columns else None
        own = found.kind if found and found.role == "loss" and found.kind != "letter" else None
        return Role(said.column, unit or said.unit or own or None, said.why)
    table = candidates.table
    fitting = [column for column in candidates.of("loss") if _is_loss(column, candidates)]
    if not fitting:
        fitting = [column for column in candidates.of("loss", sure=False)][:1]
        measured = _only_measured(candidates) if not fitting else []
        fitting = fitting or measured
    if not fitting:
        candidates.require_read("loss")
        candidates.require_numbers("loss", hints=hints)
        raise MustBeSaid(
            "no column is recognised as the loss",
            table=table.name,
            fix=f"say which it is with {' or '.join(hints) or '--map loss=COLUMN'}"
            f"{'' if hints else ', or give a table that has it with --join FILE'}; there are: "
            f"{table.shown(table.columns)}",
        )
    column = _of_the_run(fitting, candidates, questions)
    found = candidates.guesses.get(column)
    why = "by its name" if found else "the only measured column"
    return Role(
        column, unit or (found.kind if found and found.kind != "letter" else "") or None, why
    )


def _is_loss(column: str, candidates: Candidates) -> bool:
    values = candidates.table.numbers(column).floats
    return bool((values[np.isfinite(values)] >= 0).mean() > 0.5)


def _only_measured(candidates: Candidates) -> list[str]:
    """The one column of numbers of a chart or scalar file that has no other meaning."""
    table = candidates.table
    if table.raw.kind not in ("chart", "folder", "long"):
        return []
    known = {*candidates.guesses, *_of_the_run_itself(table).values()}
    left = [
        column
        for column in candidates.free
        if column not in known
        and table.is_numeric(column)
        and column.lower() not in ("wall time", "wall_time", "relative time", "timestamp")
        and not is_other_metric(name_of(column))
    ]
    return left if len(left) == 1 else []


def _of_the_run(fitting: list[str], candidates: Candidates, questions: Questions) -> str:
    """The loss of the run as a whole; asks when sets stand beside each other."""
    table = candidates.table
    guesses = candidates.guesses
    whole = [column for column in fitting if column in guesses and not guesses[column].place]
    best = guesses[fitting[0]].rank if fitting[0] in guesses else 0.0
    if whole and guesses[whole[0]].rank < max(best + 1.0, 2.0):
        same = [column for column in whole if guesses[column].rank == guesses[whole[0]].rank]
        return one_of(same, "loss", table, questions)
    if len(fitting) == 1:
        return fitting[0]
    unit = guesses[fitting[0]].kind
    equal = [
        column
        for column in fitting
        if guesses[column].kind == unit and guesses[column].rank <= best + 0.05
    ]
    return one_of(equal, "loss", table, questions) if equal else fitting[0]


def one_of(columns: list[str], role: str, table: Table, questions: Questions) -> str:
    """The one of several columns, or the first where they hold the same."""
    first = columns[0]
    values = table.numbers(first).floats
    differing = [column for column in columns[1:] if _differ(values, table.numbers(column).floats)]
    if not differing:
        return first
    choices = [first, *differing]
    shown = ", ".join(one_line(column, 50) for column in choices[:8])
    answers = {column: mapped(f"{role}={column}") for column in choices[:8]}
    if role == "loss" and questions.ask is None:
        answers["each beside the others"] = " ".join(answers.values())
    return questions.decide(f"{len(choices)} columns may be the {role} ({shown})", answers)


def _differ(first: np.ndarray, second: np.ndarray) -> bool:
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return bool(np.isfinite(second).any())
    return bool((np.abs(first[both] - second[both]) > SAME * np.abs(first[both])).any())


def _of_the_run_itself(table: Table) -> dict[str, str]:
    """Columns of the run: its name, its state, and settings, by the names of the run table."""
    found: dict[str, str] = {}
    for what, words in TABLE["columns"].items():
        order = words.split()
        fitting = [
            (order.index(name), column)
            for column in table.columns
            for name in (name_of(column).full, name_of(column).plain)
            if name in order and column not in found.values()
        ]
        if fitting:
            found[what] = min(fitting)[1]
    return found


def _names_runs(column: str, table: Table) -> bool:
    """Whether a column that was said to be sizes tells runs apart, too."""
    names = {*name_of(column).names}
    runs = bool(names & word_list("columns", "run")) and not names & word_list("models")
    return column in table.labels or runs


def choose_others(candidates: Candidates, roles: Mapping[str, Role]) -> dict[str, Role]:
    """Run, step, state and settings, where names and cells allow it."""
    table = candidates.table
    taken = {column for role in roles.values() for column in table.columns_of(role.column)}
    # The names of runs may hold their sizes, too.
    named = {column for column in taken if table.raw.kind in ("chart", "long", "folder")}
    named |= {column for column in taken if _names_runs(column, table)}
    chosen: dict[str, Role] = {}
    for what, column in _of_the_run_itself(table).items():
        free = column not in taken or (what == "run" and column in named)
        if what in candidates.said or not free or not (table.cells[column] != "").any():
            continue
        if what == "status":
            states = table.cells[column].str.lower()
            if not states[states != ""].isin([*STATES]).all():
                continue
        elif what not in ("run", "dataset"):
            floats = table.numbers(column).floats
            if not np.isfinite(floats).all() or (floats <= 0).any():
                continue
        elif what == "run" and not (table.cells[column] != "").all():
            continue
        chosen[what] = Role(column)
    if not {"run"} & {*chosen, *candidates.said} and (labels := [*taken & table.labels]):
        chosen["run"] = Role(min(labels))
    steps = [column for column in candidates.of("step") if column not in taken]
    steps = [column for column in steps if np.isfinite(table.numbers(column).floats).all()]
    if steps and "step" not in candidates.said:
        chosen["step"] = Role(steps[0])
    for what, role in candidates.said.items():
        if role is not None and what not in roles:
            chosen[what] = role
    return chosen
