"""Whether the rows determine every parameter, or only combinations of some."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import fits, joined, rough, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEANING = "Do the rows determine every parameter, or do some lie on a ridge?"
NOTHING = "nothing is fitted"

#: Condition number of the information matrix from which a ridge is reported: the worst direction
#: then has a standard error a thousand times that of the best, and single intervals mislead.
RIDGE = 1e6
#: Share of a weak direction from which a parameter belongs to it.
PART = 0.3

_finding = partial(Finding, "ill_conditioning")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from each fit's evidence."""
    sound = []
    for fit in context.refits:
        artefact = context.fits[fit]
        evidence = artefact.get("evidence") or {}
        condition = evidence.get("condition_number")
        if artefact.get("identified") is False:
            yield _finding(fit, "fail", _unidentified(artefact))
        elif condition is None:
            continue
        elif condition >= RIDGE:
            yield _finding(fit, "warning", _ridge(evidence), "condition_number", condition)
        else:
            sound.append(condition)
    if sound:
        yield _finding(
            None,
            "info",
            f"Condition number of {fits(len(sound))} in centred logs: {span(sound, 2)}, below the "
            "10⁶ from which parameters are said to lie on a ridge.",
            "condition_number",
            max(sound),
        )


def _ridge(evidence: Mapping[str, Any]) -> str:
    """What a large condition number means for the parameters."""
    condition, parts = evidence["condition_number"], _parts(evidence["weak_directions"])
    times = f"about {rough(math.sqrt(condition))} times"
    opening = f"Condition number {rough(condition)}:"
    if len(parts) > 1:
        return (
            f"{opening} along its worst direction, a mixture of {joined(parts)}, the standard "
            f"error is {times} that along the best. Read these parameters together, not one by "
            "one."
        )
    worst = parts[0] if parts else "the worst parameter"
    return f"{opening} the standard error of {worst} is {times} that of the best determined one."


def _unidentified(artefact: Mapping[str, Any]) -> str:
    """Why a fit says that it is not identified."""
    for message in artefact.get("messages") or ():
        if message.startswith("Not identified"):
            return message
    return "The rows do not determine every parameter."


def _parts(directions: str) -> list[str]:
    """Parameters of the weakest direction, the last of the list in the evidence."""
    words = directions.split("; ")[-1].split()
    pairs = zip(words[::2], words[1::2], strict=False)
    return [name for share, name in pairs if abs(float(share)) >= PART]
