"""Compute-optimal model size over training compute, published and refitted laws, with bands.

Options: ``studies``, ``fits`` (which laws), ``flops_min``, ``flops_max``, ``models`` (mark
trained models), ``labels`` (by fit or study/fit), ``height``.
"""

from __future__ import annotations

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing.allocation import draw_allocation

#: Question that a figure of this kind answers.
QUESTION = "How large should the model be at a budget?"


def draw(context: FigureContext) -> Drawn:
    """Draw N* over C."""
    return draw_allocation(context, "params_opt", "Compute-optimal parameters N*")
