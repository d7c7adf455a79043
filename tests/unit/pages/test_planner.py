"""The planner's part of the front page: the curves of the laws, unchanged, and what is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from simulated_artefacts import CARD, STUDY, write_artefacts
from simulated_pages import Page, index_page

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.pages.planner import CURVES, chart, planner_view

GRID = np.logspace(18.0, 26.0, 65)


def rows(fit: str, *, low: float | None = None, inside: tuple[float, float] | None = (1e19, 1e21)):
    size = 0.2 * GRID**0.5
    return [
        {
            "study": STUDY,
            "fit": fit,
            "source": "refit",
            "flops": flops,
            "params_opt": params,
            "params_opt_low": low and params * low,
            "params_opt_high": None,
            "loss_opt": 1.7 + 1e3 / params**0.3,
            "new_run_low": 1.6 + 1e3 / params**0.3,
            "new_run_high": None,
            "extrapolated": not (inside and inside[0] <= flops <= inside[1]),
        }
        for flops, params in zip(GRID.tolist(), size.tolist(), strict=True)
    ]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return write_artefacts(tmp_path_factory.mktemp("planner") / "project" / "results")


@pytest.fixture
def cards():
    return {STUDY: StudyCard.rebuilt(CARD)}


def test_curves_are_the_rows_of_the_table(cards):
    fit = next(iter(CARD["fits"]))
    table = rows(fit, low=0.9)
    data = json.loads(planner_view(table, cards)["data"])
    assert data["flops"] == pytest.approx(GRID, rel=1e-4)
    [law] = data["laws"]
    for column, name in CURVES.items():
        expected = [row[column] for row in table]
        if None in expected:
            assert law[name] == expected
        else:
            assert law[name] == pytest.approx(expected, rel=1e-4)


def test_a_law_reaches_as_far_as_its_runs(cards):
    fit = next(iter(CARD["fits"]))
    reach = json.loads(planner_view(rows(fit), cards)["data"])["laws"][0]["reach"]
    assert reach == pytest.approx([1e19, 1e21], rel=1e-3)
    without = json.loads(planner_view(rows(fit, inside=None), cards)["data"])["laws"][0]
    assert without["reach"] is None


def test_laws_of_one_study_are_told_apart(cards):
    first, second = list(CARD["fits"])[:2]
    laws = json.loads(planner_view(rows(first) + rows(second), cards)["data"])["laws"]
    assert len({law["name"] for law in laws}) == 2
    alone = json.loads(planner_view(rows(first), cards)["data"])["laws"][0]["name"]
    assert all(law["name"].startswith(f"{alone}, ") for law in laws)


def line(fit: str, **changes):
    known = {
        "study": STUDY,
        "fit": fit,
        "gives": "params",
        "tokens_of": "",
        "params_count": "active",
    }
    return known | {"flops_low": 1e18, "flops_high": 3e19} | changes


def test_a_law_of_the_best_size_alone_says_what_it_counts_and_how_far_it_reaches(cards):
    fit = next(iter(CARD["fits"]))
    table = [row | {"tokens_opt": 3.0 * row["params_opt"], "loss_opt": None} for row in rows(fit)]

    def law(**changes):
        return json.loads(planner_view(table, cards, (), (), [line(fit, **changes)])["data"])[
            "laws"
        ][0]

    assert law()["counts"] == "active parameters" and law()["reach"] == [1e18, 3e19]
    assert law()["form"] is None and "tokens" not in law() and set(law()["loss"]) == {None}
    own = law(tokens_of="data")["tokens"]
    assert own == pytest.approx([row["tokens_opt"] for row in table], rel=1e-4)
    assert law(gives="flops_per_token")["counts"] == "a sixth of the FLOP per token"
    assert law(params_count="not stated", flops_low=None)["counts"] == "not stated"
    assert law(flops_low=None)["reach"] is None


def test_a_name_cannot_end_the_script_element(cards):
    card = StudyCard.rebuilt(CARD | {"name": "</script><b>&"})
    data = planner_view(rows(next(iter(CARD["fits"]))), {STUDY: card})["data"]
    assert "<" not in data
    assert json.loads(data)["laws"][0]["name"].startswith("</script><b>&")


def test_the_chart_reads_no_file_and_no_address():
    text = json.dumps(chart())
    assert '"url"' not in text
    assert json.loads(text)["layer"]


def test_without_an_allocation_the_page_has_no_planner(results, cards):
    assert "planner" not in {each.get("id") for each in Page(index_page(results)).all("section")}
