"""Intervals of a fit's quantities from its resamples, or why a quantity has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.statistics import STATISTICS
from scaling_studies.engine.uncertainty.bands import (
    LEVEL,
    draws_needed,
    interval_of_absolute,
    percentile_interval,
)
from scaling_studies.fits.quantities import RELATIVE_ERRORS
from scaling_studies.fits.uncertainty import DIFFERENT, NO_FREEDOM, OPEN, Interval
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.fits.artefact import FitArtefact

#: What a reader is told of a quantity without an interval, or with one that has one end.
OUTSIDE = (
    "Refits of resampled rows are so far off to one side of the fit to all rows that they make no "
    "interval."
)
FOLDED = (
    "An error of several rows is never negative, and resampling can hardly but raise it; it has no "
    "interval."
)
OFTEN_MISSING = "More resamples are without an estimate than a 95 % interval leaves out."
#: What an interval that ends at the bound of a parameter says.
AT_BOUND = "The rows do not bound it {}: every value to {} lies inside."
#: Statistics of the fit that measure errors: a resample's minimum says nothing of their scatter.
STATISTICS_OF_FIT = frozenset(STATISTICS)
#: Statistics of held-out rows that measure errors without their sign.
UNSIGNED = RELATIVE_ERRORS | {
    "rms_log_error",
    "rmsle",
    "rms_error",
    "mean_absolute_error",
    "r_squared",
}


def intervals_of(
    entry: ResolvedFit,
    artefact: FitArtefact,
    frame: pd.DataFrame,
    signed: Mapping[str, np.ndarray],
    kind: str,
    freedom: int | None,
) -> dict[str, Interval]:
    """Intervals of all quantities that vary from resample to resample, or why they have none."""
    intervals = {}
    for name, estimate in artefact.quantities.items():
        if name not in frame or not _varies(frame[name].to_numpy()):
            continue
        draws, folded = frame[name].to_numpy(), name in signed
        if len(draws) < draws_needed():
            continue
        if folded:
            draws = signed[name]
        note = _why_none(entry, artefact, name, draws, freedom, folded=folded)
        if note:
            intervals[name] = Interval(None, None, note=note)
            continue
        # Responses are drawn around the estimate; a law that bends is off, but not off twice.
        centre = None if folded or kind == "parametric" else estimate
        found = percentile_interval(draws, estimate=centre, freedom=freedom)
        low, high = map(float, found.ends)
        if folded:
            low, high = interval_of_absolute(low, high)
        if not low <= estimate <= high:
            intervals[name] = Interval(None, None, note=OUTSIDE)
            continue
        middle = float(np.nanmedian(frame[name]))
        ends, note = _within_bounds(entry, name, low, high)
        intervals[name] = Interval(*ends, middle, float(found.standard_error), note=note)
    return intervals


def _why_none(
    entry: ResolvedFit,
    artefact: FitArtefact,
    name: str,
    draws: np.ndarray,
    freedom: int | None,
    *,
    folded: bool,
) -> str:
    """Why a quantity has no interval, or an open one; empty when it has one."""
    quantity = entry.quantities.get(name)
    if name in STATISTICS_OF_FIT or (quantity and quantity.of in STATISTICS_OF_FIT):
        return FOLDED
    if quantity and quantity.held_out in UNSIGNED and not folded:
        return FOLDED
    if freedom is not None and freedom < 1:
        return NO_FREEDOM
    if name in artefact.undetermined:
        return OPEN
    if np.isnan(draws).mean() > 1.0 - LEVEL:
        return OFTEN_MISSING
    return ""


def _within_bounds(
    entry: ResolvedFit, name: str, low: float, high: float
) -> tuple[tuple[float | None, float | None], str]:
    """Ends of a parameter's interval without those at its bound, and what that says."""
    law = get_law(entry.law)
    if name not in law.parameter_names:
        return (low, high), ""
    item = law.parameters[law.index(name)]
    bottom, top = entry.bounds.get(name, (item.lower, item.upper))
    if item.transform == "log":
        bottom = max(bottom, 0.0) or -np.inf
    at_low, at_high = low <= bottom, high >= top
    words = " and ".join(["below"] * at_low + ["above"] * at_high)
    limit = " and ".join([f"{bottom:g}"] * at_low + [f"{top:g}"] * at_high)
    ends = (None if at_low else low, None if at_high else high)
    return ends, AT_BOUND.format(words, limit) if words else ""


def differing(
    ours: Mapping[str, Interval], others: Mapping[str, Interval]
) -> dict[str, tuple[float, float]]:
    """Intervals of another scheme that are wider or narrower by more than `DIFFERENT`."""
    found = {}
    for name, other in others.items():
        ends, mine = other.ends, ours[name].ends if name in ours else None
        if ends is None or mine is None or ends[0] == ends[1]:
            continue
        ratio = (mine[1] - mine[0]) / (ends[1] - ends[0])
        if not 1.0 / DIFFERENT <= ratio <= DIFFERENT:
            found[name] = ends
    return found


def _varies(values: np.ndarray) -> bool:
    values = values[np.isfinite(values)]
    return len(values) > 0 and np.ptp(values) != 0.0
