"""The report in a real browser: no error, every figure loads, tables sort and filter, it fits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def all_pages(reports: Path) -> list[Path]:
    names = ("index", "numbers", "comparisons", "glossary")
    pages = [reports / f"{name}.html" for name in names]
    pages += sorted((reports / "studies").glob("*.html"))
    assert all(page.is_file() for page in pages)
    assert len(pages) >= 3
    return pages


def test_every_page_loads_without_error_and_with_all_figures(
    reports: Path, open_page: object
) -> None:
    figures = 0
    for path in all_pages(reports):
        opened = open_page(path)
        opened.page.evaluate(
            "Promise.all(Array.from(document.images, image => {"
            " image.loading = 'eager';"
            " return image.complete ? null : new Promise(done => {"
            "  image.onload = done; image.onerror = done; }); }))"
        )
        widths = opened.page.evaluate("Array.from(document.images, image => image.naturalWidth)")
        assert all(width > 100 for width in widths), f"{path.name}: a figure did not load"
        figures += len(widths)
        assert opened.complaints == [], f"{path.name}: {opened.complaints}"
        assert all(url.startswith(("file:", "data:")) for url in opened.requests)
        assert opened.page.evaluate("document.querySelectorAll('img:not([alt])').length") == 0
    assert figures >= 3


def test_links_between_pages_and_to_files_lead_somewhere(reports: Path, open_page: object) -> None:
    for path in all_pages(reports):
        page = open_page(path).page
        links = page.evaluate("Array.from(document.links, link => link.href)")
        local = {link.split("#")[0] for link in links if link.startswith("file:")}
        missing = [link for link in local if not Path(link.removeprefix("file://")).exists()]
        assert missing == [], f"{path.name} links to files that do not exist"
        fragments = {link.split("#")[1] for link in links if link.startswith(path.as_uri() + "#")}
        for fragment in fragments:
            assert page.locator(f"[id='{fragment}']").count() == 1, f"{path.name}#{fragment}"


def values(page: object, column: int) -> list[str]:
    return page.evaluate(
        "column => Array.from(document.querySelector('#verdict-table').tBodies[0].rows)"
        ".filter(row => !row.hidden)"
        ".map(row => row.cells[column].dataset.value ?? row.cells[column].textContent.trim())",
        column,
    )


def as_people_sort(text: str) -> str:
    """Key that puts words in order whatever their case and spaces; signs come before letters."""
    return re.sub(r"[^\w ]", "!", text.replace("\N{NO-BREAK SPACE}", " ")).casefold()


def unfolded_numbers(reports: Path, open_page: object) -> object:
    """The page of all numbers, its table of them unfolded as a reader does it."""
    page = open_page(reports / "numbers.html").page
    table = page.locator("#verdict-table")
    assert not table.is_visible()
    page.locator("details:has(#verdict-table) > summary").click()
    assert table.is_visible()
    return page


def test_the_verdict_table_sorts_by_mouse_and_by_keyboard(reports: Path, open_page: object) -> None:
    page = unfolded_numbers(reports, open_page)
    headers = page.locator("#verdict-table thead th")
    names = [text.strip() for text in headers.all_text_contents()]
    column = names.index("Published")
    before = sorted(float(value) for value in values(page, column) if value)
    assert len(before) > 1

    headers.nth(column).locator("button").click()
    assert headers.nth(column).get_attribute("aria-sort") == "ascending"
    assert [float(value) for value in values(page, column) if value] == before

    headers.nth(column).locator("button").focus()
    page.keyboard.press("Enter")
    assert headers.nth(column).get_attribute("aria-sort") == "descending"
    assert [float(value) for value in values(page, column) if value] == before[::-1]

    headers.nth(0).locator("button").click()
    assert headers.nth(column).get_attribute("aria-sort") is None
    studies = values(page, 0)
    assert studies == sorted(studies, key=as_people_sort) and len(set(studies)) > 1


def test_the_verdict_table_filters(reports: Path, open_page: object) -> None:
    page = unfolded_numbers(reports, open_page)
    filters = page.locator("[data-filter-for=verdict-table]")
    total = len(values(page, 0))
    assert f"{total} of {total} rows" in filters.locator("output").text_content()

    filters.locator("select").select_option("exact")
    shown = page.locator("#verdict-table tbody tr:visible")
    kept = shown.count()
    assert 0 < kept <= total
    assert set(shown.evaluate_all("rows => rows.map(row => row.dataset.verdict)")) == {"exact"}

    filters.locator("select").select_option("")
    study = values(page, 0)[0]
    filters.locator("input").fill(study.upper())
    assert set(values(page, 0)) == {study}
    filters.locator("input").fill("no row holds these words")
    assert values(page, 0) == []
    assert f"0 of {total} rows" in filters.locator("output").text_content()
    filters.locator("input").fill("")
    assert len(values(page, 0)) == total


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone(scheme: str, reports: Path, open_page: object) -> None:
    for path in all_pages(reports):
        page = open_page(path, viewport=PHONE, color_scheme=scheme, has_touch=True).page
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{path.name} is {width} px wide"


def luminance(colour: str) -> float:
    red, green, blue = (
        int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")
    )
    parts = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in (red, green, blue)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_both_colour_schemes(
    scheme: str, reports: Path, open_page: object
) -> None:
    page = open_page(reports / "numbers.html", color_scheme=scheme).page
    ground = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (ground < 0.05) == (scheme == "dark")
    for selector in ("body", "caption", "main a", ".verdict"):
        colour = page.evaluate(
            "selector => getComputedStyle(document.querySelector(selector)).color", selector
        )
        light, dark = sorted((luminance(colour), ground), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{selector} in the {scheme} scheme"


def test_the_first_tab_stop_skips_to_the_content(reports: Path, open_page: object) -> None:
    page = open_page(reports / "index.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_focused_control_is_outlined(reports: Path, open_page: object) -> None:
    page = open_page(reports / "index.html").page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_page_prints_with_everything_unfolded(reports: Path, open_page: object) -> None:
    study = sorted((reports / "studies").glob("*.html"))[0]
    page = open_page(study).page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('header.site')).display") == "none"
    )
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(page.pdf()) > 10_000


def test_tables_are_complete_without_script(reports: Path, open_page: object) -> None:
    with_script = open_page(reports / "numbers.html").page
    without = open_page(reports / "numbers.html", java_script_enabled=False).page
    rows = "#verdict-table tbody tr"
    assert without.locator(rows).count() == with_script.locator(rows).count() > 0
    assert without.locator("[data-filter-for=verdict-table]").is_hidden()
