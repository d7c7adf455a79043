"""What choices make of an exponent beside what sampling leaves open, a strip for each fit.

Options: ``quantity``, ``x_label``, ``studies``.
"""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scaling_studies.cards import colours
from scaling_studies.cards.names import quantity_name
from scaling_studies.choices.summary import CURVES
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import intervals, layout, style

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "How far do choices move each study, beside the sampling of its runs?"
PAGE = "choices"
ROW_HEIGHT = 0.34
#: Half the height of a strip; its curve is drawn through so many quantiles.
HALF, QUANTILES = 0.38, 101
DOT: style.Look = {"marker": "o", "ms": 5, "linestyle": "none", "zorder": 4}
HOLLOW: style.Look = {"marker": "D", "ms": 8, "mew": 1.2, "mfc": "none", "linestyle": "none"}


def draw(context: FigureContext) -> Drawn:
    """Draw the strips, highest exponent on top."""
    context.only_options("quantity", "x_label", "studies")
    quantity = context.option("quantity", CURVES[0], CURVES)
    summary, each = (
        frame[frame["quantity"] == quantity]
        for frame in map(context.of_studies, ("choices", "universes"))
    )
    summary = summary[summary["usable"] > 1].sort_values("estimate", ascending=False)
    if summary.empty:
        raise NothingToShowError("In this run no choices were varied of a law with this exponent.")
    several = summary["study"].value_counts()
    names = []
    figure = style.new_figure(height=0.8 + ROW_HEIGHT * len(summary))
    axes = figure.add_subplot()
    steps = np.linspace(0.0, 1.0, QUANTILES)
    for line, row in enumerate(summary.to_dict("records")):
        study, fit = row["study"], row["fit"]
        colour = colours.study_colour(study, context.cards.get(study))
        band = [row["sampling_low"], row["sampling_high"]]
        axes.fill_between(
            band, line - HALF, line + HALF, color=colour, alpha=style.BAND_ALPHA, lw=0
        )
        own = each[(each["study"] == study) & (each["fit"] == fit)]
        values = own.loc[own["estimator"] != "published", "value"].to_numpy(float)
        axes.plot(np.quantile(values, steps), line + HALF * (1.0 - 2.0 * steps), color=colour)
        axes.plot([row["estimate"]], [line], color=colour, **DOT)
        for target in context.printed(fit, quantity, study):
            axes.plot([intervals.printed(target)[0]], [line], mec=style.INK, zorder=5, **HOLLOW)
        names.append(context.law_name(study, fit, alone=bool(several[study] == 1)))
    axes.set_yticks(range(len(names)), names)
    label = str(context.option("x_label") or quantity_name(quantity).plain)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=label)
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    axes.grid(visible=False, axis="y")
    layout.add_legend(figure, {
        "combinations of choices, lowest at the foot": Line2D([], [], color=style.INK),
        "95 % by sampling of runs": Patch(color=style.INK, alpha=style.BAND_ALPHA, linewidth=0),
        "as the study fits it": Line2D([], [], color=style.INK, **DOT),
        "published": Line2D([], [], color=style.INK, mec=style.INK, **HOLLOW),
    })  # fmt: skip
    columns = ["study", "fit", "quantity", "usable", "estimate", "sampling_low", "sampling_high"]
    more = ["choices_low", "choices_high", "lowest", "highest", "inside"]
    return figure, summary[[*columns, *more]].reset_index(drop=True)
