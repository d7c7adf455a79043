"""Learning curves: rows with their uncertainty, and the laws printed and fitted to them.

Options: as ``lines``. By default fits of the same rows share a panel with axes of its own, and are
called ``printed``, ``first points`` (some rows held out) and ``all points`` in all panels.
"""

from __future__ import annotations

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing.lines import draw_lines

#: Question that a figure of this kind answers.
QUESTION = "Do the printed lines follow the points?"


def draw(context: FigureContext) -> Drawn:
    """Draw loss over training set size."""
    labels = {fit: _label(context, fit) for fit in context.needs_fits()}
    return draw_lines(
        context.with_defaults(
            panels="rows", share_x=False, share_y=False, panel_height=2.35, labels=labels
        )
    )


def _label(context: FigureContext, fit: str) -> str:
    if context.is_published(fit):
        return "printed"
    return f"fitted to {'the first' if context.fits[fit].n_held_out else 'all'} points"
