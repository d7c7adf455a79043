"""Symbols with an index as the field writes them: ``β_g`` is drawn as β with a lowered g."""

from __future__ import annotations

import re

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from scaling_studies.cards.names import GREEK, INDEXED


def typeset(text: str) -> str:
    r"""A text whose symbols with an index are formulas of Matplotlib, and nothing else is.

    Examples
    --------
    >>> typeset("beta_g, of 5 $")
    '$\\mathregular{β_{g}}$, of 5 \\$'
    >>> typeset("6 * N")
    '6 * N'
    """
    if not INDEXED.search(text):
        return text
    return INDEXED.sub(_lowered, text.replace("$", r"\$"))


def _lowered(found: re.Match[str]) -> str:
    base, index = (GREEK.get(found[part], found[part]) for part in ("base", "index"))
    raised = {None: "", "'": "^{′}"}.get(found["star"], "^{*}")
    return rf"$\mathregular{{{base}_{{{index}}}{raised}}}$"


def typeset_all(figure: Figure) -> None:
    """Typeset the symbols in every text of a figure, labels at the ticks too."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not isinstance(axis.get_major_locator(), FixedLocator):
                continue
            labels = [label.get_text() for label in axis.get_majorticklabels()]
            if any(map(INDEXED.search, labels)):
                places, drawn = axis.get_majorticklocs(), list(map(typeset, labels))
                axis.set_ticks(places, drawn, parse_math=True)
    for text in figure.findobj(match=_has_symbol):
        text.set_text(typeset(text.get_text()))
        text.set_parse_math(True)


def _has_symbol(artist: object) -> bool:
    written = getattr(artist, "get_text", None)
    return hasattr(artist, "set_parse_math") and bool(INDEXED.search(written() if written else ""))
