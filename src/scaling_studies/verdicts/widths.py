"""Verdicts on printed standard errors and intervals: whether ours are as wide."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from scaling_studies.cards.printed import Printed
from scaling_studies.verdicts.judge import APART, Judgement
from scaling_studies.words import number, rough

if TYPE_CHECKING:
    from scaling_studies.cards.models.target import Target
    from scaling_studies.verdicts.judge import Ours


def judge_error(target: Target, ours: Ours, independent: int) -> tuple[Judgement, float | None]:
    """Verdict on a printed standard error, and ours.

    Parameters
    ----------
    target
        Has a `standard_error`.
    ours
        What the number itself is held against.
    independent
        Independent groups of rows behind it.
    """
    assert target.standard_error is not None
    printed = Printed.of(target.standard_error)
    low, high = printed.value - printed.half_unit, printed.value + printed.half_unit
    error = ours.standard_error
    if error is None and ours.interval:
        error = (ours.interval[1] - ours.interval[0]) / 2 / _quantile(ours.level)
    return _judged(low, high, error, ours, independent, "standard error"), error


def judge_interval(target: Target, ours: Ours, independent: int) -> tuple[Judgement, float | None]:
    """Verdict on the width of a printed interval, and that of ours at its level.

    Parameters
    ----------
    target
        Has an `interval`.
    ours, independent
        As in :func:`judge_error`.
    """
    assert target.interval is not None
    ends = [Printed.of(end) for end in target.interval]
    width, loose = ends[1].value - ends[0].value, ends[0].half_unit + ends[1].half_unit
    own = None
    if ours.interval:
        # ASSUME: near normal on each side, so that an interval of one level tells that of another.
        scale = _quantile(target.level) / _quantile(ours.level)
        own = (ours.interval[1] - ours.interval[0]) * scale
    judged = _judged(
        max(width - loose, 0.0), width + loose, own, ours, independent, "width of the interval"
    )
    return judged, own


def _judged(
    low: float, high: float, own: float | None, ours: Ours, independent: int, what: str
) -> Judgement:
    """Verdict on a printed width that may have been anything between two values."""
    if own is None or not math.isfinite(own) or own <= 0:
        return Judgement(
            "cannot_be_tested", None, f"There is no {what} of ours to hold it against."
        )
    printed = f"{number((low + high) / 2, 3)}"
    said = f"The {what} is {number(own, 3)} here against {printed} as printed"
    if ours.distrust:
        return Judgement("cannot_be_tested", None, f"{said}; ours is not trusted: {ours.distrust}")
    if low <= own <= high:
        return Judgement("exact", 0.0, f"{said}, the same when rounded.")
    nearest = low if own < low else high
    # Two standard errors from n rows each have a relative sampling error of one over root 2n.
    z = math.log(nearest / own) * math.sqrt(max(independent, 1)) if nearest > 0 else -math.inf
    ratio = own / nearest if nearest > 0 else math.inf
    times = f"{number(max(ratio, 1 / ratio), 2)} times as {'narrow' if ratio > 1 else 'wide'}"
    share = 100 / math.sqrt(max(independent, 1))
    scatter = f"widths from {independent} independent rows scatter by {share:.0f} %"
    if abs(z) < APART:
        return Judgement("compatible", z, f"{said}; {scatter}.")
    needed = (
        f" An interval as narrow would take about {rough(independent * ratio**2)} such rows."
        if ratio > 3 and math.isfinite(ratio)
        else ""
    )
    return Judgement(
        "does_not_come_back", z, f"{said}: the printed one is {times}, and {scatter}.{needed}"
    )


def _quantile(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)
