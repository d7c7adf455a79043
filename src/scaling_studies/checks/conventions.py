"""What N or C counts in each fit, and what that does to the headline quantities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.spread import headline_quantities, spreads
from scaling_studies.words import count_of, joined, number, span


def compare(context: CheckContext, letter: str, labels: Mapping[str, str]) -> Iterator[Finding]:
    """Findings on fits of one law to one response and data set under several conventions.

    Parameters
    ----------
    context
        Card and artefacts of the study.
    letter
        What is counted, ``N`` or ``C``.
    labels
        Fit -> convention; fits without rows or without that axis are left out.
    """
    families = defaultdict(list)
    for fit in labels:
        response = context.entry(fit).response
        data = context.column(fit, "dataset")
        families[context.fits[fit].law, str(response), str(data)].append(fit)
    for family in families.values():
        pairs = [pair for pair in combinations(family, 2) if _comparable(context, labels, *pair)]
        for pair in pairs:
            yield _pair(context, letter, labels, pair)
        if not pairs and len({labels[fit] for fit in family}) > 1:
            yield from _family(context, letter, labels, family)


def _comparable(context: CheckContext, labels: Mapping[str, str], one: str, other: str) -> bool:
    """Whether two fits of the same rows differ in the convention and not in the objective."""
    return (
        labels[one] != labels[other]
        and context.fits[one].objective == context.fits[other].objective
        and context.row_keys[one] == context.row_keys[other]
    )


def _pair(
    context: CheckContext, letter: str, labels: Mapping[str, str], pair: tuple[str, str]
) -> Finding:
    """Fits of the same rows: each quantity under both conventions."""
    quantities = spreads(context, pair)
    said = "; ".join(
        f"{item.called} {' and '.join(number(value, 4) for value in item.values)}{item.interval}"
        for item in quantities
    )
    severity = warning if any(item.beyond_interval for item in quantities) else info
    return severity(
        f"On the same rows, {letter} {' and '.join(labels[fit] for fit in pair)} give: {said}.",
        quantity=quantities[0].quantity,
        value=quantities[0].extent,
    )


def _family(
    context: CheckContext, letter: str, labels: Mapping[str, str], family: list[str]
) -> Iterator[Finding]:
    """Fits of different rows: ranges by convention, other choices mixed in."""
    data = ", ".join(context.column(family[0], "dataset"))
    where = f" ({data})" if data else ""
    for name in headline_quantities(context, family):
        values = defaultdict(list)
        for fit in sorted(family, key=labels.__getitem__):
            values[labels[fit]].append(context.fits[fit].quantities[name])
        said = joined(
            f"{span(some)} if {letter} is {label} ({count_of(len(some), 'fit')})"
            for label, some in values.items()
        )
        every = [value for some in values.values() for value in some]
        yield info(
            f"{context.called(family[0], name)}{where}: {said}. "
            "The fits differ in other choices as well.",
            quantity=name,
            value=max(every) - min(every),
        )
