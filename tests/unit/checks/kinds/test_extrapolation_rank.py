"""Check extrapolation_rank: whether the law that describes best also predicts best."""

from __future__ import annotations

import numpy as np
import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.extrapolation_rank import find


def ranked(fit: str, inside: float, rank: float | None, error: float | None) -> dict:
    return {
        "fit": fit,
        "law": f"law of {fit}",
        "in_sample_rank": inside,
        "extrapolation_rank": rank,
        "extrapolation_error": error,
    }


def test_the_same_law_is_best_at_both():
    ranking = [
        ranked("a", 2.0, 1.0, 0.0123),
        ranked("b", 3.0, 2.0, 0.5),
        ranked("c", 1, None, None),
    ]
    assert said(find, made_study(ranking=ranking)) == [
        (
            "info",
            None,
            "Of 2 laws, law of a both describes the rows best and predicts larger runs best, to "
            "1.23 % on average.",
            "extrapolation_error",
            0.0123,
        )
    ]


def test_another_law_is_best_at_predicting():
    ranking = [ranked("a", 2.0, 1.0, 0.01), ranked("b", 1.0, 2.0, 0.03)]
    assert said(find, made_study(ranking=ranking)) == [
        (
            "warning",
            None,
            "law of b describes the rows best, but law of a predicts larger runs best: 1 % on "
            "average against 3 %.",
            "extrapolation_error",
            0.01,
        )
    ]


def test_one_law_is_no_ranking():
    ranking = [ranked("a", 2.0, 1.0, 0.01), ranked("b", 1.0, None, None)]
    assert said(find, made_study(ranking=ranking)) == []


def predicting(inside: float, beyond: float, held_out: int = 2, **changes):
    """Fit whose fitted and held-out predictions are off by these shares."""
    role = ["fit"] * (8 - held_out) + ["held_out"] * held_out
    observed = np.linspace(2.0, 3.0, 8)
    off = np.exp(np.where(np.array(role) == "fit", inside, beyond) * (-1.0) ** np.arange(8))
    points = rows(8, role=role, observed=observed, predicted=observed * off)
    return made_fit(points, **{"title": "One law"} | changes)


OTHER = {"law": "kaplan", "title": "Other law"}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_the_law_that_describes_better_predicts_worse(order):
    fits = {"a": predicting(0.01, 0.2), "b": predicting(0.02, 0.1, **OTHER)}
    assert said(find, made_study(**{name: fits[name] for name in order})) == [
        (
            "warning",
            "a",
            "It describes the fitted rows better than “Other law” (1 % against 2 %, root mean "
            "square) but predicts the 2 held-out rows worse (20 % against 10 %).",
            "held_out_error",
            0.2,
        )
    ]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_the_law_that_describes_better_predicts_better(order):
    fits = {"a": predicting(0.01, 0.1), "b": predicting(0.02, 0.2, **OTHER)}
    assert said(find, made_study(**{name: fits[name] for name in order})) == [
        (
            "info",
            "a",
            "It describes the fitted rows better than “Other law” (1 % against 2 %, root mean "
            "square) and also predicts the 2 held-out rows better (10 % against 20 %).",
            "held_out_error",
            0.1,
        )
    ]


def test_laws_that_predict_alike_are_no_flip():
    (finding,) = said(find, made_study(a=predicting(0.01, 0.1), b=predicting(0.02, 0.1, **OTHER)))
    assert finding[:2] == ("info", "a")


def test_one_held_out_row_is_enough():
    fits = {"a": predicting(0.01, 0.1, held_out=1), "b": predicting(0.02, 0.2, held_out=1, **OTHER)}
    assert "predicts the 1 held-out rows" in said(find, made_study(**fits))[0][2]


@pytest.mark.parametrize(
    "change",
    [
        {"law": "additive"},
        {"n": 5},
        {"n_held_out": 1},
        {"estimator": "evaluate"},
        {"entry": {"source_study": "other_2021"}},
    ],
)
def test_only_two_laws_of_the_same_rows_are_compared(change):
    context = made_study(a=predicting(0.01, 0.1), b=predicting(0.02, 0.2, **OTHER | change))
    assert said(find, context) == []


def test_laws_that_predict_nothing_are_not_compared():
    assert said(find, made_study(a=made_fit(), b=made_fit(law="kaplan"))) == []
