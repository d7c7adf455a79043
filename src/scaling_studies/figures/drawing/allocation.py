"""Compute-optimal sizes along training compute: shared by the two allocation figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from scaling_studies.cards import colours
from scaling_studies.comparisons.allocation import allocation
from scaling_studies.figures.claims import ALLOCATIONS, allocations
from scaling_studies.figures.context import Drawn, FigureContext, NothingToShowError
from scaling_studies.figures.drawing import marks, style
from scaling_studies.figures.drawing.labels import EndLabel, label_ends

#: Line styles of the laws of one study, none of them the dashes of published laws.
SAME_STUDY = ("-", (0, (1, 1)), (0, (1, 2.6)))


@dataclass(frozen=True)
class TrainedModel:
    """A model that was trained, as its paper prints it."""

    name: str
    params: float
    tokens: float
    #: Where its name stands: offset in points.
    name_at: tuple[float, float] = (-5.0, 4.0)

    @property
    def flops(self) -> float:
        """Training compute as 6ND."""
        return 6.0 * self.params * self.tokens


#: Sizes as printed: Hoffmann 2022 (Table 4, section 1), Rae 2021 (Table 1), Touvron 2023
#: (Tables 2 and 3), Grattafiori 2024 (Table 3 and section 3.2).
TRAINED_MODELS = (
    TrainedModel("Gopher", 280e9, 300e9),
    TrainedModel("Chinchilla", 70e9, 1.4e12),
    TrainedModel("Llama 65B", 65.2e9, 1.4e12, (4.0, -5.0)),
    TrainedModel("Llama 3 405B", 405e9, 15.6e12, (-4.0, 4.0)),
)
#: The frame ends this factor beyond the lines; wider bands run out of it.
ROOM = 10.0


def draw_allocation(context: FigureContext, column: str, label: str) -> Drawn:
    """Draw one column of the allocation over compute, a line with band for each law.

    Over several studies, published and refitted laws have a panel each.
    """
    context.only_options(
        *("fits", "studies", "laws", "flops_min", "flops_max", "models", "labels", "height")
    )
    frame = _rows(context)
    panels = [("", frame)]
    if context.study is None and len(set(frame["source"])) > 1:
        panels = [
            (title, frame[frame["source"] == source])
            for source, title in (("published", "Laws as published"), ("refit", "Laws refitted"))
        ]
    height = float(context.option("height", 3.9 if len(panels) == 1 else 6.0))
    figure = style.new_figure(height=height)
    grid = figure.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    ends = [
        _draw_panel(context, axes, rows, column, title)
        for axes, (title, rows) in zip(grid, panels, strict=True)
    ]
    for axes in grid:
        axes.set_xlim(frame["flops"].min(), frame["flops"].max())
        axes.set_ylim(*_frame_limits(frame, column))
        axes.set_ylabel(label)
        style.log_axis(axes.xaxis, "flops")
        style.log_axis(axes.yaxis, column.split("_opt")[0])
        if context.option("models", True):
            _mark_models(axes, column)
    as_counted = context.option("laws") == "best_sizes"
    grid[-1].set_xlabel(f"Training compute C (FLOP{'' if as_counted else ', 6ND'})")
    if len(panels) > 1:
        style.lay_out(figure)
    for axes, labels in zip(grid, ends, strict=True):
        label_ends(axes, labels)
    return figure, frame.reset_index(drop=True)


def _draw_panel(
    context: FigureContext, axes: Axes, frame: pd.DataFrame, column: str, title: str
) -> list[EndLabel]:
    """Draw the laws of a panel; return the labels of their ends."""
    axes.set(title=title, xscale="log", yscale="log")
    ends = []
    laws = list(_laws(context, frame))
    shown: dict[str, int] = {}
    for key, rows, colour in laws:
        rows = rows.sort_values("flops")
        several = sum(other[::2] == key[::2] for other, _, _ in laws) > 1
        # Laws of one study share its colour; dashes are for published laws.
        place = shown[key[0]] = shown.get(key[0], -1) + 1
        line: Any = SAME_STUDY[place % len(SAME_STUDY)] if context.study is None else "-"
        line = style.PUBLISHED_LINE if key[2] == "published" else line
        _draw_line(axes, rows, column, colour, line)
        last = rows.iloc[-1]
        ends.append(
            EndLabel(last["flops"], last[column], _law_label(context, key, several), colour)
        )
    return ends


def _frame_limits(frame: pd.DataFrame, column: str) -> tuple[float, float]:
    """Range of the value axis: all lines, and their bands as far as there is room."""
    low, high = frame[column].min(), frame[column].max()
    bands = [frame[f"{column}_{end}"] for end in ("low", "high")]
    return (
        max(np.nanmin([low, bands[0].min()]), low / ROOM) / 1.3,
        min(np.nanmax([high, bands[1].max()]), high * ROOM) * 1.3,
    )


def _rows(context: FigureContext) -> pd.DataFrame:
    laws = context.option("laws", ALLOCATIONS[0], ALLOCATIONS)
    if context.study is None:
        frame = allocations(context.needs_frame("allocation"), laws)
    else:
        frame = _of_fits(context)
    for name, column in (("studies", "study"), ("fits", "fit")):
        wanted = context.option(name)
        if wanted:
            frame = frame[frame[column].isin(wanted)]
    low, high = (
        float(context.option(f"flops_{end}", value)) for end, value in (("min", 0), ("max", 1e99))
    )
    frame = frame[frame["flops"].between(low * (1 - 1e-9), high * (1 + 1e-9))]
    if frame.empty:
        raise NothingToShowError("No law of this run has a compute-optimal allocation.")
    return frame


def _of_fits(context: FigureContext) -> pd.DataFrame:
    """Allocation of the fits of one study, from their parameters and resamples."""
    fits = context.needs_fits()
    no_points = pd.DataFrame({"role": [], "params": [], "tokens": []})
    return allocation(
        [context.fits[fit] for fit in fits],
        [context.points.get(fit, no_points) for fit in fits],
        [context.resamples.get(fit, pd.DataFrame()) for fit in fits],
    )


def _laws(context: FigureContext, frame: pd.DataFrame) -> Iterator[tuple[Any, pd.DataFrame, Any]]:
    keys = ["study", "fit", "source"]
    one_study = len(frame["study"].unique()) == 1
    groups: list[Any] = list(frame.groupby(keys, sort=True))
    refits = [key for key, _ in groups if key[2] != "published"]
    published = [key for key, _ in groups if key[2] == "published"]
    if context.fits:
        # Laws of one study have the colours that its other figures give them.
        shown = list(context.fits)
        published.sort(key=lambda key: shown.index(key[1]))
        refits.sort(key=lambda key: shown.index(key[1]))
    for key, rows in groups:
        study, _, source = key
        if not one_study:
            colour = colours.study_colour(study, context.cards.get(study))
        elif source == "published":
            colour = style.PUBLISHED_COLOURS[published.index(key) % len(style.PUBLISHED_COLOURS)]
        else:
            colour = style.REFIT_COLOURS[refits.index(key) % len(style.REFIT_COLOURS)]
        yield key, rows, colour


def _law_label(context: FigureContext, key: tuple[str, str, str], several: bool) -> str:
    """Study of a law, and its fit where the study has several of them."""
    study, fit, _ = key
    labels = context.option("labels") or {}
    for name in (f"{study}/{fit}", fit):
        if name in labels:
            return str(labels[name])
    if fit in context.fits:
        return context.fit_label(fit)
    return context.law_name(study, fit, alone=not several)


def _draw_line(axes: Axes, rows: pd.DataFrame, column: str, colour: Any, line_style: Any) -> None:
    x, y = rows["flops"].to_numpy(float), rows[column].to_numpy(float)
    low, high = (rows[f"{column}_{end}"].to_numpy(float) for end in ("low", "high"))
    outside = rows["extrapolated"].to_numpy(bool)
    starts = [0, *(i for i in range(1, len(x)) if outside[i] != outside[i - 1])]
    look = {"color": colour, "linestyle": line_style}
    for start, stop in zip(starts, [*starts[1:], len(x)], strict=True):
        # One point more than the piece, so that pieces meet.
        part = slice(start, min(stop + 1, len(x)))
        band = low[part], high[part]
        marks.law_piece(axes, x[part], y[part], band, beyond=bool(outside[start]), **look)
        if start:
            marks.law_end(axes, x[start], y[start], colour)


def _mark_models(axes: Axes, column: str) -> None:
    for model in TRAINED_MODELS:
        value = {
            "params_opt": model.params,
            "tokens_opt": model.tokens,
            "tokens_per_parameter": model.tokens / model.params,
        }[column]
        star: style.Look = {"marker": "*", "ms": 8, "color": style.INK, "mec": "white", "mew": 0.5}
        axes.plot([model.flops], [value], zorder=4, **star)
        axes.annotate(
            model.name,
            (model.flops, value),
            xytext=model.name_at,
            textcoords="offset points",
            ha="left" if model.name_at[0] > 0 else "right",
            va="bottom" if model.name_at[1] > 0 else "top",
            fontsize=7.5,
            color=style.INK,
            path_effects=[withStroke(linewidth=2.2, foreground="white", alpha=0.8)],
            zorder=4,
        )
