"""What is recorded of the study, of all that a report of a scaling law should state.

Source: Li et al. 2025, arXiv 2502.18969, a survey of what papers on scaling laws report.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, info
from scaling_studies.words import joined

MEANING = "Of what a report of a scaling law should state, what is recorded here?"
NOTHING = "the study has no fit"

#: Units of losses that mean nothing without the tokenizer.
PER_TOKEN = {"nats_per_token", "bits_per_token"}


def find(context: CheckContext) -> Iterator[Finding]:
    """One finding: what is recorded of the study and what is not."""
    if context.with_rows:
        recorded = _recorded(context)
        known = [name for name, yes in recorded.items() if yes]
        missing = [name for name, yes in recorded.items() if not yes]
        text = f"Recorded here: {joined(known)}."
        if missing:
            text += (
                f" Not recorded here, whether or not the publication states it: {joined(missing)}."
            )
        yield info(text, quantity="recorded", value=float(len(known)))
    elif context.fits:
        uncertain = " and uncertainties" if _has_uncertainties(context) else ""
        yield info(f"Recorded here: constants{uncertain} as printed, and no rows to fit them to.")


def _recorded(context: CheckContext) -> dict[str, bool]:
    """What a report should state, and whether it is recorded."""
    fits = context.with_rows
    losses = [fit for fit in fits if context.units(fit) & PER_TOKEN]
    sized = [fit for fit in fits if "params" in (context.entry(fit).axes or {})]
    items = {
        "rows that can be fitted": bool(context.refits),
        "the objective": any(context.entry(fit).objective for fit in fits),
        "the starts of the search": any(context.entry(fit).starts for fit in fits),
        "published uncertainties": _has_uncertainties(context),
        "rows that were predicted and not fitted": any(
            context.fits[fit].n_held_out for fit in fits
        ),
    }
    if sized:
        items["what N counts"] = all(context.column(fit, "params_convention") for fit in sized)
        items["what C counts"] = all(context.column(fit, "flops_convention") for fit in sized)
    if losses:
        items["the tokenizer"] = all(context.column(fit, "tokenizer") for fit in losses)
    return items


def _has_uncertainties(context: CheckContext) -> bool:
    """Whether the card has a printed interval or standard error."""
    return any(
        entry.printed_intervals or any(target.standard_error for target in entry.targets)
        for entry in context.card.fits.values()
    )
