"""Rows of pages' tables: which rows of long tables are listed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: Row of a table of a page.
Row = Mapping[str, Any]

#: Predictions of held-out rows that a page lists one by one; of more, the last of each run.
MOST_PREDICTIONS = 1000
#: Training compute of the rows of the allocation table, FLOP.
ALLOCATION_DECADES = (1e18, 1e20, 1e22, 1e24, 1e26)


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
