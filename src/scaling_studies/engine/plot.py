"""A fit as a figure: the curve of a law over one axis, else predicted against measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from scaling_studies.engine.result import Fit


def plot(fit: Fit) -> Figure:
    """Draw a fit; see `Fit.plot`."""
    figure = Figure(figsize=(6.5, 4.0), layout="constrained")
    axes = figure.add_subplot()
    measured = fit.problem.response
    numeric = [axis for axis in fit.law.axes if not axis.text]
    if len(fit.law.axes) == 1 and numeric:
        axis = numeric[0]
        x = fit.problem.axes[axis.name]
        ends = float(x.min()), float(x.max())
        line = np.geomspace(*ends, 200) if ends[0] > 0 else np.linspace(*ends, 200)
        axes.plot(line, fit.law.value(fit.parameters, {axis.name: line}), label=fit.law.name)
        axes.plot(x, measured, "o", markersize=4, label="rows")
        axes.set(xlabel=axis.name, ylabel=fit.law.response)
        if axis.positive:
            axes.set_xscale("log")
        axes.legend(frameon=False)
    else:
        fitted = fit.fitted()
        span = [min(fitted.min(), measured.min()), max(fitted.max(), measured.max())]
        axes.plot(span, span, color="0.6")
        axes.plot(measured, fitted, "o", markersize=4)
        axes.set(xlabel=f"{fit.law.response}, measured", ylabel=f"{fit.law.response}, fitted")
    axes.set_title(fit.law.title)
    return figure
