"""Quantities of several fits with their intervals, next to the published values.

One panel for each quantity, one line for each fit. Options: ``quantities`` (the fits' parameters
when absent), ``quantity_labels``, ``labels``, ``columns``, ``scale`` (``linear`` or ``log``).
Published values come from the card's targets, and from fits that stand at published parameters.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.figures.drawing import intervals, layout, style
from scaling_studies.verdicts.judge import OWN_REFIT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scaling_studies.figures.context import FigureContext

#: Symbols of quantities whose names mean the same in every law.
SYMBOLS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "eta": "η",
    "a_opt": "a (N* in compute)",
    "b_opt": "b (D* in compute)",
}
#: Characters in a line of a label.
LABEL_WIDTH = 36


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw values and intervals."""
    import pandas as pd

    context.only_options("quantities", "quantity_labels", "labels", "columns", "scale")
    fits = context.needs_fits()
    quantities = context.option("quantities") or list(context.fits[fits[0]]["parameters"])
    labels = SYMBOLS | (context.option("quantity_labels") or {})
    columns = int(context.option("columns") or layout.usual_columns(len(quantities)))
    figure, grid = layout.panel_grid(
        len(quantities),
        columns=columns,
        panel_height=0.6 + 0.3 * len(fits),
        share_x=False,
        share_y=True,
        first_height=0.9 + 0.3 * len(fits),
    )
    # Numbers at the ends of neighbouring axes stay apart.
    grid[0].figure.get_layout_engine().set(wspace=0.08)
    frame = []
    published_shown = False
    for quantity, axes in zip(quantities, grid, strict=True):
        lines = [estimates(context, fit, quantity) for fit in fits]
        if not any(np.isfinite(item.value) for line in lines for item in line):
            raise context.error(
                f"no fit of this figure has the quantity {quantity!r}",
                "use a parameter, derived quantity or statistic of the fits",
                "options.quantities",
            )
        axes.set_xscale(context.option("scale", "linear", ("linear", "log")))
        intervals.draw_estimates(axes, lines)
        if context.option("scale", "linear") == "linear":
            intervals.show_outliers(axes, lines)
        axes.tick_params(axis="y", labelsize=7.5)
        axes.set_title(str(labels.get(quantity, quantity)))
        published_shown |= any(item.published for line in lines for item in line)
        frame += [
            {
                "quantity": quantity,
                "fit": fit,
                "source": "published" if item.published else "refit",
                "value": item.value,
                "low": item.low,
                "high": item.high,
            }
            for fit, line in zip(fits, lines, strict=True)
            for item in line
        ]
    frame = pd.DataFrame(frame)
    if published_shown:
        known = bool(np.isfinite(frame[["low", "high"]].to_numpy(float)).any())
        intervals.key(figure, (style.BLUE, style.VERMILLION), intervals=known)
    return figure, frame


def estimates(context: FigureContext, fit: str, quantity: str) -> list[intervals.Estimate]:
    """Value of a fit with its interval, and the published value that the card has for it."""
    artefact = context.fits[fit]
    value = artefact["quantities"].get(quantity, np.nan)
    found = context.intervals.get(fit, {}).get("intervals", {}).get(quantity, {})
    low, high = (found.get(end) for end in ("low", "high"))
    label = textwrap.fill(context.fit_label(fit), LABEL_WIDTH)
    colour = style.VERMILLION if context.is_published(fit) else style.BLUE
    line = [
        intervals.Estimate(
            label,
            float(value if value is not None else np.nan),
            np.nan if low is None else float(low),
            np.nan if high is None else float(high),
            context.is_published(fit),
            colour,
        )
    ]
    for target in context.card.get("fits", {}).get(fit, {}).get("targets", ()):
        ours = target.get("confirmation") == OWN_REFIT
        if quantity in (target["quantity"], target.get("ours")) and not ours:
            error = 1.96 * target.get("standard_error", np.nan)
            printed = float(target["value"])
            line.append(
                intervals.Estimate(
                    label, printed, printed - error, printed + error, True, style.VERMILLION
                )
            )
    return line
