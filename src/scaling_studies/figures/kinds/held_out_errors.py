"""Errors of predictions of rows that were not fitted, a strip for each fit.

Options: ``studies``, ``fits`` (study/fit), ``limit`` (largest error shown). Fits whose card says
why they are left out (``not_compared``) are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from scaling_studies.cards import colours
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import style

#: Question that a figure of this kind answers.
QUESTION = "How well do laws predict runs that they were not fitted to?"

#: Size of an error up to which the axis is linear.
LINEAR = 0.01
#: From so many rows on, crosses are small and faint.
MANY = 200
#: Height of a strip, of the distance between strips.
WIDTH = 0.52
TICKS = (0.005, 0.01, 0.1, 1.0, 10.0)


def draw(context: FigureContext) -> Drawn:
    """Draw a strip of errors for each fit."""
    context.only_options("studies", "fits", "limit")
    frame = context.of_studies("held_out")
    left_out = [
        f"{study}/{fit}"
        for study, card in context.cards.items()
        for fit, entry in card.fits.items()
        if entry.not_compared
    ]
    names = frame["study"] + "/" + frame["fit"]
    frame = frame[names.isin(context.option("fits") or names) & ~names.isin(left_out)]
    if "response" not in frame:
        frame = frame.assign(response="own")
    frame = frame[np.isfinite(frame["relative_error"])]
    if frame.empty:
        raise NothingToShowError("No fit of this run has held-out rows.")
    by_law = frame.groupby(["study", "fit", "response"], sort=False)
    keys = list(by_law.groups)
    studies = pd.Series([study for study, _, _ in keys]).value_counts()
    errors = frame["relative_error"]
    limits = _limits(errors, context.option("limit"))
    shown = frame.assign(
        place=by_law.ngroup(),
        look=np.select([errors < limits[0], errors > limits[1]], ["<", ">"], "x"),
        colour=[colours.study_colour(study, context.cards.get(study)) for study in frame["study"]],
    )
    figure = style.new_figure(height=0.9 + 0.22 * len(keys))
    axes = figure.add_subplot()
    inside = shown[shown["look"] == "x"]
    many = by_law["study"].transform("size")[inside.index] > MANY
    few_dots = so.Dot(marker="x", pointsize=3.6, stroke=0.9, alpha=0.8)
    # Thousands of crosses are one image in an SVG.
    many_dots = so.Dot({"rasterized": True}, marker="x", pointsize=2.2, stroke=0.5, alpha=0.35)
    jitter = so.Jitter(width=WIDTH, seed=0)
    (
        so.Plot(inside, x="relative_error", y="place", color="colour")
        .add(few_dots, jitter, data=inside[~many], orient="y", legend=False)
        .add(many_dots, jitter, data=inside[many], orient="y", legend=False)
        .scale(color=None)
        .theme(style.settings())
        .on(axes)
        .plot()
    )
    _mark(axes, shown, limits)
    axes.set_yticks(range(len(keys)), [_label(context, key, studies) for key in keys])
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    axes.set(xlabel="Predicted / observed − 1", ylabel="", ylim=(len(keys) - 0.4, -0.6))
    axes.grid(visible=False, axis="y")
    style.zero_line(axes, vertical=True)
    _error_axis(axes, limits)
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _limits(errors: pd.Series, limit: float | None) -> tuple[float, float]:
    """Range of the axis: all errors, and at least its linear part."""
    if limit:
        return -float(limit), float(limit)
    return min(1.1 * errors.min(), -LINEAR), max(1.1 * errors.max(), LINEAR)


def _error_axis(axes: Axes, limits: tuple[float, float]) -> None:
    """Linear axis near zero, logarithmic beyond, so that no law that misses by far hides others."""
    axes.set_xscale("symlog", linthresh=LINEAR, linscale=1.2)
    axes.set_xlim(*limits)
    ticks = [0.0, *TICKS, *(-size for size in TICKS)]
    axes.xaxis.set_major_locator(
        FixedLocator(sorted(tick for tick in ticks if limits[0] <= tick <= limits[1]))
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(style.percent))
    axes.tick_params(axis="x", labelsize=7.5)
    axes.axvspan(-LINEAR, LINEAR, color=style.FAINT, alpha=0.1, linewidth=0, zorder=0)


def _mark(axes: Axes, shown: pd.DataFrame, limits: tuple[float, float]) -> None:
    """Medians of the strips, and how many errors lie beyond the axis."""
    for _, rows in shown.groupby("place"):
        place, colour = rows["place"].iloc[0], rows["colour"].iloc[0]
        median = np.clip(rows["relative_error"].median(), *limits)
        axes.plot([median], [place], marker="|", ms=13, mew=1.8, color=style.INK)
        for edge, look, side in ((limits[0], "<", 1), (limits[1], ">", -1)):
            count = int((rows["look"] == look).sum())
            if count:
                axes.plot([edge], [place], marker=look, ms=4, color=colour, clip_on=False)
                axes.annotate(
                    str(count),
                    (edge, place),
                    xytext=(6 * side, 0),
                    textcoords="offset points",
                    ha="left" if side > 0 else "right",
                    va="center",
                    fontsize=7,
                    color=colour,
                )


def _label(context: FigureContext, key: tuple[str, str, str], studies: pd.Series) -> str:
    study, fit, response = key
    name = fit if response == "own" else f"{fit}/{response}"
    return context.law_name(study, name, alone=bool(studies[study] == 1))
