"""Losses that must not be compared with others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import fits as how_many
from scaling_studies.checks.words import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = "Is a loss in a unit that depends on the tokenizer, and is the tokenizer known?"
NOTHING = "no response is a loss per token or word"

#: Units whose size depends on how text is cut, and the words for them.
PER_PIECE = {
    "nats_per_token": "nats per token",
    "bits_per_token": "bits per token",
    "nats_per_word": "nats per word",
    "perplexity": "perplexity",
}

_finding = partial(Finding, "incomparable_units")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on losses per piece of text."""
    unknown, known = {}, {}
    for fit in (*context.refits, *context.evaluated):
        units = sorted(context.units(fit) & set(PER_PIECE))
        if not units:
            continue
        cut = context.column(fit, "tokenizer")
        if len(cut) > 1:
            yield _finding(
                fit,
                "fail",
                f"Losses in {joined(PER_PIECE[unit] for unit in units)} under {len(cut)} "
                f"tokenizers are fitted together: {joined(cut)}.",
                "tokenizers",
                float(len(cut)),
            )
        elif cut:
            known[fit] = cut[0]
        else:
            unknown[fit] = units
    if unknown:
        units = joined(sorted({PER_PIECE[unit] for found in unknown.values() for unit in found}))
        yield _finding(
            None,
            "info",
            f"Losses of {how_many(len(unknown))} are in {units}, and the rows name no tokenizer: "
            "compare exponents with other studies, not losses, E or coefficients.",
        )
    if known:
        yield _finding(
            None,
            "info",
            f"Losses of {how_many(len(known))} hold for one tokenizer "
            f"({joined(sorted(set(known.values())))}): E and coefficients compare only under it.",
        )
