"""Compute-optimal tokens per parameter over training compute, with bands.

Options: as ``optimal_params``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.figures.drawing.allocation import draw_allocation

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw D*/N* over C."""
    return draw_allocation(context, "tokens_per_parameter", "Compute-optimal tokens per parameter")
