"""How far the study's own refits of a law lie apart, against the interval of one of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.spread import listed, spreads

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = (
    "Do choices (rows, objective, threshold, what is held fixed) move the headline quantities "
    "further than the interval of one fit says?"
)
NOTHING = "no two fits of the study fit one law to the same rows in different ways"

#: Share of common rows from which two fits answer the same question.
COMMON = 0.5

_finding = partial(Finding, "choice_sensitivity")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on families of fits that differ in choices only."""
    for family in _families(context):
        found = spreads(context, family)
        beyond = [spread for spread in found if spread.beyond_interval]
        within = [spread for spread in found if not spread.beyond_interval]
        law = context.fits[family[0]]["law"]
        over = f"Over {len(family)} fits of the law {law} to the same rows or part of them"
        if beyond:
            yield _finding(
                None,
                "warning",
                f"{over}, further apart than the interval of one fit is wide: {listed(beyond)}.",
                beyond[0].quantity,
                beyond[0].high - beyond[0].low,
            )
        if within:
            yield _finding(
                None,
                "info",
                f"{over}: {listed(within)}.",
                within[0].quantity,
                within[0].high - within[0].low,
            )


def _families(context: CheckContext) -> Iterator[list[str]]:
    """Refits of one law, response and axes on largely the same rows."""
    waiting = list(context.refits)
    while waiting:
        first = waiting.pop(0)
        alike = [
            other
            for other in waiting
            if context.fits[other]["law"] == context.fits[first]["law"]
            and context.common_rows(first, other) >= COMMON
        ]
        waiting = [fit for fit in waiting if fit not in alike]
        if alike:
            yield [first, *alike]
