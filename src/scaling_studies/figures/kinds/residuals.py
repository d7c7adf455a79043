"""Relative residuals in per cent against size, data or compute, a row of panels for each fit.

Options: ``against`` (list of columns; those of params, tokens, flops that the rows have),
``labels``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.figures.drawing import curves, layout, marks, style
from scaling_studies.figures.drawing.axes import axis_label, column_of
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

USUAL = ("params", "tokens", "flops")


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw predicted/observed - 1."""
    import pandas as pd

    context.only_options("against", "labels")
    fits = context.needs_fits()
    rows = {fit: curves.with_sizes(context.needs_points(fit)) for fit in fits}
    against = context.option("against") or _default_columns(context, rows[fits[0]], fits[0])
    missing = [name for name in against if any(name not in rows[fit] for fit in fits)]
    if missing:
        raise context.error(
            f"the rows have no column {missing[0]!r}",
            f"use one of {', '.join(rows[fits[0]].columns)}",
            "options.against",
        )
    figure = style.new_figure(height=0.55 + 1.65 * len(fits))
    grid = figure.subplots(len(fits), len(against), sharex="col", sharey=True, squeeze=False)
    limit = marks.residual_limit(*(rows[fit] for fit in fits))
    for fit, line in zip(fits, grid, strict=True):
        colour, _ = marks.law_style(context, fit)
        hollow = context.is_published(fit)
        for column, axes in zip(against, line, strict=True):
            marks.relative_residuals(
                axes, rows[fit], column, colour=colour, hollow=hollow, limit=limit
            )
            style.log_axis(axes.xaxis, column_of(context, column, fit))
        line[0].set_title(context.fit_label(fit), color=colour)
        line[0].set_ylabel("Predicted / observed − 1")
        style.percent_axis(line[0].yaxis)
    for column, axes in zip(against, grid[-1], strict=True):
        axes.set_xlabel(layout.wrapped_label(axis_label(context, column, fits[0]), len(against)))
    return figure, pd.concat(
        [marks.plotted_rows(rows[fit], fit=fit) for fit in fits], ignore_index=True
    )


def _default_columns(context: FigureContext, rows: pd.DataFrame, fit: str) -> list[str]:
    sizes = [name for name in USUAL if name in rows]
    return sizes or list(get_law(context.fits[fit]["law"]).axis_names)
