"""The page of one study: its answer first, what is known of it behind, and all numbers folded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import Citation, StudyCard
from scaling_studies.cards.names import NO_TOPIC, TOPICS, display_name
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Uncertainty
from scaling_studies.pages.box import box, called
from scaling_studies.pages.fits import fit_view
from scaling_studies.pages.forecasts import forecast_view
from scaling_studies.pages.render import citation_links, provenance_of, rendered
from scaling_studies.pages.tables import Row, held_out_rows, last_of_runs
from scaling_studies.pages.verdicts import study_answer, with_intervals
from scaling_studies.verdicts.counts import by_evidence

#: Bullets of what to know that stand before any table; the others are folded.
MOST_CAVEATS = 3
#: Columns of the table of published numbers that readers take away.
TAKEN = (
    "study", "fit", "quantity", "published", "refit", "ci_low", "ci_high", "verdict", "evidence",
    "role", "counted", "where_published",
)  # fmt: skip


def render_study(
    card: StudyCard,
    fits: Mapping[str, FitArtefact],
    points: Mapping[str, Sequence[Row]],
    intervals: Mapping[str, Uncertainty],
    verdicts: Sequence[Row],
    laws: Sequence[Row] = (),
    figures: Sequence[Mapping[str, Any]] = (),
    sources: Sequence[SourceRecord] = (),
    *,
    checks: Mapping[str, Any] | None = None,
    forecasts: Mapping[str, Sequence[Row]] | None = None,
    names: Mapping[str, str] | None = None,
    has_claims: bool = False,
) -> str:
    """Write the page of one study.

    Parameters
    ----------
    card
        The study's card.
    fits, intervals
        Artefacts by fit, and what is known of their uncertainty.
    points
        Points of the fits that have held-out rows.
    verdicts, laws
        Rows of the study's tables of verdicts and of laws.
    figures
        Descriptions of the study's figures, in the order of the page.
    sources
        Source records (`source.yaml`) of the folders that its tables come from.
    checks
        Findings of all checks of the study's fits; see `scaling_studies.checks.run.run`.
    forecasts
        Tables of a study whose card ranks or plans; see `pages.forecasts.forecast_view`.
    names
        Name by study, of those that its tables compare it with.
    has_claims
        Whether there is a page of claims.
    """
    study = card.study
    forecast = forecast_view(study, forecasts or {})
    held_out = held_out_rows(points)
    place = {fit: number for number, fit in enumerate(fits)}
    verdicts = [
        {**row, "called": _called(row, card, fits)}
        for row in sorted(verdicts, key=lambda row: place[row["fit"]])
    ]
    first = figures[0] if figures else None
    key = next((figure for figure in figures if figure.get("key")), first)
    return rendered(
        "study.html.j2",
        root="../..",
        home="..",
        here="study",
        has_claims=has_claims,
        card=card,
        name=display_name(card),
        topic=TOPICS[card.topic] if card.topic else NO_TOPIC,
        box=box(card, fits, verdicts, laws, held_out, checks),
        evidence=by_evidence(verdicts),
        answer=study_answer(laws, forecast["answer"]),
        caveats=card.notes[:MOST_CAVEATS],
        further_notes=card.notes[MOST_CAVEATS:],
        forecast=forecast,
        checks=checks,
        verdicts=with_intervals(verdicts, {study: card}),
        fits=[fit_view(card.fits[name], fit, intervals[name]) for name, fit in fits.items()],
        titles={name: fit.title for name, fit in fits.items()},
        study_names=names or {},
        held_out=last_of_runs(held_out),
        held_out_total=len(held_out),
        figures=([key] if key else []) + [figure for figure in figures if figure is not key],
        figure_base=f"../figures/{study}",
        sources=sources,
        links=citation_links(card.citation),
        downloads=_downloads(card, verdicts, laws),
        provenance=provenance_of((fit.fit, fit.provenance) for fit in fits.values()),
    )


def _called(row: Row, card: StudyCard, fits: Mapping[str, FitArtefact]) -> dict[str, Any]:
    fit = fits[row["fit"]]
    return called(row, card, fit.law, fit.quantity_descriptions)


def _downloads(
    card: StudyCard, verdicts: Sequence[Row], laws: Sequence[Row]
) -> list[tuple[str, str, str]]:
    """Words, file name and content as an address, of what is made for this page alone."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(TAKEN)
    writer.writerows([row.get(name) for name in TAKEN] for row in verdicts)
    numbers = {
        "laws": [dict(law) for law in laws],
        "numbers": [{name: row.get(name) for name in TAKEN} for row in verdicts],
    }
    text = json.dumps(numbers, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    made = [
        ("Numbers, CSV", f"{card.study}.csv", "text/csv", table.getvalue()),
        ("Numbers, JSON", f"{card.study}.json", "application/json", text),
        ("Citation, BibTeX", f"{card.study}.bib", "application/x-bibtex", bibtex(card)),
    ]
    return [
        (words, name, f"data:{kind};charset=utf-8,{quote(content)}")
        for words, name, kind, content in made
    ]


def bibtex(card: StudyCard) -> str:
    """The publication as an entry of BibTeX."""
    entry: Citation = card.citation
    fields = {
        "author": entry.authors.replace(", ", " and "),
        "title": f"{{{entry.title}}}",
        "year": str(entry.year),
        "eprint": entry.arxiv,
        "archivePrefix": "arXiv" if entry.arxiv else None,
        "doi": entry.doi,
        "url": entry.url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{{card.study},", *lines, "}", ""])
