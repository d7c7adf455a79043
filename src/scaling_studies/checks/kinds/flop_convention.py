"""What does C count? 6ND, with or without embeddings and attention: optima depend on it.

Source: Porian et al. 2024, arXiv 2406.19146.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.conventions import compare
from scaling_studies.checks.words import joined, span
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

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

_finding = partial(Finding, "flop_convention")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on the meaning of C."""
    labels, said, seen, unstated = {}, set(), set(), []
    for fit in (*context.refits, *context.evaluated):
        kinds = context.column(fit, "flops_convention")
        if "unknown" in kinds:
            unstated.append(fit)
            continue
        said |= {WORDS[kind] for kind in kinds}
        if fit in context.refits and kinds:
            labels[fit] = joined(WORDS[kind] for kind in kinds)
        rows = context.fitted(fit)
        key = context.row_keys(fit)
        if key and key not in seen and {"flops", "flops_6nd"} <= set(rows.columns):
            seen.add(key)
            yield from _against_6nd(context, fit)
    if unstated:
        yield _finding(
            None,
            "warning",
            f"What C counts is not known for {context.titles(unstated)}: optima over C are not "
            "comparable with other studies'.",
        )
    if said:
        yield _finding(None, "info", f"C is {joined(sorted(said))}.")
    yield from compare(context, "flop_convention", "C", labels)


def _against_6nd(context: CheckContext, fit: str) -> Iterator[Finding]:
    """Published compute over 6ND, where both are known and differ."""
    rows = context.fitted(fit)
    ratio = (rows["flops"] / rows["flops_6nd"]).to_numpy()
    ratio = ratio[np.isfinite(ratio)]
    if not len(ratio) or np.abs(ratio - 1.0).max() <= SAME:
        return
    yield _finding(
        fit,
        "warning",
        f"Published compute is {span([ratio.min(), ratio.max()])} times 6ND, "
        f"{number(np.median(ratio), 3)} times in the median: an allocation along 6ND is not one "
        "along the published compute.",
        "flops_over_6nd",
        float(np.median(ratio)),
    )
