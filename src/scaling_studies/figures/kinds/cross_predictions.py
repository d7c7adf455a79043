"""Errors of each law on the runs of each study, as a table of colours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap, LogNorm, to_rgba

from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import style

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "Does the law of one study predict the runs of another?"
PAGE = "agreement"
ROW_HEIGHT = 0.34
#: Opacity of the least and of the largest error: text reads on both, on light and dark pages.
SHADES = (0.04, 0.5)


def draw(context: FigureContext) -> Drawn:
    """Draw a cell for each law and each table of runs."""
    context.only_options()
    frame = context.of_studies("cross_predictions")
    if frame["of_study"].nunique() < 2:
        raise NothingToShowError("No two studies of this run have comparable losses.")
    laws = dict.fromkeys(zip(frame["study"], frame["fit"], strict=True))
    tables = [place for place in laws if place in set(_places(frame))]
    pairs = frame.set_index([pd.Series(_keys(frame)), pd.Series(_places(frame))])["error"]
    errors = pd.DataFrame(
        [[100.0 * pairs.get((law, table), np.nan) for table in tables] for law in laws],
        columns=[context.law_name(*table) for table in tables],
        index=[context.law_name(*law) for law in laws],
    )
    figure = style.new_figure(height=1.7 + ROW_HEIGHT * len(errors))
    axes = figure.add_subplot()
    sns.heatmap(
        errors,
        ax=axes,
        norm=LogNorm(max(0.1, float(np.nanmin(errors))), float(np.nanmax(errors))),
        cmap=LinearSegmentedColormap.from_list("errors", [to_rgba(style.BLUE, a) for a in SHADES]),
        annot=errors.map("{:.2g}".format).where(errors.notna(), ""),
        fmt="",
        annot_kws={"fontsize": 7.5, "color": style.INK},
        linewidths=1.0,
        cbar=False,
    )
    axes.set(xlabel="Runs of", ylabel="Law of")
    axes.grid(visible=False)
    axes.tick_params(length=0, labelsize=7.5)
    axes.set_xticks(axes.get_xticks(), list(errors.columns), rotation=30, ha="right")
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _keys(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(frame["study"], frame["fit"], strict=True))


def _places(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(frame["of_study"], frame["of_fit"], strict=True))
