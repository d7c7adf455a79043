"""Check ill_conditioning: whether the rows determine every parameter."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, said

from scaling_studies.checks.kinds.ill_conditioning import find


def of_condition(number, directions="", **changes):
    return made_fit(evidence={"condition_number": number, "weak_directions": directions}, **changes)


def test_a_condition_number_below_a_million_is_sound():
    assert said(find, made_study(a=of_condition(9.9e5), b=of_condition(120.0))) == [
        (
            "info",
            None,
            "Condition number of 2 fits in centred logs: 120 to 990,000, below the 10⁶ from which "
            "parameters are said to lie on a ridge.",
            "condition_number",
            9.9e5,
        )
    ]


@pytest.mark.parametrize(
    ("directions", "meaning"),
    [
        (
            "+0.9 E; -0.9 B +0.3 beta +0.29 A",
            "along its worst direction, a mixture of B and beta, the standard error is about 1,000 "
            "times that along the best. Read these parameters together, not one by one.",
        ),
        (
            "-0.9 B",
            "the standard error of B is about 1,000 times that of the best determined one.",
        ),
        (
            "",
            "the standard error of the worst parameter is about 1,000 times that of the best "
            "determined one.",
        ),
    ],
)
def test_from_a_million_on_parameters_lie_on_a_ridge(directions, meaning):
    assert said(find, made_study(a=of_condition(1e6, directions))) == [
        ("warning", "a", f"Condition number 1×10⁶: {meaning}", "condition_number", 1e6)
    ]


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        (
            ["A budget.", "Not identified: A and B.", "Not identified: C."],
            "Not identified: A and B.",
        ),
        (["A budget."], "The rows do not determine every parameter."),
    ],
)
def test_an_unidentified_fit_fails(messages, text):
    fit = of_condition(1e7, identified=False, messages=messages)
    assert said(find, made_study(a=fit)) == [("fail", "a", text, None, None)]


def test_fits_without_evidence_or_search_are_passed_by():
    assert said(find, made_study(a=of_condition(None, identified=None))) == []
    assert said(find, made_study(a=of_condition(1e9, estimator="evaluate"))) == []


@pytest.mark.parametrize(
    ("ends", "of", "warned"),
    [
        ((0.5, 14.0), "tokens_per_parameter", True),
        ((2.0, 20.1), "tokens_per_parameter", True),
        ((2.0, 19.9), "tokens_per_parameter", False),
        ((0.0, 3.0), "tokens_per_parameter", True),
        ((0.5, 4.9), "tokens_per_parameter", False),
        ((2.0, 50.0), "params_opt", False),
    ],
)
def test_tokens_per_parameter_over_a_decade_are_no_advice(ends, of, warned):
    entry = {"quantities": {"ratio": {"of": of, "at_flops": 1e23}}}
    fit = of_condition(120.0, entry=entry, intervals={"ratio": ends}, quantities={"ratio": 3.0})
    found = [item for item in said(find, made_study(a=fit)) if item[0] == "warning"]
    assert bool(found) == warned
    if ends == (0.5, 14.0):
        assert found[0][2].startswith(
            "Tokens per parameter at 1×10²³ FLOP lie anywhere from 0.5 to 14 (95 %): these rows"
        )
