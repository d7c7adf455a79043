"""The page of allocation: every number is read from an artefact."""

from __future__ import annotations

import re

import pytest

from scaling_studies.pages.allocation import render_allocation

LAW = {
    "study": "someone_2024", "fit": "main", "law": "additive", "source": "refit",
    "E": 1.8172, "A": 477.8, "B": 2143.4, "alpha": 0.3473, "beta": 0.3672, "power": 1.0,
    "flops_low": 1.2e18, "flops_high": 3.4e21,
    "data_repeats": 15.39, "size_repeats": 5.31, "repeats_of": "other_2023/published",
}  # fmt: skip
PLAN = {
    "study": "someone_2024", "fit": "main", "source": "refit", "purpose": "serving",
    "asked": 1e22, "amount": 1e13, "flops": 2.22e22, "params": 4.56e9, "tokens": 8.12e11,
    "loss": 2.13, "tokens_per_parameter": 178.0, "beyond": 6.5, "cost": 2.34,
}  # fmt: skip
OPTIMUM = {
    "study": "someone_2024", "fit": "size", "law": "compute_optimal", "source": "published",
    "gives": "params", "unit": "PF-days", "tokens_of": "", "params_count": "non_embedding",
    "flops_count": "6ND_non_embedding", "note": "", "params_coefficient": 0.0234,
    "params_exponent": 0.515, "tokens_coefficient": 7.12, "tokens_exponent": 0.485,
    "flops_low": None, "flops_high": None,
}  # fmt: skip


def page(plan: dict | None = None, law: dict | None = None, optimum: dict | None = None) -> str:
    return render_allocation(
        [LAW | (law or {})],
        [PLAN | (plan or {}), PLAN | {"purpose": "compute_optimal", "amount": None}],
        [OPTIMUM | (optimum or {})],
        names={"someone_2024": "Someone"},
        fits={"someone_2024": {"main": "Main fit"}},
        sizes={"someone_2024": {"main": "params_total"}},
    ).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("where", "name", "value", "text"),
    [
        ("plan", "params", 7.77e9, "7.77"),
        ("plan", "tokens", 6.66e11, "6.66"),
        ("plan", "loss", 2.98, "2.98"),
        ("plan", "cost", 9.87, "9.87 ×"),
        ("plan", "beyond", 88.0, "88 ×"),
        ("plan", "amount", 5e12, "5"),
        ("law", "alpha", 0.4321, "0.4321"),
        ("law", "flops_high", 7.7e23, "7.7"),
        ("law", "data_repeats", 18.76, "18.76"),
        ("optimum", "params_coefficient", 0.0567, "0.0567 C"),
        ("optimum", "tokens_exponent", 0.777, "<sup>0.777</sup>"),
        ("optimum", "unit", "furlongs", "furlongs"),
        ("optimum", "params_count", "active", "active parameters"),
        ("optimum", "note", "far below", "far below"),
        ("optimum", "flops_high", 4.4e19, "4.4"),
        ("optimum", "gives", "flops_per_token", "N* = M/6"),
        ("optimum", "tokens_of", "data_of_its_own", "data_of_its_own"),
    ],
)
def test_another_number_in_the_table_is_another_number_on_the_page(where, name, value, text):
    changed = page(**{where: {name: value}})
    assert changed != page() and text in changed
    if len(text) > 1:
        assert text not in page()


def test_every_caption_opens_with_a_capital():
    captions = re.findall(r"<caption>(.)", page({"purpose": "serving"}))
    assert len(captions) > 2 and all(map(str.isupper, captions))


def test_a_plan_far_beyond_the_runs_is_faint():
    assert 'class="faint"' not in page() and 'class="faint"' in page({"beyond": 101.0})
    assert "no run of its own" in page({"beyond": None})


def test_a_law_of_the_best_size_alone_has_no_loss_and_no_cost():
    changed = page({"purpose": "compute_optimal", "amount": None, "loss": None, "cost": None})
    assert changed.count("–</td>") == page().count("–</td>") + 2
    assert "and the 1 law of the best size alone" in page()
    plan = PLAN | {"purpose": "compute_optimal", "amount": None, "loss": None, "cost": None}
    only = render_allocation([], [plan], [OPTIMUM], names={}, fits={})
    assert "FLOP the 1 law of the best size alone asks for" in only
    none = render_allocation([LAW], [PLAN], names={}, fits={})
    assert "best size alone" not in none


def test_what_n_counts_is_said():
    assert "all parameters" in page()


def test_without_a_law_the_page_says_so():
    html = render_allocation([], [], names={}, fits={})
    assert "No law of this run divides compute" in html and "<table" not in html
