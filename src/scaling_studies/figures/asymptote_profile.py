"""Profile of a parameter, usually the asymptote E: how well the rows determine it.

Reads the ``profile`` of each fit: ``parameter``, ``values`` and ``objective`` (lowest objective
with the parameter held at each value), and where known ``low``, ``high`` and ``threshold`` (the
objective at the ends of the 95 % interval). Options: ``labels``, ``relative`` (true: objective over
its lowest value).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.figures import _marks, _panels, _style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scaling_studies.figures._context import FigureContext


def draw(context: FigureContext) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel for each fit."""
    import pandas as pd

    context.only_options("labels", "relative")
    fits = context.needs_fits()
    figure, panels = _panels.panel_grid(len(fits), share_x=False, share_y=False)
    frames = []
    for fit, axes in zip(fits, panels, strict=True):
        axes.set_title(context.fit_label(fit))
        profile = context.fits[fit].get("profile")
        if not profile:
            _style.say_empty(axes, "no profile was computed\nfor this fit")
            continue
        frames.append(_panel(context, axes, fit, profile))
    columns = ["fit", "parameter", "value", "objective"]
    return figure, pd.concat(frames) if frames else pd.DataFrame(columns=columns)


def _panel(context: FigureContext, axes: Axes, fit: str, profile: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    name = str(profile["parameter"])
    values = np.array(profile["values"], float)
    objective = np.array(profile["objective"], float)
    relative = bool(context.option("relative", True)) and np.nanmin(objective) > 0
    scale = np.nanmin(objective) if relative else 1.0
    colour, _ = _marks.law_style(context, fit)
    axes.plot(values, objective / scale, color=colour)
    best = int(np.nanargmin(objective))
    axes.plot([values[best]], [objective[best] / scale], marker="o", color=colour)
    threshold = profile.get("threshold")
    if threshold is not None:
        axes.axhline(threshold / scale, color=_style.MUTED, linestyle=(0, (2, 2)), linewidth=0.8)
    ends = [profile.get(end) for end in ("low", "high")]
    bottom = objective[best] / scale
    if None not in ends:
        axes.plot(ends, [bottom, bottom], color=colour, linewidth=4, alpha=0.3)
    elif "low" in profile or "high" in profile:
        side = "below" if ends[0] is None else "above"
        axes.text(
            0.03,
            0.97,
            f"{name} is not bounded {side} by the rows",
            transform=axes.transAxes,
            va="top",
            fontsize=7.5,
            color=_style.VERMILLION,
        )
    axes.set_xlabel(name)
    axes.set_ylabel("Objective / lowest objective" if relative else "Objective")
    return pd.DataFrame({"fit": fit, "parameter": name, "value": values, "objective": objective})
