"""Title and subtitle above a figure, wrapped to its width, with room made for them."""

from __future__ import annotations

from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextToPath

from scaling_studies.figures.drawing import style

TITLE_SIZE = 10.5
SUBTITLE_SIZE = 8.5
LINE_SPACING = 1.32
POINTS_PER_INCH = 72.0
MARGIN = 0.06


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of text in inches."""
    return _unit_width(text, weight) * size / POINTS_PER_INCH


@cache
def _unit_width(text: str, weight: str) -> float:
    font = FontProperties(family="DejaVu Sans", weight=weight, size=100)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return width / 100


def wrap(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break a text into lines that fit a width in inches; words stay whole, "5 %" too."""
    lines: list[str] = []
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def add_heading(figure: Figure, title: str, subtitle: str) -> None:
    """Write title and subtitle above the panels, growing the figure by the room they need."""
    width, height = figure.get_size_inches()
    # Pixels round letters up: at small sizes a line comes out a little wider than its outline.
    room = 0.97 * (width - 2 * MARGIN)
    blocks = [
        (wrap(title, room, TITLE_SIZE, "bold"), TITLE_SIZE, "bold", style.INK),
        (wrap(subtitle, room, SUBTITLE_SIZE), SUBTITLE_SIZE, "normal", style.MUTED),
    ]
    heights = [len(lines) * size * LINE_SPACING / POINTS_PER_INCH for lines, size, _, _ in blocks]
    heading = MARGIN + sum(heights) + 0.10
    total = height + heading
    figure.set_size_inches(width, total)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, 0, 1, height / total))
    top = total - MARGIN
    for (lines, size, weight, colour), block in zip(blocks, heights, strict=True):
        for number, line in enumerate(lines):
            artist = figure.text(
                MARGIN / width,
                (top - (number * LINE_SPACING + 0.1) * size / POINTS_PER_INCH) / total,
                line,
                fontsize=size,
                fontweight=weight,
                color=colour,
                va="top",
                ha="left",
            )
            artist.set_gid("heading")
            artist.set_in_layout(False)
        top -= block
