"""Average error against loss with the fitted law, held-out runs marked with their errors.

Options: as ``lines``. By default a panel for each fit and linear axes.
"""

from __future__ import annotations

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing.lines import draw_lines

#: Question that a figure of this kind answers.
QUESTION = "Does the loss tell the error on tasks?"


def draw(context: FigureContext) -> Drawn:
    """Draw error over loss."""
    return draw_lines(
        context.with_defaults(x="loss", panels="fit", x_scale="linear", y_scale="linear")
    )
