"""A figure as plain data, drawn as SVG for pages and by matplotlib for papers and notebooks.

Pages hold their figure inline and take its colours from the page, so that it turns dark with it;
that, and starting in a tenth of the time, is why they do not go through matplotlib.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np

from scaling_studies import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colours by role on light ground, as the published figures use them; pages have theirs in CSS.
COLOURS = {"runs": "#30363d", "law": "#0072b2", "asked": "#d55e00", "other": "#009e73"}
Kind = Literal["points", "line", "band", "bars"]


@dataclass(frozen=True)
class Series:
    """Something drawn.

    Attributes
    ----------
    kind
        ``points``, ``line``, ``band`` (between `y` and `upper`) or ``bars`` (vertical intervals
        from `y` to `upper`).
    x, y, upper
        Shape (n,).
    role
        A key of `COLOURS`.
    label
        For the legend; empty for none.
    faint
        Beyond the data.
    """

    kind: Kind
    x: np.ndarray
    y: np.ndarray
    role: str
    label: str = ""
    upper: np.ndarray | None = None
    faint: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure of one panel.

    Attributes
    ----------
    x_label, y_label
        With units.
    described
        What is seen, in a sentence.
    series
        In the order of drawing.
    y_log
        Whether the vertical axis is logarithmic; the horizontal one always is.
    """

    x_label: str
    y_label: str
    described: str
    series: Sequence[Series] = field(default=())
    y_log: bool = False

    def svg(self, width: int, height: int) -> str:
        """SVG element of a size in pixels, with colours of the page's style sheet."""
        return _Sheet(self, width, height).svg()

    def plot(self) -> Figure:
        """Draw it with matplotlib."""
        # Half a second that commands and pages can do without.
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.5, 4.0), layout="constrained")
        axes = figure.add_subplot()
        axes.set(xlabel=self.x_label, ylabel=self.y_label, xscale="log")
        if self.y_log:
            axes.set_yscale("log")
        for item in self.series:
            colour, alpha = COLOURS[item.role], 0.45 if item.faint else 1.0
            label = item.label or None
            if item.kind == "points":
                axes.plot(item.x, item.y, "o", color=colour, markersize=4, label=label)
            elif item.kind == "line":
                dashes = "--" if item.faint else "-"
                axes.plot(item.x, item.y, dashes, color=colour, alpha=alpha, label=label)
            elif item.kind == "band":
                axes.fill_between(
                    item.x, item.y, item.upper, color=colour, alpha=0.18, linewidth=0, label=label
                )
            else:
                axes.vlines(item.x, item.y, item.upper, color=colour, linewidth=2, label=label)
        if any(item.label for item in self.series):
            axes.legend(frameon=False, fontsize="small")
        return figure

    def legend(self) -> list[tuple[str, str, str]]:
        """Kind, role and label of what has a label."""
        return [(item.kind, item.role, item.label) for item in self.series if item.label]


class _Sheet:
    """Places of a picture on a sheet of pixels."""

    def __init__(self, picture: Picture, width: int, height: int) -> None:
        self.picture, self.width, self.height = picture, width, height
        self.left, self.right, self.top, self.bottom = 62, width - 12, 10, height - 46
        x = [item.x for item in picture.series]
        y = [item.y for item in picture.series if item.kind != "band"]
        y += [
            item.upper for item in picture.series if item.kind == "bars" and item.upper is not None
        ]
        self.x_range = _padded(_log(x))
        self.y_range = _padded(_log(y) if picture.y_log else _plain(y))

    def x(self, values: np.ndarray) -> np.ndarray:
        low, high = self.x_range
        return self.left + (np.log10(values) - low) / (high - low) * (self.right - self.left)

    def y(self, values: np.ndarray) -> np.ndarray:
        low, high = self.y_range
        place = np.log10(values) if self.picture.y_log else np.asarray(values)
        share = np.clip((place - low) / (high - low), -0.5, 1.5)
        return self.bottom - share * (self.bottom - self.top)

    def svg(self) -> str:
        frame = (self.left, self.top, self.right - self.left, self.bottom - self.top)
        name = f"frame{self.width}"
        parts = [
            f'<svg class="w{self.width}" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{escape(self.picture.described)}">',
            f'<clipPath id="{name}"><rect x="{frame[0]}" y="{frame[1]}" width="{frame[2]}" '
            f'height="{frame[3]}"/></clipPath>',
            *self._axes(),
            f'<g clip-path="url(#{name})">',
            *(self._series(item) for item in self.picture.series),
            "</g></svg>",
        ]
        return "\n".join(parts)

    def _axes(self) -> list[str]:
        parts = []
        top, bottom, left, right = self.top, self.bottom, self.left, self.right
        for value in ticks_log(*self.x_range, most=(right - left) // 70):
            at = f"{float(self.x(np.array([value]))[0]):.1f}"
            parts += [
                f'<line class="grid" x1="{at}" x2="{at}" y1="{top}" y2="{bottom}"/>',
                f'<text x="{at}" y="{bottom + 17}" text-anchor="middle">{tick(value)}</text>',
            ]
        low, high = self.y_range
        for value in ticks_log(low, high, 6) if self.picture.y_log else ticks_plain(low, high):
            place = float(self.y(np.array([value]))[0])
            at = f"{place:.1f}"
            parts += [
                f'<line class="grid" x1="{left}" x2="{right}" y1="{at}" y2="{at}"/>',
                f'<text x="{left - 6}" y="{place + 4:.1f}" text-anchor="end">{tick(value)}</text>',
            ]
        middle = (self.left + self.right) / 2
        parts.append(
            f'<text x="{middle:.1f}" y="{self.height - 8}" text-anchor="middle">'
            f"{escape(self.picture.x_label)}</text>"
        )
        up = (self.top + self.bottom) / 2
        parts.append(
            f'<text transform="translate(13 {up:.1f}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.picture.y_label)}</text>"
        )
        return parts

    def _series(self, item: Series) -> str:
        x, y = self.x(item.x), self.y(item.y)
        look = f"{item.role}{' faint' if item.faint else ''}"
        if item.kind == "points":
            return "".join(
                f'<circle class="point {look}" cx="{a:.1f}" cy="{b:.1f}" r="4"/>'
                for a, b in zip(x, y, strict=True)
            )
        if item.kind == "line":
            return f'<polyline class="line {look}" points="{_pairs(x, y)}"/>'
        upper = self.y(item.y if item.upper is None else item.upper)
        if item.kind == "band":
            there = f"{_pairs(x, y)} {_pairs(x[::-1], upper[::-1])}"
            return f'<polygon class="band {look}" points="{there}"/>'
        return "".join(
            f'<line class="bar {look}" x1="{a:.1f}" x2="{a:.1f}" y1="{b:.1f}" y2="{c:.1f}"/>'
            for a, b, c in zip(x, y, upper, strict=True)
        )


def _pairs(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _log(parts: Sequence[np.ndarray]) -> np.ndarray:
    values = np.concatenate(parts)
    return np.log10(values[np.isfinite(values) & (values > 0)])


def _plain(parts: Sequence[np.ndarray]) -> np.ndarray:
    values = np.concatenate(parts)
    return values[np.isfinite(values)]


def _padded(values: np.ndarray) -> tuple[float, float]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return low - margin, high + margin


def ticks_log(low: float, high: float, most: int) -> list[float]:
    """Round values between two powers of ten: decades, or 1, 2 and 5 where few decades are there.

    Examples
    --------
    >>> ticks_log(17.9, 20.1, 6)
    [1e+18, 1e+19, 1e+20]
    >>> ticks_log(0.1, 0.9, 6)
    [2.0, 5.0]
    """
    decades = range(math.ceil(low), math.floor(high) + 1)
    if len(decades) >= 2:
        step = -(-len(decades) // max(most, 1))
        return [float(f"1e{power}") for power in decades if power % step == 0]
    found = [
        float(f"{digit}e{power}")
        for power in range(math.floor(low), math.ceil(high) + 1)
        for digit in (1, 2, 3, 5, 7)
    ]
    inside = [value for value in found if low <= math.log10(value) <= high]
    thinned = [value for value in inside if f"{value:e}"[0] in "125"]
    return thinned if len(thinned) >= 2 else inside or [float(f"{10 ** ((low + high) / 2):.2g}")]


def ticks_plain(low: float, high: float, most: int = 6) -> list[float]:
    """Round values between two numbers, at most so many.

    Examples
    --------
    >>> ticks_plain(1.93, 3.41)
    [2.0, 2.5, 3.0]
    """
    raw = (high - low) / most
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(scale * digit for digit in (1, 2, 2.5, 5, 10) if scale * digit >= raw)
    first = math.ceil(low / step)
    return [round(step * number, 12) for number in range(first, math.floor(high / step) + 1)]


def tick(value: float) -> str:
    """A number on an axis: powers of ten alone, others as everywhere."""
    return words.amount(value, 4)
