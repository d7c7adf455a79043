"""Do the rows show that the loss levels off? The profile of E says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.words import count_of, number, span

MEANING = "Do the rows bound the irreducible loss E, or would they follow the law without it?"
NOTHING = "no fit leaves an irreducible loss E free"


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from the profile likelihood of E."""
    half_widths = []
    for fit in context.refits:
        profile = context.fits[fit].profile
        if not profile:
            continue
        if profile["low_open"] or profile["high_open"]:
            yield warning(_open_interval(profile), fit, profile["name"], profile["estimate"])
        elif profile["low"] is not None and profile["estimate"]:
            drawn = context.interval(fit, profile["name"])
            # Drawn in groups, E is less sure than a profile of independent rows says.
            width = max(profile["high"] - profile["low"], drawn.width if drawn else 0.0)
            half_widths.append(width / (2.0 * profile["estimate"]))
    if half_widths:
        yield info(
            f"The profile bounds E on both sides in {count_of(len(half_widths), 'fit')}; the wider "
            "of its interval and that of the bootstrap is "
            f"±{span([100 * half for half in half_widths], 2)}\N{NO-BREAK SPACE}% of its value "
            "(95 %).",
            quantity="E",
            value=max(half_widths),
        )


def _open_interval(profile: Mapping[str, Any]) -> str:
    """What an interval of E without one of its ends means."""
    name, value = profile["name"], profile["estimate"]
    if not profile["low_open"]:
        return (
            f"The 95 % profile interval of {name} has no upper end; the estimate is "
            f"{number(value, 4)}."
        )
    if value:
        return (
            f"{name} is {number(value, 4)}, but every value down to 0 lies inside its 95 % profile "
            "interval: these rows do not show that the loss levels off."
        )
    limit = "" if profile["high_open"] else f" up to {number(profile['high'], 4)}"
    return (
        f"{name} is 0 at the optimum, and its 95 % profile interval holds every value{limit}: "
        "these rows do not show that the loss levels off."
    )
