"""Errors of laws beside what runs that differ only in their seed leave to any law."""

from __future__ import annotations

import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from scaling_studies.cards import colours
from scaling_studies.comparisons.noise_floor import REPEATS, SEEDS
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import style

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "How near to what no law can beat do laws come?"
PAGE = "agreement"
OWN, OTHERS = "own runs", "others"
LINES = {
    SEEDS: "Left by seeds",
    REPEATS: "Left by runs repeated\nwithout a stated seed",
    OWN: "Laws on their own runs",
    OTHERS: "Laws on runs of others",
}
HOLLOW = REPEATS
#: So many marks of a strip have names, and no median.
FEW = 3
ROW_HEIGHT = 0.55
#: Height of a strip, of the distance between strips.
WIDTH = 0.45


def draw(context: FigureContext) -> Drawn:
    """Draw a strip for what seeds leave and one for each kind of prediction."""
    context.only_options()
    frame = pd.concat([_floors(context), _errors(context)], ignore_index=True)
    if not frame["what"].isin([SEEDS, REPEATS]).any():
        raise NothingToShowError("No table of this run holds runs of one configuration.")
    lines = [name for name in LINES if name in set(frame["what"])]
    colour = frame["study"].map(lambda study: colours.study_colour(study, context.cards.get(study)))
    shown = frame.assign(
        place=frame["what"].map(lines.index),
        percent=100.0 * frame["error"],
        colour=colour,
        face=colour.where(frame["what"] != HOLLOW, "white"),
    )
    figure = style.new_figure(height=0.6 + ROW_HEIGHT * len(lines))
    axes = figure.add_subplot()
    (
        so.Plot(shown, x="percent", y="place", color="face", edgecolor="colour")
        .add(
            so.Dot(style.ABOVE, pointsize=5, edgewidth=1.1, alpha=0.9),
            so.Jitter(width=WIDTH, seed=0),
            orient="y",
            legend=False,
        )
        .scale(x="log", color=None, edgecolor=None)
        .theme(style.settings())
        .on(axes)
        .plot()
    )
    for place, rows in shown.groupby("place"):
        if len(rows) <= FEW:
            for row in rows.to_dict("records"):
                at = row["percent"], row["place"] - 0.28
                look: style.Look = {"ha": "center", "va": "bottom", "transform": axes.transData}
                style.note(axes, *at, context.study_name(row["study"]), **look)
            continue
        axes.plot([rows["percent"].median()], [place], marker="|", ms=18, mew=1.6, color=style.INK)
    _label(axes, [LINES[name] for name in lines])
    return figure, frame


def _label(axes: Axes, lines: list[str]) -> None:
    axes.set_yticks(range(len(lines)), lines)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="Median error, % of the loss", ylabel="", ylim=(len(lines) - 0.5, -0.6))
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(LogLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _floors(context: FigureContext) -> pd.DataFrame:
    """Scatter of runs of one configuration, of losses that a fit of the card is about."""
    rows = context.of_studies("noise_floor")
    rows = rows[rows["kind"].isin([SEEDS, REPEATS]) & (rows["fits"] != "") & (rows["floor"] > 0.0)]
    return pd.DataFrame(
        {"what": rows["kind"], "study": rows["study"], "of": rows["runs"], "error": rows["floor"]}
    )


def _errors(context: FigureContext) -> pd.DataFrame:
    """Errors of laws on their own runs and, the level free, on those of other studies."""
    rows = context.of_studies("cross_predictions")
    own = rows.drop_duplicates(["of_study", "of_fit"])
    others = rows[~rows["same_runs"]]
    parts = [
        pd.DataFrame(
            {"what": OWN, "study": own["of_study"], "of": own["of_fit"], "error": own["own_error"]}
        ),
        pd.DataFrame(
            {
                "what": OTHERS,
                "study": others["study"],
                "of": others["of_study"] + "/" + others["of_fit"],
                "error": others["error"],
            }
        ),
    ]
    return pd.concat([part[part["error"] > 0.0] for part in parts], ignore_index=True)
