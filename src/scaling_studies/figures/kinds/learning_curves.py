"""Learning curves: rows with their uncertainty, and the laws printed and fitted to them.

Options: as ``lines``. By default fits of the same rows share a panel with axes of its own, and are
called ``printed``, ``first points`` (some rows held out) and ``all points`` in all panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.figures.kinds.lines import OPTIONS, draw_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw loss over training set size."""
    context.only_options(*OPTIONS)
    labels = {fit: _label(context, fit) for fit in context.needs_fits()}
    return draw_lines(
        context.with_defaults(
            panels="rows", share_x=False, share_y=False, panel_height=2.35, labels=labels
        )
    )


def _label(context: FigureContext, fit: str) -> str:
    if context.is_published(fit):
        return "printed"
    held_out = context.fits[fit].get("n_held_out", 0)
    return "fitted to the first points" if held_out else "fitted to all points"
