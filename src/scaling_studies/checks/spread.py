"""Headline quantities of several fits, and how far they lie apart."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from scaling_studies.checks.words import rough
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scaling_studies.checks.context import CheckContext

#: What names of the quantities that readers take away from an allocation law begin with.
TAKEN_AWAY = ("a_opt", "tokens_per_parameter")


class Spread(NamedTuple):
    """A quantity over several fits: its values, and the median width of its intervals, if any."""

    quantity: str
    low: float
    high: float
    width: float | None

    @property
    def beyond_interval(self) -> bool:
        """Whether the fits lie further apart than the interval of one of them is wide."""
        return self.width is not None and self.high - self.low > self.width

    def __str__(self) -> str:
        text = f"{self.quantity} {number(self.low, 3)} to {number(self.high, 3)}"
        return text if self.width is None else f"{text} (interval {rough(self.width)} wide)"


def headline_quantities(context: CheckContext, fits: Sequence[str]) -> list[str]:
    """Quantities of some fits that matter, known to all of them.

    Parameters
    ----------
    context, fits
        Fits of one law.

    Returns
    -------
    list of str
        What their cards call headline and what their allocation says; for laws with neither, the
        free parameters.
    """
    shared = [
        name
        for name in context.fits[fits[0]]["quantities"]
        if all(name in context.fits[fit]["quantities"] for fit in fits)
    ]
    wanted = {name for fit in fits for name in context.fits[fit].get("headline") or ()}
    chosen = [name for name in shared if name in wanted or name.startswith(TAKEN_AWAY)]
    free = set(context.fits[fits[0]]["parameters"])
    for fit in fits:
        free -= set(context.fits[fit].get("fixed") or {})
    return chosen or [name for name in shared if name in free]


def spreads(context: CheckContext, fits: Sequence[str]) -> list[Spread]:
    """Spread of each headline quantity over some fits."""
    found = []
    for name in headline_quantities(context, fits):
        values = [context.fits[fit]["quantities"][name] for fit in fits]
        known = [context.interval(fit, name) for fit in fits]
        widths = [item["high"] - item["low"] for item in known if item]
        found.append(Spread(name, min(values), max(values), median(widths) if widths else None))
    return found


def listed(found: Iterable[Spread]) -> str:
    """Spreads in words."""
    return "; ".join(map(str, found))
