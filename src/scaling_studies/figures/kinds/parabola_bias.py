"""What Approach 2 reads from surfaces that are known, over the runs of each study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn.objects as so
from matplotlib.lines import Line2D

from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import layout, style

#: Question that a figure of this kind answers.
QUESTION = "Do parabolas read the best size of a surface that is known?"
TITLES = {"exponent": "Exponent read − exponent", "size": "Size read over best size, %"}
COLOURS = {"own surface": style.BLUE, "symmetric surface": style.ORANGE}
GRIDS = {"as run": "sizes as run", "centred": "sizes around the best"}
FILLED = "as run"
APART = {"own surface": -0.17, "symmetric surface": 0.17}
ROW_HEIGHT = 0.42


def draw(context: FigureContext) -> Drawn:
    """Draw a panel for the exponent and one for the size."""
    context.only_options()
    frame = context.of_studies("parabolas")
    frame = frame[frame["failure"] == ""]
    if frame.empty:
        raise NothingToShowError("No study of this run has runs that make isoFLOP curves.")
    values = {
        "exponent": frame["read_exponent"] - frame["exponent"],
        "size": 100.0 * np.expm1(frame["shift"]),
    }
    laws = list(dict.fromkeys(zip(frame["study"], frame["fit"], strict=True)))
    names = [context.law_name(*law) for law in laws]
    place = pd.Series(map(laws.index, zip(frame["study"], frame["fit"], strict=True)), frame.index)
    colour = frame["surface"].map(COLOURS)
    marks = pd.DataFrame(
        {
            "y": place + frame["surface"].map(APART),
            "colour": colour,
            "face": colour.where(frame["grid"] == FILLED, "white"),
        }
    )
    drawn = pd.concat(
        [marks.assign(panel=panel, value=value) for panel, value in values.items()],
        ignore_index=True,
    )
    figure = style.new_figure(height=0.9 + ROW_HEIGHT * len(names), wspace=0.08)
    (
        so.Plot(drawn, x="value", y="y", color="face", edgecolor="colour")
        .facet(col="panel", order=list(TITLES))
        .share(x=False)
        .add(so.Dot(style.ABOVE, pointsize=5, edgewidth=1.2), legend=False)
        .scale(color=None, edgecolor=None)
        .theme(style.settings())
        .on(figure)
        .plot()
    )
    for axes, title in zip(style.panels_of(figure), TITLES.values(), strict=True):
        axes.set(title=title, xlabel="", ylabel="", ylim=(len(names) - 0.5, -0.5))
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", length=0, labelsize=7.5)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.06)
        style.zero_line(axes, vertical=True)
    look: style.Look = {"marker": "o", "linestyle": "none", "markersize": 5}
    layout.add_legend(figure, {
        f"{surface}, {called}": Line2D(
            [], [], color=colour, markerfacecolor=colour if grid == FILLED else "white", **look
        )
        for surface, colour in COLOURS.items()
        for grid, called in GRIDS.items()
    })  # fmt: skip
    return figure, frame.drop(columns=["name", "failure"]).reset_index(drop=True)
