"""Tables of pages: rows as mappings, and which rows of long tables are listed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: Predictions of held-out rows that a page lists one by one; of more, the last of each run.
MOST_PREDICTIONS = 1000
#: Training compute of the rows of the allocation table, FLOP.
ALLOCATION_DECADES = (1e18, 1e20, 1e22, 1e24, 1e26)


def records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Rows as mappings; not-a-number becomes None; no rows where there is no table."""
    rows = [] if frame is None else frame.to_dict("records")
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if value is None or value != value:  # not a number
        return None
    return value.item() if hasattr(value, "item") else value


def held_out_rows(name: str, points: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Held-out rows of a fit with their predictions; none for a fit without points."""
    if points is None or "role" not in points:
        return []
    rows = points[points["role"] == "held_out"]
    shown = []
    for record in records(rows):
        sizes = {key: record.get(key) for key in ("params", "tokens")}
        shown.append(record | sizes | {"fit": name})
    return shown


def listed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last step of each run when there are too many predictions for one table."""
    if len(rows) <= MOST_PREDICTIONS or any(row.get("step") is None for row in rows):
        return rows
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["fit"], row["run_id"])
        if key not in last or row["step"] >= last[key]["step"]:
            last[key] = row
    return list(last.values())


def last_of_runs(held_out: pd.DataFrame) -> pd.DataFrame:
    """Keep the last prediction of each run when there are too many for one table."""
    if len(held_out) <= MOST_PREDICTIONS:
        return held_out
    run = [name for name in ("study", "fit", "response", "run_id") if name in held_out]
    return held_out.drop_duplicates(run, keep="last")


def at_decades(allocation: pd.DataFrame) -> pd.DataFrame:
    """Rows of the allocation table at a few round amounts of compute."""
    if "flops" not in allocation:
        return allocation
    near = [
        any(math.isclose(flops, decade, rel_tol=1e-6) for decade in ALLOCATION_DECADES)
        for flops in allocation["flops"]
    ]
    return allocation[near]
