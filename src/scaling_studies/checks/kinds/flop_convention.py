"""What does C count? 6ND, with or without embeddings and attention: optima depend on it.

Source: Porian et al. 2024, arXiv 2406.19146.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scaling_studies.checks.context import CheckContext, Columns, Finding, info, warning
from scaling_studies.checks.conventions import compare
from scaling_studies.words import joined, number, span

MEANING = "What does C count, how far is it from 6ND, and do optima depend on it?"
NOTHING = "no row states its training compute"

#: Relative difference from 6ND beyond which the two are not the same count; roughly what leaving
#: out the output layer of a large model makes.
SAME = 0.05

#: Conventions of the run table in words that follow "C is".
WORDS = {
    "6ND_total": "6ND with all parameters",
    "6ND_non_embedding": "6ND without embeddings",
    "6ND_active": "6ND with active parameters",
    "attention": "6ND with attention added",
    "forward_only": "that of forward passes alone",
    "reported": "as the study reports it",
}


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on the meaning of C."""
    conventions = {fit: context.column(fit, "flops_convention") for fit in context.with_rows}
    unstated = [fit for fit, kinds in conventions.items() if "unknown" in kinds]
    stated = {
        fit: joined(WORDS[kind] for kind in kinds)
        for fit, kinds in conventions.items()
        if fit not in unstated
    }
    first_with_rows: dict[frozenset[str], str] = {}
    for fit in stated:
        if {"flops", "flops_6nd"} <= context.fitted[fit].keys():
            first_with_rows.setdefault(context.row_keys[fit], fit)
    for fit in first_with_rows.values():
        yield from _against_6nd(fit, context.fitted[fit])
    if unstated:
        yield warning(
            f"What C counts is not known for {context.titles(unstated)}: optima over C are not "
            "comparable with other studies'."
        )
    said = {WORDS[kind] for fit in stated for kind in conventions[fit]}
    if said:
        yield info(f"C is {joined(sorted(said))}.")
    labels = {fit: stated[fit] for fit in context.refits if stated.get(fit)}
    yield from compare(context, "C", labels)


def _against_6nd(fit: str, rows: Columns) -> Iterator[Finding]:
    """Published compute over 6ND, where both are known and differ."""
    ratio = rows["flops"] / rows["flops_6nd"]
    ratio = ratio[np.isfinite(ratio)]
    if np.any(np.abs(ratio - 1.0) > SAME):
        median = float(np.median(ratio))
        yield warning(
            f"Published compute is {span([ratio.min(), ratio.max()])} times 6ND, "
            f"{number(median, 3)} times in the median: an allocation along 6ND is not one along "
            "the published compute.",
            fit,
            "flops_over_6nd",
            median,
        )
