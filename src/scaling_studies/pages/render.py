"""Pages of the report: artefacts in, HTML out. A page computes no number; it counts and writes.

Every page is one file: stylesheet and script are written into it, figures lie beside it, and
nothing is fetched from a network. Templates escape everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts import files
from scaling_studies.pages import checks as check_pages
from scaling_studies.pages import forecasts as forecast_pages
from scaling_studies.pages import wording
from scaling_studies.pages.fits import fit_view
from scaling_studies.pages.tables import at_decades, held_out_rows, last_of_runs, listed, records
from scaling_studies.pages.verdicts import by_origin, counts, study_answer, verdict_rows

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": wording.number,
        "percent": wording.percent,
        "count_of": wording.count_of,
    }
    environment.globals |= {
        "interval": wording.interval,
        "estimate": wording.estimate,
        "verdict_signs": wording.VERDICTS,
        "style": _source("report.css"),
        "script": _source("report.js"),
    }
    return environment


def _source(name: str) -> Any:
    """Stylesheet or script of the project itself, which goes into the page as it is."""
    import markupsafe

    return markupsafe.Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def render_study(
    card: Mapping[str, Any],
    fits: Mapping[str, Mapping[str, Any]],
    points: Mapping[str, pd.DataFrame],
    intervals: Mapping[str, Mapping[str, Any]],
    verdicts: pd.DataFrame,
    figures: Sequence[Mapping[str, Any]] = (),
    sources: Sequence[Mapping[str, Any]] = (),
    *,
    checks: Mapping[str, Any] | None = None,
    skipped: str | None = None,
    studies: Mapping[str, str] | None = None,
    forecasts: Mapping[str, pd.DataFrame] | None = None,
) -> str:
    """Write the page of one study.

    Parameters
    ----------
    card
        The study's card.
    fits, points, intervals
        Artefacts by fit.
    verdicts
        Verdict table; rows of other studies are left out.
    figures
        Descriptions of the study's figures, in the order of the page.
    sources
        Source records (`source.yaml`) of the folders that its tables come from.
    checks
        Findings of all checks of the study's fits; see `scaling_studies.checks.run.run`.
    skipped
        Why the study was not run, for example because its upstream file is out of reach.
    studies
        Titles of other studies to link to, by id.
    forecasts
        Tables of a study whose card ranks or plans; see `pages.forecasts.forecast_view`.

    Returns
    -------
    str
        A whole HTML document.
    """
    study = card["study"]
    forecast = forecast_pages.forecast_view(study, forecasts or {})
    rows = verdict_rows(verdicts, {study: card}, root="../..")
    place = {name: number for number, name in enumerate(fits)}
    rows = sorted(
        (row for row in rows if row["study"] == study),
        key=lambda row: place.get(row["fit"], len(place)),
    )
    key, others = _split_key(figures)
    held_out = [row for name in fits for row in held_out_rows(name, points.get(name))]
    return _render(
        "study.html.j2",
        title=card["title"],
        root="../..",
        card=card,
        counts=counts(rows),
        answer=study_answer(card, rows, skipped, forecast["answer"]),
        forecast=forecast,
        checks=check_pages.checks_view(checks, fits),
        skipped=skipped,
        verdicts=rows,
        fits=[fit_view(card, fit, intervals.get(name, {})) for name, fit in fits.items()],
        held_out=listed(held_out),
        held_out_total=len(held_out),
        key_figure=key,
        figures=others,
        figure_base=f"../figures/{study}",
        sources=sources,
        citation=citation(card["citation"]),
        links=citation_links(card["citation"]),
        provenance=_provenance(fits.values()),
        commands=[f"snakemake results/fits/{study}/{name}.json" for name in fits]
        + [f"snakemake reports/studies/{study}.html"],
        related=[(name, title) for name, title in (studies or {}).items() if name != study],
    )


def render_index(
    cards: Mapping[str, Mapping[str, Any]],
    verdicts: pd.DataFrame,
    fits: pd.DataFrame,
    figures: Sequence[Mapping[str, Any]] = (),
    comparisons: Sequence[Mapping[str, Any]] = (),
    *,
    checks: Iterable[Mapping[str, Any]] = (),
    skipped: Mapping[str, str] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the first page of the report.

    Parameters
    ----------
    cards
        Study cards by study.
    verdicts, fits
        Tables over all studies.
    figures
        Descriptions of figures of studies; those marked `key` are shown.
    comparisons
        Descriptions of figures over all studies; the verdict matrix comes first.
    checks
        Findings of all checks, one record a study; see `scaling_studies.checks.run.run`.
    skipped
        Reason by study that was not run.
    provenance
        Record of the verdict table.

    Returns
    -------
    str
        A whole HTML document.
    """
    skipped = dict(skipped or {})
    rows = verdict_rows(verdicts, cards, root="..")
    published, reference = by_origin(rows)
    checked = {record["study"]: record["counts"] for record in checks}
    fit_ids = set(zip(fits["study"], fits["fit"], strict=True)) if len(fits) else set()
    by_study = [
        {
            "study": study,
            "title": card["title"],
            "question": card["question"],
            "year": card["citation"]["year"],
            "fits": sum(1 for name, _ in fit_ids if name == study),
            "counts": counts([row for row in published if row["study"] == study]),
            "reference": sum(row["study"] == study for row in reference),
            "checks": check_pages.count_view(checked.get(study)),
            "skipped": skipped.get(study),
        }
        for study, card in cards.items()
    ]
    matrix = [figure for figure in comparisons if figure["kind"] == "verdict_matrix"]
    heads = [figure for figure in comparisons if figure["kind"] != "verdict_matrix"]
    return _render(
        "index.html.j2",
        title="Scaling Studies",
        root="..",
        counts=counts(published),
        total=len(published),
        reference=counts(reference),
        reference_total=len(reference),
        studies=by_study,
        run=len(by_study) - len(skipped),
        fit_count=len(fit_ids),
        verdicts=rows,
        matrix=matrix,
        comparisons=heads,
        key_figures=[figure for figure in figures if figure.get("key")],
        skipped=skipped,
        provenance=_provenance([{"provenance": provenance}] if provenance else []),
    )


def render_comparisons(
    exponents: pd.DataFrame,
    allocation: pd.DataFrame,
    held_out: pd.DataFrame,
    figures: Sequence[Mapping[str, Any]] = (),
    studies: Mapping[str, str] | None = None,
    *,
    provenance: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the page that puts all studies on the same axes.

    Parameters
    ----------
    exponents, allocation, held_out
        Tables over all studies.
    figures
        Descriptions of the figures over all studies.
    studies
        Titles by study.
    provenance
        Records of the tables.

    Returns
    -------
    str
        A whole HTML document.
    """
    return _render(
        "comparisons.html.j2",
        title="Comparisons",
        root="..",
        titles=dict(studies or {}),
        exponents=records(exponents),
        allocation=records(at_decades(allocation)),
        held_out=records(last_of_runs(held_out)),
        held_out_total=len(held_out),
        figures=[figure for figure in figures if figure["kind"] != "verdict_matrix"],
        provenance=_provenance([{"provenance": record} for record in provenance]),
    )


def write_page(path: str | Path, html: str) -> None:
    """Write a page whole or not at all."""
    files.write_bytes(path, html.encode())


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


def _split_key(
    figures: Sequence[Mapping[str, Any]],
) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]]]:
    key = next((figure for figure in figures if figure.get("key")), None)
    key = key or (figures[0] if figures else None)
    return key, [figure for figure in figures if figure is not key]


def citation(entry: Mapping[str, Any]) -> str:
    """Citation as one line."""
    return f"{entry['authors']} ({entry['year']}). {entry['title'].rstrip('.')}."


def citation_links(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Words and address of each place where the publication is found; https only."""
    links = []
    if entry.get("arxiv"):
        links.append((f"arXiv:{entry['arxiv']}", f"https://arxiv.org/abs/{entry['arxiv']}"))
    if entry.get("doi"):
        links.append((f"doi:{entry['doi']}", f"https://doi.org/{entry['doi']}"))
    if str(entry.get("url", "")).startswith("https://"):
        links.append((entry["url"].removeprefix("https://"), entry["url"]))
    return links


def _provenance(holders: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Gather inputs, code hashes, packages and seeds of several artefacts, each once."""
    merged: dict[str, Any] = {"inputs": {}, "code": {}, "packages": {}, "seeds": {}, "python": ""}
    for holder in holders:
        record = holder.get("provenance") or {}
        merged["inputs"] |= record.get("inputs") or {}
        merged["packages"] |= record.get("packages") or {}
        merged["python"] = record.get("python") or merged["python"]
        code = record.get("code")
        code = code.get("hash") if isinstance(code, Mapping) else code
        label = str(holder.get("fit") or record.get("rule") or "table")
        if code:
            merged["code"][label] = code
        if record.get("seed") is not None:
            merged["seeds"][label] = record["seed"]
    return merged
