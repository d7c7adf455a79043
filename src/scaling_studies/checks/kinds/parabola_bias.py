"""Minima of isoFLOP parabolas: left out, weak, or at odds with the law of the whole surface.

Source: Czech et al. 2026, arXiv 2603.22339.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = (
    "Where optima are read from isoFLOP parabolas: were budgets without a usable minimum left out, "
    "and does the law of the whole surface agree?"
)
NOTHING = "no fit reads optima from isoFLOP parabolas"

_finding = partial(Finding, "parabola_bias")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on fits by isoFLOP parabolas."""
    for fit in context.refits:
        artefact = context.fits[fit]
        if artefact.get("estimator") != "isoflop":
            continue
        told = [text for text in artefact.get("messages") or () if text.startswith("budget ")]
        if told:
            yield _finding(
                fit,
                "warning",
                f"{len(told)} of its budgets have no usable minimum or a weak one: "
                f"{' '.join(told[:3])}",
                "budgets",
                float(len(told)),
            )
        else:
            yield _finding(fit, "info", "Every budget has a minimum inside the sizes measured.")
        yield from _against_surface(context, fit)


def _against_surface(context: CheckContext, fit: str) -> Iterator[Finding]:
    """The exponent from parabolas next to that of laws fitted to the same surface."""
    own = context.fits[fit]["quantities"]["a_opt"]
    for other in context.refits:
        artefact = context.fits[other]
        surface = artefact.get("estimator") == "parametric" and "a_opt" in artefact["quantities"]
        if not surface or context.common_rows(fit, other) == 0.0:
            continue
        theirs, found = artefact["quantities"]["a_opt"], context.interval(fit, "a_opt")
        outside = found is not None and not found["low"] <= theirs <= found["high"]
        where = (
            ""
            if found is None
            else f", {'outside' if outside else 'inside'} the interval of the first"
        )
        yield _finding(
            fit,
            "warning" if outside else "info",
            f"The parabolas give a_opt = {number(own, 4)}, {context.title(other)} of the same "
            f"surface {number(theirs, 4)}{where}.",
            "a_opt",
            own,
        )
