"""Profile of a parameter, usually the asymptote E: how well the rows determine it.

Reads the ``profile`` of each fit, the fields of `engine.uncertainty.profile.ProfileInterval`:
``name``, ``estimate``, ``low``, ``high``, ``level``, ``low_open``, ``high_open``, ``values``,
``deviance``, ``message``. Options: ``labels``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import heading, layout, marks, style
from scaling_studies.figures.drawing.axes import UNITS, quantity_label, response_unit

#: Question that a figure of this kind answers.
QUESTION = "How well do the runs determine the irreducible loss?"

#: Height of the axis in critical values: beyond, the profile says no more.
HEIGHT = 2.5
#: Size of what is written into a panel, points.
NOTE_SIZE = 7.5


def draw(context: FigureContext) -> Drawn:
    """Draw a panel for each fit."""
    context.only_options("labels")
    fits = context.needs_fits()
    figure, panels = layout.panel_grid(len(fits), share_x=False, share_y=True)
    columns = layout.usual_columns(len(fits))
    frames = [pd.DataFrame(columns=["fit", "parameter", "value", "deviance"])]
    for fit, axes in zip(fits, panels, strict=True):
        axes.set_title(layout.wrapped_title(context.fit_label(fit), columns))
        profile = context.fits[fit].profile
        # Without a degree of freedom no deviance bounds anything, and none is drawn.
        if profile and profile["critical"] is not None:
            label = _label(context, fit, profile["name"])
            axes.set_xlabel(layout.wrapped_label(label, columns))
            table = _panel(axes, profile, marks.law_style(context, fit)[0], columns)
            table.insert(0, "fit", fit)
            frames.append(table)
        else:
            style.say_empty(axes, "no profile was computed\nfor this fit")
    profiles = [context.fits[fit].profile or {} for fit in fits]
    highest = max((float(profile.get("critical") or 0.0) for profile in profiles), default=0.0)
    if highest:
        panels[0].set_ylim(0, HEIGHT * highest)
    panels[0].set_ylabel("Deviance\n(twice the log-likelihood ratio)")
    return figure, pd.concat(frames[1:] or frames)


def _label(context: FigureContext, fit: str, name: str) -> str:
    if name != "E":
        return quantity_label(context, name, fit)
    words = UNITS.get(response_unit(context, fit) or "", "")
    return f"Irreducible loss {name}" + (f" ({words})" if words else "")


def _panel(axes: Axes, profile: dict[str, Any], colour: Any, columns: int) -> pd.DataFrame:
    name, level = str(profile["name"]), float(profile["level"])
    critical = float(profile["critical"])
    values, deviance = (np.array(profile[key], float) for key in ("values", "deviance"))
    axes.plot(values, deviance, linestyle="none", marker="o", markersize=3, color=colour)
    grid, curve = _smooth(profile, values, deviance, critical)
    axes.plot(grid, curve, color=colour)
    axes.axhline(critical, color=style.MUTED, linestyle=(0, (2, 2)), linewidth=0.8)
    inside = curve <= critical * (1 + 1e-9)
    axes.fill_between(
        grid, 0, curve, where=inside, color=colour, alpha=style.BAND_ALPHA, linewidth=0
    )
    axes.plot([profile["estimate"]], [0.0], marker="o", color=colour, clip_on=False, zorder=4)
    percent = f"{100 * level:.0f} %"
    axes.annotate(
        percent,
        (0.5, critical),
        xycoords=("axes fraction", "data"),
        ha="center",
        va="bottom",
        color=style.MUTED,
        fontsize=8,
    )
    if profile.get("low_open") or profile.get("high_open"):
        both = profile.get("low_open") and profile.get("high_open")
        side = "" if both else " below" if profile.get("low_open") else " above"
        room = 0.9 * (style.FULL_WIDTH - 0.9) / columns - 0.2
        text = "\n".join(heading.wrap(f"{name} is not bounded{side} by the runs", room, NOTE_SIZE))
        ink = style.text_colour(style.VERMILLION)
        style.note(axes, 0.03, 0.97, text, fontsize=NOTE_SIZE, color=ink)
    shown = grid[curve <= HEIGHT * critical]
    margin = 0.05 * (np.ptp(shown) or abs(float(profile["estimate"])) or 1.0)
    axes.set_xlim(shown.min() - margin, shown.max() + margin)
    return pd.DataFrame({"parameter": name, "value": values, "deviance": deviance})


def _smooth(
    profile: dict[str, Any], values: np.ndarray, deviance: np.ndarray, critical: float
) -> tuple[np.ndarray, np.ndarray]:
    """Deviance between the computed values.

    The signed root of the deviance is close to linear in the parameter, so it is what is
    interpolated; the ends of the interval are points of it too.
    """
    estimate = float(profile["estimate"])
    ends = [
        float(profile[side])
        for side in ("low", "high")
        if not profile.get(f"{side}_open") and profile.get(side) is not None
    ]
    known = np.concatenate([values, ends])
    heights = np.concatenate([deviance, np.full(len(ends), critical)])
    known, first = np.unique(known, return_index=True)
    roots = np.sign(known - estimate) * np.sqrt(heights[first])
    grid = np.union1d(np.linspace(known[0], known[-1], 200), known)
    return grid, np.interp(grid, known, roots) ** 2
