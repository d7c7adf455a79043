"""The table that a card of own runs names: the file as it is, or what was read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scaling_studies.errors import ScalingStudiesError
from scaling_studies.reading import OwnRuns, Role
from scaling_studies.reading.units import QUANTITIES
from scaling_studies.runs.tables import RawTable
from scaling_studies.runs.units import UNITS

#: Endings of tables that a card may name.
ENDINGS = (".csv", ".parquet", ".jsonl")
#: Roles of text; all others hold numbers.
TEXTS = ("run", "dataset", "status")


@dataclass(frozen=True)
class CardTable:
    """A table in the data folder, with what its columns are.

    Attributes
    ----------
    file
        As the card names it.
    content
        Its bytes.
    cells
        The table, as text.
    roles
        What its columns are; every unit is one of the run table's.
    """

    file: str
    content: bytes
    cells: pd.DataFrame
    roles: Mapping[str, Role]


def card_table(own: OwnRuns, study: str, data: Path) -> CardTable:
    """Table of a card.

    A plain file that a card can describe goes, byte for byte, into the study's own folder, or stays
    where it is in the data folder. Of all others the rows that are fitted are written, in base
    units, with a column for each meaning.
    """
    if own.path is not None and _as_it_is(own):
        content, place = own.path.read_bytes(), own.path.resolve()
        inside = place.is_relative_to(data.resolve())
        file = (
            place.relative_to(data.resolve()).as_posix()
            if inside
            else f"{study}/runs{own.path.suffix}"
        )
        return CardTable(file, content, own.cells, _measured(own))
    roles = {
        what: Role(what, _base(what, own), role.why)
        for what, role in _measured(own).items()
        if what != "status"
    }
    cells = own.frame[list(roles)].apply(
        lambda column: column.map(
            lambda value: value if isinstance(value, str) else repr(float(value))
        )
    )
    content = cells.to_csv(index=False, lineterminator="\n").encode()
    return CardTable(f"{study}/runs.csv", content, cells, roles)


def _measured(own: OwnRuns) -> dict[str, Role]:
    """Roles that were measured: data that come from compute are derived by the card."""
    roles = {
        what: Role(role.column, role.unit or own.unit, role.why) if what == "loss" else role
        for what, role in own.roles.items()
    }
    if "flops" in roles and "tokens" in roles and roles["tokens"].column == roles["flops"].column:
        roles.pop("tokens")
    return roles


def _base(what: str, own: OwnRuns) -> str | None:
    if what == "loss":
        return own.unit
    quantity = "params" if what.startswith("params") else QUANTITIES.get(what)
    return next(iter(UNITS[quantity])) if quantity else None


def _as_it_is(own: OwnRuns) -> bool:
    """Whether a card can describe the file: plain, with all its rows, columns and units."""
    if own.kind != "plain" or own.path is None or own.path.suffix not in ENDINGS or not own.whole:
        return False
    for what, role in _measured(own).items():
        if role.column not in own.cells:
            return False
        quantity = "params" if what.startswith("params") else QUANTITIES.get(what)
        if quantity and role.unit not in UNITS[quantity] and "sequences_of" not in str(role.unit):
            return False
        if what not in TEXTS:
            filled = own.cells[role.column].loc[lambda cells: cells != ""]
            if pd.to_numeric(filled, errors="coerce").isna().any():
                return False
    try:
        table = RawTable.open(own.path, study=own.name, table=own.name).read()
    except ScalingStudiesError:
        return False
    return table.column_names == list(own.cells) and table.num_rows == len(own.cells)
