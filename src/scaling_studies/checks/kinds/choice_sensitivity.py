"""How far the study's own refits of a law lie apart, against the interval of one of them."""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.spread import listed, spreads

MEANING = (
    "Do choices (rows, objective, threshold, what is held fixed) move the headline quantities "
    "further than the interval of one fit says?"
)
NOTHING = "no two fits of the study fit one law to the same rows in different ways"

#: Share of common rows from which two fits answer the same question.
COMMON = 0.5


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on families of fits that differ in choices only."""
    for family in _families(context):
        (law,) = {context.fits[fit].law for fit in family}
        over = f"Over {len(family)} fits of the law {law} to the same rows or part of them"
        quantities = spreads(context, family)
        for severity, beyond, words in (
            (warning, True, ", further apart than the interval of one fit is wide"),
            (info, False, ""),
        ):
            these = [spread for spread in quantities if spread.beyond_interval == beyond]
            if these:
                yield severity(
                    f"{over}{words}: {listed(these)}.",
                    family[0],
                    quantity=these[0].quantity,
                    value=these[0].extent,
                )


def _families(context: CheckContext) -> Iterator[list[str]]:
    """Refits of one law and response on largely the same rows as the first of them."""
    waiting = context.refits
    while waiting:
        first, *others = waiting
        alike = [
            fit
            for fit in others
            if context.fits[fit].law == context.fits[first].law
            and _switched_off(context, fit) == _switched_off(context, first)
            and context.common_rows(first, fit) >= COMMON
        ]
        waiting = [fit for fit in others if fit not in alike]
        if alike:
            yield [first, *alike]


def _switched_off(context: CheckContext, fit: str) -> set[str]:
    """Parameters held at zero: without their term the others mean something else."""
    return {name for name, value in context.fits[fit].fixed.items() if value == 0.0}
