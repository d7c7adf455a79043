"""Whether printed numbers follow from each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.verdicts.judge import OWN_REFIT
from scaling_studies.words import number

MEANING = "Do numbers printed in one place follow from those printed in another?"
NOTHING = "no printed number is held against other printed ones"


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from verdicts that rest on printed numbers alone."""
    sources = {fit for fit in context.evaluated if context.column(fit, "provenance") == ["printed"]}
    sources |= set(context.printed)
    rows = [
        row
        for row in context.verdicts
        if row["fit"] in sources and row["confirmation"] != OWN_REFIT
    ]
    for row in rows:
        if row["verdict"] == "not_reproduced":
            yield warning(
                f"{row['quantity']}: other printed numbers give {number(row['refit'], 4)}, printed "
                f"is {number(row['published'], 4)}. {_reason(context, row)}".rstrip(),
                row["fit"],
                row["quantity"],
                row["refit"],
            )
    follow = sum(row["verdict"] == "reproduced" for row in rows)
    if follow:
        yield info(
            f"{follow} printed {'number follows' if follow == 1 else 'numbers follow'} from other "
            "printed ones.",
            value=float(follow),
        )


def _reason(context: CheckContext, row: Mapping[str, Any]) -> str:
    """What the card says of a printed number that does not follow."""
    return next(
        target.reason or ""
        for target in context.entry(row["fit"]).targets
        if (target.quantity, target.value) == (row["quantity"], row["published"])
    )
