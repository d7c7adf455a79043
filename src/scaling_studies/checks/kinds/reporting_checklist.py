"""What is recorded of the study, of all that a report of a scaling law should state.

Source: Li et al. 2025, arXiv 2502.18969, a survey of what papers on scaling laws report.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = "Of what a report of a scaling law should state, what is recorded here?"
NOTHING = "the study has no fit"

_finding = partial(Finding, "reporting_checklist")


def find(context: CheckContext) -> Iterator[Finding]:
    """One finding: what is recorded of the study and what is not."""
    if not context.fits:
        return
    with_rows = [*context.refits, *context.evaluated]
    if not with_rows:
        uncertain = " and uncertainties" if _has_uncertainties(context) else ""
        text = f"Recorded here: constants{uncertain} as printed, and no rows to fit them to."
        yield _finding(None, "info", text)
        return
    losses = [fit for fit in with_rows if context.units(fit) & {"nats_per_token", "bits_per_token"}]
    sized = [fit for fit in with_rows if "params" in context.entry(fit).get("axes", {})]
    items = {
        "rows that can be fitted": bool(context.refits),
        "the objective": any(context.entry(fit).get("objective") for fit in with_rows),
        "the starts of the search": any(context.entry(fit).get("starts") for fit in with_rows),
        "published uncertainties": _has_uncertainties(context),
        "rows that were predicted and not fitted": any(
            context.fits[fit].get("n_held_out") for fit in with_rows
        ),
    }
    if sized:
        items["what N counts"] = all(context.column(fit, "params_convention") for fit in sized)
        items["what C counts"] = all(context.column(fit, "flops_convention") for fit in sized)
    if losses:
        items["the tokenizer"] = all(context.column(fit, "tokenizer") for fit in losses)
    known = [name for name, yes in items.items() if yes]
    missing = [name for name, yes in items.items() if not yes]
    said = f"Recorded here: {joined(known) or 'nothing'}."
    if missing:
        said += f" Not recorded here, whether or not the publication states it: {joined(missing)}."
    yield _finding(None, "info", said, "recorded", float(len(known)))


def _has_uncertainties(context: CheckContext) -> bool:
    """Whether the card has a printed interval or standard error."""
    for fit in context.fits:
        entry = context.entry(fit)
        if entry.get("printed_intervals"):
            return True
        if any("standard_error" in target for target in entry.get("targets", [])):
            return True
    return False
