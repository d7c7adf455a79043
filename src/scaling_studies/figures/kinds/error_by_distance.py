"""Errors of forecasts by how far they go beyond the fitted runs, a line for each law.

Laws that are ranked, which several studies have; the combination of all laws in ink, naive peers
dashed. No options.
"""

from __future__ import annotations

import seaborn as sns

from scaling_studies.engine.uncertainty.distance import BINS
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import style
from scaling_studies.figures.drawing.labels import EndLabel, label_ends
from scaling_studies.forecasts.contenders import PEERS, STACKED, contender_title

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "What does distance cost?"
PAGE = "extrapolation"


def draw(context: FigureContext) -> Drawn:
    """Draw the median error of each law over distance."""
    context.only_options()
    board = context.needs_frame("board")
    frame = board[board["distance_bin"].isin(BINS) & board["rank"].notna()]
    if frame.empty:
        raise NothingToShowError("Too few studies of this run forecast their larger runs.")
    frame = frame.assign(
        place=frame["distance_bin"].map(BINS.index), percent=100.0 * frame["median_error"]
    ).sort_values(["law", "place"], kind="stable")
    laws = sorted(set(frame["law"]) - set(PEERS))
    colours = dict(zip(laws, style.series_colours(laws), strict=True))
    looks = {
        law: (colours.get(law, style.INK if law == STACKED else style.GREY), law not in laws)
        for law in frame["law"].unique()
    }
    figure = style.new_figure(height=3.6)
    axes = figure.add_subplot(yscale="log")
    sns.lineplot(
        frame, x="place", y="percent", hue="law", style="law", errorbar=None, legend=False,
        palette={law: colour for law, (colour, _) in looks.items()},
        dashes={law: (4, 2) if peer and law != STACKED else "" for law, (_, peer) in looks.items()},
        markers=dict.fromkeys(looks, "o"), markersize=4.5, markeredgewidth=0, ax=axes,
    )  # fmt: skip
    axes.set_xticks(range(len(BINS)), BINS)
    axes.set(xlabel="Distance: times the largest fitted run", ylabel="Median error (%)")
    style.log_axis(axes.yaxis, "percent")
    style.lay_out(figure)
    ends = frame.groupby("law").tail(1).to_dict("records")
    label_ends(
        axes,
        [
            EndLabel(
                row["place"], row["percent"], contender_title(row["law"]), looks[row["law"]][0]
            )
            for row in ends
        ],
    )
    return figure, frame.drop(columns=["place", "percent"]).reset_index(drop=True)
