"""What checks read of a study card, so that an edit of the rest of it judges nothing anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.models.table import TableEntry

#: What no check reads of a card's fit.
PROSE = frozenset({"title", "label", "reading", "held_out_comparison"})


@dataclass(frozen=True)
class CheckedPart:
    """What checks read of a study card.

    Attributes
    ----------
    fits
        Its fits, without prose.
    tables
        What was measured: by study, for itself and for those whose rows it fits, and by table.
    """

    fits: Mapping[str, FitEntry]
    tables: Mapping[str, Mapping[str, TableEntry]]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as a job gets them."""
        return {
            "fits": {name: fit.as_dict() for name, fit in self.fits.items()},
            "tables": {
                study: {name: table.as_dict() for name, table in tables.items()}
                for study, tables in self.tables.items()
            },
        }

    @classmethod
    def rebuilt(cls, values: Mapping[str, Any]) -> CheckedPart:
        """The part that `as_dict` wrote."""
        return cls(
            {name: FitEntry.rebuilt(fit) for name, fit in values["fits"].items()},
            {
                study: {name: TableEntry.rebuilt(table) for name, table in tables.items()}
                for study, tables in values["tables"].items()
            },
        )


def checked_part(card: StudyCard, others: Mapping[str, StudyCard]) -> CheckedPart:
    """What checks read of a study card.

    Parameters
    ----------
    card
        A valid study card.
    others
        Cards by study, for fits that read the run table of another study.
    """
    kept = set(FitEntry.model_fields) - PROSE
    sources = sorted({fit.source_study for fit in card.fits.values() if fit.source_study})
    cards = {card.study: card} | {study: others[study] for study in sources}
    return CheckedPart(
        {name: fit.given(*kept) for name, fit in card.fits.items()},
        {
            study: {name: table.given("measurements") for name, table in source.tables.items()}
            for study, source in cards.items()
        },
    )
