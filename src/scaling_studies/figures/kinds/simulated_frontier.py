"""Best size over compute when models of given sizes are trained on paper under a law.

One panel for each fit. For each of its quantities of kind `frontier_exponent`: the best sizes, as
that study would count them, and the power law fitted through them. Options: ``quantities`` (all
when absent), ``quantity_labels``, ``labels``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scaling_studies.engine.allocation.simulated_frontier import frontier, frontier_exponent
from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import layout, style
from scaling_studies.laws import get_law

#: Question that a figure of this kind answers.
QUESTION = "What exponent would such runs show?"

COLOURS = (style.BLUE, style.VERMILLION, style.GREEN)


def draw(context: FigureContext) -> Drawn:
    """Draw frontiers and their power laws."""
    context.only_options("quantities", "quantity_labels", "labels")
    fits = context.needs_fits()
    figure, grid = layout.panel_grid(len(fits), share_x=True, share_y=True, first_height=3.4)
    frames = []
    for fit, axes in zip(fits, grid, strict=True):
        frames += _panel(context, axes, fit)
        axes.set_title(context.fit_label(fit))
        axes.set_xlabel("Training compute C = 6ND, as counted (FLOP)")
        style.log_axis(axes.xaxis, "flops")
        style.log_axis(axes.yaxis, "params")
        axes.legend(loc="upper left", fontsize=7)
    grid[0].set_ylabel("Best size N*, as counted")
    return figure, pd.concat(frames, ignore_index=True)


def _panel(context: FigureContext, axes: Axes, fit: str) -> list[pd.DataFrame]:
    law, parameters = get_law(context.fits[fit].law), context.fits[fit].parameters
    frames = []
    for colour, (name, settings) in zip(COLOURS, _wanted(context, fit).items(), strict=False):
        flops, params = frontier(law, parameters, settings)
        exponent = frontier_exponent(law, parameters, settings)
        line = np.exp(np.log(params).mean() + exponent * (np.log(flops) - np.log(flops).mean()))
        labels = context.option("quantity_labels") or {}
        label = f"{labels.get(name, name.replace('_', ' '))}, exponent {exponent:.3f}"
        axes.plot(flops, params, "o", markersize=2.6, markeredgewidth=0, color=colour, alpha=0.6)
        axes.plot(flops, line, color=colour, label=label)
        frames.append(
            pd.DataFrame(
                {
                    "fit": fit,
                    "quantity": name,
                    "flops": flops,
                    "params": params,
                    "power_law": line,
                }
            )
        )
    return frames


def _wanted(context: FigureContext, fit: str) -> dict[str, dict[str, Any]]:
    entry = context.fit_entry(fit)
    known = {
        name: quantity.frontier_exponent.as_dict()
        for name, quantity in (entry.quantities if entry else {}).items()
        if quantity.frontier_exponent is not None
    }
    names = context.option("quantities") or list(known)
    missing = [name for name in names if name not in known]
    if missing or not known:
        raise context.error(
            f"fit {fit} has no quantity {(missing or ['of this kind'])[0]!r} of a frontier",
            "name quantities with `frontier_exponent`",
            "options.quantities",
        )
    return {name: known[name] for name in names[: len(COLOURS)]}
