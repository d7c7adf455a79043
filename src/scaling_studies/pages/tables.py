"""Tables of pages: which rows of long ones are listed, and how wide ones stand on a phone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

#: Row of a table of a page.
Row = Mapping[str, Any]

#: Predictions of held-out rows that a page lists one by one; of more, the last of each run.
MOST_PREDICTIONS = 1000
#: Training compute of the rows of the allocation table, FLOP.
ALLOCATION_DECADES = (1e18, 1e20, 1e22, 1e24, 1e26)
#: Columns that a phone has room for.
MOST_COLUMNS = 3
TABLE = re.compile(r"<table\b([^>]*)>(.*?)</table>", re.DOTALL)
HEADER = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
ROW = re.compile(r"(?<=<tr)\b.*?(?=</tr>)", re.DOTALL)
CELL = re.compile(r"<t[dh]\b[^>]*>")


def with_cards(html: str) -> str:
    """A page whose tables of many columns become cards on a phone, each cell with its heading.

    A cell that has a ``data-label`` keeps it, and the head of a row needs none.
    """
    return TABLE.sub(_with_labels, html)


def _with_labels(table: re.Match[str]) -> str:
    attributes, inner = table.groups()
    head, body, rest = inner.partition("<tbody>")
    labels = [re.sub(r"<[^>]+>", "", name) for name in HEADER.findall(head)]
    classes = (re.findall('class="([^"]*)"', attributes) or [""])[0]
    if len(labels) <= MOST_COLUMNS:
        return table[0]

    def row(found: re.Match[str]) -> str:
        names = iter(labels)

        def cell(start: re.Match[str]) -> str:
            label = next(names, "")
            bare = start[0].startswith("<th") or re.search("data-label=|colspan=", start[0])
            return start[0] if bare else f'{start[0][:-1]} data-label="{label}">'

        return CELL.sub(cell, found[0])

    attributes = attributes.replace(f' class="{classes}"', "")
    named = " ".join([*classes.split(), "stacked"])
    return f'<table class="{named}"{attributes}>{head}{body}{ROW.sub(row, rest)}</table>'


def held_out_rows(points: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Held-out rows of each fit, with the fit's name, in its order."""
    return [
        {**row, "fit": fit} for fit, rows in points.items() for row in rows
        if row["role"] == "held_out"
    ]  # fmt: skip


def last_of_runs(rows: Sequence[Row]) -> Sequence[Row]:
    """Keep the last prediction of each run when there are too many for one table."""
    if len(rows) <= MOST_PREDICTIONS:
        return rows
    run = ("study", "fit", "response", "run_id")
    last = {tuple(row.get(name) for name in run): place for place, row in enumerate(rows)}
    return [rows[place] for place in sorted(last.values())]


def at_decades(allocation: Sequence[Row]) -> list[Row]:
    """Rows of the allocation table at a few round amounts of compute."""
    return [
        row
        for row in allocation
        if any(math.isclose(row["flops"], decade, rel_tol=1e-6) for decade in ALLOCATION_DECADES)
    ]
