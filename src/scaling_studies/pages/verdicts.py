"""Verdicts as pages show them: rows of tables, counts, and the sentence that opens a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scaling_studies.fits.shards import is_resampled
from scaling_studies.fits.uncertainty import intervals_path
from scaling_studies.pages import wording
from scaling_studies.pages.tables import records
from scaling_studies.verdicts.judge import OWN_REFIT

if TYPE_CHECKING:
    import pandas as pd

VERDICT_ORDER = tuple(wording.VERDICTS)
#: Digits of published numbers: all that anyone prints.
PUBLISHED_DIGITS = 9


def verdict_rows(
    verdicts: pd.DataFrame, cards: Mapping[str, Mapping[str, Any]], root: str
) -> list[dict[str, Any]]:
    """Verdicts as a page shows them, with the artefact each number is read from.

    Parameters
    ----------
    verdicts
        Verdict table.
    cards
        Cards by study, for titles.
    root
        Relative path from the page to the project's folder.
    """
    rows = []
    for record in records(verdicts):
        study, fit = record["study"], record["fit"]
        sign, words = wording.VERDICTS[record["verdict"]]
        rows.append(
            record
            | {
                "sign": sign,
                "words": words,
                "order": VERDICT_ORDER.index(record["verdict"]),
                "title": cards.get(study, {}).get("title", study),
                "artefact": f"{root}/results/fits/{study}/{fit}.json",
                "intervals": f"{root}/{_intervals_of(cards.get(study, {}), record)}",
                "published_text": wording.number(record["published"], PUBLISHED_DIGITS),
                "refit_text": wording.estimate_like(
                    record["refit"], record["published"], record["ci_low"], record["ci_high"]
                ),
            }
        )
    return rows


def _intervals_of(card: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    """Artefact that the interval of a verdict is read from."""
    fits, fit = card.get("fits", {}), verdict["fit"]
    for target in fits.get(fit, {}).get("targets", []):
        if target["quantity"] == verdict["quantity"]:
            fit = target.get("compare_with", fit)
    return intervals_path(verdict["study"], fit, resampled=is_resampled(fits.get(fit, {})))


def counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows have each verdict, in the order of pages."""
    found = dict.fromkeys(VERDICT_ORDER, 0)
    for row in rows:
        found[row["verdict"]] += 1
    return found


def by_origin(
    rows: Iterable[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Verdicts on published numbers, and on reference values of ours."""
    rows = list(rows)
    own = [row.get("confirmation") == OWN_REFIT for row in rows]
    return (
        [row for row, ours in zip(rows, own, strict=True) if not ours],
        [row for row, ours in zip(rows, own, strict=True) if ours],
    )


def study_answer(
    card: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    skipped: str | None,
    forecast: str = "",
) -> str:
    """Sentence that opens a study's page."""
    if skipped:
        return f"This study was not run: {skipped}"
    if forecast and not rows:
        return forecast
    has_runs = card["tables"] or any("source_study" in fit for fit in card["fits"].values())
    if has_runs and not rows:
        return "No published number is tested here."
    tested = [row for row in rows if row["verdict"] != "not_testable"]
    if not tested:
        return "The study prints constants without a run table: there is nothing to test them on."
    kinds = zip(by_origin(tested), ("published number", "reference value"), strict=True)
    tails = {"published number": " tested here", "reference value": " of our own"}
    return " ".join(
        wording.came_back(counts(some), noun, tails[noun]) for some, noun in kinds if some
    )
