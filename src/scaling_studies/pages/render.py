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
from scaling_studies.cards.models.study import Citation
from scaling_studies.laws import get_law
from scaling_studies.pages import wording
from scaling_studies.pages.box import quantity
from scaling_studies.pages.gloss import Gloss
from scaling_studies.pages.prose import as_set
from scaling_studies.pages.tables import Row, at_decades, last_of_runs, with_cards

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
        "amount": words.amount,
        "counted_in": words.counted_in,
        "percent": words.signed_percent,
        "count_of": words.count_of,
    }
    environment.globals |= {
        "interval": words.interval,
        "estimate": words.estimate,
        "estimate_like": words.estimate_like,
        "gravest": wording.gravest,
        "quantity_of": quantity,
        "law_title": lambda name: get_law(name).title,
        "severities": wording.SEVERITIES,
        "verdict_signs": wording.VERDICTS,
        "law_signs": wording.LAW_VERDICTS,
        "evidence_words": wording.EVIDENCE,
        # Of the project itself, and part of the page as they are.
        "style": markupsafe.Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        "script": markupsafe.Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),
        "planner_script": markupsafe.Markup(
            "\n".join(
                (TEMPLATES / name).read_text(encoding="utf-8")
                for name in ("trade_off.js", "planner.js")
            )
        ),
    }
    return environment


def _compiled() -> jinja2.BytecodeCache | None:
    """Compiled templates, which lie where Python keeps its own: compiling takes half of a page."""
    folder = Path(__file__).resolve().parent / "__pycache__"
    may_write = os.access(folder, os.W_OK)
    return jinja2.FileSystemBytecodeCache(str(folder)) if may_write else None


def render_comparisons(
    exponents: Sequence[Row],
    allocation: Sequence[Row],
    held_out: Sequence[Row],
    figures: Sequence[Mapping[str, Any]] = (),
    studies: Mapping[str, str] | None = None,
    *,
    fits: Mapping[str, Mapping[str, str]] | None = None,
    provenance: Iterable[Mapping[str, Any]] = (),
    has_claims: bool = False,
    tabs: Mapping[str, str] | None = None,
) -> str:
    """Write the page that puts all studies on the same axes.

    Parameters
    ----------
    exponents, allocation, held_out
        Rows of the tables over all studies.
    figures
        Descriptions of the figures.
    studies, fits
        Name by study, and title by study and fit.
    provenance
        Records of the tables.
    has_claims
        Whether there is a page of claims.
    tabs
        File and name of further pages over all studies.
    """
    return rendered(
        "comparisons.html.j2",
        tabs=dict(tabs or {}),
        root="..",
        here="comparisons",
        has_claims=has_claims,
        titles=dict(studies or {}),
        fit_titles=dict(fits or {}),
        exponents=exponents,
        allocation=at_decades(allocation),
        held_out=last_of_runs(held_out),
        held_out_total=len(held_out),
        figures=[
            figure
            for figure in figures
            if figure["page"] == "comparisons" and figure["kind"] != "verdict_matrix"
        ],
        provenance=provenance_of((record["rule"], record) for record in provenance),
    )


def write_page(path: str | Path, html: str) -> None:
    """Write a page whole or not at all."""
    files.write_bytes(path, html.encode())


def rendered(template: str, *, home: str = ".", **values: Any) -> str:
    """A template with its values filled in; ``home`` is the way to the folder of the report."""
    page = _environment().get_template(template)
    return as_set(with_cards(page.render(home=home, gloss=Gloss(home), **values)))


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
