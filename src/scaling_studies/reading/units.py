"""Units of columns, with those that only tables of people have: powers of ten, logarithms."""

from __future__ import annotations

import math
import re

import numpy as np

from scaling_studies.runs.units import UNITS, unit

#: Quantity of a role; the others have no unit.
QUANTITIES = {
    "params": "params",
    "tokens": "tokens",
    "unique_tokens": "tokens",
    "samples": "samples",
    "flops": "flops",
    "loss": "value",
}
_LOGS = {"log10": 10.0, "ln": math.e, "log2": 2.0}
_POWER = re.compile(r"1e(-?\d{1,2})")


def known_units(role: str) -> list[str]:
    """Units of a role as `--map` takes them."""
    names = list(UNITS[QUANTITIES[role]])
    return [*names, "1e<power>", *_LOGS] if role != "loss" else names


def check_unit(role: str, name: str, *, table: str, column: str) -> None:
    """Raise a TableError when a role has no such unit."""
    own = name.split(" ") if role == "flops" else [name]
    if name in _LOGS or _POWER.fullmatch(own[-1]):
        return
    if (role, name) == ("flops", "YFLOP"):
        return
    unit(QUANTITIES[role], own[-1], table=table, column=column)


def in_base_units(role: str, name: str | None, values: np.ndarray) -> np.ndarray:
    """Convert values of a role into counts, FLOP or the loss's own unit."""
    if name is None:
        return values
    for part in reversed(name.split(" ")):
        if part in _LOGS:
            with np.errstate(over="ignore"):
                values = _LOGS[part] ** values
        elif power := _POWER.fullmatch(part):
            values = values * float(f"1e{power[1]}")
        else:
            values = np.asarray(unit(QUANTITIES[role], part).convert(values), float)
    return values
