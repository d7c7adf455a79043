"""Pages of the simulated study, and a reader of HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
from simulated_artefacts import CARD, RECORD, STUDY

from scaling_studies.artefacts import files
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.pages import render
from scaling_studies.pages.front import render_index
from scaling_studies.pages.numbers import render_numbers
from scaling_studies.pages.study import render_study

FIGURE = {
    "name": "residuals",
    "kind": "residuals",
    "page": "comparisons",
    "title": "An answer",
    "subtitle": "",
    "caption": "What to see.",
    "alt": "What is there.",
    "study": STUDY,
    "key": True,
    "width": 624,
    "height": 300,
}
SOURCE = {
    "study": "simulated_2020",
    "citation": "Nobody 2020.",
    "licence": {"spdx": "MIT", "terms": "As stated."},
    "upstream": [{"repository": "a/b", "commit": "c" * 40, "retrieved": "2026-01-01"}],
    "tables": [],
}
VOID = {"meta", "link", "img", "br", "input", "hr", "wbr"}


class Page(HTMLParser):
    """Elements of a page with their attributes, its text, and whether its tags balance."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def as_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame, as a job reads them from its artefact."""
    return json.loads(frame.to_json(orient="records", double_precision=15))


def study_page(results: Path, card: dict = CARD, **changes: object) -> str:
    names = list(CARD["fits"])
    fits = {n: FitArtefact.read(results / f"fits/{STUDY}/{n}.json") for n in names}
    found = uncertainty.read_intervals(
        fits.values(), (results / f"resamples/{STUDY}").glob("*.json")
    )
    values = {
        "fits": fits,
        "points": {n: files.read_rows(results / f"fits/{STUDY}/{n}.points.parquet") for n in names},
        "intervals": dict(zip(names, found, strict=True)),
        "verdicts": files.read_rows(results / "verdicts.parquet"),
        "laws": files.read_rows(results / "laws.parquet"),
        "figures": [FIGURE],
        "sources": [SourceRecord.rebuilt(SOURCE)],
    }
    return render_study(StudyCard.rebuilt(card), **values | changes)


def index_page(results: Path, cards: dict | None = None, **changes: object) -> str:
    return render_index(
        {name: StudyCard.rebuilt(card) for name, card in (cards or {STUDY: CARD}).items()},
        files.read_rows(results / "verdicts.parquet"),
        files.read_rows(results / "laws.parquet"),
        files.read_rows(results / "fits.parquet"),
        [FIGURE | {"kind": "verdict_matrix", "name": "matrix", "study": None}],
        provenance=RECORD,
        **changes,
    )


def numbers_page(results: Path, cards: dict | None = None, **changes: object) -> str:
    return render_numbers(
        {name: StudyCard.rebuilt(card) for name, card in (cards or {STUDY: CARD}).items()},
        files.read_rows(results / "verdicts.parquet"),
        files.read_rows(results / "laws.parquet"),
        files.read_rows(results / "fits.parquet"),
        provenance=RECORD,
        **changes,
    )


def comparisons_page(results: Path) -> str:
    tables = [
        files.read_rows(results / f"comparisons/{name}.parquet")
        for name in ("exponents", "allocation", "held_out")
    ]
    return render.render_comparisons(*tables, [FIGURE], {STUDY: CARD["title"]}, provenance=[RECORD])
