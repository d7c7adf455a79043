"""Verdicts as pages show them: rows of tables, counts, and the sentences that open a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.fits.uncertainty import intervals_path
from scaling_studies.pages.tables import Row
from scaling_studies.verdicts.counts import counted, is_back, is_tested


def with_intervals(verdicts: Iterable[Row], cards: Mapping[str, StudyCard]) -> list[Row]:
    """Verdicts with the path of the artefact that the interval of each is read from.

    Parameters
    ----------
    verdicts
        Rows of the verdict table.
    cards
        Cards by study.
    """
    found: list[Row] = []
    for row in verdicts:
        entry = cards[row["study"]].fits[row["judged_by"]]
        path = intervals_path(row["study"], row["judged_by"], resampled=entry.is_resampled)
        found.append({**row, "intervals": path})
    return found


def laws_and_numbers(verdicts: Iterable[Row], laws: Iterable[Row]) -> dict[str, int]:
    """How many laws of a study come back and how many were tested; the same of arithmetic."""
    tested = [law["verdict"] for law in laws if law["verdict"] != "cannot_be_tested"]
    sums = [row for row in counted(verdicts) if row["evidence"] == "arithmetic" and is_tested(row)]
    return {
        "laws": len(tested),
        "laws_back": tested.count("comes_back"),
        "arithmetic": len(sums),
        "arithmetic_back": sum(map(is_back, sums)),
    }


def study_answer(laws: Sequence[Row], forecast: str = "") -> list[Row]:
    """What opens a study's page: each law with its verdict and its sentence.

    Parameters
    ----------
    laws
        Rows of the table of laws.
    forecast
        Sentence on the forecast of own runs, which have no published law.
    """
    if forecast and all(law["verdict"] == "cannot_be_tested" for law in laws):
        return [{"verdict": None, "name": "", "sentence": forecast}]
    return list(laws)
