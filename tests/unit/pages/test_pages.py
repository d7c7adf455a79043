"""Pages: what they say comes from artefacts, names are escaped, nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from fit_artefacts import artefact
from simulated_artefacts import CARD, RECORD, STUDY, write_artefacts
from simulated_pages import (
    FIGURE,
    SOURCE,
    Page,
    comparisons_page,
    index_page,
    numbers_page,
    study_page,
)

from scaling_studies import words
from scaling_studies.artefacts import files
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import Citation
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Interval, Uncertainty
from scaling_studies.pages import render, tables, wording
from scaling_studies.pages.box import called, quantity
from scaling_studies.pages.glossary import render_glossary


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_artefacts(tmp_path_factory.mktemp("pages") / "project" / "results")


RENDERERS = {
    "study": study_page,
    "index": index_page,
    "numbers": numbers_page,
    "comparisons": comparisons_page,
    "glossary": lambda _: render_glossary(),
}


@pytest.mark.parametrize("kind", RENDERERS)
def test_a_page_is_well_formed_accessible_and_self_contained(kind: str, results: Path) -> None:
    html = RENDERERS[kind](results)
    page = Page(html)
    assert html.startswith("<!doctype html>")
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3", "h4"}]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for image in page.all("img"):
        assert image["alt"] == FIGURE["alt"]
        assert not urlsplit(image["src"]).scheme
    assert not page.all("iframe")
    assert all("src" not in attributes for attributes in page.all("script"))
    assert [a["href"] for a in page.all("link")] == ["data:,"]
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style and "@import" not in style
    for _, attributes in page.elements:
        if attributes.get("role") == "region":
            assert attributes.get("tabindex") == "0" and attributes.get("aria-label")
    for table in page.all("table"):
        if "id" in table:
            assert any(a.get("data-filter-for") == table["id"] for a in page.all("div"))
    assert html.count("<table") == html.count("<caption")


@pytest.mark.parametrize("kind", RENDERERS)
def test_the_same_artefacts_give_the_same_bytes(kind: str, results: Path) -> None:
    assert RENDERERS[kind](results) == RENDERERS[kind](results)


@pytest.mark.parametrize("kind", ["study", "numbers", "comparisons"])
def test_every_link_to_a_result_leads_to_a_file(kind: str, results: Path) -> None:
    folder = results.parent / ("reports/studies" if kind == "study" else "reports")
    links = [a["href"] for a in Page(RENDERERS[kind](results)).all("a")]
    to_results = [link for link in links if "results/" in link]
    assert len(to_results) > (2 if kind == "numbers" else 5)
    for link in to_results:
        assert (folder / link).resolve().is_file(), link


def test_a_study_page_says_the_numbers_of_the_artefacts(results: Path) -> None:
    page = Page(study_page(results))
    fit = files.read_json(results / f"fits/{STUDY}/refit.json")
    found = files.read_json(results / f"resamples/{STUDY}/refit.json")["intervals"]["alpha"]
    alpha = words.estimate(fit["parameters"]["alpha"], found["low"], found["high"])
    assert alpha in page.texts
    assert words.interval(found["low"], found["high"], fit["parameters"]["alpha"]) in page.text
    assert "1 of its 2 constants comes back, the rest does not." in page.text
    assert "It was made up." in page.text
    assert "does not come back" in page.text and "✗" in page.text
    assert "bootstrap over rows, 60 resamples" in page.text
    assert "Nothing is fitted: the law stands at published parameters." in page.text
    assert "The optimum is confirmed." in page.text
    assert f"snakemake reports/studies/{STUDY}.html" in page.text
    assert RECORD["code"] in page.text and "ab" * 32 in page.text
    links = [a["href"] for a in page.all("a")]
    assert "https://arxiv.org/abs/2001.00001" in links
    assert "../index.html" in links and "../comparisons.html" in links


def test_held_out_predictions_are_all_listed(results: Path) -> None:
    page = Page(study_page(results))
    for name in ("refit", "printed"):
        points = files.read_rows(results / f"fits/{STUDY}/{name}.points.parquet")
        errors = [row["relative_residual"] for row in points if row["role"] == "held_out"]
        assert errors
        for error in errors:
            assert words.signed_percent(error) in page.text


def test_of_many_predictions_along_curves_the_last_of_each_curve_is_listed(results: Path) -> None:
    steps = range(1, tables.MOST_PREDICTIONS + 1)
    points = [
        {
            "run_id": run,
            "role": "held_out",
            "observed": 3.0,
            "predicted": 3.1,
            "relative_residual": sign * step / 10_000,
        }
        for run, sign in (("drop", 1), ("cosine", -1))
        for step in steps
    ]
    page = Page(study_page(results, points={"refit": points}))
    assert f"of {len(points):,d} predictions along the runs" in page.text
    # Once in the table, once in the box, which names the ends.
    assert page.text.count("+10.00 %") == page.text.count("−10.00 %") == 2
    assert words.signed_percent(points[-2]["relative_residual"]) not in page.text


def test_a_verdict_stands_with_the_title_of_its_fit_and_its_source(results: Path) -> None:
    page = Page(study_page(results))
    for row in files.read_rows(results / "verdicts.parquet"):
        fit = files.read_json(results / f"fits/{STUDY}/{row['fit']}.json")
        name = quantity(row["quantity"], fit["law"], fit["quantity_descriptions"])
        symbol = re.sub("<[^>]+>", " ", name["symbol"])
        said = " ".join(f"{name['of']} {symbol} {name['words']} {fit['title']}".split())
        assert said in page.text
        assert f"Source: {row['where_published']}." in page.text


def test_of_many_predictions_the_comparison_page_lists_the_last_of_each_run() -> None:
    rows = range(tables.MOST_PREDICTIONS)
    shared = {"study": STUDY, "fit": "refit", "response": "own", "observed": 3.0}
    errors = {"relative_error": 0.01, "extrapolation_factor": 1.0}
    held_out = [
        shared | errors | {"run_id": run, "predicted": 3.0 + row / 1000}
        for run in ("drop", "cosine")
        for row in rows
    ]
    page = Page(render.render_comparisons([], [], held_out))
    assert f"Last prediction of each run, of {len(held_out):,d} predictions in all" in page.text
    assert page.text.count(words.number(3.0 + rows[-1] / 1000)) == 2
    few = Page(render.render_comparisons([], [], held_out[-3:]))
    assert "3 predictions, from" in few.text


def test_a_study_opens_with_its_laws_and_says_what_is_not_counted(results: Path) -> None:
    rows = files.read_rows(results / "verdicts.parquet")
    laws = files.read_rows(results / "laws.parquet")
    rows[0] |= {"counted": False, "not_counted": "The window was chosen to match."}
    page = Page(study_page(results, verdicts=rows))
    for law in laws:
        assert law["name"] in page.text and law["sentence"] in page.text
    assert "Not counted: The window was chosen to match." in page.text
    html = study_page(results, verdicts=rows)
    table = html[html.index("the kinds are not added up") :]
    cells = re.findall(r'<td class="num"[^>]*>(\d+)</td>', table[: table.index("</table>")])
    assert sum(map(int, cells)) == len(rows) - 1


def test_verdicts_follow_the_order_of_the_fits(results: Path) -> None:
    first = files.read_rows(results / "verdicts.parquet")[0]
    order = list(CARD["fits"])
    said = {"verdict": "does_not_come_back"}
    rows = [first | said | {"fit": fit, "reason": f"Said of {fit}."} for fit in reversed(order)]
    text = Page(study_page(results, verdicts=rows)).text
    places = [text.index(f"Said of {fit}.") for fit in order]
    assert places == sorted(places)


def test_an_index_counts_verdicts_fits_and_studies(results: Path) -> None:
    page = Page(index_page(results))
    assert "Of 2 published laws, 0 come back from their own data, 1 in part" in page.text
    assert (
        "in 1 of 1 study: 0 of 1 fit returns them (1 of 2 numbers, statistics of the fits aside)."
        in page.text
    )
    for law in files.read_rows(results / "laws.parquet"):
        assert law["sentence"] in page.text
    assert "1 study, 4 fits" in page.text
    assert f"studies/{STUDY}.html" in [a["href"] for a in page.all("a")]


def test_a_skipped_study_is_said_plainly(results: Path) -> None:
    reason = "its upstream file is out of reach"
    cards = {STUDY: CARD, "other_2021": CARD | {"study": "other_2021", "name": "Other 2021"}}
    page = Page(index_page(results, cards, skipped={"other_2021": reason}))
    assert "1 study, 4 fits" in page.text
    assert f"Other 2021 · Nobody 2020: {reason}" in page.text and f"Not run: {reason}" in page.text
    assert "studies/other_2021.html" not in [link["href"] for link in page.all("a")]


@pytest.mark.parametrize(
    ("fit", "answer"),
    [
        ({"estimator": "printed"}, "No published number is tested here."),
        ({"source_study": "other_2021"}, "No published number is tested here."),
    ],
)
def test_a_study_on_the_runs_of_another_is_not_called_constants(
    fit: dict, answer: str, results: Path
) -> None:
    card = CARD | {"tables": {}, "fits": {n: CARD["fits"][n] | fit for n in CARD["fits"]}}
    assert answer in Page(study_page(results, card, verdicts=[], laws=[])).text


NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"


@pytest.mark.parametrize("kind", ["study", "index"])
def test_names_with_markup_are_escaped(kind: str, results: Path) -> None:
    card = CARD | {
        "title": NASTY,
        "question": NASTY,
        "summary": [NASTY],
        "notes": [NASTY],
        "citation": CARD["citation"] | {"authors": NASTY, "title": NASTY},
    }
    figure = FIGURE | {"title": NASTY, "alt": NASTY, "caption": NASTY, "subtitle": NASTY}
    refit = FitArtefact.read(results / f"fits/{STUDY}/refit.json")
    fits = {"refit": replace(refit, title=NASTY, messages=[NASTY])}
    html = (
        study_page(
            results,
            card,
            fits=fits,
            figures=[figure],
            sources=[SourceRecord.rebuilt(SOURCE | {"citation": NASTY})],
        )
        if kind == "study"
        else index_page(results, {STUDY: card}, skipped={STUDY: NASTY})
    )
    page = Page(html)
    assert len(page.all("script")) == 1, "only the page's own script"
    assert all("onerror" not in attributes for _, attributes in page.elements)
    assert NASTY in " ".join(page.texts)


def test_only_https_addresses_become_links() -> None:
    entry = CARD["citation"] | {"url": "javascript:alert(1)"}
    assert [address for _, address in render.citation_links(Citation.rebuilt(entry))] == [
        "https://arxiv.org/abs/2001.00001"
    ]


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    render.write_page(target, "first")
    with pytest.raises(UnicodeEncodeError):
        render.write_page(target, "half \ud800")
    assert target.read_text(encoding="utf-8") == "first"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["page.html", "page.html.sha256"]


# --- evidence in words ------------------------------------------------------------------------


def test_evidence_in_words_says_what_is_not_confirmed() -> None:
    found = {
        "starts": 24,
        "share_at_optimum": 0.25,
        "second_optimiser": "SciPy L-BFGS-B",
        "disagreement": 3e-4,
        "condition_number": None,
        "weak_directions": "A -0.5 B",
        "active_bounds": "E = 0",
        "smooth": False,
    }
    messages = ["A plain statement.", "size spans only 0.8 decades.", "c1 is at its lower bound."]
    fit = artefact(converged=False, identified=False, evidence=found, messages=messages)
    said = " ".join(wording.evidence(fit))
    for expected in (
        "not confirmed",
        "25 % of 24 starts",
        "differs: relative difference 0.0003",
        "Hardly determined by the rows: A −0.5 B.",
        "At a bound: E = 0.",
        "not smooth",
        "do not determine every parameter",
        "A plain statement.",
        "Size spans only",
        "c1 is at",
    ):
        assert expected in said


def test_intervals_carry_their_level_and_absent_ones_no_column(results: Path) -> None:
    tables = Page(study_page(results)).texts
    assert tables.count("95\N{NO-BREAK SPACE}% interval") > 0
    names = list(CARD["fits"])
    stated = {"alpha": Interval(0.3, 0.4)}
    intervals = {name: Uncertainty(STUDY, name, "none", "", 0, 0.8, None, stated) for name in names}
    texts = Page(study_page(results, intervals=intervals)).texts
    assert "80\N{NO-BREAK SPACE}% interval" in texts
    assert "Parameters with 80\N{NO-BREAK SPACE}% intervals" in texts
    assert "Standard error" not in texts
    assert texts.count("Parameters") > 0


@pytest.mark.parametrize("kind", ["study", "numbers", "comparisons"])
def test_on_a_phone_each_cell_of_a_table_of_many_columns_says_what_it_is(
    kind: str, results: Path
) -> None:
    html = RENDERERS[kind](results).replace("\N{NO-BREAK SPACE}", " ")
    wide = 0
    for attributes, inner in re.findall(r"<table([^>]*)>(.*?)</table>", html, re.DOTALL):
        names = [
            re.sub("<[^>]+>", "", name)
            for name in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', inner, re.DOTALL)
        ]
        stacked = "stacked" in attributes
        assert stacked == (len(names) > tables.MOST_COLUMNS)
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", inner.split("<tbody>")[1], re.DOTALL):
            cells = re.findall(r"<(t[hd])([^>]*)>", row)
            assert "colspan" in row or len(cells) == len(names)
            for (tag, said), name in zip(cells, names, strict=False):
                label = re.search('data-label="([^"]*)"', said)
                assert (label is None) == (not stacked or tag == "th" or "colspan" in said)
                assert label is None or label[1] in (name, "")
        wide += stacked
    assert wide


def test_a_formula_of_a_fit_scrolls_in_its_own_frame(results: Path) -> None:
    html = study_page(results)
    for law in re.findall(r"<dt>Law</dt><dd>(.*?)</dd>", html, re.DOTALL):
        assert ("<math" in law) == ('<div class="formula"' in law)
    assert re.search(r"\.formula {[^}]*overflow-x: auto", html)
    assert html.count('<dt>Law</dt><dd><div class="formula"') > 0


def test_a_test_of_all_constants_together_is_called_that() -> None:
    target = SimpleNamespace(quantity="all_constants", ours="wald_against_published")
    card = SimpleNamespace(fits={"main": SimpleNamespace(targets=[target])})
    row = {"fit": "main", "quantity": "all_constants"}
    assert called(row, card, "additive", {})["plain"] == "all constants together"


def test_a_checksum_is_seen_on_a_phone(results: Path) -> None:
    html = study_page(results)
    phone = html[html.index("@media (max-width: 40rem) {\n  dl {") :]
    assert re.search(r"\.hashes td {[^}]*display: block", phone)
    assert "td code, th code { white-space: normal; }" in phone
    assert '<table class="hashes">' in html
