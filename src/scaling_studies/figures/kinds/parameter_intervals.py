"""Quantities of several fits with their intervals, next to the published values.

One panel for each quantity, one line for each fit. Options: ``quantities`` (the fits' parameters
when absent), ``quantity_labels``, ``labels``, ``columns``, ``scale`` (``linear`` or ``log``).
Published values come from the card's targets, and from fits that stand at published parameters.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from scaling_studies.engine.uncertainty.bands import FEW
from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import intervals, layout, style
from scaling_studies.figures.drawing.axes import quantity_label

#: Question that a figure of this kind answers.
QUESTION = "How well are the constants known?"

ROW_HEIGHT = 0.3


def draw(context: FigureContext) -> Drawn:
    """Draw values and intervals."""
    context.only_options("quantities", "quantity_labels", "labels", "columns", "scale")
    fits = context.needs_fits()
    quantities = context.option("quantities") or list(context.fits[fits[0]].parameters)
    columns = int(context.option("columns") or layout.usual_columns(len(quantities)))
    log = context.option("scale", "linear", ("linear", "log")) == "log"
    frame = pd.DataFrame(
        row for quantity in quantities for fit in fits for row in _rows(context, fit, quantity)
    )
    for quantity, rows in frame.groupby("panel"):
        if rows["value"].isna().all():
            raise context.error(
                f"no fit of this figure has the quantity {quantity!r}",
                "use a parameter, derived quantity or statistic of the fits",
                "options.quantities",
            )
    of_refits = frame[(frame["source"] == "refit") & frame[["low", "high"]].notna().any(axis=1)]
    names = {fit: _name(context, fit, shown=fit in set(of_refits["line"])) for fit in fits}
    lines = intervals.height_of(list(names.values()), ROW_HEIGHT)
    height = layout.grid_height(len(quantities), columns, 0.6 + lines, 0.9 + lines)
    # Numbers at the ends of neighbouring axes stay apart.
    figure = style.new_figure(height, wspace=0.08)
    titles = {
        quantity: layout.wrapped_title(quantity_label(context, quantity), columns)
        for quantity in quantities
    }
    intervals.draw_intervals(figure, frame, names, columns, titles, log=log)
    if (frame["source"] == "published").any():
        known = bool(frame[["low", "high"]].notna().any(axis=None))
        intervals.key(figure, (style.BLUE, style.VERMILLION), intervals=known)
    table = frame.rename(columns={"panel": "quantity", "line": "fit"})
    return figure, table[["quantity", "fit", "source", "value", "low", "high"]]


def _name(context: FigureContext, fit: str, *, shown: bool) -> str:
    """Label of a fit, with the degrees of freedom behind intervals that are shown, where few."""
    known = context.intervals.get(fit)
    freedom = None if known is None else known.freedom
    few = freedom is not None and freedom < FEW and shown
    # A number and what it counts stay on one line.
    return context.fit_label(fit) + (f" ({freedom}\N{NO-BREAK SPACE}df)" if few else "")


def _rows(context: FigureContext, fit: str, quantity: str) -> list[dict[str, Any]]:
    """Value of a fit with its interval, and the published values that the card has for it."""
    value = context.fits[fit].quantities.get(quantity)
    known = context.intervals[fit].intervals.get(quantity)
    interval = {} if known is None else {"low": known.low, "high": known.high}
    refit: style.Look = {"source": "refit", "colour": style.BLUE}
    published: style.Look = {"source": "published", "colour": style.VERMILLION}
    look = published if context.is_published(fit) else refit
    return [
        intervals.estimate(fit, quantity, value, interval, **look),
        *(
            intervals.estimate(fit, quantity, *intervals.printed(target), **published)
            for target in context.printed(fit, quantity)
        ),
    ]
