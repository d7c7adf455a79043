"""Pages of the report: artefacts in, HTML out. A page computes no number; it counts and writes.

Every page is one file: stylesheet and script are written into it, figures lie beside it, and
nothing is fetched from a network. Templates escape everything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from scaling_studies import words
from scaling_studies.artefacts import files
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import Citation, StudyCard
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Uncertainty
from scaling_studies.pages import wording
from scaling_studies.pages.fits import fit_view
from scaling_studies.pages.forecasts import forecast_view
from scaling_studies.pages.planner import planner_view
from scaling_studies.pages.tables import Row, at_decades, held_out_rows, last_of_runs
from scaling_studies.pages.verdicts import (
    counts,
    laws_and_numbers,
    study_answer,
    with_intervals,
)
from scaling_studies.verdicts.counts import by_evidence, laws_sentence, refits_sentence

TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_compiled(),
    )
    environment.filters |= {
        "number": words.number,
        "percent": words.signed_percent,
        "count_of": words.count_of,
    }
    environment.globals |= {
        "interval": words.interval,
        "estimate": words.estimate,
        "estimate_like": words.estimate_like,
        "gravest": wording.gravest,
        "severities": wording.SEVERITIES,
        "verdict_signs": wording.VERDICTS,
        "law_signs": wording.LAW_VERDICTS,
        "evidence_words": wording.EVIDENCE,
        # Of the project itself, and part of the page as they are.
        "style": markupsafe.Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        "script": markupsafe.Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),
        "planner_script": markupsafe.Markup((TEMPLATES / "planner.js").read_text(encoding="utf-8")),
    }
    return environment


def _compiled() -> jinja2.BytecodeCache | None:
    """Compiled templates, which lie where Python keeps its own: compiling takes half of a page."""
    folder = Path(__file__).resolve().parent / "__pycache__"
    may_write = os.access(folder, os.W_OK)
    return jinja2.FileSystemBytecodeCache(str(folder)) if may_write else None


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
    """
    study = card.study
    forecast = forecast_view(study, forecasts or {})
    held_out = held_out_rows(points)
    place = {fit: number for number, fit in enumerate(fits)}
    verdicts = sorted(verdicts, key=lambda row: place[row["fit"]])
    first = figures[0] if figures else None
    key = next((figure for figure in figures if figure.get("key")), first)
    return rendered(
        "study.html.j2",
        root="../..",
        card=card,
        counts=counts(verdicts),
        answer=study_answer(laws, forecast["answer"]),
        forecast=forecast,
        checks=checks,
        verdicts=with_intervals(verdicts, {study: card}),
        fits=[fit_view(card.fits[name], fit, intervals[name]) for name, fit in fits.items()],
        held_out=last_of_runs(held_out),
        held_out_total=len(held_out),
        key_figure=key,
        figures=[figure for figure in figures if figure is not key],
        figure_base=f"../figures/{study}",
        sources=sources,
        links=citation_links(card.citation),
        provenance=provenance_of((fit.fit, fit.provenance) for fit in fits.values()),
    )


def render_index(
    cards: Mapping[str, StudyCard],
    verdicts: Sequence[Row],
    laws: Sequence[Row],
    fits: Iterable[Row],
    figures: Sequence[Mapping[str, Any]] = (),
    comparisons: Sequence[Mapping[str, Any]] = (),
    *,
    allocation: Sequence[Row] = (),
    checks: Iterable[Mapping[str, Any]] = (),
    skipped: Mapping[str, str] | None = None,
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
    figures
        Descriptions of figures of studies; those marked `key` are shown.
    comparisons
        Descriptions of figures over all studies; the verdict matrix comes first.
    allocation
        Rows of the table of compute-optimal allocations; the planner reads them off.
    checks
        Findings of all checks, one record a study; see `scaling_studies.checks.run.run`.
    has_claims
        Whether there is a page of claims.
    skipped
        Reason by study that was not run; a study whose card is refused is in `cards` not at all.
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
        "index.html.j2",
        root="..",
        planner=planner_view(allocation, cards) if allocation else None,
        answer=laws_sentence(laws),
        numbers=refits_sentence(verdicts, len(cards)),
        evidence=by_evidence(verdicts),
        laws=laws,
        studies=studies,
        checked={record["study"]: record["counts"] for record in checks},
        fit_count=len(fit_ids),
        run_count=len(cards.keys() - (skipped or {}).keys()),
        verdicts=with_intervals(verdicts, cards),
        matrix=[figure for figure in comparisons if figure["kind"] == "verdict_matrix"],
        comparisons=[figure for figure in comparisons if figure["kind"] != "verdict_matrix"],
        key_figures=[figure for figure in figures if figure.get("key")],
        titles={study: card.title for study, card in cards.items()},
        skipped=dict(skipped or {}),
        has_claims=has_claims,
        provenance=provenance_of([(provenance["rule"], provenance)] if provenance else []),
    )


def render_comparisons(
    exponents: Sequence[Row],
    allocation: Sequence[Row],
    held_out: Sequence[Row],
    figures: Sequence[Mapping[str, Any]] = (),
    studies: Mapping[str, str] | None = None,
    *,
    provenance: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Write the page that puts all studies on the same axes."""
    return rendered(
        "comparisons.html.j2",
        root="..",
        titles=dict(studies or {}),
        exponents=exponents,
        allocation=at_decades(allocation),
        held_out=last_of_runs(held_out),
        held_out_total=len(held_out),
        figures=[figure for figure in figures if figure["kind"] != "verdict_matrix"],
        provenance=provenance_of((record["rule"], record) for record in provenance),
    )


def write_page(path: str | Path, html: str) -> None:
    """Write a page whole or not at all."""
    files.write_bytes(path, html.encode())


def rendered(template: str, **values: Any) -> str:
    """A template with its values filled in."""
    return _environment().get_template(template).render(**values)


def citation_links(entry: Citation) -> list[tuple[str, str]]:
    """Words and address of each place where the publication is found; https only."""
    links = []
    if entry.arxiv:
        links.append((f"arXiv:{entry.arxiv}", f"https://arxiv.org/abs/{entry.arxiv}"))
    if entry.doi:
        links.append((f"doi:{entry.doi}", f"https://doi.org/{entry.doi}"))
    if entry.url and entry.url.startswith("https://"):
        links.append((entry.url.removeprefix("https://"), entry.url))
    return links


def provenance_of(records: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Gather inputs, code hashes, packages and seeds of several artefacts, each once."""
    merged: dict[str, Any] = {"inputs": {}, "code": {}, "packages": {}, "seeds": {}, "python": ""}
    for label, record in records:
        merged["inputs"] |= record["inputs"]
        merged["packages"] |= record["packages"]
        merged["python"] = record["python"]
        merged["code"][label] = record["code"]
        if record["seed"] is not None:
            merged["seeds"][label] = record["seed"]
    return merged
