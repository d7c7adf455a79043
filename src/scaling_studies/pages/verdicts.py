"""Verdicts as pages show them: rows of tables, counts, and the sentence that opens a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scaling_studies.fits.shards import is_resampled
from scaling_studies.fits.uncertainty import intervals_path
from scaling_studies.pages import wording
from scaling_studies.pages.tables import Row
from scaling_studies.verdicts.judge import OWN_REFIT, VERDICTS


def with_intervals(verdicts: Iterable[Row], cards: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Verdicts with the path of the artefact that the interval of each is read from.

    Parameters
    ----------
    verdicts
        Rows of the verdict table.
    cards
        Cards by study.
    """
    return [
        {**verdict, "intervals": _intervals_of(cards[verdict["study"]]["fits"], verdict)}
        for verdict in verdicts
    ]


def _intervals_of(fits: Mapping[str, Mapping[str, Any]], verdict: Row) -> str:
    fit = verdict["fit"]
    for target in fits[fit].get("targets", []):
        if target["quantity"] == verdict["quantity"]:
            fit = target.get("compare_with", fit)
    return intervals_path(verdict["study"], fit, resampled=is_resampled(fits[fit]))


def counts(verdicts: Iterable[Row]) -> dict[str, int]:
    """How many numbers have each verdict, in the order of pages."""
    words = [row["verdict"] for row in verdicts]
    return {verdict: words.count(verdict) for verdict in VERDICTS}


def by_origin(verdicts: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Verdicts on published numbers, and on reference values of ours."""
    published = [row for row in verdicts if row["confirmation"] != OWN_REFIT]
    return published, [row for row in verdicts if row["confirmation"] == OWN_REFIT]


def study_answer(card: Mapping[str, Any], verdicts: Sequence[Row], forecast: str = "") -> str:
    """Sentence that opens a study's page."""
    if not verdicts and forecast:
        return forecast
    has_runs = card["tables"] or any("source_study" in fit for fit in card["fits"].values())
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
