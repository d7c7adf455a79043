"""Checks as the pages show them: by severity, in words, with links to fits and artefact."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked_studies import EVALUATED, REFIT, TRUTH, checked_study
from simulated_artefacts import CARD, STUDY, write_artefacts
from simulated_pages import Page, numbers_page, study_page

from scaling_studies.cards.expand import expanded
from scaling_studies.cards.load import load_card
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.checks.run import run
from scaling_studies.pages import wording
from scaling_studies.pages.box import box, conventions

CARDS = Path(__file__).resolve().parents[3] / "config/studies"
WRONG = EVALUATED | {
    "title": "Far <off>",
    "fixed": {name: value * 1.0000001 for name, value in TRUTH.items()} | {"E": 1.4000001},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_artefacts(tmp_path_factory.mktemp("pages") / "project" / "results")


@pytest.fixture(scope="module")
def record() -> dict:
    """Findings on fits that have the names of those of the simulated artefacts."""
    return run(checked_study(refit=REFIT, printed=WRONG))


def test_the_page_shows_each_finding_and_what_had_nothing_to_look_at(results, record):
    html = study_page(results, checks=record)
    text = Page(html).text
    assert record["counts"]["fail"] == 1
    for item in record["findings"]:
        assert " ".join(item["text"].split()) in text
    for check in record["checks"]:
        assert check["name"].replace("_", " ") in text.lower()
        assert (check["nothing"] in text) if check["nothing"] else (check["meaning"] in text)
    assert "Far <off>" not in html


def test_severities_are_told_in_words_and_signs_and_graver_ones_come_first(results, record):
    text = Page(study_page(results, checks=record)).text
    places = [text.index(words) for words in ("✗ Failures (1)", "· Looked at")]
    assert places == sorted(places)
    assert "Checks of the fits: 1 fail" in text


def test_findings_link_to_their_fit_and_to_the_artefact(results, record):
    page = Page(study_page(results, checks=record))
    links = [a.get("href") for a in page.all("a")]
    assert "#fit-printed" in links and "#checks" in links
    assert f"../../results/checks/{STUDY}.json" in links
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {link[1:] for link in links if link and link.startswith("#")} <= ids


def test_what_choices_do_to_the_fits_of_a_law_stands_in_the_box():
    card = StudyCard.model_validate(expanded(CARD))
    entries = list(card.laws.values())

    def shown(*findings: dict, laws: int = 1) -> list[tuple[str, str]]:
        rows = [{"fit": entry.fits[0], "name": entry.name, "reach": ""} for entry in entries]
        return [
            tuple(said)
            for said in box(card, {}, [], rows[:laws], [], {"findings": findings})["choices"]
        ]

    def finding(fit: str, text: str) -> dict:
        return {"check": "choice_sensitivity", "fit": fit, "text": text}

    first, second = (entry.fits[-1] for entry in entries)
    assert shown(finding(first, "Under 9."), finding("other", "No.")) == [("", "Under 9.")]
    assert shown(finding(first, "Under 9.") | {"check": "early_stop"}) == []
    assert len(shown(*[finding(first, "Under 9.")] * 5)) == 2
    # Of several laws each is named.
    both = shown(*[finding(first, "A"), finding(second, "B")] * 2, laws=2)
    assert both == [(entries[0].name, "A"), (entries[1].name, "B")]


def test_the_box_shows_other_choices_only_where_some_were_tried(results, record):
    assert "<dt>Choices</dt>" not in study_page(results, checks=record)


def test_a_page_without_checks_has_no_section(results):
    assert "#checks" not in study_page(results)


def test_the_page_of_numbers_counts_fails_and_warnings(results, record):
    text = Page(numbers_page(results, {STUDY: CARD}, checks=[record])).text
    assert wording.gravest(record["counts"]) in text


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"fail": 2, "warning": 1, "info": 3}, "2 failures, 1 warning"),
        ({"fail": 0, "warning": 4, "info": 3}, "4 warnings"),
        ({"fail": 0, "warning": 0, "info": 3}, "no warnings"),
    ],
)
def test_counts_in_words(counts, words):
    assert wording.gravest(counts) == words


def test_a_fail_outweighs_any_warnings_where_studies_are_sorted(results):
    def place(**counts: int) -> int:
        checked = {"study": STUDY, "counts": {"info": 0} | counts}
        cells = Page(numbers_page(results, {STUDY: CARD}, checks=[checked])).all("td")
        return int([cell["data-value"] for cell in cells if cell.get("class") == "short"][-1])

    assert place(fail=1, warning=0) > place(fail=0, warning=99) > place(fail=0, warning=0) == 0


def test_a_study_that_was_not_checked_has_no_count(results):
    cells = Page(numbers_page(results)).all("td")
    assert [cell for cell in cells if cell.get("class") == "short"][-1]["data-value"] == "-1"


def test_what_was_measured_stands_before_how_and_where():
    said = {
        study: dict(conventions(load_card(CARDS / f"{study}.yaml")))["Loss"]
        for study in ("bahri_2021", "hoffmann_2022")
    }
    assert said["bahri_2021"] == "excess (exact); loss (exact); and 2 more"
    assert said["hoffmann_2022"].startswith("loss (nats per token")
