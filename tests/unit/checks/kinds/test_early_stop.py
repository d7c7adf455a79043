"""Check early_stop: whether optima are optima."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from made_studies import made_fit, made_study, rows, said, severities
from scipy.stats import chi2

from scaling_studies.checks.kinds.early_stop import chance, find

CONFIRMED = (
    "info",
    None,
    "1 fit is confirmed: a second optimiser and other fits of the same rows find nothing lower, "
    "and all starts of each end within 10⁻⁶ of its best.",
    "share_at_optimum",
    1.0,
)

# own searches


def test_a_search_with_which_nothing_is_wrong_is_confirmed():
    assert said(find, made_study(a=made_fit())) == [CONFIRMED]


def test_the_least_share_of_starts_is_told():
    shares = {
        name: made_fit(evidence={"share_at_optimum": share})
        for name, share in (("a", 1.0), ("b", 0.625), ("c", 0.75))
    }
    assert said(find, made_study(**shares)) == [
        (
            "info",
            None,
            "3 fits are confirmed: a second optimiser and other fits of the same rows find nothing "
            "lower, and at least 62 % of the starts of each end within 10⁻⁶ of its best.",
            "share_at_optimum",
            0.625,
        )
    ]


def test_a_fit_without_a_search_is_passed_by():
    without = made_fit(evidence={"starts": None})
    assert said(find, made_study(a=without)) == []
    assert said(find, made_study(a=without, b=made_fit())) == [CONFIRMED]


@pytest.mark.parametrize(("gap", "severity"), [(1.01e-6, "fail"), (0.99e-6, "info")])
def test_a_lower_rival_of_the_same_problem_fails(gap, severity):
    context = made_study(a=made_fit(objective_value=0.5 * (1 + gap)), b=made_fit(title="Rival"))
    assert severities(find, context)[0] == severity


def test_a_rival_that_is_as_low_as_counts_as_the_same_is_none():
    context = made_study(a=made_fit(objective_value=1e-6), b=made_fit(objective_value=0.0))
    assert severities(find, context) == ["info"]


def test_how_far_a_rival_goes_is_told():
    rival = made_fit(title="Rival", objective_value=0.5000012345)
    context = made_study(a=made_fit(objective_value=0.55123456), b=rival)
    assert said(find, context) == [
        (
            "fail",
            "a",
            "The search ended at 0.5512346. On the same 8 rows the same objective goes down to "
            "0.5000012, 10.2 % lower (“Rival”): it stopped short.",
            "objective_value",
            0.551235,
        ),
        CONFIRMED,
    ]


@pytest.mark.parametrize(
    ("best", "lowest", "percent"), [(-0.9, -1.0, "10"), (-1.0, -2.0, "50"), (0.001, 0.0, "0.1")]
)
def test_objectives_may_be_negative_or_zero(best, lowest, percent):
    context = made_study(a=made_fit(objective_value=best), b=made_fit(objective_value=lowest))
    assert f", {percent} % lower" in said(find, context)[0][2]


@pytest.mark.parametrize(
    "change",
    [
        {"converged": False, "evidence": {"starts": None}},
        {"fixed": {"E": 1.5}},
        {"law": "kaplan"},
        {"objective": {"name": "squared"}},
        {"estimator": "printed"},
    ],
)
def test_what_is_no_rival(change):
    context = made_study(a=made_fit(objective_value=0.6), b=made_fit(**change))
    assert set(severities(find, context)) == {"info"}


@pytest.mark.parametrize(
    ("disagreement", "severity"),
    [(-1.1e-6, "fail"), (-0.99e-6, "info"), (-1e-6, "info"), (1e-3, "info"), (None, "info")],
)
def test_a_second_optimiser_that_ends_lower_fails(disagreement, severity):
    fit = made_fit(evidence={"disagreement": disagreement})
    (finding,) = said(find, made_study(a=fit))
    assert finding[0] == severity
    if severity == "fail":
        assert finding[1:] == (
            "a",
            "A second optimiser (SciPy L-BFGS-B) ends 0.00011 % lower.",
            "disagreement",
            -1.1e-6,
        )


def test_an_optimum_that_is_not_confirmed_is_told():
    text = "The optimum could not be confirmed."
    assert said(find, made_study(a=made_fit(converged=False))) == [
        ("warning", "a", text, None, None)
    ]


def test_one_start_alone_at_the_optimum_is_told():
    alone = made_fit(evidence={"share_at_optimum": 1 / 24})
    assert said(find, made_study(a=alone)) == [
        (
            "warning",
            "a",
            "One of 24 starts ended at the best objective, so that a lower one may have been "
            "missed.",
            "share_at_optimum",
            0.0416667,
        )
    ]
    two = made_fit(evidence={"share_at_optimum": 2 / 24})
    only = made_fit(evidence={"starts": 1})
    of_two = made_fit(evidence={"starts": 2, "share_at_optimum": 0.5})
    assert severities(find, made_study(a=two)) == severities(find, made_study(a=only)) == ["info"]
    assert severities(find, made_study(a=of_two)) == ["warning"]


# published parameters

PRECISE = {"E": 1.23456789, "A": 3.3333333333, "alpha": 0.1234567891}
PUBLISHED = {"estimator": "evaluate", "title": "As published", "law": "power_offset"}


def published(
    value: float, best: float = 1.0, count: int = 100, groups: int | None = None,
    refit: dict | None = None, **changes,
):  # fmt: skip
    """Published parameters with an objective next to a refit that goes down to another."""
    x = np.geomspace(1e6, 1e9, count)
    law = PRECISE["E"] + PRECISE["A"] * x ** -PRECISE["alpha"]
    scatter = np.exp(0.01 * (-1.0) ** np.arange(count))
    names = [f"group_{number % (groups or count)}" for number in range(count)]
    points = rows(count, x=x, observed=law * scatter, predicted=law, group_id=names)
    common = {"law": "power_offset", "parameters": PRECISE, "quantities": {}}
    quiet = {"evidence": {"starts": None}, "title": "Refit"}
    return made_study(
        refit=made_fit(points, objective_value=best, **common | quiet | (refit or {})),
        published=made_fit(points, objective_value=value, **common | PUBLISHED | changes),
    )


def value_of_chance(probability: float, count: int = 100, freedom: int = 3) -> float:
    """Objective over a best of 1 whose likelihood ratio chance exceeds with a probability."""
    return math.exp(chi2.isf(probability, freedom) / (count - freedom))


@pytest.mark.parametrize(
    ("value", "at"), [(1.0 + 0.99e-6, True), (1.0 + 1.01e-6, False), (0.9, True)]
)
def test_published_parameters_at_the_optimum(value, at):
    (finding,) = said(find, published(value))
    text = "The published parameters are the optimum of their objective on these 100 rows."
    assert (finding[2] == text) == at
    assert finding[0] == "info" and finding[1] == "published"
    assert finding[3:] == ("objective_value", float(f"{value:.6g}"))


def test_published_parameters_far_above_the_optimum_fail():
    assert said(find, published(1.512345678, 1.0123456789)) == [
        (
            "fail",
            "published",
            "On the same 100 rows the objective at these parameters, 1.51235, is 49.4 % above its "
            "lowest value, 1.01235 (“Refit”). Chance would open so wide a gap less than once in a "
            "thousand times.",
            "objective_value",
            1.51235,
        )
    ]
    assert "is 2.5 times its lowest" in said(find, published(2.5))[0][2]
    for best in (0.0, -0.5):
        (finding,) = said(find, published(best + 1.01234, best))
        assert finding[0] == "fail" and "is 1.01 above its lowest value, " in finding[2]


@pytest.mark.parametrize(
    ("probability", "severity"),
    [(0.00099, "fail"), (0.00101, "warning"), (0.0499, "warning"), (0.0501, "info")],
)
def test_a_gap_that_chance_opens_once_in_a_thousand_times(probability, severity):
    (finding,) = said(find, published(2.0 * value_of_chance(probability), 2.0))
    assert finding[0] == severity
    if severity == "info":
        assert finding[2].endswith("(“Refit”). These rows cannot tell the two apart.")
    if severity == "warning":
        assert "(“Refit”). Chance alone would make that unlikely, p = 0.0" in finding[2]


def test_parameters_that_the_refit_holds_are_not_free():
    held = {"fixed": {"E": PRECISE["E"]}}
    value = value_of_chance(0.0009, freedom=2)
    assert severities(find, published(value, refit=held)) == ["fail"]
    assert severities(find, published(value)) == ["warning"]


@pytest.mark.parametrize(("probability", "severity"), [(0.00099, "fail"), (0.00101, "warning")])
def test_the_gap_of_a_density_is_a_deviance_as_it_stands(probability, severity):
    density = {"objective": {"name": "huber_density"}}
    value = -50.0 + chi2.isf(probability, 3) / 2.0
    context = published(value, -50.0, refit=density, **density)
    assert severities(find, context) == [severity]


@pytest.mark.parametrize(
    ("count", "groups", "severity", "text"),
    [
        (30, 30, "fail", "Chance would open so wide a gap less than once in a thousand times."),
        (29, 29, "warning", "Its 29 rows are too few to rule out chance."),
        (60, 29, "warning", "Its 29 independent groups of rows are too few to rule out chance."),
    ],
)
def test_thirty_groups_are_enough(count, groups, severity, text):
    (finding,) = said(find, published(9.0, count=count, groups=groups))
    assert finding[0] == severity and finding[2].endswith(f"(“Refit”). {text}")


@pytest.mark.parametrize(("probability", "severity"), [(0.00099, "fail"), (0.00101, "warning")])
def test_a_gap_that_chance_opens_between_groups(probability, severity):
    value = value_of_chance(probability, count=50)
    assert severities(find, published(value, groups=50)) == [severity]


@pytest.mark.parametrize(
    ("inflation", "severity"), [(1.9, "fail"), (2.1, "warning"), (0.5, "fail")]
)
def test_rows_that_a_test_finds_dependent_count_for_fewer(inflation, severity):
    context = published(value_of_chance(0.00099, count=50))
    assert severities(find, context) == ["fail"]
    found = {"label": "budget", "inflation": inflation}
    context.intervals["refit"] = replace(context.intervals["refit"], dependence=found)
    assert severities(find, context) == [severity]


def test_the_law_of_another_study_is_no_reproach_to_this_one():
    context = published(1.512345678)
    assert severities(find, context) == ["fail"]
    entry = context.card.fits["published"]
    context.card.fits["published"] = entry.model_copy(update={"published_by": "other_2020"})
    (finding,) = said(find, context)
    assert finding[0] == "info" and "is 51.2 % above" in finding[2]
    assert finding[2].endswith("The law is another study's (other_2020), which is told so.")


def test_rounding_may_account_for_a_gap():
    cut = {"E": 1.2, "A": 3.3, "alpha": 0.12}
    (finding,) = said(find, published(1.5, parameters=cut, refit={"fixed": {}}))
    assert finding[0] == "info"
    assert finding[2].endswith("(“Refit”). Rounding to the printed digits may account for it.")


def test_of_several_refits_the_nearest_is_the_measure():
    context = published(1.5)
    freer = replace(context.fits["refit"], title="Freer")
    held = {"E": PRECISE["E"]}
    nearer = replace(freer, title="Nearer", fixed=held, objective_value=1.2)
    for order in (("refit", freer), ("nearer", nearer)), (("refit", nearer), ("nearer", freer)):
        both = published(1.5)
        for name, artefact in order:
            both.fits[name] = artefact
            both.points[name] = both.points["refit"]
            both.card.fits[name] = both.card.fits["refit"]
            both.intervals[name] = both.intervals["refit"]
        assert "“Nearer”" in said(find, both)[0][2]


@pytest.mark.parametrize(
    "change", [{"converged": False}, {"fixed": {"E": 1.0}}, {"law": "kaplan"}, {"n": 99}]
)
def test_without_a_refit_of_the_same_problem_nothing_is_said(change):
    assert said(find, published(1.5, refit=change)) == []


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 12])
@pytest.mark.parametrize("deviance", [0.0, 0.3, 4.0, 30.0])
def test_chance_is_that_of_chi_square(freedom, deviance):
    assert chance(deviance, freedom) == pytest.approx(chi2.sf(deviance, freedom), rel=1e-10)
