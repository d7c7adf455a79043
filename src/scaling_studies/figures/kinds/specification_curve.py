"""What every combination of choices makes of one quantity, and which choices lie where.

Options: ``of`` (study and fit as a list; those of most combinations when absent), ``quantity``,
``y_label``.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scaling_studies.cards.names import quantity_name
from scaling_studies.choices.summary import CURVES
from scaling_studies.choices.table import ALLOCATION, CHOICES
from scaling_studies.figures.claims import most_varied
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import layout, style

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "What do all choices together make of one answer?"
PAGE = "choices"
CURVE_HEIGHT, ROW_HEIGHT = 2.3, 0.155
#: Parts of the sorted combinations within which those of a choice are counted.
PARTS = 100
HEADINGS = dict(zip(CHOICES, (
    *("Estimator", "Objective", "Outliers", "Runs", "N counts", "Exponents", "Constants"),
), strict=True))  # fmt: skip
#: Options of several choices that differ in a group or a number only, and their words.
WORDS = {
    r"without the group of .*": "without one group of runs",
    r"(Approach \d), .*": r"\1",
    r"variable projection, .*": "variable projection",
    r"huber_log\(delta=(.*)\)": r"Huber loss of logs, δ = \1",
    r"squared_log": "squares of logs",
    r"every": "all",
    r"as the card": "as the study fits it",
}
FIRST = ("minimisation", "all", "as the study fits it")


def draw(context: FigureContext) -> Drawn:
    """Draw the sorted answers, and below them a strip for each choice."""
    context.only_options("of", "quantity", "y_label")
    quantity = context.option("quantity", CURVES[0], CURVES)
    summary = most_varied(context.needs_frame("choices"), quantity)
    first = [*zip(summary["study"], summary["fit"], strict=True), ("", "")][0]
    study, fit = context.option("of", first)
    summary = _of_fit(summary, study, fit)
    each = _of_fit(context.needs_frame("universes"), study, fit)
    rows = each[each["quantity"] == quantity]
    published = rows["estimator"] == "published"
    rows, given = rows[~published].reset_index(drop=True), rows[published]
    if len(rows) < 2:
        raise NothingToShowError("In this run the choices of this study were not varied.")
    strips = _strips(rows)
    figure = style.new_figure(height=CURVE_HEIGHT + ROW_HEIGHT * len(strips))
    heights = [CURVE_HEIGHT - 0.5, ROW_HEIGHT * len(strips)]
    curve, below = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    _draw_curve(context, curve, rows, given, summary)
    at = (
        f", at {style.power_of_ten(rows['at_flops'].iloc[0])} FLOP"
        if quantity in ALLOCATION
        else ""
    )
    curve.set_title(context.law_name(study, fit, alone=True) + at)
    curve.set_ylabel(str(context.option("y_label") or quantity_name(quantity).plain))
    if quantity in ALLOCATION:
        style.log_axis(curve.yaxis, quantity)
    _draw_strips(below, strips, len(rows))
    return figure, pd.concat([rows, given], ignore_index=True)


def _of_fit(frame: pd.DataFrame, study: str, fit: str) -> pd.DataFrame:
    return frame[(frame["study"] == study) & (frame["fit"] == fit)]


def _draw_curve(
    context: FigureContext,
    axes: Axes,
    rows: pd.DataFrame,
    given: pd.DataFrame,
    summary: pd.DataFrame,
) -> None:
    keys: dict[str, Line2D | Patch] = {}
    line: style.Look = {"color": style.BLUE, "linewidth": 1.8}
    axes.plot(rows.index + 0.5, rows["value"], **line)
    keys["each combination, lowest first"] = Line2D([], [], **line)
    for low, high in summary[["sampling_low", "sampling_high"]].to_numpy():
        band: style.Look = {"color": style.BLUE, "alpha": style.BAND_ALPHA, "linewidth": 0}
        axes.axhspan(low, high, **band)
        keys["95 % by sampling of runs"] = Patch(**band)
    own = rows[rows["as_the_card"]]
    if len(own):
        dot: style.Look = {"marker": "o", "ms": 6, "color": style.INK, "linestyle": "none"}
        axes.plot(own.index + 0.5, own["value"], **dot, zorder=4)
        keys["as the study fits it"] = Line2D([], [], **dot)
    dashed: style.Look = {"color": style.VERMILLION, "linestyle": style.PUBLISHED_LINE, "lw": 1.3}
    for row in given.to_dict("records"):
        axes.axhline(row["value"], **dashed)
        keys["published"] = Line2D([], [], **dashed)
        fit = context.fit_entry(row["published_fit"], row["study"])
        name = (fit.label or fit.title) if fit else None
        at = 0.01, row["value"]
        style.note(
            axes, *at, name or "published", transform=axes.get_yaxis_transform(), va="bottom"
        )
    layout.add_legend(axes.figure, keys)


def _strips(rows: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Places of the combinations by choice and option, for choices that were made."""
    strips: dict[tuple[str, str], np.ndarray] = {}
    for choice, heading in HEADINGS.items():
        # Other estimators have objectives and outliers of their own.
        own = rows["estimator"].eq("minimisation") | (choice == "estimator")
        options = rows.loc[own & (rows[choice] != ""), choice].map(_said)
        names = sorted(options.unique(), key=_order)
        if len(names) > 1:
            found = {name: options.index[options == name].to_numpy() for name in ("", *names)}
            strips |= {(heading, name): places for name, places in found.items()}
    return strips


def _order(name: str) -> tuple[bool, list[tuple[str, float]]]:
    """What a study does first, then by words and numbers."""
    parts = re.findall(r"([^\d]*)([\d.]*)", name)
    return name not in FIRST, [(text, float(number or 0)) for text, number in parts]


def _said(option: str) -> str:
    for pattern, said in WORDS.items():
        option = re.sub(f"^{pattern}$", said, option)
    return option.replace("_", " ").replace("%", "\N{NO-BREAK SPACE}%")


def _draw_strips(axes: Axes, strips: dict[tuple[str, str], np.ndarray], count: int) -> None:
    """Draw where along the curve the combinations of each choice lie, each on its own scale."""
    ends = np.linspace(0, count, min(PARTS, count) + 1)
    for line, places in enumerate(strips.values()):
        if len(places):
            heights = np.histogram(places, ends)[0]
            top = line + 0.45 - 0.9 * heights / heights.max()
            axes.stairs(top, ends, baseline=line + 0.45, fill=True, color=style.BLUE, lw=0)
    names = [option or heading for heading, option in strips]
    axes.set_yticks(range(len(names)), names)
    for label, (_, option) in zip(axes.get_yticklabels(), strips, strict=True):
        label.set(fontweight="normal" if option else "bold", fontsize=7)
    axes.set(xlabel="Combinations of choices", xlim=(0, count), ylim=(len(names) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
