"""Few degrees of freedom: resamples are spread as Student's t says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

import scaling_studies as ss
from scaling_studies.engine.uncertainty.bands import FEW, percentile_interval, standard_error
from scaling_studies.engine.uncertainty.draws import generator, model_responses, widening
from scaling_studies.engine.uncertainty.likelihood import error_model


def line(rows: int, seed: int = 0, weights: np.ndarray | None = None) -> ss.Fit:
    x = np.geomspace(1.0, 1e4, rows)
    noise = 0.02 * np.random.default_rng(seed).normal(size=rows)
    return ss.fit(
        "power", {"x": x, "loss": 3.0 * x**-0.2 * np.exp(noise)}, "squared_log", weights=weights
    )


def textbook(fit: ss.Fit) -> float:
    """Standard error of the slope of a straight line."""
    log_x = np.log(fit.problem.axes["x"])
    squares = ((log_x - log_x.mean()) ** 2).sum()
    return float(np.sqrt(fit.objective_value / (fit.n - 2) / squares))


@pytest.mark.parametrize("rows", [3, 4, 5, 8, 20])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_intervals_of_a_line_are_those_of_student(rows, level):
    fit = line(rows)
    boot = ss.bootstrap(fit, 4000, seed=1, kind="parametric")
    assert boot.freedom == rows - 2
    low, high = boot.interval("alpha", level)
    half = student.ppf(0.5 + 0.5 * level, rows - 2) * textbook(fit)
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
    assert boot.standard_error("alpha") == pytest.approx(textbook(fit), rel=0.05)


def test_many_degrees_of_freedom_are_normal():
    fit = line(FEW + 2)
    boot = ss.bootstrap(fit, 2000, seed=1, kind="parametric")
    plain = ss.bootstrap(fit, 2000, seed=1, kind="parametric", small_sample=False)
    assert boot.freedom == FEW
    assert boot.parameters["alpha"].tolist() == plain.parameters["alpha"].tolist()
    fewer = line(FEW + 1)
    wide = ss.bootstrap(fewer, 50, kind="parametric").parameters["alpha"]
    narrow = ss.bootstrap(fewer, 50, kind="parametric", small_sample=False).parameters["alpha"]
    assert wide.tolist() != narrow.tolist()


@pytest.mark.parametrize(("kind", "groups", "freedom"), [
    ("pairs", None, 10), ("stratified", None, 10),
])  # fmt: skip
def test_refits_of_drawn_rows_are_moved_away_from_the_fit(kind, groups, freedom):
    fit = line(12, seed=3)
    settings = {"kind": kind, "groups": groups, "seed": 5}
    if kind == "stratified":
        settings["strata"] = np.arange(12) // 6
    moved = ss.bootstrap(fit, 50, **settings)
    plain = ss.bootstrap(fit, 50, small_sample=False, **settings)
    assert moved.freedom == freedom
    centre = fit.parameters["alpha"]
    factors = [widening(5, number, freedom) * np.sqrt(12 / freedom) for number in range(50)]
    expected = centre + np.array(factors) * (plain.parameters["alpha"] - centre)
    np.testing.assert_allclose(moved.parameters["alpha"], expected, rtol=1e-9)
    logs = np.log(plain.parameters["A"] / fit.parameters["A"])
    np.testing.assert_allclose(
        moved.parameters["A"], fit.parameters["A"] * np.exp(factors * logs), rtol=1e-9
    )


@pytest.mark.parametrize(("rows", "freedom"), [(2, 0), (3, 1)])
def test_the_fewest_rows_that_can_be_moved_are_one_more_than_parameters(rows, freedom):
    fit = line(rows)
    moved = ss.bootstrap(fit, 50, search=False)
    plain = ss.bootstrap(fit, 50, search=False, small_sample=False)
    assert moved.freedom == freedom
    away = plain.parameters["alpha"] - fit.parameters["alpha"]
    factors = np.ones(50)
    if freedom:
        factors = np.sqrt(rows / freedom) * np.array([widening(0, r, freedom) for r in range(50)])
    expected = np.clip(fit.parameters["alpha"] + factors * away, -10.0, 10.0)
    np.testing.assert_allclose(moved.parameters["alpha"], expected, rtol=1e-9)


def test_what_one_group_alone_says_is_not_moved():
    # Only the row at ten says anything of the exponent: draws of groups do not show its spread.
    x = np.where(np.arange(12) == 0, 10.0, 1.0)
    noise = np.exp(0.02 * np.random.default_rng(0).normal(size=12))
    fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2 * noise}, fixed={"A": 3.0})
    moved = ss.bootstrap(fit, 50, groups=np.arange(12), search=False)
    plain = ss.bootstrap(fit, 50, groups=np.arange(12), search=False, small_sample=False)
    assert np.isfinite(moved.parameters["alpha"]).all()
    assert moved.parameters["alpha"].tolist() == plain.parameters["alpha"].tolist()


def test_moved_refits_stay_within_bounds():
    x = np.geomspace(1.0, 1e4, 12)
    noise = np.exp(0.3 * np.random.default_rng(0).normal(size=12))
    data = {"x": x, "loss": 3.0 * x**-0.2 * noise}
    fit = ss.fit("power", data, "squared_log", bounds={"alpha": (0.15, 0.25)})
    values = ss.bootstrap(fit, 200).parameters["alpha"]
    assert values.min() >= 0.15 and values.max() <= 0.25


@pytest.mark.parametrize("freedom", [1, 3, 10])
def test_widening_makes_a_normal_deviate_student(freedom):
    factors = np.array([widening(1, number, freedom) for number in range(20_000)])
    # Its inverse square is chi-square over its degrees of freedom.
    assert np.mean(factors**-2.0) == pytest.approx(1.0, abs=4 * np.sqrt(2 / freedom / 20_000))
    assert widening(1, 7, freedom) == factors[7] != widening(2, 7, freedom)
    assert generator(1, 7).random() != generator(1, 7, stream=1).random()


def test_the_spread_that_is_drawn_multiplies_all_noise():
    plain = model_responses(1, 4, np.ones(3), "absolute", 0.1)
    wider = model_responses(1, 4, np.ones(3), "absolute", 0.1, freedom=2)
    np.testing.assert_allclose((wider - 1.0) / (plain - 1.0), widening(1, 4, 2))
    codes = np.array([0, 0, 1])
    shared = model_responses(1, 4, np.ones(3), "absolute", 0.0, shared=(0.5, codes))
    assert shared[0] == shared[1] != shared[2] and abs(shared[0] - 1.0) > 0.0


def test_heavier_rows_are_drawn_with_less_noise():
    weights = np.array([1.0, 4.0, 1.0, 4.0, 1.0, 1.0])
    fit = line(6, weights=weights)
    spread, residuals = error_model(fit)
    assert residuals is None
    np.testing.assert_allclose(spread, np.sqrt(fit.objective_value / 4.0 / weights))


def test_a_standard_error_from_draws_of_student_is_that_of_the_estimate():
    draws = 2.0 * np.random.default_rng(0).standard_t(2, 100_000)
    assert standard_error(draws, 2) == pytest.approx(2.0, rel=0.02)
    assert standard_error(np.arange(40.0)) == pytest.approx(np.std(np.arange(40.0), ddof=1))
    assert standard_error(draws, FEW) == pytest.approx(np.std(draws, ddof=1))


def test_a_bias_corrected_interval_holds_its_estimate_or_is_none():
    draws = np.linspace(0.0, 1.0, 1001)
    for estimate in (0.03, 0.2, 0.5, 0.8, 0.97):
        low, high = percentile_interval(draws, estimate=estimate).ends
        assert low <= estimate <= high
    low, high = percentile_interval(draws, estimate=0.2).ends
    assert low < 0.025 and high < 0.7
    low, high = percentile_interval(draws, estimate=0.8).ends
    assert low > 0.3 and high > 0.975
    for estimate in (0.02, 0.98, -1.0, 2.0):
        assert np.isnan(percentile_interval(draws, estimate=estimate).ends).all()
    band = percentile_interval(np.stack([draws, draws], axis=1), estimate=np.array([0.2, 0.5]))
    assert band.high[0] < 0.7 and band.high[1] == pytest.approx(0.975)
