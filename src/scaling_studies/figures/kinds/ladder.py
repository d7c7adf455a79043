"""What one choice after another does to an exponent: a ladder for each chain of steps.

Options: ``quantities`` (of which the ladders are; all when absent), ``x_label``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import seaborn.objects as so

from scaling_studies.cards import colours
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import intervals, style

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "What does each choice do to the exponent?"
PAGE = "agreement"
ROW_HEIGHT, BETWEEN = 0.19, 0.7


def draw(context: FigureContext) -> Drawn:
    """Draw a rung for each step, from the foot of a ladder down the figure."""
    context.only_options("quantities", "x_label")
    frame = context.of_studies("ladders")
    wanted = context.option("quantities")
    if wanted:
        frame = frame[frame["quantity"].isin(wanted)]
    if frame.empty:
        raise NothingToShowError("No card of this run tells a step from one fit to another.")
    frame, names = _rungs(context, frame)
    figure = style.new_figure(height=0.5 + ROW_HEIGHT * (frame["y"].max() + 1.0))
    axes = figure.add_subplot()
    (
        so.Plot(frame, y="y", color="colour", group="chain")
        .add(so.Path(linewidth=0.9, linestyle=(0, (1, 1.2))), legend=False, x="value")
        .add(
            so.Range({"zorder": 2}, linewidth=1.3),
            legend=False,
            orient="y",
            xmin="low",
            xmax="high",
        )
        .add(
            so.Dot(style.ABOVE, pointsize=5, edgewidth=1.2),
            legend=False,
            x="value",
            color="face",
            edgecolor="colour",
        )
        .scale(color=None, edgecolor=None)
        .label(x=str(context.option("x_label") or "Exponent a of N* in compute"), y="")
        .theme(style.settings())
        .on(axes)
        .plot()
    )
    _move_labels(axes, frame)
    axes.set_yticks(frame["y"].to_list(), names)
    for label, place in zip(axes.get_yticklabels(), frame["place"], strict=True):
        label.set_fontweight("bold" if place == 0 else "normal")
    axes.set_ylim(frame["y"].max() + 0.6, -0.6)
    axes.margins(x=0.1)
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    axes.grid(visible=False, axis="y")
    intervals.key(figure, (style.INK, style.INK))
    columns = ["study", "ladder", "place", "fit", "quantity", "change", "value", "low", "high"]
    return figure, frame[[*columns, "before"]].reset_index(drop=True)


def _rungs(context: FigureContext, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Rungs from the top of the figure down, with a gap between ladders, and their names."""
    keys = frame[["study", "ladder", "quantity"]].agg("/".join, axis=1)
    foot = keys.where(frame["place"] == 0)
    chain = foot.ffill()
    y = frame.reset_index(drop=True).index + BETWEEN * ((frame["place"] == 0).cumsum() - 1)
    colour = [colours.study_colour(study, context.cards.get(study)) for study in frame["study"]]
    names = [_name(context, row) for row in frame.to_dict("records")]
    frame = frame.assign(chain=chain, y=y.to_numpy(dtype=float), colour=colour)
    return frame.assign(face=frame["colour"].where(frame["source"] == "refit", "white")), names


def _name(context: FigureContext, row: dict[Any, Any]) -> str:
    if row["place"]:
        return f"+ {row['change']}"
    return context.law_name(row["study"], row["fit"])


def _move_labels(axes: Any, frame: pd.DataFrame) -> None:
    """Write beside each rung its value."""
    # On the side that the step does not come from, where no line is in the way.
    comes_from_left = (frame["before"] < frame["value"]) | frame["before"].isna()
    ends = frame[["value", "low", "high"]]
    for x_left, x_right, y, value, right in zip(
        ends.min(axis=1), ends.max(axis=1), frame["y"], frame["value"], comes_from_left, strict=True
    ):
        axes.annotate(
            f"{value:.2f}",
            (x_right if right else x_left, y),
            (4 if right else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if right else "right",
            fontsize=7,
            color=style.MUTED,
        )
