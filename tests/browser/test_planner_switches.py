"""The planner's switches in a real browser: the numbers are those of the library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from simulated_artefacts import CARD, STUDY

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.engine.allocation.counting import non_embedding_of, total_of
from scaling_studies.engine.allocation.trade_off import Repeats, TradeOff
from scaling_studies.errors import FitError
from scaling_studies.pages import front, planner

pytestmark = pytest.mark.browser
GRID = np.logspace(18.0, 26.0, 65)
FITS = list(CARD["fits"])[:2]
#: Chinchilla's law as refitted, and one with a power, as Kaplan's.
LAWS = {
    FITS[0]: TradeOff(1.8172, 477.8, 2143.4, 0.3473, 0.3672),
    FITS[1]: TradeOff(0.0, 7.9e10, 5.4e13, 0.8, 1.0, 0.095),
}
STARS = Repeats(15.387756, 5.309743)
REACH = (1e18, 3e21)


def _allocation(fit: str, law: TradeOff) -> list[dict]:
    rows = []
    for flops in GRID.tolist():
        params, tokens = law.best(flops)
        loss = law.loss(params, tokens)
        rows.append(
            {
                "study": STUDY,
                "fit": fit,
                "source": "refit",
                "flops": flops,
                "params_opt": params,
                "params_opt_low": 0.8 * params,
                "params_opt_high": 1.3 * params,
                "loss_opt": loss,
                "new_run_low": 0.98 * loss,
                "new_run_high": 1.02 * loss,
                "extrapolated": not REACH[0] <= flops <= REACH[1],
            }
        )
    return rows


def _form(fit: str, law: TradeOff) -> dict:
    constants = {name: getattr(law, name) for name in planner.FORM}
    reach = {"flops_low": REACH[0], "flops_high": REACH[1]}
    stars = {"data_repeats": STARS.data, "size_repeats": STARS.size}
    labels = {"study": STUDY, "fit": fit, "law": "additive", "repeats_of": f"{STUDY}/{fit}"}
    return {**labels, **constants, **reach, **stars}


COVERAGE = [
    {"study": study, "law": "additive", "distance_bin": "3 to 10", "kind": "new_run",
     "level": 0.95, "n": n, "covered": covered}
    for study, n, covered in (("one", 40, 38), ("two", 60, 57), (STUDY, 1000, 0))
]  # fmt: skip


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory, write_front: Callable) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    allocation = [row for fit, law in LAWS.items() for row in _allocation(fit, law)]
    forms = [_form(fit, law) for fit, law in LAWS.items()]
    html = front.render_index(
        {STUDY: StudyCard.rebuilt(CARD)}, [], [], [],
        allocation=allocation, trade_offs=forms, coverage=COVERAGE,
    )  # fmt: skip
    return write_front(folder, html)


def _ask(opened: object, **fields: str) -> list[tuple[float, float, float]]:
    """Size, data and loss of each law, as the page holds them, by size."""
    for name, text in fields.items():
        if name == "count":
            opened.page.select_option("#planner [name=count]", text)
        else:
            opened.page.fill(f"#planner [name={name}]", text)
    cells = opened.page.evaluate(
        "Array.from(document.querySelectorAll('#planner-table tbody tr'), row =>"
        " Array.from(row.querySelectorAll('[data-value]'), cell => Number(cell.dataset.value)))"
    )
    return sorted((row[0], row[1], row[-1]) for row in cells)


def _expected(answer: Callable[[TradeOff], tuple]) -> list[tuple[float, float, float]]:
    found = []
    for law in LAWS.values():
        try:
            plan = answer(law)
        except FitError:
            continue
        found.append(plan if len(plan) == 3 else (*plan, law.loss(*plan)))
    return sorted(found)


def _loss_at(law: TradeOff, flops: float) -> float:
    return law.loss(*law.best(flops))


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"budget": "3e22"}, lambda law: law.best(3e22)),
        ({"budget": "loss 2.4"}, lambda law: law.best_for_loss(2.4)),
        ({"served": "10T"}, lambda law: law.serving(_loss_at(law, 1e22), 1e13)),
        ({"served": "500B", "budget": "loss 2.3"}, lambda law: law.serving(2.3, 5e11)),
        ({"ratio": "200"}, lambda law: law.with_ratio(1e22, 200.0)),
        ({"ratio": "1k", "budget": "loss 2.5"}, lambda law: law.with_ratio_for_loss(2.5, 1e3)),
        ({"unique": "20B"}, lambda law: law.with_unique(1e22, 2e10, STARS)),
        ({"unique": "10T"}, lambda law: law.with_unique(1e22, 1e13, STARS)),
    ],
)
def test_answers_are_those_of_the_library(
    opened: object, fields: dict, answer: Callable[[TradeOff], tuple]
) -> None:
    # Curves of the page have five digits, constants have all.
    exact = set(fields) != {"budget"} or "loss" in fields["budget"]
    np.testing.assert_allclose(
        _ask(opened, **fields), _expected(answer), rtol=1e-7 if exact else 1e-4
    )
    assert opened.page.inner_text("#planner-problem") == ""
    assert opened.complaints == []


def test_a_loss_from_few_data_is_the_library_s(opened: object) -> None:
    found = _ask(opened, unique="20B", budget="loss 2.4")
    expected = []
    for law in LAWS.values():
        plan = law.with_unique_for_loss(2.4, 2e10, STARS)
        expected.append((*plan, law.loss_with_unique(*plan, 2e10, STARS)))
    np.testing.assert_allclose(found, sorted(expected), rtol=1e-5)
    assert "lose their value as in" in opened.page.inner_text("#planner .assumed")


@pytest.mark.parametrize("wanted", ["total", "non_embedding"])
def test_sizes_are_converted_where_a_law_says_what_it_counts(opened: object, wanted: str) -> None:
    counted = planner.COUNTED.get(str((CARD["fits"][FITS[0]].get("axes") or {}).get("params")))
    convert = {
        ("total", "without embeddings"): total_of,
        ("non_embedding", "all parameters"): non_embedding_of,
    }.get((wanted, counted), lambda size: size)
    found = _ask(opened, ratio="100", count=wanted)
    expected = [convert(law.with_ratio(1e22, 100.0)[0]) for law in LAWS.values()]
    np.testing.assert_allclose([size for size, *_ in found], sorted(expected), rtol=1e-7)
    assert "Pearce and Song" in opened.page.inner_text("#planner .assumed")


def test_a_record_is_of_other_studies_at_that_distance(opened: object) -> None:
    _ask(opened, budget="2e22")
    rows = "document.querySelectorAll('#planner-table tbody tr')"
    last = f"Array.from({rows}, row => row.lastChild.textContent)"
    assert opened.page.evaluate(last) == ["95 % of 100 runs, 2 studies"] * 2
    _ask(opened, budget="1e24")
    assert opened.page.evaluate(last) == ["no record so far out"] * 2
    _ask(opened, budget="1e20")
    assert opened.page.evaluate(last) == ["–"] * 2


def test_a_link_brings_every_switch_back(
    opened: object, page_path: Path, open_page: Callable
) -> None:
    found = _ask(opened, served="2T", count="non_embedding", budget="5e22")
    link = opened.page.get_attribute("#planner-link", "href")
    other = open_page(page_path)
    other.page.goto(f"{page_path.as_uri()}{link}")
    assert _ask(other) == found
    assert other.page.inner_text("#planner-answer") == opened.page.inner_text("#planner-answer")


@pytest.mark.parametrize(
    "fields",
    [{"served": "many"}, {"ratio": "-3"}, {"unique": "0"}, {"served": "1T", "ratio": "20"}],
)
def test_what_cannot_be_planned_gets_a_line(opened: object, fields: dict) -> None:
    _ask(opened, **fields)
    assert opened.page.inner_text("#planner-problem")
    assert opened.page.inner_text("#planner-answer") == ""
    assert opened.complaints == []


def test_switches_are_reached_and_set_by_keyboard(opened: object) -> None:
    opened.page.focus("#planner [name=unique]")
    for name in ("served", "ratio", "count"):
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.name") == name
    opened.page.keyboard.press("ArrowDown")
    assert opened.page.input_value("#planner [name=count]") == "total"


def test_a_law_of_the_best_size_alone_answers_with_data_of_its_own_and_for_a_budget_only(
    tmp_path: Path, open_page: Callable, write_front: Callable
) -> None:
    rows = [
        row | {"tokens_opt": 7.0 * row["params_opt"], "loss_opt": None}
        for row in _allocation(FITS[0], LAWS[FITS[0]])
    ]
    line = {"study": STUDY, "fit": FITS[0], "gives": "params", "params_count": "active"}
    line |= {"tokens_of": FITS[1], "flops_low": 1e18, "flops_high": 1e21}
    html = front.render_index(
        {STUDY: StudyCard.rebuilt(CARD)}, [], [], [], allocation=rows, optima=[line]
    )
    opened = open_page(write_front(tmp_path, html))
    opened.page.wait_for_selector("#planner[data-drawn]")
    [(size, data, _)] = _ask(opened, budget="3e22")
    assert size == pytest.approx(LAWS[FITS[0]].best(3e22)[0], rel=1e-3)
    assert data == pytest.approx(7.0 * size, rel=1e-3)
    said = opened.page.inner_text("#planner-table tbody tr")
    assert "30 × above" in said and "active parameters" in said
    opened.page.fill("#planner [name=served]", "10T")
    assert "it needs one that gives the loss" in opened.page.inner_text("#planner-problem")
