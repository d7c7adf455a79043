"""Relative residuals in per cent against size, data or compute, a row of panels for each fit.

Options: ``against`` (list of columns; those of params, tokens, flops that the rows have),
``labels``.
"""

from __future__ import annotations

import pandas as pd

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import curves, layout, marks, residuals, style
from scaling_studies.figures.drawing.axes import axis_label, column_of
from scaling_studies.laws import get_law

#: Question that a figure of this kind answers.
QUESTION = "Where does the law miss?"

USUAL = ("params", "tokens", "flops")


def draw(context: FigureContext) -> Drawn:
    """Draw predicted/observed - 1."""
    context.only_options("against", "labels")
    fits = context.needs_fits()
    rows = {fit: curves.with_sizes(context.needs_points(fit)) for fit in fits}
    first = rows[fits[0]]
    against = context.option("against") or [name for name in USUAL if name in first]
    against = against or list(get_law(context.fits[fits[0]].law).axis_names)
    missing = [name for name in against if any(name not in rows[fit] for fit in fits)]
    if missing:
        raise context.error(
            f"the rows have no column {missing[0]!r}",
            f"use one of {', '.join(first.columns)}",
            "options.against",
        )
    figure = style.new_figure(height=0.55 + 1.65 * len(fits))
    panels = residuals.draw_residuals(context, figure, rows, against)
    for fit, line in zip(fits, panels, strict=True):
        line[0].set_title(
            context.fit_label(fit), color=style.text_colour(marks.law_style(context, fit)[0])
        )
        line[0].set_ylabel("Predicted / observed − 1")
        for column, axes in zip(against, line, strict=True):
            style.log_axis(axes.xaxis, column_of(context, column, fit))
    for column, axes in zip(against, panels[-1], strict=True):
        axes.set_xlabel(layout.wrapped_label(axis_label(context, column, fits[0]), len(against)))
    return figure, pd.concat(
        [marks.plotted_rows(rows[fit], fit=fit) for fit in fits], ignore_index=True
    )
