"""Measurements that are counted twice, in one fit or across studies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import fits as how_many
from scaling_studies.checks.words import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = "Is the same measurement fitted twice, or published by more than one study?"
NOTHING = "no fit has rows"

#: Columns that name a row and say nothing of it.
NAMES = frozenset({"row_key", "run_id", "group_id", "table"})

_finding = partial(Finding, "duplicate_points")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on equal rows and on measurements shared with other studies."""
    clean, shared = 0, set()
    for fit in (*context.refits, *context.evaluated):
        rows = context.fitted(fit)
        compared = [name for name in rows.columns if name not in NAMES]
        twice = int(rows.duplicated(compared).sum())
        shared |= set(context.column(fit, "provenance_group"))
        if not twice:
            clean += 1
            continue
        yield _finding(
            fit,
            "warning",
            f"{twice} of {len(rows)} fitted rows repeat another in everything that is recorded of "
            "them; each weighs twice.",
            "duplicates",
            float(twice),
        )
    if clean:
        yield _finding(None, "info", f"No row repeats another in {how_many(clean)}.")
    if shared:
        yield _finding(
            None,
            "info",
            f"These measurements are published more than once ({joined(sorted(shared))}); "
            "together with the other studies that hold them they are counted once.",
        )
