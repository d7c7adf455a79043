"""Verdicts as pages show them: rows of tables, counts, and the sentence that opens a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.fits.uncertainty import intervals_path
from scaling_studies.pages import wording
from scaling_studies.pages.tables import Row
from scaling_studies.verdicts.judge import OWN_REFIT, VERDICTS


def with_intervals(verdicts: Iterable[Row], cards: Mapping[str, StudyCard]) -> list[Row]:
    """Verdicts with the path of the artefact that the interval of each is read from."""
    return [
        {**verdict, "intervals": _intervals_of(cards[verdict["study"]].fits, verdict)}
        for verdict in verdicts
    ]


def _intervals_of(fits: Mapping[str, FitEntry], verdict: Row) -> str:
    fit = verdict["fit"]
    for target in fits[fit].targets:
        if target.quantity == verdict["quantity"]:
            fit = target.compare_with or fit
    return intervals_path(verdict["study"], fit, resampled=fits[fit].is_resampled)


def counts(verdicts: Iterable[Row]) -> dict[str, int]:
    """How many numbers have each verdict, in the order of pages."""
    words = [row["verdict"] for row in verdicts]
    return {verdict: words.count(verdict) for verdict in VERDICTS}


def by_origin(verdicts: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Verdicts on published numbers, and on reference values of ours."""
    published = [row for row in verdicts if row["confirmation"] != OWN_REFIT]
    return published, [row for row in verdicts if row["confirmation"] == OWN_REFIT]


def study_answer(card: StudyCard, verdicts: Sequence[Row], forecast: str = "") -> str:
    """Sentence that opens a study's page."""
    if not verdicts and forecast:
        return forecast
    has_runs = card.tables or any(fit.source_study for fit in card.fits.values())
    if not verdicts and has_runs:
        return "No published number is tested here."
    published, ours = by_origin([row for row in verdicts if row["verdict"] != "not_testable"])
    if not published and not ours:
        return "The study prints constants without a run table: there is nothing to test them on."
    sentences = []
    if published:
        sentences.append(wording.came_back(counts(published), "published number", " tested here"))
    if ours:
        sentences.append(wording.came_back(counts(ours), "reference value", " of our own"))
    return " ".join(sentences)
