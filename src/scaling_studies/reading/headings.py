"""Headings of several lines, and tables with a column a run, as one line and a row a run."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from scaling_studies.reading.guesses import guess
from scaling_studies.reading.names import name_of
from scaling_studies.reading.numbers import EMPTY, numbers_of
from scaling_studies.words import count_of

#: Most lines of a heading, and most quantities of a table with a column a run.
DEEPEST, MOST_QUANTITIES = 4, 200
#: Most columns of a table that is looked at.
WIDEST = 2000
#: Fewest runs side by side.
FEWEST_RUNS = 3
_UNNAMED = re.compile(r"unnamed: ?\d+.*", re.IGNORECASE)
_AXES = {"params", "tokens", "samples", "flops", "size"}
_QUANTITY = {"", "index", "quantity", "metric", "name", "variable", "field", "column", "run", "key",
             "parameter", "property", "unnamed: 0"}  # fmt: skip
#: A power of ten, which is a unit in a heading and no number of a run.
_POWER = re.compile(
    r"[(\[{$]?\s*[x×*·]?\s*10\s*(?:(?:\^|\*\*)\s*\{?(\d{1,2})\}?|([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))\s*\$?"
    r"\s*(flop'?s?|param(?:eter)?s?|tok(?:en)?s?|steps?)?\s*[)\]}]?",
    re.IGNORECASE,
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_UNIT = {"unit", "units"}

Rows = list[list[str]]


def with_one_heading(rows: Rows, notes: list[str]) -> Rows:
    """Put the lines of a heading together, as pandas writes columns of several levels.

    ``loss`` above ``mean`` becomes ``loss/mean``; a line of units goes into brackets.
    """
    if len(rows[0]) > WIDEST:
        return rows
    if (pivoted := _pivoted(rows)) is not None:
        return pivoted
    depth = _depth(rows)
    if depth < 2:
        return rows
    lines = [[_cell(row, place) for place in range(len(rows[0]))] for row in rows[:depth]]
    upper, lower = lines[0], lines[1]
    levels = len({*filter(None, upper)}) < sum(map(bool, upper)) or not all(upper)
    levels = levels or _roles(lower) > _roles(upper)
    if not levels and depth > 2:
        return rows
    # A level that is the same over all columns says nothing, unless it is what was measured.
    told = [line for line in lines if len({*filter(None, line)}) > 1 or _roles(line)] or lines
    header = []
    for column in zip(*(told if levels else lines), strict=True):
        parts = list(dict.fromkeys(part for part in column if part))
        unit = unit_of_heading(parts[1]) if len(parts) > 1 and not levels else ""
        plain = "/".join(parts if levels else parts[:1])
        header.append(f"{parts[0]} ({unit})" if unit else plain)
    if len({*filter(None, header)}) < sum(map(bool, header)):
        return rows
    notes.append(f"The heading has {count_of(depth, 'line')}, read as one.")
    return [header, *rows[depth:]]


def unit_of_heading(cell: str) -> str:
    """Unit that a cell below a name says, powers of ten as 1e9; empty for a dash.

    Examples
    --------
    >>> [unit_of_heading(cell) for cell in ("(10^18 FLOP)", "×10⁹ tokens", "[M]", "-")]
    ['1e18 FLOP', '1e9', 'M', '']
    """
    if power := _POWER.fullmatch(cell.strip()):
        exponent = int(power[1] or power[2].translate(_SUPERSCRIPTS))
        # What was counted is what the name says, but for compute.
        counted = " FLOP" if (power[3] or "").lower().startswith("flop") else ""
        return f"1e{exponent}{counted}"
    bare = cell.strip("()[]{} ")
    return "" if bare.lower() in EMPTY else bare


def _pivoted(rows: Rows) -> Rows | None:
    """Rows of a pivoted table under one value, as pandas writes it in three lines."""
    if len(rows) < DEEPEST or len({len(row) for row in rows[:DEEPEST]}) > 1 or len(rows[0]) < 2:
        return None
    (_, *values), (axis, *amounts), (label, *nothing) = rows[:3]
    found = guess(name_of(axis)) if axis.strip() else None
    numbers = numbers_of(pd.Series(amounts))
    if found is None or found.role not in ("tokens", "params") or len(set(values)) > 1:
        return None
    if not values[0].strip() or not label.strip() or any(nothing) or numbers.wrong.any():
        return None
    return [[label, *(f"{values[0]} @ {amount} {found.role}" for amount in amounts)], *rows[3:]]


def _cell(row: Sequence[str], place: int) -> str:
    text = row[place].strip() if place < len(row) else ""
    return "" if _UNNAMED.fullmatch(text) else text


def _roles(names: Sequence[str]) -> int:
    return sum(guess(name_of(name)) is not None for name in names if name)


def _depth(rows: Rows) -> int:
    """Lines without numbers above columns of numbers; 1 where the first is the heading."""
    width, body = len(rows[0]), rows[DEEPEST:] or rows[-2:]
    if len(rows) < DEEPEST or width < 2 or any(len(row) != width for row in rows[:DEEPEST]):
        return 1
    numeric = []
    for place in range(width):
        found = numbers_of(pd.Series([_cell(row, place) for row in body[:200]], dtype=object))
        if found.wrong.mean() < 0.5 and not found.empty.all():
            numeric.append(place)
    depth = 0
    for row in rows[:DEEPEST]:
        cells = [_cell(row, place) for place in range(width)]
        over = [cells[place] for place in numeric if cells[place].lower() not in EMPTY]
        known = numbers_of(pd.Series([cell for cell in over if not _POWER.fullmatch(cell)]))
        names_rows = depth > 0 and not over and any(cells)
        if not names_rows and (not over or not known.wrong.all() or len(known.wrong) == 0):
            break
        depth += 1
    return depth if len(numeric) > 1 and sum(map(bool, rows[0])) > 1 else 1


def upright(rows: Rows, notes: list[str]) -> Rows:
    """Turn a table that has a row a quantity and a column a run.

    Parameters
    ----------
    rows
        Heading and rows.
    notes
        Takes a sentence where the table was turned.
    """
    header, body = [cell.strip() for cell in rows[0]], rows[1:]
    if (
        not 1 <= len(body) <= MOST_QUANTITIES
        or len(header) > WIDEST
        or len({len(row) for row in rows}) > 1
    ):
        return rows
    unit = next((place for place in (1,) if header[1:2] and header[1].lower() in _UNIT), None)
    first = 1 if unit is None else 2
    runs = header[first:]
    labels = [row[0].strip() for row in body]
    names = [label for label in [header[0], *labels] if label]
    told = {found.role for name in names if (found := guess(name_of(name)))}
    across = [found.sure for name in runs if (found := guess(name_of(name)))]
    if len(runs) < FEWEST_RUNS or "loss" not in told or not told & _AXES or any(across):
        return rows
    if len(set(labels)) < len(labels) or not all(labels):
        return rows
    if unit is not None:
        labels = [f"{label} ({row[unit].strip()})" if row[unit].strip() else label
                  for label, row in zip(labels, body, strict=True)]  # fmt: skip
    columns = [[cell.strip() for cell in row[first:]] for row in body]
    named = header[0].lower() not in _QUANTITY
    if named or (len(set(runs)) == len(runs) and not _unnamed(runs) and "run" not in labels):
        labels = [header[0] if named else "run", *labels]
        columns = [runs, *columns]
    notes.append(f"Its {len(runs)} columns are runs, its rows quantities; turned.")
    return [labels, *(list(cells) for cells in zip(*columns, strict=True))]


def _unnamed(runs: Sequence[str]) -> bool:
    return list(runs) == [str(place) for place in range(len(runs))] or any(
        not run or _UNNAMED.fullmatch(run) for run in runs
    )
