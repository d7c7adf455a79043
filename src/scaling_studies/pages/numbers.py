"""The page of all laws, all published numbers and all studies, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.names import display_name
from scaling_studies.pages.box import called
from scaling_studies.pages.render import provenance_of, rendered
from scaling_studies.pages.tables import Row
from scaling_studies.pages.verdicts import laws_and_numbers, with_intervals
from scaling_studies.verdicts.counts import by_evidence, laws_sentence, refits_sentence


def render_numbers(
    cards: Mapping[str, StudyCard],
    verdicts: Sequence[Row],
    laws: Sequence[Row],
    fits: Iterable[Row],
    *,
    checks: Iterable[Mapping[str, Any]] = (),
    skipped: Mapping[str, str] | None = None,
    has_claims: bool = False,
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the page of all laws and published numbers.

    Parameters
    ----------
    cards
        Study cards by study.
    verdicts, laws, fits
        Rows of the tables over all studies.
    checks
        Findings of all checks, one record a study; see `scaling_studies.checks.run.run`.
    skipped
        Reason by study that was not run.
    has_claims
        Whether there is a page of claims.
    provenance
        Record of the verdict table.
    """
    fit_ids = {(row["study"], row["fit"]) for row in fits}
    studies = [
        {
            "card": card,
            "fits": sum(name == study for name, _ in fit_ids),
            "counts": laws_and_numbers(
                [row for row in verdicts if row["study"] == study],
                [law for law in laws if law["study"] == study],
            ),
        }
        for study, card in cards.items()
    ]
    return rendered(
        "numbers.html.j2",
        root="..",
        here="numbers",
        has_claims=has_claims,
        answer=laws_sentence(laws),
        numbers=refits_sentence(verdicts, len(cards)),
        evidence=by_evidence(verdicts),
        laws=laws,
        verdicts=[
            {**row, **_named(row, cards[row["study"]])} for row in with_intervals(verdicts, cards)
        ],
        studies=studies,
        titles={study: display_name(card) for study, card in cards.items()},
        checked={record["study"]: record["counts"] for record in checks},
        skipped=dict(skipped or {}),
        provenance=provenance_of([(provenance["rule"], provenance)] if provenance else []),
    )


def _named(row: Row, card: StudyCard) -> dict[str, Any]:
    entry = card.fits[row["fit"]]
    said = {name: item.description for name, item in entry.quantities.items() if item.description}
    return {"called": called(row, card, entry.law, said), "fit_title": entry.title}
