"""How far choices move a law's headline, against the interval of one fit of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.spread import listed, spreads
from scaling_studies.choices.summary import MOST
from scaling_studies.words import number, percent

MEANING = (
    "Do choices (rows, objective, threshold, what is held fixed) move the headline quantities "
    "further than the interval of one fit says?"
)
NOTHING = (
    "no headline fit with an interval was tried under other choices, and no two fits of the study "
    "fit one law to the same rows in different ways"
)

#: Share of common rows from which two fits answer the same question.
COMMON = 0.5


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on fits tried under all choices, and on families that differ in choices only."""
    for row in context.choices:
        if row["usable"] and row["inside"] is not None:
            yield _tried(context, row)
    for family in _families(context):
        law = context.law_of(family[0])
        over = f"Over {len(family)} fits of {law} to the same rows or part of them"
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


def _tried(context: CheckContext, row: Mapping[str, Any]) -> Finding:
    """What combinations of choices do to one quantity."""
    low, high = number(row["choices_low"], 3), number(row["choices_high"], 3)
    called = context.called(row["fit"], row["quantity"])
    text = (
        f"Under {row['usable']:,} combinations of choices 95 % of the values of {called} "
        f"lie between {low} and {high}; {percent(row['inside'])} of all lie within the interval "
        f"of the fit, {number(row['sampling_low'], 3)} to {number(row['sampling_high'], 3)}."
    )
    if row["largest_option"]:
        text += (
            f" The single choice that moves it furthest, to {number(row['largest_value'], 3)}: "
            f"{row['largest_option']}."
        )
    say = info if row["inside"] >= MOST else warning
    return say(text, row["fit"], row["quantity"], row["inside"])


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
