"""What N or C counts in each fit, and what that does to the headline quantities."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.spread import headline_quantities, spreads
from scaling_studies.checks.words import fits as how_many
from scaling_studies.checks.words import joined, rough, span
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def compare(
    context: CheckContext, check: str, letter: str, labels: Mapping[str, str]
) -> Iterator[Finding]:
    """Findings on fits of one law under several conventions.

    Parameters
    ----------
    context
        Card and artefacts of the study.
    check
        Name of the check.
    letter
        What is counted, ``N`` or ``C``.
    labels
        Fit -> convention; fits without rows or without that axis are left out.
    """
    families = defaultdict(list)
    for fit in labels:
        artefact = context.fits[fit]
        response = context.entry(fit).get("response", {})
        data = ",".join(context.column(fit, "dataset"))
        families[artefact["law"], str(response), data].append(fit)
    for family in families.values():
        if len({labels[fit] for fit in family}) < 2:
            continue
        pairs = list(_pairs(context, family, labels))
        for one, other in pairs:
            yield from _pair(context, check, letter, labels, one, other)
        if not pairs:
            yield from _family(context, check, letter, labels, family)


def _pairs(
    context: CheckContext, family: list[str], labels: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Fits of the same rows that differ in the convention and in little else."""
    for one, other in combinations(family, 2):
        same = context.fits[one]["objective"] == context.fits[other]["objective"]
        differ = labels[one] != labels[other]
        if same and differ and context.row_keys(one) == context.row_keys(other):
            yield one, other


def _pair(
    context: CheckContext,
    check: str,
    letter: str,
    labels: Mapping[str, str],
    one: str,
    other: str,
) -> Iterator[Finding]:
    found = spreads(context, [one, other])
    said = []
    for spread in found:
        a, b = (context.fits[fit]["quantities"][spread.quantity] for fit in (one, other))
        width = f" (interval {rough(spread.width)} wide)" if spread.width is not None else ""
        said.append(f"{spread.quantity} {number(a, 4)} and {number(b, 4)}{width}")
    yield Finding(
        check,
        None,
        "warning" if any(spread.beyond_interval for spread in found) else "info",
        f"On the same rows, {letter} {labels[one]} and {labels[other]} give: {'; '.join(said)}.",
        found[0].quantity,
        found[0].high - found[0].low,
    )


def _family(
    context: CheckContext, check: str, letter: str, labels: Mapping[str, str], family: list[str]
) -> Iterator[Finding]:
    """Fits of different rows: ranges by convention, other choices mixed in."""
    kinds = sorted({labels[fit] for fit in family})
    for name in headline_quantities(context, family):
        values = {
            kind: [context.fits[fit]["quantities"][name] for fit in family if labels[fit] == kind]
            for kind in kinds
        }
        said = joined(
            f"{span(values[kind])} if {letter} is {kind} ({how_many(len(values[kind]))})"
            for kind in kinds
        )
        data = ", ".join(context.column(family[0], "dataset"))
        where = f" ({data})" if data else ""
        yield Finding(
            check,
            None,
            "info",
            f"{name}{where}: {said}. The fits differ in other choices as well.",
            name,
            max(map(max, values.values())) - min(map(min, values.values())),
        )
