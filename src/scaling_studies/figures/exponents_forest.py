"""Exponents of all studies with intervals, published against refit.

Options: ``quantities`` (which, in order; those that at least two laws have when absent),
``quantity_labels``, ``columns``, ``studies``, ``labels`` (by study/fit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.figures import _intervals, _style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures._context import FigureContext

LABELS = {
    "alpha": "α, exponent of size",
    "beta": "β, exponent of data",
    "a_opt": "a, exponent of N* in compute",
    "b_opt": "b, exponent of D* in compute",
    "exponent": "common exponent",
}
MOST_COLUMNS = 3


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw one panel for each quantity."""
    context.only_options("quantities", "quantity_labels", "columns", "studies", "labels")
    frame = context.needs_frame("exponents").sort_values(["study", "fit", "quantity"])
    if context.option("studies"):
        frame = frame[frame["study"].isin(context.option("studies"))]
    quantities = context.option("quantities") or _common(frame)
    frame = frame[frame["quantity"].isin(quantities)]
    if frame.empty:
        raise context.error("no study has these quantities", "widen quantities or studies")
    columns = min(int(context.option("columns") or MOST_COLUMNS), len(quantities))
    rows = -(-len(quantities) // columns)
    counts = [len(frame[frame["quantity"] == quantity]) for quantity in quantities]
    heights = [max(counts[i * columns : (i + 1) * columns]) for i in range(rows)]
    figure = _style.new_figure(height=0.7 + sum(0.55 + 0.2 * count for count in heights))
    grid = figure.subplots(
        rows, columns, squeeze=False, height_ratios=[0.5 + 0.2 * count for count in heights]
    )
    panels = list(np.ravel(grid))
    labels = LABELS | (context.option("quantity_labels") or {})
    for quantity, axes in zip(quantities, panels, strict=False):
        some = frame[frame["quantity"] == quantity].sort_values("value")
        lines = [[_estimate(context, row)] for row in some.to_dict("records")]
        _intervals.draw_estimates(axes, lines)
        _intervals.show_outliers(axes, lines)
        axes.tick_params(axis="y", labelsize=7)
        axes.set_title(str(labels.get(quantity, quantity)))
    _style.hide_unused(panels, len(quantities))
    _intervals.key(
        figure, (_style.INK, _style.INK), both=bool((frame["source"] == "published").any())
    )
    return figure, frame.reset_index(drop=True)


def _common(frame: pd.DataFrame) -> list[str]:
    counts = frame.groupby("quantity")["study"].nunique()
    return sorted(counts[counts >= 2].index) or sorted(counts.index)


def _estimate(context: FigureContext, row: dict[str, object]) -> _intervals.Estimate:
    study, fit = str(row["study"]), str(row["fit"])
    labels = context.option("labels") or {}
    author, _, year = study.partition("_")
    label = labels.get(f"{study}/{fit}", f"{author.capitalize()} {year}: {fit.replace('_', ' ')}")
    low, high = (float(row[end]) for end in ("ci_low", "ci_high"))
    return _intervals.Estimate(
        str(label),
        float(row["value"]),
        low,
        high,
        row["source"] == "published",
        _style.study_colour(study, context.cards.get(study)),
    )
