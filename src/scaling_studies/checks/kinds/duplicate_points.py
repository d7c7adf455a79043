"""Measurements that are counted twice, in one fit or across studies."""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Columns, Finding, info, warning
from scaling_studies.words import count_of

MEANING = "Is the same measurement fitted twice, or published by more than one study?"
NOTHING = "no fit has rows"

#: Columns that name a row and say nothing of it.
NAMES = frozenset({"row_key", "run_id", "group_id", "table"})


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on equal rows and on measurements shared with other studies."""
    clean = 0
    shared: set[str] = set()
    for fit in context.with_rows:
        rows = context.fitted[fit]
        twice = _repeated(rows)
        shared |= set(context.column(fit, "provenance_group"))
        if twice:
            yield warning(
                f"{twice} of {len(rows['role'])} fitted rows repeat another in everything that is "
                "recorded of them; each weighs twice.",
                fit,
                "duplicates",
                float(twice),
            )
        else:
            clean += 1
    if clean:
        yield info(f"No row repeats another in {count_of(clean, 'fit')}.")
    if shared:
        yield info(
            "These measurements are published more than once; together with the other studies that "
            "hold them they are counted once."
        )


def _repeated(rows: Columns) -> int:
    """How many rows repeat an earlier one in every column that says something."""
    # Written out, as not-a-number is no more equal to itself than it is missing twice.
    columns = [map(repr, values.tolist()) for name, values in rows.items() if name not in NAMES]
    return len(rows["role"]) - len(set(zip(*columns, strict=True)))
