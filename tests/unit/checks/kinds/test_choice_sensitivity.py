"""Check choice_sensitivity: how far refits of the same rows lie apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.choice_sensitivity import find

ADDITIVE = "“Additive power laws of size and data”"
A_OPT = "a (exponent of best size, N* ∝ Cᵃ)"


def fit_of(a_opt: float, half_width: float = 0.05, points=None, **changes):
    return made_fit(
        points,
        quantities={"a_opt": a_opt},
        intervals={"a_opt": (a_opt - half_width, a_opt + half_width)},
        **changes,
    )


def test_a_spread_wider_than_an_interval_is_a_warning():
    context = made_study(a=fit_of(0.5), b=fit_of(0.60123))
    assert said(find, context) == [
        (
            "warning",
            "a",
            f"2 fits of {ADDITIVE} to the same runs or part of them differ by more than the "
            f"interval of one is wide: {A_OPT} 0.5 to 0.601 (interval 0.1 wide).",
            "a_opt",
            0.10123,
        )
    ]


def test_a_spread_as_wide_as_an_interval_is_none():
    assert said(find, made_study(a=fit_of(0.5, 0.25), b=fit_of(1.0, 0.25))) == [
        (
            "info",
            "a",
            f"2 fits of {ADDITIVE} to the same runs or part of them differ by no more than the "
            f"interval of one is wide: {A_OPT} 0.5 to 1 (interval 0.5 wide).",
            "a_opt",
            0.5,
        )
    ]


def test_quantities_within_and_beyond_are_told_apart():
    moved = {"a_opt": 0.5, "tokens_per_parameter_at_x": 20.0, "mae": 1.0}
    moved["tokens_per_parameter_at_y"] = 1.0
    fits = [
        made_fit(quantities=moved, intervals={"a_opt": (0.4, 0.6), "mae": (0.9, 1.1)}),
        made_fit(quantities=moved | {"a_opt": 1.5, "tokens_per_parameter_at_x": 30.0, "mae": 7.0}),
        made_fit(quantities=moved | {"a_opt": 0.25, "mae": 9.0}, headline=["mae"]),
    ]
    context = made_study(a=fits[0], b=fits[1], c=fits[2])
    assert said(find, context) == [
        (
            "warning",
            "a",
            f"3 fits of {ADDITIVE} to the same runs or part of them differ by more than the "
            f"interval of one is wide: {A_OPT} 0.25 to 1.5 (interval 0.2 wide); mean absolute "
            "error 1 to 9 (interval 0.2 wide). Further: tokens per parameter at x 20 to 30; "
            "tokens per parameter at y 1 to 1.",
            "a_opt",
            1.25,
        )
    ]


def test_what_moves_less_than_its_interval_stands_in_the_same_sentence():
    def fit(a_opt, loss):
        known = {"a_opt": (a_opt - 0.05, a_opt + 0.05), "mae": (loss - 1, loss + 1)}
        values = {"a_opt": a_opt, "mae": loss}
        return made_fit(quantities=values, intervals=known, headline=["a_opt", "mae"])

    ((severity, _, text, *_),) = said(find, made_study(a=fit(0.5, 2.0), b=fit(0.7, 2.5)))
    assert severity == "warning" and text.endswith(
        "The rest differs by no more than the interval of one is wide: mean absolute error 2 to "
        "2.5 (interval 2 wide)."
    )


def test_the_median_width_of_the_intervals_counts():
    widths = [fit_of(0.5, 0.05), fit_of(0.5, 0.2), fit_of(0.7, 5.0)]
    (finding,) = said(find, made_study(**dict(zip("abc", widths, strict=True))))
    assert finding[0] == "info" and "(interval 0.4 wide)" in finding[2]


def test_half_of_the_smaller_fit_s_rows_must_be_common():
    names = [f"row_{number}" for number in range(8)]
    half = rows(row_key=[*names[:4], *(f"other_{number}" for number in range(4))])
    less = rows(row_key=[*names[:3], *(f"other_{number}" for number in range(5))])
    assert len(said(find, made_study(a=fit_of(0.5), b=fit_of(0.6, points=half)))) == 1
    assert said(find, made_study(a=fit_of(0.5), b=fit_of(0.6, points=less))) == []
    assert len(said(find, made_study(a=fit_of(0.5, points=rows(20)), b=fit_of(0.6)))) == 1
    assert said(find, made_study(a=fit_of(0.5), b=fit_of(0.6, points=rows(table="other")))) == []


def test_other_laws_responses_and_estimators_are_no_choice():
    other = {"response": {"metric": "accuracy"}}
    for change in ({"law": "kaplan"}, {"entry": other}, {"estimator": "evaluate"}):
        assert said(find, made_study(a=fit_of(0.5), b=fit_of(0.9, **change))) == []


def test_each_law_has_a_family_of_its_own():
    fits = [fit_of(value, law=law) for value in (0.5, 0.9) for law in ("additive", "kaplan")]
    found = said(find, made_study(**dict(zip("abcd", fits, strict=True))))
    assert [item[2].split(" to the same")[0].partition("” and ")[2] for item in found] == [
        f"1 other fit of {ADDITIVE}",
        "1 other fit of “Joint law of size and data”",
    ]


def test_of_laws_without_headline_the_free_parameters_are_compared():
    held = made_fit(quantities={"E": 1.0, "A": 3.0, "r_squared": 0.9}, parameters={"E": 1, "A": 3})
    free = made_fit(quantities={"E": 2.0, "A": 4.0, "r_squared": 0.8}, fixed={"E": 2.0})
    (finding,) = said(find, made_study(a=held, b=free))
    assert finding[2].endswith("part of them give: A 3 to 4.")


def test_a_law_without_one_of_its_terms_is_another_law():
    one, other = fit_of(0.5), fit_of(0.9, fixed={"c": 0.0})
    assert said(find, made_study(a=one, b=other)) == []
    assert said(find, made_study(a=one, b=fit_of(0.9, fixed={"c": 0.1}))) != []


ROW = {
    "fit": "a",
    "quantity": "a_opt",
    "usable": 200,
    "inside": 0.25,
    "choices_low": 0.41,
    "choices_high": 0.62,
    "sampling_low": 0.47,
    "sampling_high": 0.55,
    "largest_option": "at least 20 tokens per parameter",
    "largest_value": 0.7,
}


@pytest.mark.parametrize(("inside", "severity"), [(0.25, "warning"), (0.9, "info")])
def test_values_under_all_choices_are_held_against_the_interval(inside, severity):
    context = replace(made_study(a=fit_of(0.5)), choices=[ROW | {"inside": inside}])
    ((found, fit, text, quantity, value),) = said(find, context)
    assert (found, fit, quantity, value) == (severity, "a", "a_opt", inside)
    assert text.startswith(
        "Under 200 combinations of choices 95 % of the values of a (exponent of best size, "
        "N* ∝ Cᵃ) lie between"
    )
    assert "0.41 and 0.62" in text and "0.470 to 0.550" in text
    assert text.endswith("to 0.7: at least 20 tokens per parameter.")


def test_a_best_size_is_called_in_words():
    context = replace(made_study(a=fit_of(0.5)), choices=[ROW | {"quantity": "params_opt"}])
    assert " values of compute-optimal parameters lie between " in said(find, context)[0][2]


def test_a_quantity_without_an_interval_says_nothing():
    context = replace(made_study(a=fit_of(0.5)), choices=[ROW | {"inside": None}])
    assert said(find, context) == []


def test_a_run_that_is_left_out_is_no_id_and_close_ends_differ():
    row = ROW | {
        "largest_option": "without the group of run errors:9",
        "sampling_low": 1.1709,
        "sampling_high": 1.1738,
    }
    ((_, _, text, _, _),) = said(find, replace(made_study(a=fit_of(0.5)), choices=[row]))
    assert "without one run." in text and "errors:9" not in text
    assert "1.1709 to 1.1738" in text
