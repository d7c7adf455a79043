"""Exponents of all studies with intervals, published against refit.

Quantities that the same laws have stand side by side; the others follow below. Options:
``quantities`` (which, in order; those that at least two fits have when absent),
``quantity_labels``, ``studies``, ``labels`` (by study/fit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.figures.context import NothingToShowError
from scaling_studies.figures.drawing import intervals, style
from scaling_studies.verdicts.judge import OWN_REFIT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

LABELS = {
    "alpha": "α (size)",
    "beta": "β (data)",
    "a_opt": "a (N* in compute)",
    "b_opt": "b (D* in compute)",
    "alpha_N": "α_N (size, joint law)",
    "alpha_D": "α_D (data, joint law)",
    "beta_g": "β_g (data, learning curve)",
    "eta": "η (compute, over-training)",
    "b": "b (samples drawn)",
    "exponent": "Common exponent of size and data",
}
MOST_SIDE_BY_SIDE = 3
ROW_HEIGHT = 0.25


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel for each quantity."""
    context.only_options("quantities", "quantity_labels", "studies", "labels")
    frame = context.by_name(context.needs_frame("exponents"))
    if context.option("studies"):
        frame = frame[frame["study"].isin(context.option("studies"))]
    counts = frame["quantity"].value_counts()
    quantities = context.option("quantities") or [
        name for name in dict.fromkeys([*LABELS, *sorted(counts.index)]) if counts.get(name, 0) > 1
    ]
    frame = frame[frame["quantity"].isin(quantities)]
    if frame.empty:
        raise NothingToShowError("No two fits of this run share an exponent.")
    bands = _side_by_side(frame, quantities)
    heights = [0.55 + ROW_HEIGHT * len(_laws(frame, band[0])) for band in bands]
    figure = style.new_figure(height=0.35 + sum(heights))
    stack = figure.subfigures(len(bands), 1, height_ratios=heights, squeeze=False)[:, 0]
    labels = LABELS | (context.option("quantity_labels") or {})
    for part, band in zip(stack, bands, strict=True):
        panels = part.subplots(1, len(band), sharey=True, squeeze=False)[0]
        for quantity, axes in zip(band, panels, strict=True):
            some = frame[frame["quantity"] == quantity]
            alone = some["study"].map(some["study"].value_counts()) == 1
            lines = [
                _line(context, row, single)
                for row, single in zip(some.to_dict("records"), alone, strict=True)
            ]
            intervals.draw_estimates(axes, lines)
            intervals.show_outliers(axes, lines)
            axes.tick_params(axis="y", labelsize=7.5)
            axes.set_title(str(labels.get(quantity, quantity)))
    intervals.key(stack[-1], (style.INK, style.INK))
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _laws(frame: pd.DataFrame, quantity: str) -> frozenset[tuple[str, str]]:
    rows = frame[frame["quantity"] == quantity]
    return frozenset(zip(rows["study"], rows["fit"], strict=True))


def _side_by_side(frame: pd.DataFrame, quantities: list[str]) -> list[list[str]]:
    """Quantities grouped by the laws that have them, so that a group shares its labels."""
    groups: list[list[str]] = []
    for quantity in quantities:
        laws = _laws(frame, quantity)
        home = next(
            (
                group
                for group in groups
                if _laws(frame, group[0]) == laws and len(group) < MOST_SIDE_BY_SIDE
            ),
            None,
        )
        if not laws:
            continue
        if home is None:
            groups.append([quantity])
        else:
            home.append(quantity)
    return groups


def _line(context: FigureContext, row: dict[str, object], alone: bool) -> list[intervals.Estimate]:
    """Value of a law with its interval and, for a refit, what the paper prints for it."""
    study, fit = str(row["study"]), str(row["fit"])
    card = context.cards.get(study) or {}
    label = context.law_name(study, fit, alone=alone)
    colour = style.study_colour(study, card)
    low, high = (float(row[end]) for end in ("ci_low", "ci_high"))
    refit = row["source"] != "published"
    line = [intervals.Estimate(label, float(row["value"]), low, high, not refit, colour)]
    targets = (card.get("fits") or {}).get(fit, {}).get("targets", ()) if refit else ()
    for target in targets:
        ours = target.get("confirmation") == OWN_REFIT
        if row["quantity"] == target.get("ours", target["quantity"]) and not ours:
            value, error = float(target["value"]), 1.96 * target.get("standard_error", np.nan)
            line.append(
                intervals.Estimate(label, value, value - error, value + error, True, colour)
            )
    return line
