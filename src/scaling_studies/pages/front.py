"""The front page: the planner, every law with its three marks, and what they say together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.names import by_topic, display_name, in_order
from scaling_studies.laws import get_law
from scaling_studies.pages import wording
from scaling_studies.pages.formulas import GREEK, formula
from scaling_studies.pages.planner import planner_view
from scaling_studies.pages.render import provenance_of, rendered
from scaling_studies.pages.tables import Row
from scaling_studies.verdicts.counts import laws_sentence, refits_sentence

#: Findings of the front page.
MOST_FINDINGS = 4
#: Answer of a measured mark -> sign and word.
MARKS = {"yes": ("✓", "yes"), "partly": ("≈", "in part"), "no": ("✗", "no")}
NOT_MEASURED = ("–", "not measured")
GREEK_NAMES = re.compile(rf"\b({'|'.join(GREEK)})(?![a-z])")


def render_index(
    cards: Mapping[str, StudyCard],
    verdicts: Sequence[Row],
    laws: Sequence[Row],
    fits: Iterable[Row],
    comparisons: Sequence[Mapping[str, Any]] = (),
    *,
    allocation: Sequence[Row] = (),
    trade_offs: Sequence[Row] = (),
    coverage: Sequence[Row] = (),
    optima: Sequence[Row] = (),
    skipped: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    has_claims: bool = False,
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the first page of the report.

    Parameters
    ----------
    cards
        Study cards by study.
    verdicts, laws, fits
        Rows of the tables over all studies.
    comparisons
        Descriptions of figures over all studies; those marked `key` are the findings.
    allocation, trade_offs, coverage, optima
        Rows of the tables of compute-optimal allocations, of laws in one form, of the coverage of
        intervals and of laws of the best size alone; the planner reads them off.
    skipped
        Reason by study that was not run; a study whose card is refused is in `cards` not at all.
    about
        Commit, date, version, licence, title, authors, year and documents, as far as known.
    has_claims
        Whether there is a page of claims.
    provenance
        Record of the verdict table.
    """
    skipped = dict(skipped or {})
    keys = [figure for figure in comparisons if figure.get("key")]
    unknown = dict.fromkeys(
        ("commit", "date", "version", "licence", "title", "authors", "year", "documents")
    )
    return rendered(
        "index.html.j2",
        root="..",
        here="index",
        has_claims=has_claims,
        planner=planner_view(allocation, cards, trade_offs, coverage, optima)
        if allocation
        else None,
        answer=laws_sentence(laws),
        numbers=refits_sentence(verdicts, len(cards)),
        topics=_topics(cards, laws, skipped),
        findings=(keys or list(comparisons))[:MOST_FINDINGS],
        run_count=len(cards.keys() - skipped.keys()),
        fit_count=len({(row["study"], row["fit"]) for row in fits}),
        names={study: display_name(card) for study, card in cards.items()},
        skipped=skipped,
        about=unknown | dict(about or {}),
        provenance=provenance_of([(provenance["rule"], provenance)] if provenance else []),
    )


def _topics(
    cards: Mapping[str, StudyCard], laws: Sequence[Row], skipped: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Cards of laws by the words of their topic."""
    found: dict[str, list[dict[str, Any]]] = {}
    for topic, some in by_topic(in_order(cards)).items():
        entries: list[dict[str, Any]] = []
        for card in some:
            own = [law for law in laws if law["study"] == card.study]
            if card.study in skipped or not own:
                entries.append(_without_law(card, topic, skipped.get(card.study)))
            else:
                entries += [_law(card, law, topic) for law in own]
        found[topic] = entries
    return found


def _law(card: StudyCard, law: Row, topic: str) -> dict[str, Any]:
    text = get_law(law["law"]).formula
    sign, spoken = wording.LAW_VERDICTS[law["verdict"]]
    chosen, predicted = (
        MARKS.get(law[column] or "", NOT_MEASURED) for column in ("stands_choices", "extrapolates")
    )
    return {
        "study": card.study,
        "name": law["name"],
        "by": display_name(card),
        "formula": formula(text),
        "sentence": law["sentence"],
        "marks": [
            (sign, "comes back", spoken),
            (chosen[0], "stands other choices", chosen[1]),
            (predicted[0], "extrapolates", predicted[1]),
        ],
        "words": _words(card, topic, law["name"], text),
        "skipped": False,
    }


def _without_law(card: StudyCard, topic: str, reason: str | None) -> dict[str, Any]:
    """Card of a study without a law of its own, or of one that was not run."""
    return {
        "study": card.study,
        "name": display_name(card),
        "by": "",
        "formula": "",
        "sentence": f"Not run: {reason}" if reason else card.question,
        "marks": [],
        "words": _words(card, topic, card.title, ""),
        "skipped": bool(reason),
    }


def _words(card: StudyCard, topic: str, name: str, text: str) -> str:
    """What the search looks through, in lower case, each word once."""
    formulas = f"{text} {GREEK_NAMES.sub(lambda found: GREEK[found[1]], text)}"
    everything = " ".join(
        [
            name, card.title, card.name or "", card.short_name, *card.aliases, topic, card.study,
            card.citation.authors, card.citation.title, card.question, formulas,
        ]
    )  # fmt: skip
    return " ".join(dict.fromkeys(everything.lower().split()))
