"""How small a model should be that serves many tokens, under an additive law.

A line for each loss, that of the compute-optimal model of a size. Hollow marks are what the card
prints of such models. Options: ``sizes``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns

from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import style
from scaling_studies.figures.drawing.labels import EndLabel, label_ends

#: Question that a figure of this kind answers.
QUESTION = "How much smaller should a model be that is to be served?"
SERVED = np.logspace(10, 14, 33)


def draw(context: FigureContext) -> Drawn:
    """Draw size over the compute-optimal one against tokens served."""
    context.only_options("sizes")
    fit = context.fits[context.needs_fits()[0]]
    sizes = [float(size) for size in context.option("sizes", ())]
    rows: list[tuple[Any, ...]] = list(_printed(context, fit.fit))
    for size, served in itertools.product(sizes, SERVED):
        found = inference_adjusted_allocation(fit.parameters, served, reference_params=size)
        rows.append((size, served, found.params, "law"))
    frame = pd.DataFrame(rows, columns=["optimal", "served", "params", "source"])
    frame["share"] = frame["params"] / frame["optimal"]
    laws, printed = (frame[frame["source"] == source] for source in ("law", "printed"))
    colours = dict(zip(sizes, style.series_colours(sizes), strict=True))
    figure = style.new_figure(height=3.2)
    axes = figure.add_subplot(xlim=(SERVED[0], SERVED[-1]), ylim=(0, 1.05))
    look: style.Look = {"x": "served", "y": "share", "legend": False, "ax": axes}
    sns.lineplot(laws, hue="optimal", palette=colours, errorbar=None, **look)
    edges = [colours.get(size, style.INK) for size in printed["optimal"]]
    sns.scatterplot(printed, color="white", edgecolor=edges, linewidth=1.3, s=42, zorder=3, **look)
    style.log_axis(axes.xaxis, "tokens")
    axes.set(xlabel="Tokens served", ylabel="Size over the compute-optimal one")
    style.lay_out(figure)
    at = laws.groupby("optimal")["share"].last()
    names = {size: f"loss of a {style.compact_number(size)} model" for size in sizes}
    label_ends(axes, [EndLabel(SERVED[-1], at[n], names[n], colours[n]) for n in sizes])
    return figure, frame


def _printed(context: FigureContext, fit: str) -> Iterator[tuple[Any, ...]]:
    """Compute-optimal size, tokens served and size of models that the card prints."""
    entry = context.fit_entry(fit)
    for name, quantity in entry.quantities.items() if entry else ():
        asked = quantity.inference_adjusted
        if asked and asked.gives == "params":
            for target in context.printed(fit, name):
                value = target.printed.value if target.printed else None
                yield asked.reference_params, asked.inference_tokens, value, "printed"
