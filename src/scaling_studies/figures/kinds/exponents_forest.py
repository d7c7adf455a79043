"""Exponents of all studies with intervals, published against refit.

Quantities that the same laws have stand side by side; the others follow below. Options:
``quantities`` (which, in order; those that at least two fits have when absent),
``quantity_labels``, ``studies``. Laws are called as their cards call them (``label``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from scaling_studies.cards import colours
from scaling_studies.cards.names import quantity_name
from scaling_studies.engine.uncertainty.bands import FEW
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import intervals, style

#: Question that a figure of this kind answers.
QUESTION = "Do studies find the same exponents?"

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
    **{f"eff_{bits}": f"parameters that count at {bits} bits" for bits in (1, 2, 3, 4, 8)},
}
MOST_SIDE_BY_SIDE = 3
ROW_HEIGHT = 0.25


def draw(context: FigureContext) -> Drawn:
    """Draw a panel for each quantity."""
    context.only_options("quantities", "quantity_labels", "studies")
    frame = context.of_studies("exponents")
    counts = frame["quantity"].value_counts()
    quantities = context.option("quantities") or [
        name for name in dict.fromkeys([*LABELS, *sorted(counts.index)]) if counts.get(name, 0) > 1
    ]
    frame = frame[frame["quantity"].isin(quantities)]
    if frame.empty:
        raise NothingToShowError("No two fits of this run share an exponent.")
    bands = _side_by_side(frame, quantities)
    called = [_names(context, frame, *band) for band in bands]
    heights = [0.55 + intervals.height_of([*names.values()], ROW_HEIGHT) for names in called]
    figure = style.new_figure(height=0.35 + sum(heights))
    stack = figure.subfigures(len(bands), 1, height_ratios=heights, squeeze=False)[:, 0]
    labels = LABELS | (context.option("quantity_labels") or {})
    for part, names, (_, group) in zip(stack, called, bands, strict=True):
        some = frame[frame["quantity"].isin(group)]
        rows = [row for item in some.to_dict("records") for row in _rows(context, item)]
        titles = {name: str(labels.get(name) or quantity_name(name).drawn) for name in group}
        intervals.draw_intervals(part, pd.DataFrame(rows), names, len(group), titles)
    intervals.key(stack[-1], (style.INK, style.INK))
    return figure, frame.drop(columns="name").reset_index(drop=True)


def _names(
    context: FigureContext, frame: pd.DataFrame, laws: list[tuple[str, str]], group: list[str]
) -> dict[tuple[str, str], str]:
    """Label of each law, with the degrees of freedom behind its intervals where few."""
    some = frame[frame["quantity"].isin(group)]
    alone = pd.Series([study for study, _ in laws]).value_counts() == 1
    few = {
        (row["study"], row["fit"]): f" ({row['freedom']:.0f}\N{NO-BREAK SPACE}df)"
        for row in some[some["freedom"] < FEW].to_dict("records")
    }
    return {
        law: context.law_name(*law, alone=bool(alone[law[0]])) + few.get(law, "") for law in laws
    }


def _side_by_side(
    frame: pd.DataFrame, quantities: list[str]
) -> list[tuple[list[tuple[str, str]], list[str]]]:
    """Laws, and the quantities that these have: a group shares its labels."""
    groups: list[tuple[list[tuple[str, str]], list[str]]] = []
    for quantity in quantities:
        rows = frame[frame["quantity"] == quantity]
        laws = list(zip(rows["study"], rows["fit"], strict=True))
        alike = (group for known, group in groups if set(known) == set(laws))
        home = next((group for group in alike if len(group) < MOST_SIDE_BY_SIDE), None)
        if home is not None:
            home.append(quantity)
        elif laws:
            groups.append((laws, [quantity]))
    return groups


def _rows(context: FigureContext, row: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Value of a law with its interval and, for a refit, what the paper prints for it."""
    study, fit, quantity = row["study"], row["fit"], row["quantity"]
    colour = colours.study_colour(study, context.cards.get(study))
    place = ((study, fit), quantity)
    source = "published" if row["source"] == "published" else "refit"
    interval = {"low": row["ci_low"], "high": row["ci_high"]}
    rows = [intervals.estimate(*place, row["value"], interval, source=source, colour=colour)]
    if source == "refit":
        rows += [
            intervals.estimate(
                *place, *intervals.printed(target), source="published", colour=colour
            )
            for target in context.printed(fit, quantity, study)
        ]
    return rows
