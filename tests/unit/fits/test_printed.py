"""What follows from printed constants: arithmetic in cards, simulated frontiers, confirmation."""

from __future__ import annotations

import numpy as np
import pytest
from card_entries import fit_entry

import scaling_studies as ss
from scaling_studies.cards.expressions import evaluate, names_in
from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.resolve import resolve_fit
from scaling_studies.engine.allocation.simulated_frontier import frontier, frontier_exponent
from scaling_studies.errors import CardError, FitError
from scaling_studies.fits.printed import printed_law

LAW = {"E": 1.7, "A": 400.0, "B": 500.0, "alpha": 0.4, "beta": 0.3}


def entry(**changes):
    return {"title": "A law", "law": "additive", "estimator": "printed", "fixed": LAW} | changes


def test_expressions_follow_arithmetic_for_every_parameter_set():
    known = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    expected = -(known["a"] ** 2) * 6 + np.log(known["b"]) / 2 - 1e3
    assert evaluate("-a ** 2 * 6 + log(b) / 2 - 1e3", known) == pytest.approx(expected)
    assert evaluate("6 * 2e3", {}) == pytest.approx([12_000.0])
    assert names_in("log(b) + a * sqrt(4)") == {"a", "b"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.real",
        "a[0]",
        "(lambda: 1)()",
        "[1, 2]",
        "a if a else b",
        "'text'",
        "True",
        "1 +",
        "exec(a)",
        "log(a, b)",
        "a // 2",
        "1e3 * " * 100 + "1",
    ],
)
def test_anything_else_than_arithmetic_is_refused(text):
    with pytest.raises(CardError):
        names_in(text)


def test_unknown_names_in_an_expression_are_refused_with_the_known_ones():
    with pytest.raises(CardError, match=r"unknown quantity 'c'.*known: a"):
        evaluate("a + c", {"a": np.ones(1)})


def test_arithmetic_in_fixed_is_done_before_fitting():
    fit = FitEntry.model_validate(entry(fixed=LAW | {"A": "8.8e13 ** 0.076"}))
    card = StudyCard.model_construct(fits={"law": fit})
    assert resolve_fit(card, "law").fixed["A"] == pytest.approx(8.8e13**0.076)


def test_printed_law_reports_quantities_and_how_sure_they_are():
    quantities = {
        "flops": {"expression": "6 * 2 * 3"},
        "twice": {"expression": "2 * flops", "description": "Twice"},
        "cheap": {
            "inference_adjusted": {
                "reference_params": 7e9,
                "inference_tokens": 0,
                "gives": "params",
            }
        },
    }
    artefact = printed_law(
        "study", "law", fit_entry(entry(quantities=quantities, confirmation={"E": "one_source"}))
    )
    assert (artefact.n, artefact.n_held_out) == (0, 0)
    assert artefact.quantities["twice"] == 72.0
    # Without inference the cheapest model is the compute-optimal one.
    assert artefact.quantities["cheap"] == pytest.approx(7e9, rel=1e-3)
    assert artefact.confirmation == {"E": "one_source"}
    assert "Printed by one source alone: E." in artefact.messages


SETTINGS = {
    "sizes": {"low": 1e6, "high": 1e11, "count": 4001},
    "embedding": {"coefficient": 0.0, "exponent": 1.0},
    "counted": "total",
    "flops": {"low": 1e18, "high": 1e22, "count": 30},
}


def test_dense_sizes_without_embeddings_give_the_laws_own_allocation():
    law = ss.get_law("additive")
    assert frontier_exponent(law, LAW, SETTINGS) == pytest.approx(0.3 / 0.7, abs=1e-3)
    flops, params = frontier(law, LAW, SETTINGS)
    best = (0.4 * 400 / (0.3 * 500)) ** (1 / 0.7) * (flops / 6) ** (0.3 / 0.7)
    assert params == pytest.approx(best, rel=5e-3)


def test_not_counting_embeddings_raises_the_exponent():
    law = ss.get_law("additive")
    embedding = {"coefficient": 47_491.0, "exponent": 1 / 3}
    small = SETTINGS | {"embedding": embedding, "flops": {"low": 1e14, "high": 1e18, "count": 30}}
    small["sizes"] = {"low": 1e3, "high": 1e9, "count": 2001}
    bare = frontier_exponent(law, LAW, small | {"counted": "non_embedding"})
    assert bare > frontier_exponent(law, LAW, small) + 0.1


def test_tokens_on_a_fine_grid_change_nothing():
    law = ss.get_law("additive")
    fine = SETTINGS | {"tokens": {"low": 1e6, "high": 1e17, "count": 200_001}}
    assert frontier(law, LAW, fine)[1] == pytest.approx(frontier(law, LAW, SETTINGS)[1], rel=2e-2)


def test_a_law_without_size_and_data_has_no_frontier():
    with pytest.raises(FitError, match="not one of params and tokens"):
        frontier(ss.get_law("power"), {"A": 1.0, "alpha": 1.0}, SETTINGS)


def test_quantities_may_stand_in_any_order():
    quantities = {"a_last": {"expression": "z_first + 1"}, "z_first": {"expression": "2"}}
    assert (
        printed_law("s", "law", fit_entry(entry(quantities=quantities))).quantities["a_last"] == 3.0
    )


def test_quantities_made_of_each_other_are_refused():
    quantities = {"one": {"expression": "two"}, "two": {"of": "one"}}
    with pytest.raises(FitError, match=r"made of each other: one, two, one|two, one, two"):
        printed_law("s", "law", fit_entry(entry(quantities=quantities)))
