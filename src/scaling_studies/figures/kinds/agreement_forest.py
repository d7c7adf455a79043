"""Estimates that may be compared, a panel for each meaning of N, with their random-effects mean.

Options: ``quantity`` (``a_opt`` when absent).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from scaling_studies.cards import colours
from scaling_studies.cards.names import quantity_name
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import intervals, style

#: Question that a figure of this kind answers, and the page that it stands on.
QUESTION = "Do studies agree where N counts the same?"
PAGE = "agreement"
MEAN, NEW = "mean of these", "one more study"
AS_PUBLISHED = "as published"
ROW_HEIGHT = 0.22


def draw(context: FigureContext) -> Drawn:
    """Draw the estimates that count, their mean, and where the next one may lie."""
    context.only_options("quantity")
    quantity = context.option("quantity", "a_opt")
    rows = context.of_studies("estimates")
    rows = rows[rows["counts"] & (rows["quantity"] == quantity)]
    pooled = context.needs_frame("agreement")
    pooled = pooled[(pooled["quantity"] == quantity) & pooled["mean"].notna()]
    if len(pooled) > 1:
        pooled = pooled[pooled["counted_as"] != AS_PUBLISHED]
    if pooled.empty:
        raise NothingToShowError("No three studies of this run have a comparable exponent.")
    panels = []
    for group in pooled.to_dict("records"):
        some = rows[rows["counted_as"] == group["counted_as"]]
        some = some[some["group_law"] == group["law"]]
        title = f"N {group['counted_as']}"
        panels.append((title, *_panel(context, some, group, title)))
    heights = [0.5 + intervals.height_of([*names.values()], ROW_HEIGHT) for _, _, names in panels]
    figure = style.new_figure(height=0.3 + sum(heights))
    stack = figure.subfigures(len(pooled), 1, height_ratios=heights, squeeze=False)[:, 0]
    tables = []
    for part, (title, frame, names) in zip(stack, panels, strict=True):
        intervals.draw_intervals(part, frame, names, 1, {title: title})
        tables.append(
            frame.rename(columns={"panel": "group"}).assign(line=frame["line"].map(names))
        )
    limits = [axes.get_xlim() for part in stack for axes in style.panels_of(part)]
    for part in stack:
        for axes in style.panels_of(part):
            axes.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
            # Names stand above their marks: nearer the mark before than the name behind.
            axes.axhline(len(axes.get_yticks()) - 2.72, color=style.FAINT, linewidth=0.8)
    style.panels_of(stack[-1])[-1].set_xlabel(quantity_name(quantity, {}).plain)
    frame = pd.concat(tables, ignore_index=True)
    published = bool((frame["source"] == "published").any())
    intervals.key(stack[-1], (style.INK, style.INK), published=published)
    columns = ["group", "line", "source", "value", "low", "high"]
    return figure, frame[columns]


def _panel(
    context: FigureContext, rows: pd.DataFrame, group: dict[Any, Any], title: str
) -> tuple[pd.DataFrame, dict[Any, str]]:
    """Rows of the panel and the names of its lines, summaries last."""
    drawn = [
        intervals.estimate(
            (row["study"], row["fit"]),
            title,
            row["value"],
            {"low": row["low"], "high": row["high"]},
            source=row["source"],
            colour=colours.study_colour(row["study"], context.cards.get(row["study"])),
        )
        for row in rows.to_dict("records")
    ]
    alone = rows["study"].value_counts() == 1
    names: dict[Any, str] = {
        (study, fit): context.law_name(study, fit, alone=bool(alone[study]))
        for study, fit in zip(rows["study"], rows["fit"], strict=True)
    }
    for name, low, high in ((MEAN, "low", "high"), (NEW, "new_low", "new_high")):
        ends = {"low": group[low], "high": group[high]}
        look: style.Look = {"source": "refit", "colour": style.INK}
        value = group["mean"] if name == MEAN else None
        drawn.append(intervals.estimate(name, title, value, ends, **look))
        names[name] = name
    return pd.DataFrame(drawn), names
