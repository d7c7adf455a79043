"""Minima of isoFLOP parabolas: left out, weak, or at odds with the law of the whole surface.

Source: Czech et al. 2026, arXiv 2603.22339.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.words import number

MEANING = (
    "Where optima are read from isoFLOP parabolas: were budgets without a usable minimum left out, "
    "and does the law of the whole surface agree?"
)
NOTHING = "no fit reads optima from isoFLOP parabolas"

#: Budgets whose message a finding repeats; of more, how many there are.
MOST_TOLD = 3


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on fits by isoFLOP parabolas."""
    surfaces = [
        fit
        for fit in context.refits
        if context.fits[fit].estimator == "parametric" and "a_opt" in context.fits[fit].quantities
    ]
    for fit in context.refits:
        artefact = context.fits[fit]
        if artefact.estimator == "isoflop":
            yield _budgets(fit, artefact.messages)
            for surface in surfaces:
                if context.common_rows(fit, surface) > 0.0:
                    yield _against_surface(context, fit, surface)


def _budgets(fit: str, messages: list[str]) -> Finding:
    """Budgets that have no minimum to read."""
    told = [text for text in messages if text.startswith("budget ")]
    if not told:
        return info("Every budget has a minimum inside the sizes measured.", fit)
    return warning(
        f"{len(told)} of its budgets have no usable minimum or a weak one: "
        f"{'; '.join(text.removesuffix('.') for text in told[:MOST_TOLD])}.",
        fit,
        "budgets",
        float(len(told)),
    )


def _against_surface(context: CheckContext, fit: str, surface: str) -> Finding:
    """The exponent from parabolas next to that of a law fitted to the same surface."""
    own, theirs = (context.fits[name].quantities["a_opt"] for name in (fit, surface))
    interval = context.interval(fit, "a_opt")
    outside = interval is not None and not interval.low <= theirs <= interval.high
    where = f", {'outside' if outside else 'inside'} the interval of the first" if interval else ""
    return (warning if outside else info)(
        f"The parabolas give a_opt = {number(own, 4)}, {context.title(surface)} of the same "
        f"surface {number(theirs, 4)}{where}.",
        fit,
        "a_opt",
        own,
    )
