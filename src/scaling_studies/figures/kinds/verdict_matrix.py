"""Which published numbers came back: one mark for each, study by study.

Reference values of ours have small marks after the others and are not counted.

Options: ``studies``, ``columns`` (marks in a row before a new one starts).
"""

from __future__ import annotations

import seaborn.objects as so
from matplotlib.lines import Line2D

from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import layout, style
from scaling_studies.verdicts.judge import OWN_REFIT

#: Marks in a row before a new row starts.
MOST_COLUMNS = 26
#: Sizes of the marks of published numbers and of reference values of ours, in points.
SIZES = {False: 6.0, True: 3.0}
#: Verdict -> marker, colour, words. Shape and fill tell verdicts apart without colour.
LOOKS = {
    "reproduced": ("o", style.GREEN, "reproduced"),
    "within_interval": ("D", style.BLUE, "within the interval"),
    "not_reproduced": ("X", style.VERMILLION, "not reproduced"),
    "not_testable": ("o", style.FAINT, "not testable"),
}
HOLLOW = "not_testable"


def draw(context: FigureContext) -> Drawn:
    """Draw the marks, best verdicts first."""
    context.only_options("studies", "columns")
    frame = context.of_studies("verdicts")
    if frame.empty:
        raise NothingToShowError("No study of this run has published numbers to judge.")
    order = {verdict: position for position, verdict in enumerate(LOOKS)}
    own = frame["confirmation"] == OWN_REFIT
    frame = frame.assign(order=frame["verdict"].map(order), own=own).sort_values(
        ["name", "study", "own", "order"], kind="stable"
    )
    names = dict(zip(frame["study"], frame["name"], strict=True))
    place = frame.groupby("study").cumcount()
    counts = frame.groupby("study", sort=False).size()
    columns = int(context.option("columns") or min(counts.max(), MOST_COLUMNS))
    lines = -(-counts // columns)
    top = lines.cumsum() - lines
    frame = frame.assign(
        column=place % columns, line=frame["study"].map(top) + place // columns
    ).drop(columns=["name", "order"])

    total = int(lines.sum())
    figure = style.new_figure(height=0.75 + 0.21 * total)
    axes = figure.add_subplot()
    marks = {"marker": "verdict", "color": "verdict", "fill": "verdict", "pointsize": "own"}
    (
        so.Plot(frame, x="column", y="line")
        .add(so.Dot(edgewidth=0, stroke=0.8), legend=False, **marks)
        .scale(
            marker={verdict: marker for verdict, (marker, _, _) in LOOKS.items()},
            color={verdict: colour for verdict, (_, colour, _) in LOOKS.items()},
            fill={verdict: verdict != HOLLOW for verdict in LOOKS},
            pointsize=SIZES,
        )
        .label(x="", y="")
        .theme(style.settings())
        .on(axes)
        .plot()
    )
    for study, start in top.items():
        some = frame[(frame["study"] == study) & ~frame["own"]]
        back = int(some["verdict"].isin(["reproduced", "within_interval"]).sum())
        text = f"{back} of {len(some)}" if len(some) else "none"
        axes.text(columns + 0.2, start, text, va="center", ha="left", color=style.MUTED)
    axes.set_yticks(list(top), [names[study] for study in top.index])
    axes.set(ylim=(total - 0.4, -0.6), xlim=(-0.7, columns + 2.6), xticks=[])
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    layout.add_legend(figure, {
        words: Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=6,
                      markerfacecolor="none" if verdict == HOLLOW else colour)
        for verdict, (marker, colour, words) in LOOKS.items()
    })  # fmt: skip
    return figure, frame.drop(columns="own").reset_index(drop=True)
