"""Which published numbers came back: one mark for each, study by study.

Reference values of ours have small marks after the others and are not counted.

Options: ``studies``, ``columns`` (marks in a row before a new one starts).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from scaling_studies.figures.drawing import style
from scaling_studies.verdicts.judge import OWN_REFIT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

#: Marks in a row before a new row starts.
MOST_COLUMNS = 26
#: Sizes of the marks of published numbers and of reference values of ours, in points.
SIZE, OWN_SIZE = 6.0, 3.0
#: Verdict -> marker, colour, filled, words. Shape and fill tell verdicts apart without colour.
LOOKS = {
    "reproduced": ("o", style.GREEN, True, "reproduced"),
    "within_interval": ("D", style.BLUE, True, "within the interval"),
    "not_reproduced": ("X", style.VERMILLION, True, "not reproduced"),
    "not_testable": ("o", style.FAINT, False, "not testable"),
}


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw the marks, best verdicts first."""
    from matplotlib.lines import Line2D

    context.only_options("studies", "columns")
    frame = context.needs_frame("verdicts")
    if context.option("studies"):
        frame = frame[frame["study"].isin(context.option("studies"))]
    order = {verdict: position for position, verdict in enumerate(LOOKS)}
    own = frame["confirmation"] == OWN_REFIT
    frame = context.by_name(frame.assign(order=frame["verdict"].map(order), own=own)).sort_values(
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
    for (verdict, (marker, colour, filled, _)), ours in product(LOOKS.items(), (False, True)):
        some = frame[(frame["verdict"] == verdict) & (frame["own"] == ours)]
        axes.plot(
            some["column"],
            some["line"],
            linestyle="none",
            marker=marker,
            color=colour,
            markersize=OWN_SIZE if ours else SIZE,
            markerfacecolor=colour if filled else "none",
            markeredgewidth=0.8,
            markeredgecolor=colour if not filled else "none",
        )
    for study, start in top.items():
        some = frame[(frame["study"] == study) & ~frame["own"]]
        back = int(some["verdict"].isin(["reproduced", "within_interval"]).sum())
        axes.text(
            columns + 0.2,
            start,
            f"{back} of {len(some)}" if len(some) else "none",
            va="center",
            ha="left",
            color=style.MUTED,
        )
    axes.set_yticks(list(top), [names[study] for study in top.index])
    axes.set_ylim(total - 0.4, -0.6)
    axes.set_xlim(-0.7, columns + 2.6)
    axes.set_xticks([])
    axes.grid(visible=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    handles = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=6,
               markerfacecolor=colour if filled else "none")
        for marker, colour, filled, _ in LOOKS.values()
    ]  # fmt: skip
    figure.legend(
        handles, [words for *_, words in LOOKS.values()], loc="outside lower left", ncols=4
    )
    return figure, frame.drop(columns="own").reset_index(drop=True)
