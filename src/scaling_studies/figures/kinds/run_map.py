"""Where on size and data each study has runs, a panel for each, marked by topic.

Options: ``studies``.
"""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator
from scipy.spatial import ConvexHull, QhullError

from scaling_studies.cards.names import NO_TOPIC, TOPICS
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import layout, style

#: Question that a figure of this kind answers.
QUESTION = "Where are there runs at all?"
COLUMNS, PANEL_HEIGHT = 4, 1.45
#: Tokens per parameter of the line that panels share, to see them against each other.
RATIO = 20.0
LOOK: style.Look = {"s": 9, "linewidth": 0}
#: Looks of topics: no two colours that are alike before five lie between them, no shape twice.
COLOURS = (style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE, style.INK, "#6b6f00")
SHAPES = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*")


def draw(context: FigureContext) -> Drawn:
    """Draw a panel for each study, on the same axes; the reach of all together stands behind."""
    context.only_options("studies")
    frame = context.of_studies("run_map")
    if frame.empty:
        raise NothingToShowError("No run of these studies has a loss, a size and data.")
    frame = frame.assign(topic=[TOPICS.get(topic, NO_TOPIC) for topic in frame["topic"]])
    topics = [topic for topic in (*TOPICS.values(), NO_TOPIC) if topic in set(frame["topic"])]
    frame = frame.sort_values("topic", key=lambda names: names.map(topics.index), kind="stable")
    colours = dict(zip(topics, itertools.cycle(COLOURS), strict=False))
    shapes = dict(zip(topics, SHAPES, strict=False))
    topic: style.Look = {"hue": "topic", "palette": colours, "style": "topic", "markers": shapes}
    # The grid makes its figure through pyplot, which would keep it.
    grid = sns.FacetGrid(frame, col="study", col_wrap=COLUMNS, despine=False)
    plt.close(grid.figure)
    grid.map_dataframe(sns.scatterplot, x="params", y="tokens", zorder=3, **topic, **LOOK)
    style.share_outlines(grid.figure)
    grid.set(xscale="log", yscale="log")
    reach, ends = _reach(frame), frame["params"].agg(["min", "max"]).to_numpy()
    for study, axes in grid.axes_dict.items():
        axes.fill(*reach.T, color=style.INK, alpha=0.1, linewidth=0)
        axes.plot(ends, RATIO * ends, color=style.INK, lw=0.7, linestyle=style.PUBLISHED_LINE)
        axes.set_title(context.study_name(study), fontsize=layout.LEGEND_SIZE)
        for axis, column in ((axes.xaxis, "params"), (axes.yaxis, "tokens")):
            style.log_axis(axis, column)
            axis.set_major_locator(LogLocator(base=100.0))
            axis.set_minor_locator(NullLocator())
    grid.set_axis_labels("N", "D")
    figure = grid.figure
    figure.set_size_inches(style.FULL_WIDTH, 0.6 + PANEL_HEIGHT * -(-len(grid.axes) // COLUMNS))
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.02, hspace=0.02)
    key: style.Look = {"markersize": 5, "linestyle": "none", "markeredgewidth": 0}
    layout.add_legend(figure, {
        name: Line2D([], [], color=colour, marker=shapes[name], **key)
        for name, colour in colours.items()
    })  # fmt: skip
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _reach(frame: pd.DataFrame) -> np.ndarray:
    """Corners around all places, shape (corners, 2); none where they do not span an area."""
    places = np.log(frame[["params", "tokens"]].to_numpy(float))
    try:
        return np.exp(places[ConvexHull(places).vertices])
    except QhullError:
        return np.empty((0, 2))
