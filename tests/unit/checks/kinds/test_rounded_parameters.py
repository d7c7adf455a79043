"""Check rounded_parameters: whether the printed digits are enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.rounded_parameters import find
from scaling_studies.checks.rounding import half_digit, largest_shift, scatter_of_mean


def evaluated(
    parameters, mean: float = 0.0, scatter: float = 0.01, count: int = 16, groups=None, **changes
):
    """A power law at given parameters whose log errors have a mean and a standard deviation."""
    x = np.geomspace(1.0, 100.0, count)
    predicted = parameters["A"] * x ** -parameters["alpha"]
    errors = (-1.0) ** np.arange(count)
    errors = (errors - errors.mean()) / errors.std(ddof=1) * scatter + mean
    names = [f"group_{number % (groups or count)}" for number in range(count)]
    points = rows(
        count, x=x, predicted=predicted, observed=predicted * np.exp(-errors), group_id=names
    )
    return made_fit(points, law="power", parameters=parameters, estimator="evaluate", **changes)


#: Moves all predictions by log(2500/2000), as the exponent is exact.
CUT = {"A": 2000.0, "alpha": 1.0}
SHIFT = np.log(2500.0 / 2000.0)


def one(**changes):
    return said(find, made_study(a=evaluated(CUT, **changes)))


def test_the_law_of_these_tests_shifts_by_half_a_digit():
    context = made_study(a=evaluated(CUT, scatter=0.2))
    assert largest_shift(context, "a") == pytest.approx(SHIFT, rel=1e-12)
    assert scatter_of_mean(context, "a") == pytest.approx(0.2 / 4.0, rel=1e-12)


@pytest.mark.parametrize(("share", "enough"), [(1.001, True), (0.999, False)])
def test_digits_are_enough_when_they_shift_by_less_than_the_mean_scatters(share, enough):
    (finding,) = one(mean=0.1 * SHIFT, scatter=4.0 * SHIFT * share)
    assert finding[0] == "info"
    if enough:
        assert finding[1:] == (
            None,
            "The digits of the parameters are enough in 1 fit: rounding cannot shift the mean of "
            "the predictions by more than its standard error.",
            "largest_shift",
            0.223144,
        )
    else:
        assert finding[1:3] == (
            "a",
            "Rounding to the printed digits can shift predictions by 22 %, but they are not "
            "biased: 2.2 % too high in the mean of 16 rows, 0.1 standard errors.",
        )


@pytest.mark.parametrize(("times", "severity"), [(3.01, "warning"), (2.99, "info")])
@pytest.mark.parametrize(("sign", "way"), [(1, "high"), (-1, "low")])
def test_three_standard_errors_are_a_bias(times, severity, sign, way):
    (finding,) = one(mean=sign * times * 0.01, scatter=0.04)
    text = {
        "warning": f"Rounding to the printed digits can shift predictions by 22 %. They are 3 % "
        f"too {way} in the mean of 16 rows, 3 standard errors, which rounding can explain.",
        "info": f"Rounding to the printed digits can shift predictions by 22 %, but they are not "
        f"biased: 3 % too {way} in the mean of 16 rows, 3 standard errors.",
    }
    assert finding == (
        severity, "a", text[severity], "mean_log_error", pytest.approx(sign * times * 0.01)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("share", "words"), [(0.999, "which rounding can explain."), (1.001, "more than that.")]
)
def test_a_bias_larger_than_rounding_makes_is_said_to_be(share, words):
    for sign in (1, -1):
        assert one(mean=sign * SHIFT * share)[0][2].endswith(f"standard errors, {words}")


def test_standard_errors_have_two_digits():
    text = one(mean=0.0456, scatter=0.04)[0][2]
    assert text.endswith(" 4.6 standard errors, which rounding can explain.")


def test_parameters_that_are_meant_exactly_shift_nothing():
    exact = evaluated({"A": 2.0, "alpha": 1.0}, scatter=0.0)
    exact.points["observed"] = exact.points["predicted"]
    assert said(find, made_study(a=exact))[0][3:] == ("largest_shift", 0.0)


def test_predictions_without_scatter_are_judged_too():
    alike = evaluated(CUT)
    alike.points["observed"] = alike.points["predicted"]
    assert said(find, made_study(a=alike)) == [
        (
            "info",
            "a",
            "Rounding to the printed digits can shift predictions by 22 %, but they are not "
            "biased: 0 % too low in the mean of 16 rows, – standard errors.",
            "mean_log_error",
            0.0,
        )
    ]


def test_fits_whose_digits_are_enough_are_told_together():
    exact = {"A": 2.0, "alpha": 0.123456789}
    context = made_study(a=evaluated(exact), b=evaluated(CUT, scatter=2.0), c=evaluated(CUT))
    found = said(find, context)
    assert [item[1] for item in found] == ["c", None]
    assert "enough in 2 fits" in found[1][2] and found[1][4] == 0.223144


@pytest.mark.parametrize(("count", "groups", "looked"), [(5, 5, 1), (4, 4, 0), (8, 4, 0)])
def test_five_independent_rows_are_enough(count, groups, looked):
    few = evaluated(CUT, count=count, groups=groups)
    context = made_study(few=few, many=evaluated(CUT))
    assert [item[1] for item in said(find, context)] == ["few"] * looked + ["many"]


def test_rows_that_cannot_be_compared_in_logs_do_not_count():
    fit = evaluated(CUT, count=8)
    fit.points["observed"][:3] = [0.0, -1.0, 0.0]
    assert len(said(find, made_study(a=fit))) == 1
    fit.points["predicted"][3] = 0.0
    assert said(find, made_study(a=fit)) == []


def test_only_published_parameters_are_looked_at():
    fit = evaluated(CUT)
    fit.artefact = replace(fit.artefact, estimator="parametric")
    assert said(find, made_study(a=fit)) == []


@pytest.mark.parametrize(
    ("value", "half"),
    [
        (0.34, 0.005),
        (406.4, 0.05),
        (13.0, 0.0),
        (0.0, 0.0),
        (999.0, 0.0),
        (1000.0, 500.0),
        (2e7, 5e6),
        (1200.0, 50.0),
        (1234.0, 0.5),
        (3.5e-9, 5e-11),
        (4e-9, 5e-10),
        (2.5e20, 5e18),
    ],
)
def test_half_a_digit(value, half):
    assert half_digit(value) == pytest.approx(half)
    assert half_digit(-value) == pytest.approx(half)


def test_rows_without_a_logarithm_do_not_shift():
    fit = evaluated(CUT, scatter=0.2)
    fit.points["x"][0] = 1e300
    fit.artefact = replace(fit.artefact, parameters={"A": 2000.0, "alpha": 1.5})
    assert np.isfinite(largest_shift(made_study(a=fit), "a"))
