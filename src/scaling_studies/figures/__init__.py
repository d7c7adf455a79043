"""Figures: one module a kind, found by file name.

A kind is a module ``kinds/<kind>.py`` with a function ``draw(context)`` that returns a
Matplotlib figure and the frame of the plotted numbers. Cards
ask for kinds by name; there is no central list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaling_studies import registry
from scaling_studies.figures.context import (
    FRAMES,
    FigureContext,
    NothingToShowError,
    card_parts,
    load,
)
from scaling_studies.figures.save import save

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: Powers of ten at ticks, the only formulas in figures: ours and Matplotlib's own.
_TICK = re.compile(r"\$(\\mathdefault\{)?[0-9.]*(\{?\\times\}?)?10\^\{[-−]?[0-9.]+\}\}?\$")

__all__ = ["FRAMES", "FigureContext", "card_parts", "draw", "load", "save"]


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw a figure with its heading.

    Parameters
    ----------
    context
        What it is drawn from; see :func:`load`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, in the project's style.
    pandas.DataFrame
        The plotted numbers.

    Raises
    ------
    CardError
        Unknown kind, an option or placeholder that does not fit.
    """
    from scaling_studies.figures.drawing import heading, style

    kind = context.entry["kind"]
    if kind not in registry.names("figures"):
        raise context.error(*registry.unknown("figures", kind), "kind")
    title, subtitle = context.title, context.subtitle
    with style.style():
        try:
            figure, frame = registry.load("figures", kind)(context)
        except NothingToShowError as nothing:
            figure, frame = _empty(str(nothing))
        heading.add_heading(figure, title, subtitle)
        _show_dollars(figure)
    return figure, frame


def _show_dollars(figure: Figure) -> None:
    """Write texts of cards and tables as they are: a dollar sign begins no formula in them."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if "$" in text.get_text() and not _TICK.fullmatch(text.get_text()):
            text.set_parse_math(False)


def _empty(reason: str) -> tuple[Figure, pd.DataFrame]:
    """Return a figure that says why there is nothing in it, and that reason as its one value."""
    import pandas as pd

    from scaling_studies.figures.drawing import style

    figure = style.new_figure(height=1.2)
    style.say_empty(figure.add_subplot(), reason)
    return figure, pd.DataFrame({"note": [reason]})
