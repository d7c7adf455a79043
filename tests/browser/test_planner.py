"""The planner in a real browser: budgets as people write them, numbers of the curves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from simulated_artefacts import CARD, STUDY

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.engine.allocation.accelerators import PEAKS, training_flops
from scaling_studies.pages import front

pytestmark = pytest.mark.browser
GRID = np.logspace(18.0, 26.0, 65)
#: Sizes of two laws; the second has no interval and no runs.
FIRST, SECOND = 0.09 * GRID**0.5, 0.0006 * GRID**0.6
REACH = (1e18, 1e22)


def _rows(fit: str, size: np.ndarray, *, fitted: bool) -> list[dict]:
    return [
        {
            "study": STUDY,
            "fit": fit,
            "source": "refit" if fitted else "published",
            "flops": flops,
            "params_opt": params,
            "params_opt_low": 0.8 * params if fitted else None,
            "params_opt_high": 1.3 * params if fitted else None,
            "loss_opt": 1.7 + 500 / params**0.3,
            "extrapolated": not (fitted and REACH[0] <= flops <= REACH[1] * 1.001),
        }
        for flops, params in zip(GRID.tolist(), size.tolist(), strict=True)
    ]


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory, write_front: Callable) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    first, second = list(CARD["fits"])[:2]
    allocation = _rows(first, FIRST, fitted=True) + _rows(second, SECOND, fitted=False)
    html = front.render_index({STUDY: StudyCard.rebuilt(CARD)}, [], [], [], allocation=allocation)
    return write_front(folder, html)


def _cells(page: object) -> list[list[str]]:
    return page.evaluate(
        "Array.from(document.querySelectorAll('#planner-table tbody tr'), row =>"
        " Array.from(row.cells).filter(cell => !cell.hidden).map(cell => cell.textContent))"
    )


def _number(text: str) -> float:
    scale = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    return float(text[:-1]) * scale[text[-1]] if text[-1] in scale else float(text)


H100_HOURS = training_flops(5000, PEAKS["H100"], 0.4)


@pytest.mark.parametrize(
    ("typed", "flops"),
    [
        ("1e22", 1e22),
        ("10^22", 1e22),
        ("10**22", 1e22),
        ("10²²", 1e22),
        ("C = 10²² FLOP", 1e22),
        ("3.5 × 10²³ FLOPs", 3.5e23),
        ("3.5x10^23", 3.5e23),
        ("3.5*10^23", 3.5e23),
        ("2 zettaFLOP", 2e21),
        ("2 ZFLOPs", 2e21),
        ("100 PF-days", 8.64e21),
        ("100 petaFLOP/s-days", 8.64e21),
        ("5000 H100-hours", H100_HOURS),
        ("5,000 h100 hours", H100_HOURS),
        ("5k H100 hours", H100_HOURS),
        ("5000 GPU-hours", H100_HOURS),
        ("50 H100s for 100 hours", H100_HOURS),
        ("1000 TPU v4-hours", training_flops(1000, PEAKS["TPU v4"], 0.4)),
        ("$10,000", H100_HOURS),
        ("10k USD", H100_HOURS),
    ],
)
def test_budgets_as_people_write_them(opened: object, typed: str, flops: float) -> None:
    opened.page.fill("#planner [name=budget]", typed)
    assert opened.page.inner_text("#planner-problem") == ""
    cells = {row[0].removesuffix(" (as published)"): row for row in _cells(opened.page)}
    for size, row in zip(
        (FIRST, SECOND), sorted(cells.values(), key=lambda row: row[2] == "–"), strict=True
    ):
        expected = np.exp(np.interp(np.log(flops), np.log(GRID), np.log(size)))
        assert _number(row[1]) == pytest.approx(expected, rel=5e-3)
        assert _number(row[3]) == pytest.approx(flops / (6 * expected), rel=5e-3)
    assert opened.complaints == []


def test_laws_whose_runs_reach_this_far_come_first_and_are_told_apart(opened: object) -> None:
    opened.page.fill("#planner [name=budget]", "1e21")
    first, second = _cells(opened.page)
    assert (first[5], second[5]) == ("within its runs", "no run of its own")
    assert first[2] != "–" and second[2] == "–"
    answer = opened.page.inner_text("#planner-answer")
    assert answer.startswith("At 10²¹ FLOP, the one law whose runs reach this far says")
    assert "one law, extrapolated, says" in answer
    opened.page.fill("#planner [name=budget]", "1e24")
    assert _cells(opened.page)[0][5] == "100 × above"
    assert "reach this far" not in opened.page.inner_text("#planner-answer")


def test_a_target_loss_gives_each_law_its_own_compute(opened: object) -> None:
    opened.page.fill("#planner [name=budget]", "loss 2.4")
    for row in _cells(opened.page):
        size = (500 / (2.4 - 1.7)) ** (1 / 0.3)
        assert _number(row[1]) == pytest.approx(size, rel=2e-2)
        assert row[5].count("×10") == 1


@pytest.mark.parametrize(
    "typed", ["", "bananas", "1e30", "-1e22", "0", "5 X900-hours", "loss 1.2", "1e22 tokens"]
)
def test_what_is_no_budget_gets_a_line_and_no_answer(opened: object, typed: str) -> None:
    opened.page.fill("#planner [name=budget]", typed)
    assert opened.page.inner_text("#planner-problem")
    assert opened.page.inner_text("#planner-answer") == ""
    assert opened.page.get_attribute("#planner [name=budget]", "aria-invalid") == "true"
    assert opened.complaints == []


def test_a_link_brings_the_plan_back(opened: object, page_path: Path, open_page: Callable) -> None:
    opened.page.fill("#planner [name=budget]", "2500 A100-hours")
    opened.page.fill("#planner [name=utilisation]", "55")
    opened.page.fill("#planner [name=unique]", "3B")
    link = opened.page.get_attribute("#planner-link", "href")
    other = open_page(page_path)
    other.page.goto(f"{page_path.as_uri()}{link}")
    assert other.page.inner_text("#planner-answer") == opened.page.inner_text("#planner-answer")
    assert _cells(other.page) == _cells(opened.page)


def test_unique_tokens_become_epochs(opened: object) -> None:
    opened.page.fill("#planner [name=unique]", "10B")
    for row in _cells(opened.page):
        # Two digits are shown.
        assert _number(row[5]) == pytest.approx(_number(row[3]) / 1e10, rel=3e-2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_planner_fits_a_phone(page_path: Path, open_page: Callable, scheme: str) -> None:
    opened = open_page(page_path, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    opened.page.wait_for_selector("#planner[data-drawn]")
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.page.locator(".planner-chart svg").is_visible()


def test_without_script_the_page_says_where_the_numbers_are(
    page_path: Path, open_page: Callable
) -> None:
    opened = open_page(page_path, java_script_enabled=False)
    assert "comparisons" in opened.page.inner_text("#planner noscript")
    assert not opened.page.locator("#planner form").is_visible()


def test_headings_begin_with_the_question_and_skip_no_level(opened: object) -> None:
    levels = opened.page.evaluate(
        "Array.from(document.querySelectorAll('h1, h2, h3, h4'), item => Number(item.tagName[1]))"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
