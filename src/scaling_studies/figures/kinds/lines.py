"""Measured rows and the laws fitted to them, along any column, in one panel or many.

The workhorse of study pages. Options:

``x``
    Column along which is drawn: an axis of the law, or one of params, tokens, flops,
    tokens_per_parameter. The law's first axis when absent.
``panels``
    Absent (one panel), ``fit`` (one for each fit), ``rows`` (one for each set of fits of the same
    rows), a column (one for each value), or a list of ``{title, fits, where, x_label, y_label}``.
``panel_titles``
    Titles by value of the panel column, or by first fit.
``series``
    Column whose values get a colour and a line each.
``series_values``, ``series_labels``, ``series_title``
    Which values (all when absent), how they are called, what they are.
``hold``
    Columns held at their median within a series while the law is drawn; by default the series
    column and the law's other axes, which must not vary then. A mapping gives the values, or one
    for each fit, which laws without rows need.
``x_scale``, ``y_scale``
    ``log`` (default) or ``linear``.
``x_label``, ``y_label``, ``labels``
    Axis labels, and short names by fit.
``line``
    ``law`` (default; everything besides x must be constant within a series), ``rows`` (the
    predictions at the rows, joined) or ``none``.
``x_min``, ``x_max``
    Range to draw the laws over; the data's when absent.
``every``
    Draw every so many rows of a series as points (1), so that dense curves do not hide the laws.
``annotate``
    Write the relative errors of so many held-out rows, those furthest along x (0).
``subtract``
    Parameter of the law (its asymptote) that is taken off the values, so that a power law becomes
    straight on logarithmic axes.
``band``, ``share_x``, ``share_y``, ``columns``, ``panel_height``
    Draw intervals (true), share axes (true), panels in a row, height of a panel in inches.
"""

from __future__ import annotations

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing.lines import draw_lines

#: Question that a figure of this kind answers, and where no rows are public.
QUESTION = "Does the law follow the runs?"
QUESTION_WITHOUT_ROWS = "What do the printed laws say?"


def draw(context: FigureContext) -> Drawn:
    """Draw rows and laws."""
    return draw_lines(context)
