"""Units of sizes, data and compute, told by cells, names and values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from scaling_studies.errors import TableError, one_line
from scaling_studies.reading.names import name_of
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions, mapped
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
#: Most that a typical run has.
LARGEST = {"params": 1e12, "tokens": 1e14, "unique_tokens": 1e14, "flops": 1e27}
#: Units that columns of people are in.
LIKELY = {
    "params": ("million", "billion", "thousand"),
    "tokens": ("billion", "million", "trillion"),
    "flops": ("1e20", "ZFLOP", "EFLOP", "PFLOP", "TFLOP", "GFLOP", "PF-days"),
}
_LOGS_TRIED = ("log10", "ln")
#: Tokens for each parameter that are usual, and the distance at which a unit is none.
USUAL_RATIO, FAR = 20.0, 2.0

#: Counts below this beside others so many times as large are in another unit.
OTHER_UNIT, APART = {"params": 1e4, "tokens": 1e5, "unique_tokens": 1e5, "flops": 1e9}, 1e4


def in_ones(
    role: str,
    said: Role,
    table: Table,
    questions: Questions,
    known: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> tuple[np.ndarray, Role]:
    """Values of a role in its base unit, and the role with the unit that was found.

    `known` holds numbers of other roles, by which likely units are proposed.

    Raises
    ------
    MustBeSaid
        When no unit can be known.
    TableError
        When a cell is no number.
    """
    columns = table.columns_of(said.column)
    for column in columns:
        table.check(column, role)
        if table.holds_percents(column):
            row, cell = table.first_percent(column)
            raise TableError(
                f"{cell!r} is a share, not {role}",
                table=table.name,
                row=row + 1,
                column=column,
                fix=f"write the number of {role} there",
            )
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
    if not len(positive):
        return values, Role(said.column, base, said.why)
    middle = float(np.median(positive))
    unit: str | None
    if name.log and (unit := _logarithm(role, name.log, name.unit, middle)):
        return in_base_units(role, unit, values), Role(said.column, unit, _and_values(said.why))
    logs = "log" in (name.log or "")
    named = name.unit is not None and not logs and name.unit in known_units_of(role, name.unit)
    unit = name.unit if named else None
    if unit is not None and middle >= PLAIN_FROM[role]:
        # Values that would do in ones: the name counts unless it makes them too large.
        scaled = float(in_base_units(role, unit, np.array([middle]))[0])
        if scaled > _SENSIBLE[role][1]:
            unit = None
        elif scaled > LARGEST.get(role, np.inf):
            unit = _ask(role, said.column, values, questions, known)
    if unit is not None:
        return in_base_units(role, unit, values), Role(said.column, unit, _and_values(said.why))
    if not logs and middle >= PLAIN_FROM[role]:
        _require_one_unit(role, said.column, values, table)
        return values, Role(said.column, base, _and_values(said.why))
    unit = _ask(role, said.column, values, questions, known)
    return in_base_units(role, unit, values), Role(said.column, unit, said.why)


def counted(column: str, table: Table) -> str:
    """A column as a factor of a product, with the multiple that its name says: ``ksteps*1000``."""
    unit = name_of(column).unit
    multiples = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
    factor = multiples.get(unit or "") or (float(unit) if unit and unit.startswith("1e") else None)
    if factor is None or column not in table.columns or table.numbers(column).suffixed.any():
        return column
    return f"{column}*{factor:.15g}"


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


def _ask(
    role: str,
    column: str,
    values: np.ndarray,
    questions: Questions,
    known: Mapping[str, np.ndarray],
) -> str:
    units, likely = known_units(role), units_that_fit(role, values, known)
    flags = [mapped(f"{role}={column}:{unit}") for unit in likely[:3]]
    fix = " or ".join(flags) if flags else mapped(f"{role}={column}:UNIT")
    positive = values[values > 0]
    middle = float(np.median(positive)) if len(positive) else 0.0
    return questions.choice(
        f"Unit of {role} in {one_line(column, 60)!r}, whose values are around {middle:g},",
        units,
        f"{fix}, the unit being one of {', '.join(units)}",
        place={"column": column},
    )


def units_that_fit(
    role: str, values: np.ndarray, known: Mapping[str, np.ndarray] = MappingProxyType({})
) -> list[str]:
    """Units under which values are such as runs have, the likeliest first.

    Parameters
    ----------
    role
        ``params``, ``tokens``, ``samples`` or ``flops``.
    values
        As they stand in the table.
    known
        Numbers of other roles in ones, of the same rows: compute should be 6ND, and tokens for
        each parameter are a few to a few thousand.
    """
    if role not in LIKELY:
        return []
    found = []
    for unit in ("", *LIKELY[role], *_LOGS_TRIED):
        with np.errstate(all="ignore"):
            ones = in_base_units(role, unit or None, values)
            middle = float(np.median(ones[ones > 0])) if (ones > 0).any() else 0.0
        low, high = _SENSIBLE[role]
        if low <= middle <= high and (away := _far_off(role, ones, known)) < FAR:
            found.append((round(away, 1), unit))
    return [unit for _, unit in sorted(found, key=lambda each: each[0]) if unit]


def _far_off(role: str, ones: np.ndarray, known: Mapping[str, np.ndarray]) -> float:
    """Distance in powers of ten from what other roles make of values; 0 without others."""
    all_of = {**known, role: ones}
    params, tokens, flops = (all_of.get(name) for name in ("params", "tokens", "flops"))
    with np.errstate(all="ignore"):
        if params is None:
            return 0.0
        if tokens is not None and flops is not None and role == "flops":
            ratio, far = flops / (6.0 * params * tokens), 1.0
        elif tokens is not None:
            ratio, far = tokens / params / USUAL_RATIO, 0.5
        elif flops is not None:
            ratio, far = flops / (6.0 * params**2) / USUAL_RATIO, 0.5
        else:
            return 0.0
        return far * abs(float(np.nanmedian(np.log10(ratio))))
