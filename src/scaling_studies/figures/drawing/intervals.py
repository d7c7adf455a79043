"""Rows of values with intervals: published hollow, refit filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures.drawing import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

#: Fewer estimates than this are shown whole.
FEW = 6


@dataclass(frozen=True)
class Estimate:
    """One value, with its interval when there is one."""

    label: str
    value: float
    low: float = np.nan
    high: float = np.nan
    published: bool = False
    colour: Any = style.BLUE


def draw_estimates(axes: Axes, lines: Sequence[Sequence[Estimate]]) -> None:
    """Draw one line of the panel for each list of estimates, from the top down.

    Estimates of one line (published and refit of one quantity) stand slightly apart.
    """
    for position, line in enumerate(lines):
        offsets = np.linspace(-0.17, 0.17, len(line)) if len(line) > 1 else [0.0]
        for item, offset in zip(line, offsets, strict=True):
            height = position + offset
            if np.isfinite(item.low) and np.isfinite(item.high):
                axes.plot(
                    [item.low, item.high],
                    [height, height],
                    color=item.colour,
                    linewidth=1.4,
                    linestyle=(0, (2, 1)) if item.published else "-",
                    zorder=2,
                )
            axes.plot(
                [item.value],
                [height],
                marker="o",
                markersize=5,
                linestyle="none",
                color=item.colour,
                markerfacecolor="white" if item.published else item.colour,
                markeredgewidth=1.2,
                zorder=3,
            )
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_yticks(range(len(lines)), [line[0].label for line in lines])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def show_outliers(axes: Axes, lines: Sequence[Sequence[Estimate]], spread: float = 6.0) -> None:
    """Limit the value axis to where most intervals lie; arrows mark intervals that go beyond."""
    items = [item for line in lines for item in line if np.isfinite(item.value)]
    if len(items) < FEW:
        return
    values = np.array([item.value for item in items])
    ends = np.array(
        [end for item in items for end in (item.low, item.high) if np.isfinite(end)] or values
    )
    middle = np.median(values)
    core = max(np.quantile(np.abs(values - middle), 0.9), 1e-12)
    low = max(min(values.min(), ends.min()), min(values.min(), middle - spread * core))
    high = min(max(values.max(), ends.max()), max(values.max(), middle + spread * core))
    margin = 0.06 * (high - low)
    axes.set_xlim(low - margin, high + margin)
    for position, line in enumerate(lines):
        offsets = np.linspace(-0.17, 0.17, len(line)) if len(line) > 1 else [0.0]
        for item, offset in zip(line, offsets, strict=True):
            for end, edge, marker in (
                (item.low, low - margin, "<"),
                (item.high, high + margin, ">"),
            ):
                if np.isfinite(end) and (end < edge if marker == "<" else end > edge):
                    axes.plot(
                        [edge],
                        [position + offset],
                        marker=marker,
                        markersize=4,
                        color=item.colour,
                        clip_on=False,
                        zorder=3,
                    )


def key(figure: FigureBase, colours: tuple[Any, Any], *, intervals: bool = True) -> None:
    """Legend of filled (refit) and hollow (published) markers below the panels."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker="o", color=colours[0], markersize=5, linewidth=1.4 * intervals),
        Line2D(
            [],
            [],
            marker="o",
            color=colours[1],
            markerfacecolor="white",
            markersize=5,
            linewidth=1.4 * intervals,
            linestyle=(0, (2, 1)),
        ),
    ]
    refit = "refit, 95 % interval" if intervals else "refit"
    figure.legend(handles, [refit, "published"], loc="outside lower left", ncols=2)
