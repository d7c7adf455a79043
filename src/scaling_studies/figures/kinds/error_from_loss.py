"""Average error against loss with the fitted law, held-out runs marked with their errors.

Options: as ``lines``. By default a panel for each fit and linear axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.figures.kinds.lines import OPTIONS, draw_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw error over loss."""
    context.only_options(*OPTIONS)
    return draw_lines(
        context.with_defaults(x="loss", panels="fit", x_scale="linear", y_scale="linear")
    )
