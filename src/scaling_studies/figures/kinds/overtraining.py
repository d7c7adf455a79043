"""Loss against training compute by tokens per parameter, with the laws' lines and held-out errors.

Options: as ``lines``. By default a panel for each fit, a line for each number of tokens per
parameter, the irreducible loss E taken off so that the lines are straight, and the errors of the
two held-out rows of most compute written into the panel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.figures.kinds.lines import OPTIONS, draw_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw loss over compute."""
    context.only_options(*OPTIONS)
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
