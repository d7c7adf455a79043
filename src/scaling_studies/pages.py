"""Pages of the report: artefacts in, HTML out. A page computes no number; it counts and writes.

Every page is one file: stylesheet and script are written into it, figures lie beside it, and
nothing is fetched from a network. Templates escape everything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies import artefacts, page_checks, page_forecast, page_text
from scaling_studies.shards import is_resampled
from scaling_studies.uncertainty import LEVEL, intervals_path
from scaling_studies.verdicts import OWN_REFIT

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

TEMPLATES = Path(__file__).resolve().parent / "templates"
VERDICT_ORDER = tuple(page_text.VERDICTS)
#: Digits of published numbers: all that anyone prints.
PUBLISHED_DIGITS = 9
#: Held-out predictions that a page lists one by one; of more, along curves, the last of each curve.
MOST_PREDICTIONS = 1000
#: Training compute of the rows of the allocation table, FLOP.
ALLOCATION_DECADES = (1e18, 1e20, 1e22, 1e24, 1e26)


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
        "number": page_text.number,
        "percent": page_text.percent,
        "count_of": page_text.count_of,
    }
    environment.globals |= {
        "interval": page_text.interval,
        "estimate": page_text.estimate,
        "verdict_signs": page_text.VERDICTS,
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
        Findings of all checks of the study's fits; see `scaling_studies.checks.run`.
    skipped
        Why the study was not run, for example because its upstream file is out of reach.
    studies
        Titles of other studies to link to, by id.
    forecasts
        Tables of a study whose card ranks or plans; see `page_forecast.forecast_view`.

    Returns
    -------
    str
        A whole HTML document.
    """
    study = card["study"]
    forecast = page_forecast.forecast_view(study, forecasts or {})
    rows = verdict_rows(verdicts, {study: card}, root="../..")
    place = {name: number for number, name in enumerate(fits)}
    rows = sorted(
        (row for row in rows if row["study"] == study),
        key=lambda row: place.get(row["fit"], len(place)),
    )
    key, others = _split_key(figures)
    held_out = [row for name in fits for row in _held_out_rows(name, points.get(name))]
    return _render(
        "study.html.j2",
        title=card["title"],
        root="../..",
        card=card,
        counts=_counts(rows),
        answer=_study_answer(card, rows, skipped, forecast["answer"]),
        forecast=forecast,
        checks=page_checks.checks_view(checks, fits),
        skipped=skipped,
        verdicts=rows,
        fits=[_fit_view(card, fit, intervals.get(name, {})) for name, fit in fits.items()],
        held_out=_listed(held_out),
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
        Findings of all checks, one record a study; see `scaling_studies.checks.run`.
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
    published, reference = _by_origin(rows)
    checked = {record["study"]: record["counts"] for record in checks}
    fit_ids = set(zip(fits["study"], fits["fit"], strict=True)) if len(fits) else set()
    by_study = [
        {
            "study": study,
            "title": card["title"],
            "question": card["question"],
            "year": card["citation"]["year"],
            "fits": sum(1 for name, _ in fit_ids if name == study),
            "counts": _counts([row for row in published if row["study"] == study]),
            "reference": sum(row["study"] == study for row in reference),
            "checks": page_checks.count_view(checked.get(study)),
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
        counts=_counts(published),
        total=len(published),
        reference=_counts(reference),
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
        exponents=_records(exponents),
        allocation=_records(_at_decades(allocation)),
        held_out=_records(_last_of_runs(held_out)),
        held_out_total=len(held_out),
        figures=[figure for figure in figures if figure["kind"] != "verdict_matrix"],
        provenance=_provenance([{"provenance": record} for record in provenance]),
    )


def write_page(path: str | Path, html: str) -> None:
    """Write a page whole or not at all."""
    artefacts.write_bytes(path, html.encode())


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


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
    for record in _records(verdicts):
        study, fit = record["study"], record["fit"]
        sign, words = page_text.VERDICTS[record["verdict"]]
        rows.append(
            record
            | {
                "sign": sign,
                "words": words,
                "order": VERDICT_ORDER.index(record["verdict"]),
                "title": cards.get(study, {}).get("title", study),
                "artefact": f"{root}/results/fits/{study}/{fit}.json",
                "intervals": f"{root}/{_intervals_of(cards.get(study, {}), record)}",
                "published_text": page_text.number(record["published"], PUBLISHED_DIGITS),
                "refit_text": page_text.estimate_like(
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


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as mappings; not-a-number becomes None."""
    rows = frame.to_dict("records")
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if value is None or value != value:  # not a number
        return None
    return value.item() if hasattr(value, "item") else value


def _counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts = dict.fromkeys(VERDICT_ORDER, 0)
    for row in rows:
        counts[row["verdict"]] += 1
    return counts


def _by_origin(
    rows: Iterable[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Verdicts on published numbers, and on reference values of ours."""
    rows = list(rows)
    own = [row.get("confirmation") == OWN_REFIT for row in rows]
    return (
        [row for row, ours in zip(rows, own, strict=True) if not ours],
        [row for row, ours in zip(rows, own, strict=True) if ours],
    )


def _study_answer(
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
    kinds = zip(_by_origin(tested), ("published number", "reference value"), strict=True)
    tails = {"published number": " tested here", "reference value": " of our own"}
    return " ".join(
        page_text.came_back(_counts(some), noun, tails[noun]) for some, noun in kinds if some
    )


def _split_key(
    figures: Sequence[Mapping[str, Any]],
) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]]]:
    key = next((figure for figure in figures if figure.get("key")), None)
    key = key or (figures[0] if figures else None)
    return key, [figure for figure in figures if figure is not key]


def _fit_view(
    card: Mapping[str, Any], fit: Mapping[str, Any], intervals: Mapping[str, Any]
) -> dict[str, Any]:
    """One fit as its section shows it."""
    ranges = intervals.get("intervals", {})
    entry = card.get("fits", {}).get(fit["fit"], {})
    described = fit.get("quantity_descriptions", {})
    parameters = [
        _quantity(name, value, ranges.get(name, {}), name in fit.get("fixed", {}))
        for name, value in fit["parameters"].items()
    ]
    further = [
        _quantity(name, value, ranges.get(name, {})) | {"description": described.get(name, "")}
        for name, value in fit["quantities"].items()
        if name not in fit["parameters"] and value is not None
    ]
    return {
        "fit": fit,
        "parameters": parameters,
        "further": further,
        "objective": page_text.objective(fit.get("objective")),
        "estimator": page_text.ESTIMATORS.get(fit["estimator"], fit["estimator"]),
        "published": fit["estimator"] in ("evaluate", "printed"),
        "evidence": page_text.evidence(fit),
        "level": f"{100 * intervals.get('level', LEVEL):g} %",
        "resampling": _resampling(intervals),
        "reading": entry.get("reading", ""),
        "path": f"results/fits/{fit['study']}/{fit['fit']}.json",
        "intervals_path": intervals_path(
            fit["study"], fit["fit"], resampled=not fit.get("uncertainty")
        ),
        "points_path": f"results/fits/{fit['study']}/{fit['fit']}.points.parquet",
    }


def _quantity(
    name: str, value: float | None, found: Mapping[str, Any], fixed: bool = False
) -> dict[str, Any]:
    low, high = found.get("low"), found.get("high")
    return {
        "name": name,
        "value": value,
        "text": page_text.estimate(value, low, high),
        "interval": page_text.interval(low, high, value),
        "standard_error": page_text.number(found.get("standard_error"), 2),
        "fixed": fixed,
    }


def _resampling(intervals: Mapping[str, Any]) -> str:
    if not intervals.get("resamples"):
        return str(intervals.get("reason") or "")
    words = page_text.RESAMPLING.get(intervals["kind"], intervals["kind"])
    text = f"{words}, {page_text.count_of(int(intervals['resamples']), 'resample')}"
    share = intervals.get("converged_share")
    if share is not None and share < 1:
        text += f", {100 * share:.1f} % of them converged"
    reason = intervals.get("reason")
    return f"{text}. {reason}" if reason else f"{text}."


def _held_out_rows(name: str, points: pd.DataFrame | None) -> list[dict[str, Any]]:
    if points is None or "role" not in points:
        return []
    rows = points[points["role"] == "held_out"]
    shown = []
    for record in _records(rows):
        sizes = {key: record.get(key) for key in ("params", "tokens")}
        shown.append(record | sizes | {"fit": name})
    return shown


def _listed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last step of each run when there are too many predictions for one table."""
    if len(rows) <= MOST_PREDICTIONS or any(row.get("step") is None for row in rows):
        return rows
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["fit"], row["run_id"])
        if key not in last or row["step"] >= last[key]["step"]:
            last[key] = row
    return list(last.values())


def _last_of_runs(held_out: pd.DataFrame) -> pd.DataFrame:
    """Keep the last prediction of each run when there are too many for one table."""
    if len(held_out) <= MOST_PREDICTIONS:
        return held_out
    run = [name for name in ("study", "fit", "response", "run_id") if name in held_out]
    return held_out.drop_duplicates(run, keep="last")


def _at_decades(allocation: pd.DataFrame) -> pd.DataFrame:
    """Rows of the allocation table at a few round amounts of compute."""
    if "flops" not in allocation:
        return allocation
    near = [
        any(math.isclose(flops, decade, rel_tol=1e-6) for decade in ALLOCATION_DECADES)
        for flops in allocation["flops"]
    ]
    return allocation[near]


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
