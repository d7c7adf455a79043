"""All constants of a published law together."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from fit_artefacts import LAW, artefact, uncertainty
from scipy.special import betainc

from scaling_studies.fits.uncertainty import Interval
from scaling_studies.verdicts.optimum import joint_test

PRECISE = {name: value + 1.2345678e-4 for name, value in LAW.items()}
ROUNDED = {name: float(f"{value:.2g}") for name, value in LAW.items()}


def outcome(
    value: float, best: float = 1.0, *, parameters=PRECISE, independent=240, wald=None, **changes
):
    intervals = uncertainty(**({"wald": Interval(None, None, value=wald)} if wald else {}))
    published = artefact(estimator="evaluate", objective_value=value, parameters=parameters)
    refit = artefact(**{"objective_value": best} | changes)
    return joint_test(published, refit, intervals, wald="wald", independent=independent)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_gap_is_told_with_two_digits_and_from_twice_the_lowest_value_as_a_multiple():
    assert "lies 2.3 % above its lowest" in plain(outcome(1.0234).text)
    assert "lies 99 % above its lowest" in plain(outcome(1.994).text)
    assert "is 2.3 times its lowest" in plain(outcome(2.34).text)


def test_a_wide_gap_is_rejected_and_a_narrow_one_of_rounded_constants_is_not():
    wide = outcome(1.2, parameters=ROUNDED)
    assert wide.verdict == "not_an_optimum" and "lies 20 % above its lowest" in plain(wide.text)
    assert wide.chance < 1e-6
    narrow = outcome(1.001, parameters=ROUNDED)
    assert narrow.verdict == "compatible" and narrow.chance > 0.9


def test_at_full_precision_any_gap_shows_that_it_is_no_optimum():
    found = outcome(1.001)
    assert found.verdict == "not_an_optimum" and "hardly tell the two apart" in found.text
    # One constant that was rounded may make the gap.
    assert outcome(1.001, parameters=PRECISE | {"alpha": 0.34}).verdict == "compatible"


def test_the_optimum_itself():
    same = outcome(1.0 + 1e-9)
    assert (same.verdict, same.chance) == ("same", 1.0)
    worse = outcome(0.9)
    assert worse.verdict == "cannot_be_tested" and math.isnan(worse.chance)


def test_dependent_rows_make_a_test_weaker_and_few_make_it_impossible():
    many, few = outcome(1.2, parameters=ROUNDED), outcome(1.2, parameters=ROUNDED, independent=20)
    assert few.chance > many.chance and few.verdict == "compatible"
    none = outcome(1.2, parameters=ROUNDED, independent=4)
    assert math.isnan(none.chance) and none.verdict == "compatible"
    sure = outcome(1.2, independent=3)
    assert sure.verdict == "not_an_optimum" and "too few independent rows" in sure.text


@pytest.mark.parametrize(("wald", "verdict"), [(22.0, "not_an_optimum"), (5.0, "compatible")])
def test_a_wald_statistic_comes_before_the_ratio_of_objectives(wald, verdict):
    assert outcome(1.2, parameters=ROUNDED, wald=wald).verdict == verdict


def test_other_rows_or_objectives_test_nothing():
    assert outcome(1.2, n=200).verdict == "cannot_be_tested"
    assert outcome(1.2, objective={"name": "squared"}).verdict == "cannot_be_tested"


def test_an_objective_that_is_a_likelihood_is_tested_by_its_ratio():
    density = {"name": "huber_density", "delta": 1e-3}
    published = artefact(estimator="evaluate", objective=density, objective_value=-870.0)
    refit = artefact(objective=density, objective_value=-880.0)
    found = joint_test(published, refit, uncertainty(), wald=None, independent=240)
    assert found.chance == pytest.approx(0.00125, rel=0.01)


@pytest.mark.parametrize(
    ("groups", "chance"), [(37, 5.408e-3), (9, 0.2188), (6, 0.6541), (100_000, 3.235e-4)]
)
def test_the_covariance_of_few_groups_is_itself_uncertain(groups, chance):
    known = replace(
        uncertainty(wald=Interval(None, None, value=23.1)), kind="cluster", group_count=groups
    )
    published = artefact(estimator="evaluate", objective_value=1.2, parameters=ROUNDED)
    found = joint_test(
        published, artefact(objective_value=1.0), known, wald="wald", independent=240
    )
    # Hotelling's T² as F(5, G - 5).
    assert found.chance == pytest.approx(chance, rel=0.02)
    assert found.verdict == ("not_an_optimum" if chance < 0.05 else "compatible")
    assert f"{groups} groups" in found.text


def test_as_many_constants_as_groups_test_nothing():
    known = replace(uncertainty(wald=Interval(None, None, value=23.1)), group_count=5)
    published = artefact(estimator="evaluate", objective_value=1.2, parameters=ROUNDED)
    found = joint_test(
        published, artefact(objective_value=1.0), known, wald="wald", independent=240
    )
    assert math.isnan(found.chance) and "too few groups" in found.text


def test_the_ratio_of_objectives_is_said_with_its_degrees_of_freedom_and_chance():
    # (1.05 - 1) / 1 * 235 / 5; the chance of a larger one by the incomplete beta function.
    found = outcome(1.05, parameters=ROUNDED)
    assert "F(5, 235) = 2.35, p = 0.042)" in found.text
    assert found.chance == pytest.approx(betainc(235 / 2, 5 / 2, 235 / (235 + 5 * 2.35)))


def test_a_refit_without_an_objective_of_a_name_is_tested_by_its_values():
    published = artefact(
        estimator="evaluate", objective=None, objective_value=1.05, parameters=ROUNDED
    )
    refit = artefact(objective=None, objective_value=1.0)
    found = joint_test(published, refit, uncertainty(), wald=None, independent=240)
    assert "F(5, 235) = 2.35" in found.text
