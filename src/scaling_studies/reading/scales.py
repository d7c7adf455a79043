"""Units of sizes, data and compute, told by cells, names and values."""

from __future__ import annotations

import numpy as np

from scaling_studies.errors import TableError, one_line
from scaling_studies.reading.names import name_of
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions
from scaling_studies.reading.table import Table
from scaling_studies.reading.units import QUANTITIES, in_base_units, known_units
from scaling_studies.runs.units import UNITS

#: Smallest median that is plainly counted in ones; below it the unit must be known.
PLAIN_FROM = {"params": 1e5, "tokens": 1e7, "unique_tokens": 1e7, "samples": 1.0, "flops": 1e12}
#: What a median may be when logarithms are undone.
_SENSIBLE = {
    "params": (1e4, 1e13),
    "tokens": (1e5, 1e15),
    "unique_tokens": (1e5, 1e15),
    "samples": (10.0, 1e13),
    "flops": (1e12, 1e28),
}


#: Counts below this beside others so many times as large are in another unit.
OTHER_UNIT, APART = {"params": 1e4, "tokens": 1e5, "unique_tokens": 1e5, "flops": 1e9}, 1e4


def in_ones(role: str, said: Role, table: Table, questions: Questions) -> tuple[np.ndarray, Role]:
    """Values of a role in its base unit, and the role with the unit that was found.

    Raises
    ------
    MustBeSaid
        When no unit can be known.
    TableError
        When a cell is no number.
    """
    columns = table.columns_of(said.column)
    for column in columns:
        table.check(column)
    values = table.values(said.column)
    base = next(iter(UNITS[QUANTITIES[role]]))
    if said.unit is not None:
        if len(columns) == 1 and table.numbers(columns[0]).suffixed.any():
            return values, Role(said.column, base, said.why)
        return in_base_units(role, said.unit, values), said
    if len(columns) > 1 or said.column not in table.columns:
        return values, Role(said.column, base, said.why)
    name, numbers = name_of(said.column), table.numbers(said.column)
    if numbers.suffixed.any():
        return values, Role(said.column, base, f"{said.why}; units in the cells")
    positive = values[values > 0]
    middle = float(np.median(positive)) if len(positive) else 0.0
    unit: str | None
    if name.log and (unit := _logarithm(role, name.log, name.unit, middle)):
        return in_base_units(role, unit, values), Role(said.column, unit, _and_values(said.why))
    logs = "log" in (name.log or "")
    if not logs and middle >= PLAIN_FROM[role] and not (role == "samples" and name.unit):
        _require_one_unit(role, said.column, values, table)
        return values, Role(said.column, base, _and_values(said.why))
    if name.unit is not None and not logs and name.unit in known_units_of(role, name.unit):
        return in_base_units(role, name.unit, values), Role(
            said.column, name.unit, _and_values(said.why)
        )
    unit = _ask(role, said.column, middle, questions)
    return in_base_units(role, unit, values), Role(said.column, unit, said.why)


def _require_one_unit(role: str, column: str, values: np.ndarray, table: Table) -> None:
    """Stop where some cells are millions or billions and others are counted in ones.

    Raises
    ------
    TableError
        Names the smallest of them.
    """
    ordered = np.unique(values[values > 0])
    small = ordered[ordered < OTHER_UNIT.get(role, 0.0)]
    if not len(small) or len(small) == len(ordered) or ordered[len(small)] < APART * small[-1]:
        return
    row = int(np.flatnonzero(values == small[0])[0])
    raise TableError(
        f"{table.cells[column].iloc[row]} and {ordered[-1]:g} cannot both be {role} in ones",
        table=table.name,
        row=row + 1,
        column=column,
        fix="write all cells in one unit, or each with its own, as 0.5B",
    )


def _and_values(why: str) -> str:
    return "by its name and values" if why == "by its name" else why


def known_units_of(role: str, unit: str) -> tuple[str, ...]:
    """The unit, where a role may have it."""
    fits = unit.startswith("1e") or unit in UNITS[QUANTITIES[role]] or unit == "YFLOP"
    return (unit,) if fits else ()


def _logarithm(role: str, log: str, unit: str | None, middle: float) -> str | None:
    """Unit of a column of logarithms; None when its base cannot be told."""
    low, high = _SENSIBLE[role]
    before = f"{unit} " if unit else ""
    factor = float(in_base_units(role, unit, np.array([1.0]))[0]) if unit else 1.0
    bases = {"log10": 10.0, "ln": np.e, "log2": 2.0}
    if log in bases:
        return before + log
    fitting = [
        base
        for base in ("log10", "ln")
        if low <= bases[base] ** min(middle, 700.0) * factor <= high
    ]
    return before + fitting[0] if len(fitting) == 1 else None


def _ask(role: str, column: str, middle: float, questions: Questions) -> str:
    known = known_units(role)
    return questions.choice(
        f"Unit of {role} in {one_line(column, 60)!r}, whose values are around {middle:g},",
        known,
        f"--map {role}={column}:UNIT, UNIT one of {', '.join(known)}",
        place={"column": column},
    )
