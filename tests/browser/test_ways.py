"""Ways through the report: search, the five questions, folded parts, words, other studies."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from scaling_studies.pages.gloss import terms

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
STOPS = (
    "Array.from(document.querySelectorAll('main :is(a[href], button, input, select, summary,"
    ' [tabindex="0"])\')).filter(item => item.checkVisibility()).length'
)
#: Names of the landmarks of a page, folded ones too.
NAMES = """Array.from(document.querySelectorAll('section[aria-labelledby], [role=region]'), item =>
    item.ariaLabel || document.getElementById(item.getAttribute('aria-labelledby')).textContent)"""


def pages(reports: Path) -> list[Path]:
    return [*sorted(reports.glob("*.html")), *sorted((reports / "studies").glob("*.html"))]


@pytest.mark.parametrize("typed", ["Chinchilla", "McLeish", "Llama", "MoE", "α"])
def test_the_search_finds_laws(typed: str, reports: Path, open_page: object) -> None:
    page = open_page(reports / "index.html").page
    # Those of folded topics too: the search opens what it finds.
    total = page.locator(".law").count()
    page.fill("#law-search input", typed)
    assert 0 < page.locator(".law:visible").count() < total
    page.fill("#law-search input", "no law is called this")
    assert page.locator(".law:visible").count() == 0
    assert page.locator("#no-law").is_visible()


@pytest.mark.parametrize(
    ("clicks", "found"),
    [
        # Does a published law come back?
        (["#laws ~ details .law a"], "Verdict"),
        # Do laws stand other choices, agree, and extrapolate?
        (["header a[href$='comparisons.html']"], "Exponents"),
        (["header a[href$='comparisons.html']"], "Predictions of runs that were not fitted"),
        # Do single claims hold?
        (["header a[href$='claims.html']"], "does not hold"),
    ],
)
def test_a_question_is_answered_within_two_clicks(clicks, found, reports, open_page) -> None:
    page = open_page(reports / "index.html").page
    for click in clicks:
        page.locator(click).first.click()
        page.wait_for_load_state()
    assert found.lower() in page.inner_text("main").lower()


def test_the_first_question_of_a_planner_needs_no_click(reports: Path, open_page: object) -> None:
    page = open_page(reports / "index.html").page
    assert page.inner_text("#planner-answer").startswith("At 10²² FLOP")


def test_a_link_unfolds_what_it_leads_to(reports: Path, open_page: object) -> None:
    study = reports / "studies/besiroglu_2024.html"
    page = open_page(study).page
    part = page.locator("#verdicts")
    assert part.get_attribute("open") is None
    page.locator(".rail a[href='#verdicts']").click()
    page.wait_for_function("document.getElementById('verdicts').open")
    page.locator("#verdicts a[href^='#fit-']").first.click()
    page.wait_for_function("document.getElementById('fits').open")
    assert page.locator("details.fit[open]").count() == 1


def test_a_study_leads_to_the_one_before_and_behind(reports: Path, open_page: object) -> None:
    opened = open_page(reports / "studies/besiroglu_2024.html")
    opened.page.wait_for_selector(".neighbours a")
    links = opened.page.evaluate(
        "Array.from(document.querySelectorAll('.neighbours a, .related a'), link => link.href)"
    )
    assert len(links) > 2
    assert all(Path(link.removeprefix("file://")).is_file() for link in links)
    assert opened.complaints == []


@pytest.mark.parametrize("how", ["hover", "focus"])
def test_a_word_is_explained_on_hover_and_focus(how: str, reports: Path, open_page: object) -> None:
    page = open_page(reports / "studies/besiroglu_2024.html").page
    term = page.locator("a.term").first
    tip = page.locator(f"#{term.get_attribute('aria-describedby')}")
    assert not tip.is_visible()
    getattr(term, how)()
    assert tip.is_visible()
    assert tip.inner_text() in {item.short for item in terms()}


def test_pages_are_short_enough_for_a_phone_and_a_keyboard(reports, open_page) -> None:
    for path in pages(reports):
        page = open_page(path, viewport=PHONE).page
        height = page.evaluate("document.documentElement.scrollHeight")
        assert height < 12_000, f"{path.name}: {height} px"
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        desktop = open_page(path).page
        for window in (page, desktop):
            width = window.evaluate("document.querySelector('main').clientWidth")
            captions = window.evaluate(
                "Array.from(document.querySelectorAll('caption'), item => item.offsetWidth)"
            )
            assert max(captions, default=0) <= width, f"{path.name}: a caption is cut"
        ends = page.evaluate(
            "Array.from(document.querySelectorAll('table.constants tbody .num'),"
            " cell => [cell.getBoundingClientRect().left, cell.getBoundingClientRect().right])"
        )
        assert all(0 <= left < right <= PHONE["width"] for left, right in ends), path.name
        stops = [page.evaluate(STOPS), desktop.evaluate(STOPS)]
        assert max(stops) < 150, f"{path.name}: {stops} stops on a phone and on a desktop"


def test_a_region_is_a_stop_of_the_keyboard_only_while_it_scrolls(reports, open_page) -> None:
    page = open_page(reports / "studies/besiroglu_2024.html", viewport=PHONE).page
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    page.wait_for_timeout(200)
    regions = page.evaluate(
        "Array.from(document.querySelectorAll('main [role=region], main .formula'),"
        " item => [item.tabIndex === 0, item.scrollWidth > item.clientWidth + 1"
        " || item.scrollHeight > item.clientHeight + 1])"
    )
    assert all(stops == scrolls for stops, scrolls in regions)
    assert {True, False} == {stops for stops, _ in regions}


def test_tables_are_not_cut_off_beside_the_rail(reports: Path, open_page: object) -> None:
    for path in sorted((reports / "studies").glob("*.html")):
        page = open_page(path, viewport={"width": 1200, "height": 900}).page
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
        cut = page.evaluate(
            "Array.from(document.querySelectorAll('#verdict-table, table.constants'))"
            ".filter(table => table.scrollWidth > table.parentElement.clientWidth + 1).length"
        )
        assert cut == 0, path.name


@pytest.mark.parametrize("name", ["index.html", "numbers.html", "claims.html"])
def test_a_long_file_name_in_a_text_widens_no_page(
    name: str, reports: Path, open_page: object
) -> None:
    page = open_page(reports / name, viewport={"width": 390, "height": 900}).page
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    page.evaluate(
        "document.querySelectorAll('main p, main li, main dd').forEach(item => {"
        " item.append('a_folder/of_some_study/'.repeat(12)); })"
    )
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], name


def test_no_id_is_seen_outside_folded_parts(reports: Path, open_page: object) -> None:
    for path in pages(reports):
        if path.name == "claims.html":
            # Its statements are quoted, with the symbols of their sources.
            continue
        page = open_page(path).page
        page.evaluate("document.querySelectorAll('code, pre').forEach(item => item.remove())")
        words = page.inner_text("main").split()
        ids = [word for word in words if re.fullmatch(r"[a-z0-9]+(_[a-z0-9.-]+)+[,;]?", word)]
        assert ids == [], f"{path.name}: {ids[:5]}"


def test_the_front_page_is_light_and_prints_on_few_pages(reports: Path, open_page: object) -> None:
    assert (reports / "index.html").stat().st_size < 1_000_000
    page = open_page(reports / "index.html").page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheets = page.pdf(format="A4").count(b"/Type /Page\n")
    assert sheets < 12


def test_parts_of_a_page_have_names_of_their_own(reports: Path, open_page: object) -> None:
    for path in pages(reports):
        names = open_page(path).page.evaluate(NAMES)
        assert [name for name in names if names.count(name) > 1] == [], path.name


@pytest.mark.skipif("AXE_CORE" not in os.environ, reason="AXE_CORE names no axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nothing(width: int, scheme: str, reports: Path, open_page: object) -> None:
    script = Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8")
    for path in pages(reports):
        viewport = {"width": width, "height": 900}
        page = open_page(path, viewport=viewport, color_scheme=scheme, bypass_csp=True).page
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
        page.evaluate(script)
        found = page.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then(result =>"
            " result.violations.map(item => `${item.id}: ${item.nodes[0].html}`))"
        )
        assert found == [], path.name
