"""Whether the rows determine every parameter, or only combinations of some."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scaling_studies.checks.context import CheckContext, Finding, fail, info, warning
from scaling_studies.words import count_of, joined, number, rough, span

MEANING = (
    "Do the rows determine every parameter and the allocation, or do some lie on a ridge or leave "
    "data per parameter open?"
)
NOTHING = "nothing is fitted"

#: Condition number of the information matrix from which a ridge is reported: the worst direction
#: then has a standard error a thousand times that of the best, and single intervals mislead.
RIDGE = 1e6
#: Share of a weak direction from which a parameter belongs to it.
PART = 0.3
#: Ratio of the ends of an interval of tokens per parameter from which rows give no advice.
NO_ADVICE = 10.0


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from each fit's evidence."""
    sound = []
    for fit in context.refits:
        artefact = context.fits[fit]
        evidence = artefact.evidence
        condition = evidence["condition_number"]
        if artefact.identified is False:
            yield fail(_unidentified(artefact.messages), fit)
        elif condition is not None and condition >= RIDGE:
            yield warning(_ridge(evidence), fit, "condition_number", condition)
        elif condition is not None:
            sound.append(condition)
    yield from _allocations(context)
    if sound:
        yield info(
            f"Condition number of {count_of(len(sound), 'fit')} in centred logs: "
            f"{span(sound, 2)}, below the 10⁶ from which parameters are said to lie on a ridge.",
            quantity="condition_number",
            value=max(sound),
        )


def _allocations(context: CheckContext) -> Iterator[Finding]:
    """Tokens per parameter, at a budget of the card, that the rows hardly determine."""
    for fit in context.refits:
        for name, quantity in context.entry(fit).quantities.items():
            interval = context.interval(fit, name)
            if quantity.of != "tokens_per_parameter" or interval is None:
                continue
            ratio = interval.high / interval.low if interval.low > 0 else math.inf
            if ratio >= NO_ADVICE:
                yield warning(
                    f"Tokens per parameter at {number(quantity.at_flops, 3)} FLOP lie anywhere "
                    f"from {number(interval.low, 2)} to {number(interval.high, 2)} (95 %): these "
                    "rows do not say how a budget of that size is best divided.",
                    fit,
                    name,
                    interval.high,
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
    worst = joined(parts) or "the worst parameter"
    return f"{opening} the standard error of {worst} is {times} that of the best determined one."


def _unidentified(messages: list[str]) -> str:
    """Why a fit says that it is not identified."""
    reasons = [message for message in messages if message.startswith("Not identified")]
    return reasons[0] if reasons else "The rows do not determine every parameter."


def _parts(directions: str) -> list[str]:
    """Parameters of the weakest direction, the last of the list in the evidence."""
    shares = re.findall(r"(\S+) (\S+)", directions.split("; ")[-1])
    return [name for share, name in shares if abs(float(share)) >= PART]
