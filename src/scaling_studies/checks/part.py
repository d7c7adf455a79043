"""What checks read of a study card, so that an edit of the rest of it judges nothing anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scaling_studies.cards.models.study import StudyCard

#: Words of a card's fit that no check reads.
PROSE = frozenset({"title", "label", "reading", "quantities", "headline", "not_compared"})


def checked_part(card: StudyCard, others: Mapping[str, StudyCard]) -> dict[str, Any]:
    """What checks read of a study card.

    Parameters
    ----------
    card
        A valid study card.
    others
        Cards by study, for fits that read the run table of another study.

    Returns
    -------
    dict
        ``tables`` (what was measured), ``source_tables`` (the same of other studies whose rows
        are fitted, by study) and ``fits`` (everything but prose).
    """
    sources = {fit.source_study for fit in card.fits.values() if fit.source_study}
    return {
        "tables": _measurements(card),
        "source_tables": {study: _measurements(others[study]) for study in sorted(sources)},
        "fits": {
            name: fit.given(*(set(type(fit).model_fields) - PROSE)).as_dict()
            for name, fit in card.fits.items()
        },
    }


def _measurements(card: StudyCard) -> dict[str, Any]:
    return {name: table.given("measurements").as_dict() for name, table in card.tables.items()}
