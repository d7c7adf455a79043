"""Check parameter_convention: what N counts."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.parameter_convention import find

TOTAL = {"axes": {"params": "params_total"}}
STATED = rows(params_convention="all of them")
SAID = ("info", None, "N counts parameters as follows: “all of them”.", None, None)


def test_what_the_rows_say():
    other = made_fit(rows(params_convention="active"), entry=TOTAL, estimator="evaluate")
    assert said(find, made_study(a=made_fit(STATED, entry=TOTAL))) == [SAID]
    assert said(find, made_study(a=made_fit(STATED, entry=TOTAL), b=other)) == [
        (
            "info",
            None,
            "N counts parameters as follows: “active” and “all of them”.",
            None,
            None,
        )
    ]


def test_what_the_rows_do_not_say():
    fits = {"a": made_fit(entry=TOTAL), "b": made_fit(STATED, entry=TOTAL)}
    assert said(find, made_study(**fits)) == [
        (
            "warning",
            None,
            "What N counts is not known for “A fit”: tokens per parameter are not comparable with "
            "other studies'.",
            None,
            None,
        ),
        SAID,
    ]


@pytest.mark.parametrize(
    ("entry", "law", "counts"),
    [
        ({"axes": {"params": {"metric": "size"}}}, "additive", False),
        ({"axes": {"x": "params_total"}}, "additive", False),
        ({"response": {"metric": "params_opt"}}, "additive", False),
        ({"response": {"metric": "params_opt"}}, "compute_optimal", True),
    ],
)
def test_only_fits_over_n_or_of_n_count(entry, law, counts):
    context = made_study(a=made_fit(STATED, entry=entry, law=law))
    assert said(find, context) == ([SAID] if counts else [])


def by_column(columns, a_opts, **changes):
    fits = {
        name: made_fit(
            STATED,
            entry={"axes": {"params": column}},
            quantities={"a_opt": a_opt},
            intervals={"a_opt": (0.45, 0.55)},
            **changes,
        )
        for name, column, a_opt in zip("abc", columns, a_opts, strict=False)
    }
    return said(find, made_study(**fits))[1:]


def test_two_columns_of_n_that_give_different_laws():
    assert by_column(["params_total", "params_non_embedding"], [0.5, 0.612345]) == [
        (
            "warning",
            None,
            "On the same rows, N total and without embeddings give: a (exponent of best size, N* ∝ "
            "Cᵃ) 0.5 and 0.6123 (interval 0.1 wide).",
            "a_opt",
            0.112345,
        )
    ]


def test_two_columns_of_n_that_hardly_matter():
    (finding,) = by_column(["params_active", "own_column"], [0.5, 0.52])
    assert finding[0] == "info" and "N active and own_column give" in finding[2]


def test_a_law_of_size_fitted_to_a_batch_says_nothing_of_n():
    assert by_column(["params_total", "batch_tokens"], [0.5, 0.7]) == []


def test_one_column_of_n_is_not_compared():
    assert by_column(["params_total"] * 2, [0.5, 0.7]) == []
    assert by_column(["params_total", "params_active"], [0.5, 0.7], estimator="evaluate") == []
