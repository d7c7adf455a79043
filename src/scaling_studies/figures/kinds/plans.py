"""What laws say to train for another purpose than the lowest loss, a line for each law.

Options: ``purpose`` (``serving``, the size against the compute-optimal one; ``over_trained``, the
compute against the least that reaches the same loss), ``amount`` (tokens to be served or tokens per
parameter; the largest of the table when absent).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scaling_studies import words
from scaling_studies.cards import colours
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import marks, style
from scaling_studies.figures.drawing.allocation import SAME_STUDY
from scaling_studies.figures.drawing.labels import EndLabel, label_ends

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "What changes where the lowest loss is not the purpose?"
PAGE = "allocation"
#: Purpose -> column, what it is, and what the amount counts.
SHOWN = {
    "serving": ("size", "Size over the compute-optimal one", "tokens to be served"),
    "over_trained": ("cost", "Compute over the least for the loss", "tokens per parameter"),
}
#: Height for the name of a law, and of the rest.
LINE_HEIGHT, LEAST_HEIGHT = 0.3, 1.2


def draw(context: FigureContext) -> Drawn:
    """Draw a line for each law."""
    context.only_options("purpose", "amount")
    purpose = context.option("purpose", "serving", tuple(SHOWN))
    column, label, counted = SHOWN[purpose]
    frame = context.of_studies("plans")
    frame = frame[(frame["purpose"] == purpose) & frame[column].notna()]
    amounts = sorted(set(frame["amount"]))
    if not amounts:
        raise NothingToShowError("No law of this run divides compute between size and data.")
    amount = float(context.option("amount", amounts[-1], amounts))
    frame = frame[frame["amount"] == amount]
    laws = len(frame.drop_duplicates(["study", "fit"]))
    figure = style.new_figure(height=max(3.0, LEAST_HEIGHT + LINE_HEIGHT * laws))
    axes = figure.add_subplot(xscale="log", yscale="log")
    ends = list(_laws(context, axes, frame, column))
    axes.set(title=f"{words.counted_in(amount)} {counted}", ylabel=label)
    axes.set(xlabel="Training budget C (FLOP, 6ND)")
    axes.set_xlim(frame["asked"].min(), frame["asked"].max())
    axes.axhline(1.0, color=style.INK, linewidth=0.8, zorder=1.5)
    style.log_axis(axes.xaxis, "flops")
    style.log_axis(axes.yaxis, column)
    style.lay_out(figure)
    label_ends(axes, ends)
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _laws(
    context: FigureContext, axes: Axes, frame: pd.DataFrame, column: str
) -> Iterator[EndLabel]:
    """Draw the laws; give the labels of their ends."""
    shown: dict[str, int] = {}
    several = frame.drop_duplicates(["study", "fit"])["study"].value_counts()
    groups: list[Any] = list(frame.groupby(["study", "fit", "source"], sort=True))
    for (study, fit, source), rows in groups:
        rows = rows.sort_values("asked")
        x, y = rows["asked"].to_numpy(float), rows[column].to_numpy(float)
        place = shown[study] = shown.get(study, -1) + 1
        line = SAME_STUDY[place % len(SAME_STUDY)]
        look: style.Look = {
            "color": colours.study_colour(study, context.cards.get(study)),
            "linestyle": style.PUBLISHED_LINE if source == "published" else line,
        }
        within = int(np.sum(rows["beyond"].to_numpy(float) <= 1.0))
        for part, beyond in ((slice(0, within), False), (slice(max(within - 1, 0), None), True)):
            marks.law_piece(axes, x[part], y[part], None, beyond=beyond, **look)
        name = context.law_name(study, fit, alone=bool(several[study] == 1))
        yield EndLabel(x[-1], y[-1], name, look["color"])
