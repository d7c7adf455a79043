"""Compute-optimal tokens per parameter over training compute, with bands.

Options: as ``optimal_params``.
"""

from __future__ import annotations

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing.allocation import draw_allocation

#: Question that a figure of this kind answers.
QUESTION = "How many tokens should a parameter get?"


def draw(context: FigureContext) -> Drawn:
    """Draw D*/N* over C."""
    return draw_allocation(context, "tokens_per_parameter", "Compute-optimal tokens per parameter")
