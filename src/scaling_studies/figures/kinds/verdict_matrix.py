"""Which published laws came back: one mark for each, study by study.

Options: ``studies``.
"""

from __future__ import annotations

import seaborn.objects as so
from matplotlib.lines import Line2D

from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import layout, style

#: Question that a figure of this kind answers.
QUESTION = "Which published laws come back?"

#: Verdict -> marker, colour, words. Shape and fill tell verdicts apart without colour.
LOOKS = {
    "comes_back": ("o", style.GREEN, "comes back"),
    "in_part": ("D", style.BLUE, "in part"),
    "does_not_come_back": ("X", style.VERMILLION, "does not come back"),
    "cannot_be_tested": ("o", style.FAINT, "cannot be tested"),
}
HOLLOW = "cannot_be_tested"


def draw(context: FigureContext) -> Drawn:
    """Draw the marks, best verdicts first."""
    context.only_options("studies")
    frame = context.of_studies("laws").rename(columns={"name": "called"})
    if frame.empty:
        raise NothingToShowError("No study of this run has a published law.")
    laws = context.needs_frame("laws")["name"]
    frame = frame.assign(law_name=laws.reindex(frame.index))
    order = {verdict: position for position, verdict in enumerate(LOOKS)}
    frame = frame.assign(order=frame["verdict"].map(order)).sort_values(
        ["called", "study", "order"], kind="stable"
    )
    names = dict(zip(frame["study"], frame["called"], strict=True))
    lines = {study: line for line, study in enumerate(names)}
    frame = frame.assign(column=frame.groupby("study").cumcount(), line=frame["study"].map(lines))[
        ["study", "fit", "law_name", "verdict", "evidence", "column", "line"]
    ]

    columns = int(frame["column"].max()) + 1
    figure = style.new_figure(height=0.75 + 0.21 * len(lines))
    axes = figure.add_subplot()
    marks = {"marker": "verdict", "color": "verdict", "fill": "verdict"}
    (
        so.Plot(frame, x="column", y="line")
        .add(so.Dot(edgewidth=0, stroke=0.8, pointsize=6.0), legend=False, **marks)
        .scale(
            marker={verdict: marker for verdict, (marker, _, _) in LOOKS.items()},
            color={verdict: colour for verdict, (_, colour, _) in LOOKS.items()},
            fill={verdict: verdict != HOLLOW for verdict in LOOKS},
        )
        .label(x="", y="")
        .theme(style.settings())
        .on(axes)
        .plot()
    )
    for study, line in lines.items():
        some = frame[(frame["study"] == study) & (frame["verdict"] != HOLLOW)]
        back = int((some["verdict"] == "comes_back").sum())
        text = f"{back} of {len(some)}" if len(some) else "none tested"
        axes.text(columns + 0.2, line, text, va="center", ha="left", color=style.MUTED)
    axes.set_yticks(list(lines.values()), list(names.values()))
    axes.set(ylim=(len(lines) - 0.4, -0.6), xlim=(-0.7, columns + 2.6), xticks=[])
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    layout.add_legend(figure, {
        words: Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=6,
                      markerfacecolor="none" if verdict == HOLLOW else colour)
        for verdict, (marker, colour, words) in LOOKS.items()
    })  # fmt: skip
    return figure, frame.reset_index(drop=True)
