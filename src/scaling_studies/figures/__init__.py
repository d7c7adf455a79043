"""Figures: one module a kind, found by file name.

A kind is a module ``kinds/<kind>.py`` with a function ``draw(context)`` that returns a
Matplotlib figure and the frame of the plotted numbers. Cards
ask for kinds by name; there is no central list.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from scaling_studies import registry
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.figures.context import (
    Drawn,
    FigureContext,
    Inputs,
    NothingToShowError,
    load,
)
from scaling_studies.figures.drawing import heading, style, symbols
from scaling_studies.figures.save import save

LOG = logging.getLogger(__name__)

__all__ = ["FigureContext", "Inputs", "draw", "draw_all", "load", "save"]


def draw(context: FigureContext) -> Drawn:
    """Draw a figure with its heading.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, in the project's style.
    pandas.DataFrame
        The plotted numbers.

    Raises
    ------
    CardError
        Unknown kind, an option or placeholder that does not fit.
    """
    kind = context.entry.kind
    if kind not in registry.names("figures"):
        raise context.error(*registry.unknown("figures", kind), "kind")
    title, subtitle = context.title, context.subtitle
    with style.style(), warnings.catch_warnings():
        # Of seaborn's own calls of pandas.
        warnings.filterwarnings("ignore", "The copy keyword is deprecated", module="seaborn")
        try:
            figure, frame = registry.load("figures", kind)(context)
        except NothingToShowError as nothing:
            # The reason is what there is to see, and the one value in the table.
            figure, frame = style.new_figure(height=1.2), pd.DataFrame({"note": [str(nothing)]})
            style.say_empty(figure.add_subplot(), str(nothing))
        symbols.typeset_all(figure)
        style.space_ticks(figure)
        heading.add_heading(figure, title, subtitle)
    return figure, frame


def draw_all(
    study: str | None,
    entries: Mapping[str, FigureEntry],
    inputs: Inputs,
    images: Mapping[str, str | Path],
    *,
    cards: Mapping[str, StudyCard],
    provenance: Callable[[list[str]], dict[str, Any]],
) -> None:
    """Draw and write the figures of a study, or those over all studies.

    Parameters
    ----------
    study
        Study id; None for figures over all studies.
    entries
        Entry of each figure in the card, by name.
    inputs
        Artefacts they are drawn from.
    images
        Path of the SVG of each figure, by name; the other files lie beside it.
    cards
        Study cards by study.
    provenance
        Function of the paths that a figure was drawn from; returns its provenance.

    Raises
    ------
    ExceptionGroup
        Of one error for each figure that cannot be drawn, after all were tried: each names study
        and figure.
    """
    problems: list[ScalingStudiesError] = []
    for name, entry in entries.items():
        try:
            context = load(study, name, entry, inputs, cards)
            if context.claim_holds is False:
                LOG.warning(
                    "%s: the title of %s does not hold: %s",
                    study or "comparisons",
                    name,
                    entry.claim,
                )
            figure, frame = draw(context)
            meta = context.meta(provenance(context.inputs))
            save(figure, frame, meta, Path(images[name]).with_suffix(""))
        except ScalingStudiesError as error:
            problems.append(error)
        except Exception as error:  # One figure's fault must not hide what is wrong with others.
            fault = ScalingStudiesError(
                f"internal error, {type(error).__name__}: {error}",
                study=study,
                key=f"figures.{name}",
            )
            fault.__cause__ = error
            problems.append(fault)
    if problems:
        raise ExceptionGroup("figures that cannot be drawn", problems)
