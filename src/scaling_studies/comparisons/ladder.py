"""Ladders: what one choice after another does to a number, as the cards tell the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty

WORDS = ("study", "ladder", "fit", "quantity", "change", "source", "before_fit")
NUMBERS = ("value", "low", "high", "before")


def ladders(
    cards: Mapping[str, StudyCard], fits: Sequence[FitArtefact], intervals: Sequence[Uncertainty]
) -> pd.DataFrame:
    """Every step that the cards of some fits tell, and the foot of each ladder.

    Parameters
    ----------
    cards, fits, intervals
        See `comparisons`; of all fits that steps lead to and from.

    Returns
    -------
    pandas.DataFrame
        study, ladder (fit at its foot), place (0 at the foot), fit, quantity, change (empty at the
        foot), source, value with its interval (low, high), before_fit and before (value before the
        step).
    """
    known = {(item.study, item.fit): place for place, item in enumerate(fits)}

    def rung(study: str, fit: str, quantity: str) -> dict[str, Any]:
        artefact, uncertainty = fits[known[study, fit]], intervals[known[study, fit]]
        interval = uncertainty.intervals.get(quantity)
        low, high = (interval.ends if interval else None) or (np.nan, np.nan)
        value = artefact.quantities.get(quantity, np.nan)
        numbers = {"value": value, "low": low, "high": high}
        return {
            "study": study,
            "fit": fit,
            "quantity": quantity,
            "source": artefact.source,
        } | numbers

    rows = []
    for study, card in cards.items():
        for fit, step, foot, place in steps_of(card.fits):
            if (study, fit) not in known or (study, step[0]) not in known:
                continue
            before = rung(study, *step)
            if place == 1:
                rows.append(before | {"ladder": foot, "place": 0, "change": ""})
            entry = card.fits[fit].step
            assert entry is not None
            rows.append(
                rung(study, fit, entry.quantity)
                | {"ladder": foot, "place": place, "change": entry.change}
                | {"before_fit": step[0], "before": before["value"]}
            )
    frame = pd.DataFrame(rows, columns=[*WORDS, "place", *NUMBERS])
    frame = frame.fillna(dict.fromkeys(WORDS, ""))
    frame = frame.drop_duplicates(
        ["study", "ladder", "place", "fit", "quantity"], ignore_index=True
    )
    frame = frame.astype(
        dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64") | {"place": "int64"}
    )
    return frame.sort_values(["study", "ladder", "place"], kind="stable", ignore_index=True)


def steps_of(
    fits: Mapping[str, FitEntry],
) -> Iterator[tuple[str, tuple[str, str], str, int]]:
    """Fit, what its step leads from (fit and quantity), foot of its ladder, place on it."""
    for fit, entry in fits.items():
        if entry.step is None:
            continue
        source = (entry.step.from_ or fit, entry.step.before or entry.step.quantity)
        foot, place = fit, 0
        while (step := fits[foot].step) is not None:
            place += 1
            if step.from_ is None:
                break
            foot = step.from_
        yield fit, source, foot, place


def laddered(fits: Mapping[str, FitEntry]) -> set[str]:
    """Fits of a card that steps lead to or from."""
    return {name for fit, (source, _), _, _ in steps_of(fits) for name in (fit, source)}
