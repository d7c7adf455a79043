"""Labels at the ends of lines, moved apart so that none covers another."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scaling_studies.figures.drawing import style

#: Characters in a line of a label.
MOST_CHARACTERS = 22
#: Length of the line that leads from the end of a law to a label that had to move, in points.
LEADER = 12.0


@dataclass(frozen=True)
class EndLabel:
    """Text beside the end of a line, at data coordinates."""

    x: float
    y: float
    text: str
    colour: Any


def spread(positions: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    """Positions moved apart to at least ``gap``, as little as possible, order kept.

    Parameters
    ----------
    positions
        Wanted positions, shape (n,).
    gap
        Least distance between neighbours.
    low, high
        Range to stay in as far as there is room.

    Returns
    -------
    numpy.ndarray
        Positions, shape (n,), in the order given.
    """
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(len(order))
    # Least squares under the gap constraint is isotonic regression of the positions less the steps.
    blocks: list[list[float]] = []
    for value in positions[order] - steps:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + mean * size) / (blocks[-1][1] + size),
                blocks[-1][1] + size,
            ]
    flat = np.concatenate([np.full(int(size), mean) for mean, size in blocks])
    span = steps[-1] if len(steps) else 0.0
    flat = np.clip(flat, low, max(high - span, low))
    moved = np.empty(len(order))
    moved[order] = flat + steps
    return moved


def label_ends(axes: Axes, labels: Sequence[EndLabel], *, size: float = 8.0) -> None:
    """Write labels right of line ends, spread along y; call when limits and scales are final.

    The labels stand to the right of the panel, level with the line they name, and the panel's
    layout leaves room for them. Long ones are broken into lines. Where labels had to move, thin
    lines lead to them.
    """
    if not labels:
        return
    to_axes = axes.transData + axes.transAxes.inverted()
    texts = [textwrap.fill(label.text, MOST_CHARACTERS) for label in labels]
    heights = np.array([to_axes.transform((label.x, label.y))[1] for label in labels])
    # In points.
    panel_width, panel_height = (72 * size / axes.figure.dpi for size in axes.bbox.size)
    most_lines = max(text.count("\n") for text in texts) + 1
    gap = size * (1.2 * most_lines + 0.1) / max(panel_height * 0.9, 1.0)
    places = spread(np.clip(heights, 0, 1), gap, 0.0, 1.0)
    moved = np.abs(places - np.clip(heights, 0, 1)) > 0.3 * gap / most_lines
    for label, text, place, height in zip(labels, texts, places, heights, strict=True):
        if moved.any() and 0 <= height <= 1:
            axes.annotate(
                "",
                xy=(1.0, height),
                xycoords="axes fraction",
                xytext=(1.0 + LEADER / panel_width, place),
                textcoords="axes fraction",
                arrowprops={
                    "arrowstyle": "-",
                    "color": label.colour,
                    "linewidth": 0.6,
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
                annotation_clip=False,
            )
        axes.annotate(
            text,
            xy=(1.0, place),
            xycoords="axes fraction",
            xytext=(4 + (LEADER if moved.any() else 0), 0),
            textcoords="offset points",
            va="center",
            ha="left",
            fontsize=size,
            color=style.text_colour(label.colour),
            linespacing=1.15,
            annotation_clip=False,
        )
