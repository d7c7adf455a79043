"""What a user says that columns are: ``--map NAME=COLUMN[:UNIT]``."""

from __future__ import annotations

from collections.abc import Sequence

from scaling_studies.errors import CardError
from scaling_studies.reading.names import TABLE
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.table import Table, factors_of
from scaling_studies.reading.units import QUANTITIES, check_unit
from scaling_studies.runs.columns import COLUMNS
from scaling_studies.words import suggest

#: Names of a run table's sizes -> what they count.
SIZES = {
    "total": "params_total",
    "non_embedding": "params_non_embedding",
    "active": "params_active",
}
#: What may be said, the usual names first.
KNOWN = tuple(
    dict.fromkeys(
        [
            *("params", "tokens", "samples", "flops", "loss", "run", "step", "unique_tokens"),
            *TABLE["columns"],
            *(name for name, column in COLUMNS.items() if column.settable),
        ]
    )
)


def read_maps(texts: Sequence[str], table: Table) -> dict[str, Role | None]:
    """Read ``--map`` arguments.

    Parameters
    ----------
    texts
        As ``tokens=train_tokens:million``, or ``tokens=step*524288``, a product of columns and
        numbers; ``tokens=none`` says that there is no such column.
    table
        The table.

    Raises
    ------
    CardError
        An argument of another form, an unknown name or column.
    TableError
        An unknown unit.
    """
    found: dict[str, Role | None] = {}
    for text in texts:
        what, equals, rest = text.partition("=")
        what = what.strip()
        if not equals or not what or not rest:
            raise CardError(
                f"--map {text} is not of the form name=column or name=column:unit",
                fix="for example --map tokens=train_tokens:million",
            )
        if what in found:
            raise CardError(f"--map {text}: {what} was said before", fix="say it once")
        if what in SIZES.values():
            found[what] = _role(text, what, rest, table)
            continue
        if what not in KNOWN:
            usual = ", ".join(KNOWN[:7])
            raise CardError(
                f"--map {text}: {what!r} is not known", fix=suggest(what, KNOWN, f"use {usual}")
            )
        found[what] = None if rest == "none" else _role(text, what, rest, table)
    return found


def _role(text: str, what: str, rest: str, table: Table) -> Role:
    column, unit = (rest, None) if rest in table.columns else _unit_off(rest, table)
    if column not in table.columns:
        if what not in QUANTITIES and not what.startswith("params") and "*" in column:
            raise CardError(
                f"--map {text}: a product is no {what}",
                fix=f"name one column, of {table.shown(table.columns)}",
            )
        for part in factors_of(column, table.columns):
            if isinstance(part, str) and part not in table.columns:
                table.require(part or rest, f"--map {text}")
    if unit and what in QUANTITIES:
        check_unit(what, unit, table=table.name, column=column)
    return Role(column, unit, "as you said")


def _unit_off(rest: str, table: Table) -> tuple[str, str | None]:
    column, colon, unit = rest.rpartition(":")
    return (column, unit) if colon else (rest, None)
