"""The one look of all figures: colours, markers, axes, number labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis, YAxis
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import (
    AutoLocator,
    FixedLocator,
    FuncFormatter,
    Locator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
)

from scaling_studies import words
from scaling_studies.cards.colours import (
    BLUE,
    FAINT,  # noqa: F401 - as style.FAINT
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALETTE,
    PURPLE,
    SKY,
    VERMILLION,
    readable,
)
from scaling_studies.cards.models.study import StudyCard

#: Keyword arguments that say how something looks.
Look = dict[str, Any]

STYLE_FILE = Path(__file__).resolve().parents[1] / "styles" / "scaling_studies.mplstyle"

#: Width in inches of a figure across the page, and of a number along an axis with its space.
FULL_WIDTH, NUMBER_WIDTH = 6.5, 0.42

LINE_STYLES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))

#: Published laws are dashed with hollow markers, refits solid and filled, held-out rows crosses.
PUBLISHED_LINE = (0, (4.5, 2.2))
REFIT_COLOURS = (BLUE, GREEN, PURPLE, ORANGE, SKY, GREY)
PUBLISHED_COLOURS = (VERMILLION, ORANGE, PURPLE, SKY, GREY, GREEN)
BAND_ALPHA = 0.18
EXTRAPOLATED_ALPHA = 0.45
#: For points that stand above lines.
ABOVE: Look = {"zorder": 3}


@cache
def settings() -> Any:
    """Matplotlib settings of the style file over Matplotlib's defaults, not over the user's."""
    every = mpl.rc_params_from_file(STYLE_FILE, use_default_template=True)
    return {key: value for key, value in every.items() if key != "backend"}


@contextmanager
def style() -> Iterator[None]:
    """Context in which figures are made and saved."""
    with mpl.rc_context(settings()):
        yield


def new_figure(height: float, *, wspace: float = 0.04) -> Figure:
    """Empty figure, heights in inches, whose axes are placed so that no label is cut off."""
    layout = ConstrainedLayoutEngine(w_pad=0.04, h_pad=0.04, wspace=wspace, hspace=0.05)
    return Figure(figsize=(FULL_WIDTH, height), layout=layout)


def lay_out(figure: Figure) -> None:
    """Place the axes of a figure so that no label is cut off; nothing is drawn yet."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def study_name(study: str, card: StudyCard | None = None) -> str:
    """First author and year of a study: from its card, else from its id."""
    if card:
        return card.short_name
    author, _, rest = study.partition("_")
    return f"{author.capitalize()} {rest.partition('_')[0]}"


def series_colours(values: Sequence[object], *, ordered: bool = False) -> list[Any]:
    """One colour for each value: the palette, or a ramp when ordered or too many."""
    count = len(values)
    if (ordered and count > 2) or count > len(PALETTE):
        # The part of the ramp that stands out 3:1 on white.
        ramp = mpl.colormaps["plasma"]
        return [tuple(ramp(0.62 * i / max(count - 1, 1))) for i in range(count)]
    return list(PALETTE[:count])


def text_colour(colour: Any) -> str:
    """A colour dark enough for text on white."""
    return readable(str(mpl.colors.to_hex(colour)))


def compact_number(value: float, digits: int = 3) -> str:
    """Write a count as people say it: 70M, 1.4B, 10T."""
    if not math.isfinite(value):
        return ""
    for factor, suffix in ((1e15, "Q"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor * (1 - 10.0**-digits):
            return f"{value / factor:.{digits}g}{suffix}"
    return f"{value:.{digits}g}"


def power_of_ten(value: float) -> str:
    """Write a value as mantissa and power of ten, ``10²¹`` or ``3×10²¹``."""
    exponent = math.floor(math.log10(abs(value)) + 1e-9)
    mantissa = value / 10.0**exponent
    power = words.power_of_ten(exponent)
    return power[1:] if abs(mantissa - 1) < 5e-3 else f"{mantissa:.2g}{power}"


#: Columns whose values are counts that people abbreviate, and columns written as powers of ten.
COUNTS = frozenset(
    {
        "params",
        "params_total",
        "params_non_embedding",
        "params_active",
        "tokens",
        "unique_tokens",
        "samples",
        "samples_drawn",
        "experts",
    }
)
POWERS = frozenset({"flops", "flops_6nd"})


def log_axis(axis: XAxis | YAxis, column: str) -> None:
    """Make an axis logarithmic with labels fit for the column: 100M, 10^21, or plain numbers."""
    axis.axes.set_xscale("log") if axis.axis_name == "x" else axis.axes.set_yscale("log")
    low, high = sorted(axis.get_view_interval())
    decades = math.log10(high / low) if low > 0 else 1.0
    axis.set_minor_formatter(NullFormatter())
    if decades >= 1.6:
        step = max(1, math.ceil(decades / 7))
        axis.set_major_locator(LogLocator(base=10.0**step, numticks=12))
        subs = tuple(range(2, 10)) if step == 1 else (1.0,)
        axis.set_minor_locator(LogLocator(base=10.0, subs=subs, numticks=100))
        if decades < 2.2:
            axis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 3.0), numticks=12))
    else:
        axis.set_major_locator(_few_log_ticks(low, high, dense=axis.axis_name == "y"))
        axis.set_minor_locator(LogLocator(base=10.0, subs=tuple(range(2, 10)), numticks=100))
    write = power_of_ten if column in POWERS else compact_number if column in COUNTS else _plain
    ticks = [
        tick for tick in axis.get_major_locator().tick_values(low, high) if low <= tick <= high
    ]
    if write is _plain and not all(map(_is_plain, ticks)):
        # Numbers and powers of ten on one axis are hard to read.
        write = power_of_ten
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))


def space_ticks(figure: Figure) -> None:
    """Let numbers along linear axes of panels that stand side by side keep apart."""
    for axes in panels_of(figure):
        place = axes.get_subplotspec()
        columns = place.get_gridspec().ncols if place else 1
        if columns > 1 and isinstance(axes.xaxis.get_major_locator(), AutoLocator):
            most = int(0.85 * FULL_WIDTH / columns / NUMBER_WIDTH)
            axes.xaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]))


def _few_log_ticks(low: float, high: float, *, dense: bool) -> Locator:
    """Locator with round ticks for a log axis of about a decade or less."""
    if low <= 0:
        return LogLocator()
    if high / low > 3:
        dense = dense and high / low < 15
        for subs in ((1.0, 2.0, 5.0), (1.0, 2.0, 3.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)):
            locator = LogLocator(base=10.0, subs=subs, numticks=12)
            inside = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
            if len(inside) > 2 and (len(subs) > 3 or not dense):
                break
        return locator
    ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return FixedLocator([tick for tick in ticks if low <= tick <= high])


def _plain(value: float) -> str:
    if _is_plain(value):
        return f"{value:.6g}"
    return power_of_ten(value)


def _is_plain(value: float) -> bool:
    """Whether a number is read more easily in full than as a power of ten."""
    return value == 0 or 1e-3 * (1 - 1e-9) <= abs(value) < 1e5


def percent(value: float, _: object = None, *, digits: int = 3) -> str:
    """Write a fraction as signed per cent, with a true minus sign."""
    if abs(value) < 1e-12:
        return "0 %"
    return f"{100 * value:+.{digits}g} %".replace("-", "−")


def percent_axis(axis: Axis) -> None:
    """Label an axis of fractions in per cent."""
    axis.set_major_formatter(FuncFormatter(percent))
    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Mark zero."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0.0, color=INK, linewidth=0.8, zorder=1.5)


def share_outlines(figure: Figure | SubFigure) -> None:
    """Let all points of a layer share one outline and size where each has copies of its own."""
    for points in figure.findobj(PathCollection):
        if len(set(map(id, points.get_paths()))) == 1:
            points.set_paths(points.get_paths()[:1])
        if len(set(points.get_sizes())) == 1:
            points.set_sizes(points.get_sizes()[:1])


def panels_of(figure: Figure | SubFigure) -> list[Axes]:
    """Panels of a figure or a part of one, in the order they were added."""
    return [axes for axes in figure.axes if isinstance(axes, Axes)]


def note(axes: Axes, x: float, y: float, text: str, **look: Any) -> None:
    """Write a text into a panel, at shares of its width and height; below the point if not said."""
    usual: Look = {"fontsize": 7, "va": "top", "transform": axes.transAxes}
    axes.text(x, y, text, **usual | look)


def say_empty(axes: Axes, reason: str) -> None:
    """Write into an empty panel why it is empty."""
    note(axes, 0.5, 0.5, reason, fontsize=8, ha="center", va="center", color=MUTED, wrap=True)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
