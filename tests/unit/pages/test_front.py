"""The front page: its sentence, figure and table of laws agree; every law is found by its names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from drawn_figures import context_of
from simulated_artefacts import CARD, STUDY, write_artefacts
from simulated_pages import Page, index_page

from scaling_studies import figures
from scaling_studies.artefacts import files
from scaling_studies.artefacts.about import about_project
from scaling_studies.cards import load
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.names import beside, display_name
from scaling_studies.pages import front, wording

ROOT = Path(__file__).resolve().parents[3]
CARDS = {
    path.stem: load.load_card(path) for path in sorted((ROOT / "config/studies").glob("*.yaml"))
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_artefacts(tmp_path_factory.mktemp("front") / "project" / "results")


@pytest.mark.parametrize("verdict", wording.LAW_VERDICTS)
def test_sentence_figure_and_table_of_laws_agree(verdict: str, results: Path) -> None:
    """Whatever the table says, the page, its cards and the figure say it too."""
    laws = [row | {"verdict": verdict} for row in files.read_rows(results / "laws.parquet")]
    html = front.render_index({STUDY: StudyCard.rebuilt(CARD)}, [], laws, [])
    sentence = Page(html).text
    title = "{laws.comes_back:d} back, {laws.in_part:d} in part, {laws.tested:d} tested"
    context = context_of(results, "verdict_matrix", title=title)
    context.frames["laws"] = pd.DataFrame(laws)
    _, drawn = figures.draw(context)
    back, part = (len(laws) * (verdict == name) for name in ("comes_back", "in_part"))
    tested = len(laws) * (verdict != "cannot_be_tested")
    assert context.title == f"{back} back, {part} in part, {tested} tested"
    assert list(drawn["verdict"]) == [verdict] * len(laws)
    if tested:
        assert f"Of {len(laws)} published laws, {back} come back" in sentence
        assert f", {part} in part" in sentence
    else:
        assert f"None of {len(laws)} laws can be tested" in sentence
    sign, words = wording.LAW_VERDICTS[verdict]
    assert sentence.count(f"{sign} comes back : {words}") == len(laws)


@pytest.mark.parametrize(
    ("column", "words"),
    [("stands_choices", "stands other choices"), ("extrapolates", "extrapolates")],
)
@pytest.mark.parametrize(
    ("answer", "sign"), [("yes", "✓"), ("partly", "≈"), ("no", "✗"), (None, "–")]
)
def test_marks_say_what_was_measured(column, words, answer, sign, results: Path) -> None:
    laws = [files.read_rows(results / "laws.parquet")[0] | {column: answer}]
    html = front.render_index({STUDY: StudyCard.rebuilt(CARD)}, [], laws, [])
    assert f"{sign} {words}" in Page(html).text


@pytest.mark.parametrize(
    ("typed", "study"),
    [
        ("Chinchilla", "hoffmann_2022"),
        ("McLeish", "gemstones_2025"),
        ("Llama", "llama3_2024"),
        ("MoE", "krajewski_2024"),
        ("MoE", "clark_2022"),
        ("Gopher", "hoffmann_2022"),
        ("OpenCLIP", "cherti_2022"),
        ("α", "besiroglu_2024"),
        ("alpha", "besiroglu_2024"),
        ("mixture of experts", "krajewski_2024"),
        ("GPT-3", "kaplan_2020"),
        ("Pythia", "brown_2024"),
    ],
)
def test_a_law_is_found_by_the_names_that_people_use(typed: str, study: str) -> None:
    laws = [
        {
            "study": study, "fit": "f", "law": next(iter(CARDS[study].fits.values())).law,
            "name": "A law", "verdict": "in_part", "stands_choices": None, "extrapolates": None,
            "sentence": "", "evidence": None, "reach": None,
        }
    ]  # fmt: skip
    html = front.render_index({study: CARDS[study]}, [], laws, [])
    words = next(a["data-words"] for _, a in Page(html).elements if "data-words" in a)
    assert all(word in words for word in typed.lower().split())


def test_a_study_that_was_not_run_is_a_card_without_a_link(results: Path) -> None:
    html = index_page(
        results,
        {"other_2021": CARD | {"study": "other_2021"}} | {STUDY: CARD},
        skipped={"other_2021": "no file"},
    )
    page = Page(html)
    skipped = [a for _, a in page.elements if "skipped" in (a.get("class") or "")]
    assert len(skipped) == 1 and "Not run: no file" in page.text


def test_every_study_leads_to_others_that_exist() -> None:
    found = beside(CARDS)
    assert set(found) == set(CARDS)
    chain = [study for study in CARDS if found[study]["previous"] is None]
    assert len(chain) == 1
    while (following := found[chain[-1]]["next"]) is not None:
        assert found[following[0]]["previous"][0] == chain[-1]
        assert following[1] == display_name(CARDS[following[0]])
        chain.append(following[0])
    assert sorted(chain) == sorted(CARDS)
    for study, links in found.items():
        assert study not in {other for other, _ in links["related"]}
        assert {other for other, _ in links["related"]} <= set(CARDS)


def test_what_the_project_says_of_itself(tmp_path: Path) -> None:
    about = about_project(ROOT)
    assert about["licence"] == "MIT" and about["title"] == "Scaling Studies"
    assert all((ROOT / path).is_file() for _, path in about["documents"])
    assert about_project(tmp_path) == {"documents": []}
