"""Headline quantities of several fits, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from scaling_studies.checks.context import CheckContext
from scaling_studies.words import number, rough

#: What names of the quantities that readers take away from an allocation law begin with.
TAKEN_AWAY = ("a_opt", "tokens_per_parameter")


class Spread(NamedTuple):
    """A quantity over several fits: its values, and the median width of its intervals, if any.

    It is called as readers know it.
    """

    quantity: str
    called: str
    values: list[float]
    width: float | None

    @property
    def extent(self) -> float:
        """How far the fits lie apart."""
        return max(self.values) - min(self.values)

    @property
    def beyond_interval(self) -> bool:
        """Whether the fits lie further apart than the interval of one of them is wide."""
        return self.width is not None and self.extent > self.width

    @property
    def interval(self) -> str:
        """Width of the interval in brackets, if there is one."""
        return "" if self.width is None else f" (interval {rough(self.width)} wide)"

    def __str__(self) -> str:
        low, high = number(min(self.values), 3), number(max(self.values), 3)
        return f"{self.called} {low} to {high}{self.interval}"


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
        parameters that are free in all of them.
    """
    artefacts = [context.fits[fit] for fit in fits]
    shared = [
        name
        for name in artefacts[0].quantities
        if all(name in artefact.quantities for artefact in artefacts)
    ]
    wanted = {name for artefact in artefacts for name in artefact.headline}
    chosen = [name for name in shared if name in wanted or name.startswith(TAKEN_AWAY)]
    fixed = {name for artefact in artefacts for name in artefact.fixed}
    free = artefacts[0].parameters.keys() - fixed
    return chosen or [name for name in shared if name in free]


def spreads(context: CheckContext, fits: Sequence[str]) -> list[Spread]:
    """Spread of each headline quantity over some fits."""
    result = []
    for name in headline_quantities(context, fits):
        intervals = [context.interval(fit, name) for fit in fits]
        widths = [interval.width for interval in intervals if interval]
        values = [context.fits[fit].quantities[name] for fit in fits]
        width = median(widths) if widths else None
        result.append(Spread(name, context.called(fits[0], name), values, width))
    return result


def listed(spreads: Iterable[Spread]) -> str:
    """Spreads in words."""
    return "; ".join(map(str, spreads))
