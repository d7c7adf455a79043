"""Losses that must not be compared with others."""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, fail, info
from scaling_studies.words import count_of, joined

MEANING = "Is a loss in a unit that depends on the tokenizer, and is the tokenizer known?"
NOTHING = "no response is a loss per token or word"

#: Units whose size depends on how text is cut, and the words for them.
PER_PIECE = {
    "nats_per_token": "nats per token",
    "bits_per_token": "bits per token",
    "nats_per_word": "nats per word",
    "perplexity": "perplexity",
}


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on losses per piece of text."""
    unknown: list[set[str]] = []
    known: list[str] = []
    for fit in context.with_rows:
        units = {PER_PIECE[unit] for unit in context.units(fit) if unit in PER_PIECE}
        tokenizers = context.column(fit, "tokenizer")
        if units and len(tokenizers) > 1:
            yield fail(
                f"Losses in {joined(sorted(units))} under {len(tokenizers)} tokenizers are fitted "
                f"together: {joined(tokenizers)}.",
                fit,
                "tokenizers",
                float(len(tokenizers)),
            )
        elif units and tokenizers:
            known += tokenizers
        elif units:
            unknown.append(units)
    if unknown:
        yield info(
            f"Losses of {count_of(len(unknown), 'fit')} are in "
            f"{joined(sorted(set().union(*unknown)))}, and the rows name no tokenizer: compare "
            "exponents with other studies, not losses, E or coefficients."
        )
    if known:
        yield info(
            f"Losses of {count_of(len(known), 'fit')} hold for one tokenizer "
            f"({joined(sorted(set(known)))}): E and coefficients compare only under it."
        )
