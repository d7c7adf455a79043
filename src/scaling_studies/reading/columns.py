"""Which column of a table is what: proposed from its name and the values in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from scaling_studies.errors import CardError
from scaling_studies.reading.own_runs import Role
from scaling_studies.runs.columns import COLUMNS
from scaling_studies.runs.units import UNITS
from scaling_studies.words import suggest

_WORDS = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text(encoding="utf-8"))


def _by_word(groups: dict[str, str]) -> dict[str, str]:
    return {word: name for name, words in groups.items() for word in words.split()}


#: What is proposed, with the names that columns of it usually have, the surest first.
USUAL_NAMES = {what: tuple(names.split()) for what, names in _WORDS["columns"].items()}
#: Trackers' words for the state of a run -> what the run table calls it.
STATES = _by_word(_WORDS["states"])
_COUNTS, _FLOPS = _by_word(_WORDS["counts"]), _by_word(_WORDS["flops"])
#: Smallest median that is plainly counted in ones; below it the unit must be said.
PLAIN_FROM = {"params": 1e5, "tokens": 1e7, "unique_tokens": 1e7, "flops": 1e12}
QUANTITIES = {"params": "params", "tokens": "tokens", "unique_tokens": "tokens", "flops": "flops"}


def propose(cells: pd.DataFrame) -> dict[str, Role]:
    """Propose what the columns of a table are.

    Parameters
    ----------
    cells
        The table, as text.

    Returns
    -------
    dict
        Some of `USUAL_NAMES` -> choice. A unit that neither the name nor the size of the values
        tells is None.
    """
    plain = {column: _plain_name(column) for column in map(str, cells)}
    chosen: dict[str, Role] = {}
    for what, names in USUAL_NAMES.items():
        fitting: list[tuple[int, str, str | None]] = []
        taken = {choice.column for choice in chosen.values()}
        for column, name in plain.items():
            stem, suffix = _split_unit(name, what)
            place = next((i for i, each in enumerate(names) if each in (name, stem)), None)
            if place is not None and column not in taken and _can_be(what, cells[column]):
                fitting.append((place, column, None if name in names else suffix))
        if fitting:
            _, column, suffix = min(fitting, key=lambda found: found[0])
            chosen[what] = _with_unit(what, column, suffix, cells[column])
    return chosen


def read_maps(texts: Sequence[str], columns: Sequence[str]) -> dict[str, Role | None]:
    """Read ``--map`` arguments.

    Parameters
    ----------
    texts
        As ``tokens=train_tokens:million``; ``tokens=none`` says that there is no such column.
    columns
        Columns of the table.

    Raises
    ------
    CardError
        An argument of another form, an unknown name, column or unit.
    """
    known = [*USUAL_NAMES, *(name for name, column in COLUMNS.items() if column.settable)]
    found: dict[str, Role | None] = {}
    for text in texts:
        what, equals, rest = text.partition("=")
        if not equals or not what or not rest:
            raise CardError(
                f"--map {text} is not of the form name=column or name=column:unit",
                fix="for example --map tokens=train_tokens:million",
            )
        if what not in known:
            fix = suggest(what, known, f"use one of {', '.join(USUAL_NAMES)}")
            raise CardError(f"--map {text}: {what!r} is not known", fix=fix)
        if rest == "none":
            found[what] = None
            continue
        column, unit = (rest, None) if rest in columns else (rest.rpartition(":")[::2])
        if column not in columns:
            column = column or rest
            shown = ", ".join(list(columns)[:30])
            raise CardError(
                f"--map {text}: the table has no column {column!r}",
                fix=suggest(column, columns, f"it has {shown}"),
            )
        found[what] = Role(column, unit or None, "as you said")
    return found


def numbers(cells: pd.Series) -> pd.Series:
    """Return the finite numbers among cells."""
    values = pd.to_numeric(cells, errors="coerce")
    return values[np.isfinite(values)]


def _plain_name(column: str) -> str:
    """Last part of a tracker's path (``config.model/n_params``) in lower case, words joined."""
    name = column.strip().lower()
    # `val/loss` tells more than `loss`; other paths only say where a value was set.
    split = re.fullmatch(r"(?:.*[/.])?(val|eval|validation|test|train)[/.]([a-z_]*)", name)
    if split:
        name = f"{'val' if split[1] == 'validation' else split[1]}_{split[2]}"
    elif not re.search(r"\d\.\d", name):
        name = re.split(r"[/.]", name)[-1]
    return re.sub(r"[^a-z0-9]+", "_", name).strip("_")


def _split_unit(name: str, what: str) -> tuple[str, str | None]:
    if what not in QUANTITIES:
        return name, None
    units = _FLOPS if what == "flops" else _COUNTS
    if name in _FLOPS and what == "flops":
        return "flops", units[name]
    parts = re.fullmatch(rf"(.+?)_(?:in_)?({'|'.join(units)})", name)
    return (parts[1], units[parts[2]]) if parts else (name, None)


def _can_be(what: str, cells: pd.Series) -> bool:
    """Whether the values of a column allow it to be something."""
    filled = cells[cells != ""]
    if filled.empty:
        return False
    if what in ("run", "dataset"):
        return True
    if what == "status":
        return bool(filled.str.lower().isin([*STATES, *STATES.values()]).all())
    values = numbers(filled)
    if len(values) < len(filled) / 2:
        return False
    return what in ("step", "seed") or values.median() > 0


def _with_unit(what: str, column: str, suffix: str | None, cells: pd.Series) -> Role:
    if what == "loss":
        return Role(column, _loss_unit(column))
    if what not in QUANTITIES:
        return Role(column)
    if numbers(cells).median() >= PLAIN_FROM[what]:
        return Role(column, next(iter(UNITS[QUANTITIES[what]])), "by its name and values")
    return Role(column, suffix, "by its name and values" if suffix else "by its name")


def _loss_unit(column: str) -> str | None:
    name = _plain_name(column)
    if "bpb" in name or "bits_per_byte" in name:
        return "bits_per_byte"
    if "ppl" in name or "perplexity" in name:
        return "perplexity"
    return None
