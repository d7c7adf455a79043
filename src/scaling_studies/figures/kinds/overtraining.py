"""Loss against training compute by tokens per parameter, with the laws' lines and held-out errors.

Options: as ``lines``. By default a panel for each fit, a line for each number of tokens per
parameter, the irreducible loss E taken off so that the lines are straight, and the errors of the
two held-out rows of most compute written into the panel.
"""

from __future__ import annotations

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing.lines import draw_lines

#: Question that a figure of this kind answers.
QUESTION = "Does the law hold far beyond its runs?"


def draw(context: FigureContext) -> Drawn:
    """Draw loss over compute."""
    return draw_lines(
        context.with_defaults(
            x="flops",
            panels="fit",
            series="tokens_per_parameter",
            series_title="Tokens per parameter",
            subtract="E",
            annotate=2,
            panel_height=3.3,
        )
    )
