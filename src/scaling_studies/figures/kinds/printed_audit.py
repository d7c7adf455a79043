"""What printed laws imply over what is printed: 1 where a paper's numbers follow from each other.

One panel for each quantity that has published values, one line for each fit; the bar is what the
printed inputs may have given before they were rounded, the band what the printed value may have
been. With ``one_panel`` (false) every published value has a line of its own, called by its
quantity's label. Options: ``quantities``,
``quantity_labels``, ``labels``, ``one_panel``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scaling_studies.figures.context import Drawn, FigureContext
from scaling_studies.figures.drawing import heading, style
from scaling_studies.verdicts.rounding import implied_range
from scaling_studies.words import number

#: Question that a figure of this kind answers.
QUESTION = "Do the printed numbers follow from each other?"

#: Size of the numbers beside the marks and of the names, distance of numbers from marks; points.
TEXT_SIZE = 7.0
NAME_SIZE = 8.0
TEXT_GAP = 6.0


def draw(context: FigureContext) -> Drawn:
    """Draw ratios of implied to printed values."""
    context.only_options("quantities", "quantity_labels", "labels", "one_panel")
    rows = [row for fit in context.needs_fits() for row in _rows(context, fit)]
    wanted = context.option("quantities") or list(dict.fromkeys(row["quantity"] for row in rows))
    frame = pd.DataFrame([row for row in rows if row["quantity"] in wanted])
    if frame.empty:
        raise context.error(
            "no fit of this figure has a published value for its quantities",
            "give the fits targets in the card",
            "fits",
        )
    labels = context.option("quantity_labels") or {}
    if context.option("one_panel"):
        return _one_panel(frame, labels), frame
    names = list(dict.fromkeys(frame["label"]))
    figure = style.new_figure(height=0.95 + 0.34 * len(names))
    panels = figure.subplots(1, len(wanted), sharey=True, squeeze=False)[0]
    for quantity, axes in zip(wanted, panels, strict=True):
        some = frame[frame["quantity"] == quantity]
        _panel(axes, some, names)
        axes.set_title(str(labels.get(quantity, _words(quantity))))
        axes.set_xlabel("Implied / printed")
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.6)
    return figure, frame


def _words(quantity: str) -> str:
    """A quantity's id as words; a letter is a symbol and stays as it is."""
    return quantity if len(quantity) == 1 else quantity.replace("_", " ").capitalize()


def _one_panel(frame: pd.DataFrame, labels: dict[str, str]) -> Figure:
    """A line for each published value, whatever it is."""
    called = [str(labels.get(name, _words(name))) for name in frame["quantity"]]
    # What several fits print is told apart by the fit.
    names = [
        f"{fit}: {name}" if called.count(name) > 1 else name
        for fit, name in zip(frame["label"], called, strict=True)
    ]
    rows = frame
    figure = style.new_figure(height=0.75 + 0.3 * len(names))
    axes = figure.subplots()
    for place, tolerance in enumerate(rows["tolerance"]):
        if np.isfinite(tolerance):
            axes.fill_betweenx(
                [place - 0.3, place + 0.3],
                1 - tolerance,
                1 + tolerance,
                color=style.GREEN,
                alpha=0.16,
                linewidth=0,
            )
    _panel(axes, rows.assign(label=range(len(rows))), list(range(len(rows))), band=False)
    label_width = max(heading.text_width(name, NAME_SIZE) for name in names)
    axes.set_xlim(*_limits(rows, style.FULL_WIDTH - label_width - 0.3))
    axes.set_xlabel("Implied / printed")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.6)
    return figure


def _limits(rows: pd.DataFrame, width: float) -> tuple[float, float]:
    """Limits of a panel of a width in inches that leave room for the numbers beside the marks."""
    ratios, tolerances = (rows[name].to_numpy(float) for name in ("ratio", "tolerance"))
    shares = np.array(
        [
            (heading.text_width(_numbers(row), TEXT_SIZE) + (TEXT_GAP + 6) / 72) / width
            for row in rows.to_dict("records")
        ]
    )
    bars = [*rows["low"], *rows["high"]]
    ends = [*ratios, *bars, *(1 - tolerances), *(1 + tolerances), 0.98, 1.02]
    inner = np.nanmin(ends), np.nanmax(ends)
    left = ratios < 1
    low, high = inner
    # The room that a text takes grows with the range, so limits move until all texts fit.
    for _ in range(50):
        room = shares * (high - low)
        low = min([inner[0], *(ratios - room)[left]])
        high = max([inner[1], *(ratios + room)[~left]])
    margin = 0.02 * (high - low)
    return low - margin, high + margin


def _numbers(row: Mapping[Any, Any]) -> str:
    """Implied and printed value.

    The implied one has a digit more than was printed, at least 3, and more where they look alike.
    """
    printed = f"{row['printed']:.9e}".split("e")[0].rstrip("0").replace(".", "").lstrip("-")
    digits = max(len(printed) + 1, 3)
    right = number(row["printed"], 9)
    texts = [number(row["implied"], count) for count in range(digits, max(digits, 5) + 1)]
    left = next((text for text in texts if text != right), right)
    return f"{left} / {right}"


def _panel(axes: Axes, rows: pd.DataFrame, names: list, *, band: bool = True) -> None:
    tolerance = rows["tolerance"].max()
    if band and np.isfinite(tolerance):
        axes.axvspan(1 - tolerance, 1 + tolerance, color=style.GREEN, alpha=0.13, linewidth=0)
    axes.axvline(1.0, color=style.INK, linewidth=0.8)
    for row in rows.to_dict("records"):
        place = names.index(row["label"])
        axes.plot([row["low"], row["high"]], [place] * 2, color=style.MUTED, linewidth=1.2)
        axes.plot(
            [row["ratio"]],
            [place],
            marker="o" if row["follows"] else "X",
            markersize=6,
            markeredgecolor="none",
            color=style.GREEN if row["follows"] else style.VERMILLION,
        )
        axes.annotate(
            _numbers(row),
            (row["ratio"], place),
            # Above the bar, which would strike the numbers through.
            xytext=(-TEXT_GAP if row["ratio"] < 1 else TEXT_GAP, 0.8),
            textcoords="offset points",
            ha="right" if row["ratio"] < 1 else "left",
            va="bottom",
            fontsize=TEXT_SIZE,
            color=style.MUTED,
        )
    farthest = (rows[["ratio", "low", "high"]] - 1).abs().to_numpy().max()
    reach = 2.0 * max(float(farthest), 0.1)
    axes.set_xlim(1 - reach, 1 + reach)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _rows(context: FigureContext, fit: str) -> list[dict[str, Any]]:
    artefact = context.fits[fit]
    found = []
    labels = context.option("labels") or {}
    label = str(labels.get(fit, artefact.title.partition(":")[0]))
    for target in context.printed(fit):
        ours, written, entry = target.name_here, target.printed, context.fit_entry(fit)
        if written is None or entry is None:
            continue
        implied, printed = artefact.quantities.get(ours), written.value
        if implied is None or printed == 0:
            continue
        low, high = implied_range(entry, ours) or (implied, implied)
        found.append(
            {
                "fit": fit,
                "label": label,
                "quantity": target.quantity,
                "printed": printed,
                "implied": float(implied),
                "ratio": float(implied) / printed,
                "tolerance": written.half_unit / abs(printed),
                "low": low / printed,
                "high": high / printed,
                "follows": written.holds(low, high),
            }
        )
    return found
