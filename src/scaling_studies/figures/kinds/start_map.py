"""Which starts of a search reach which optimum: why a single start is not enough.

Reads ``start_map`` of each fit's artefact (or of its evidence): ``parameters`` (two names),
``starts`` (pairs of values) and ``objectives`` (what was reached from each), with an optional
``method``. Options: ``labels``, ``within`` (relative distance to the best that counts as the
optimum, 1e-6).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import layout, style

#: Upper limits of (reached - best) / best, with marker, colour and words.
CLASSES = (
    (None, "o", style.BLUE, "the optimum"),
    (1e-3, "^", style.SKY, "within 0.1 %"),
    (1e-1, "s", style.ORANGE, "within 10 %"),
    (np.inf, "x", style.VERMILLION, "elsewhere"),
)


def draw(context: FigureContext) -> Drawn:
    """Draw a panel for each fit."""
    context.only_options("labels", "within")
    fits = context.needs_fits()
    figure, panels = layout.panel_grid(len(fits), share_x=False, share_y=False)
    frames: list[pd.DataFrame] = []
    handles: dict[str, Any] = {}
    for fit, axes in zip(fits, panels, strict=True):
        artefact = context.fits[fit]
        found = artefact.get("start_map") or (artefact.get("evidence") or {}).get("start_map")
        axes.set_title(context.fit_label(fit) if len(fits) > 1 else "")
        if not found:
            style.say_empty(axes, "single starts were not recorded for this fit")
            continue
        frames.append(_panel(context, axes, fit, found, handles))
    layout.add_legend(figure, handles)
    columns = ["fit", "start_x", "start_y", "objective", "reached"]
    return figure, pd.concat(frames) if frames else pd.DataFrame(columns=columns)


def _panel(
    context: FigureContext, axes: Axes, fit: str, found: dict[str, Any], handles: dict[str, Any]
) -> pd.DataFrame:
    names = found["parameters"]
    starts = np.array(found["starts"], float)
    reached = np.array(found["objectives"], float)
    best = min(float(np.nanmin(reached)), float(context.fits[fit]["objective_value"]))
    away = np.where(np.isfinite(reached), (reached - best) / abs(best), np.inf)
    words = np.full(len(reached), CLASSES[-1][3], dtype=object)
    floor = -np.inf
    for limit, marker, colour, text in CLASSES:
        upper = float(context.option("within", 1e-6)) if limit is None else limit
        mask = (away > floor) & (away <= upper)
        words[mask] = text
        if not mask.any():
            floor = upper
            continue
        label = f"{text} ({mask.mean():.0%} of starts)" if len(context.fits) == 1 else text
        (handles[label],) = axes.plot(
            starts[mask, 0],
            starts[mask, 1],
            linestyle="none",
            marker=marker,
            color=colour,
            markersize=4,
            alpha=0.85,
        )
        floor = upper
    values = context.fits[fit]["parameters"]
    if set(names) <= set(values):
        axes.plot(
            [values[names[0]]], [values[names[1]]], marker="*", markersize=11, color=style.INK,
            markeredgecolor="white",
        )  # fmt: skip
    axes.set_xlabel(f"Start of {names[0]}")
    axes.set_ylabel(f"Start of {names[1]}")
    return pd.DataFrame(
        {
            "fit": fit,
            "start_x": starts[:, 0],
            "start_y": starts[:, 1],
            "objective": reached,
            "reached": words,
        }
    )
