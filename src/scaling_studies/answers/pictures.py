"""The figures of answers: loss over compute, and the division of compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scaling_studies.answers.axes import WORDS
from scaling_studies.answers.estimate import Estimate
from scaling_studies.answers.fitted import FittedLaw
from scaling_studies.answers.picture import Picture, Series
from scaling_studies.answers.plan import plans, why_no_plan

#: Points of a curve.
POINTS = 25


def span(one: FittedLaw, *further: float) -> tuple[np.ndarray, np.ndarray]:
    """Values along the main axis inside the runs, and beyond them up to further ones."""
    values = one.axes.columns[one.axes.main]
    low, high = float(values.min()), float(values.max())
    inside = np.geomspace(low, high, POINTS)
    beyond = np.geomspace(high, max([high, *further]), POINTS)
    return inside, beyond if beyond[-1] > high else beyond[:0]


def loss_picture(
    one: FittedLaw, asked: Mapping[float, Estimate] | None = None, words: str = ""
) -> Picture:
    """Loss of the runs over the main axis, with the law where it is a line over it.

    Parameters
    ----------
    one
        The law.
    asked
        Further points: place on the main axis -> loss.
    words
        What they are, for the legend.
    """
    axes, asked = one.axes, asked or {}
    series: list[Series] = []
    inside, beyond = span(one, *asked)
    drawn = [(inside, False), *([(beyond, True)] if len(beyond) else [])]
    seen = "Dots are runs"
    if tuple(one.law.axis_names) == ("x",):
        series += _curve(drawn, lambda x: one.loss({"x": x}), f"law {one.law.name}")
        seen += ", the line is the law with its 95 % band"
    elif why_no_plan(one) is None:
        series += _curve(
            drawn, lambda x: [plan.loss for plan in plans(one, x)], "lowest loss under the law"
        )
        seen += ", the line is the lowest loss that the law gives to each compute, with its band"
    series.append(Series("points", axes.columns[axes.main], axes.columns["loss"], "runs", "runs"))
    series += _asked(asked, words)
    if asked:
        seen += f", {words} in colour"
    return Picture(
        WORDS[axes.main], f"Loss ({axes.runs.unit.replace('_', ' ')})", f"{seen}.", tuple(series)
    )


def plan_picture(one: FittedLaw, asked: Mapping[float, Estimate]) -> Picture:
    """Compute-optimal size over compute, with the runs and what was asked for."""
    axes = one.axes
    inside, beyond = span(one, *asked)
    drawn = [(inside, False), *([(beyond, True)] if len(beyond) else [])]
    series = _curve(
        drawn, lambda x: [plan.params for plan in plans(one, x)], "compute-optimal size"
    )
    series.append(Series("points", axes.columns["flops"], axes.columns["params"], "runs", "runs"))
    series += _asked(asked, "the plan")
    described = (
        "Dots are runs, the line is the compute-optimal size with its 95 % band, dashed beyond "
        "the compute of the runs."
    )
    return Picture(WORDS["flops"], "Parameters N", described, tuple(series), y_log=True)


def _curve(drawn, estimates, label: str) -> list[Series]:
    """Band and line of the stretches where the values are known."""
    series = []
    for x, faint in drawn:
        found: Sequence[Estimate] = estimates(x)
        known = np.array([item.value is not None and not item.is_open for item in found])
        if not known.any():
            continue
        value, low, high = (
            np.array([getattr(item, name) or np.nan for item in found], dtype=float)[known]
            for name in ("value", "low", "high")
        )
        ends = np.isfinite(low) & np.isfinite(high)
        series.append(Series("band", x[known][ends], low[ends], "law", "", high[ends], faint))
        series.append(Series("line", x[known], value, "law", "" if faint else label, None, faint))
    return series


def _asked(asked: Mapping[float, Estimate], words: str) -> list[Series]:
    known = {x: item for x, item in asked.items() if item.value is not None}
    if not known:
        return []
    x = np.array(list(known))
    value = np.array([item.value for item in known.values()], dtype=float)
    low = np.array([item.low or item.value for item in known.values()], dtype=float)
    high = np.array([item.high or item.value for item in known.values()], dtype=float)
    return [
        Series("bars", x, low, "asked", "", high),
        Series("points", x, value, "asked", words),
    ]
