"""How far choices move a law's headline, against the interval of one fit of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.spread import Spread, listed, spreads
from scaling_studies.choices.summary import MOST
from scaling_studies.words import count_of, interval, number, percent

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
    families = list(_families(context))
    for family in families:
        quantities = spreads(context, family)
        beyond = [spread for spread in quantities if spread.beyond_interval]
        within = [spread for spread in quantities if not spread.beyond_interval]
        if not quantities:
            continue
        first = (beyond or within)[0]
        say = warning if beyond else info
        text = _differ(_named(context, family, alone=len(families) == 1), beyond, within)
        yield say(text, family[0], quantity=first.quantity, value=first.extent)


def _named(context: CheckContext, family: list[str], *, alone: bool) -> str:
    """The fits of a family, which are named where there are several families."""
    law = context.law_of(family[0])
    same = f"of {law} to the same runs or part of them"
    if alone:
        return f"{len(family)} fits {same}"
    others = count_of(len(family) - 1, "other fit")
    return f"“{context.fits[family[0]].title}” and {others} {same}"


def _differ(fits: str, beyond: Sequence[Spread], within: Sequence[Spread]) -> str:
    """Say which quantities some fits move by more than the interval of one, and which not."""
    said = []
    if beyond:
        said.append(f"{fits} differ by more than the interval of one is wide: {listed(beyond)}.")
    if within and any(spread.width is None for spread in within):
        said.append(f"{'Further' if beyond else f'{fits} give'}: {listed(within)}.")
    elif within:
        less = "The rest differs" if beyond else f"{fits} differ"
        said.append(f"{less} by no more than the interval of one is wide: {listed(within)}.")
    return " ".join(said)


def _tried(context: CheckContext, row: Mapping[str, Any]) -> Finding:
    """What combinations of choices do to one quantity."""
    ends = interval(row["choices_low"], row["choices_high"]).replace(" to ", " and ")
    called = context.called(row["fit"], row["quantity"])
    text = (
        f"Under {row['usable']:,} combinations of choices 95 % of the values of {called} "
        f"lie between {ends}; {percent(row['inside'])} of all lie within the interval "
        f"of the fit, {interval(row['sampling_low'], row['sampling_high'])}."
    )
    if row["largest_option"]:
        # The id of a run says nothing to a reader.
        option = re.sub(r"^without the group of run .*", "without one run", row["largest_option"])
        text += (
            f" The single choice that moves it furthest, to {number(row['largest_value'], 3)}: "
            f"{option}."
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
