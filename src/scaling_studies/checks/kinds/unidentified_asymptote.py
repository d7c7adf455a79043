"""Do the rows show that the loss levels off? The profile of E says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import fits, span
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = "Do the rows bound the irreducible loss E, or would they follow the law without it?"
NOTHING = "no fit leaves an irreducible loss E free"

_finding = partial(Finding, "unidentified_asymptote")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from the profile likelihood of E."""
    bounded = []
    for fit in context.refits:
        profile = context.fits[fit].get("profile")
        if not profile:
            continue
        name, value = profile["name"], profile["estimate"]
        if profile["low_open"]:
            at = f"{name} is 0 at the optimum" if value == 0 else f"{name} is {number(value, 4)}"
            limit = f" up to {number(profile['high'], 4)}" if not profile["high_open"] else ""
            yield _finding(
                fit,
                "warning",
                f"{at}, but every value down to 0 lies inside its 95 % profile interval: these "
                "rows do not show that the loss levels off."
                if value
                else f"{at}, and its 95 % profile interval holds every value{limit}: these rows do "
                "not show that the loss levels off.",
                name,
                value,
            )
        elif profile["high_open"]:
            yield _finding(
                fit,
                "warning",
                f"The 95 % profile interval of {name} has no upper end; the estimate is "
                f"{number(value, 4)}.",
                name,
                value,
            )
        elif profile["low"] is not None and value:
            bounded.append((profile["high"] - profile["low"]) / (2.0 * abs(value)))
    if bounded:
        yield _finding(
            None,
            "info",
            f"The profile bounds E on both sides in {fits(len(bounded))}, to within "
            f"±{span([100 * half for half in bounded], 2)}\N{NO-BREAK SPACE}% of its value "
            "(95 %).",
            "E",
            max(bounded),
        )
