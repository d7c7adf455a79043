"""Intervals, allocation, backtests and the other estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import scaling_studies as ss
from scaling_studies.engine.allocation.allocate import optimal_allocation, tokens_per_parameter
from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.engine.uncertainty.profile import profile_interval, working_covariance
from scaling_studies.engine.validation.backtest import backtest
from scaling_studies.errors import FitError


@pytest.fixture(scope="module")
def gaussian(runs):
    return ss.fit("additive", runs, "squared_log")


def test_profile_covariance_and_bootstrap_agree_for_gaussian_noise(gaussian):
    boot = ss.bootstrap(gaussian, 400)
    profile = profile_interval(gaussian, "alpha")
    assert not profile.low_open and not profile.high_open and profile.message == ""
    width = profile.high - profile.low
    position = gaussian.law.index("alpha")
    error = np.sqrt(working_covariance(gaussian)[position, position])
    assert width / (3.92 * error) == pytest.approx(1, abs=0.2)
    assert width / (3.92 * boot.standard_error("alpha")) == pytest.approx(1, abs=0.25)
    assert np.all(profile.deviance >= 0)


def test_profile_of_a_line_is_the_textbook_interval():
    rng = np.random.default_rng(1)
    x = np.geomspace(1, 1e4, 200)
    y = 3.0 * x**-0.2 * np.exp(0.05 * rng.normal(size=200))
    fit = ss.fit("power", {"x": x, "loss": y}, "squared_log")
    profile = profile_interval(fit, "alpha")
    centred = np.log(x) - np.log(x).mean()
    error = np.sqrt(fit.objective_value / 198 / (centred**2).sum())
    # Student's t with 198 degrees of freedom at 97.5 %.
    assert profile.high - profile.low == pytest.approx(2 * 1.972017 * error, rel=1e-3)


def test_profile_of_an_asymptote_at_its_bound(runs):
    rng = np.random.default_rng(0)
    loss = 8.0 * runs["params"] ** -0.05 + 20.0 * runs["tokens"] ** -0.1
    loss = loss * np.exp(0.01 * rng.normal(size=120))
    fit = ss.fit("additive", {**runs, "loss": loss}, "squared_log")
    profile = profile_interval(fit, "E")
    assert profile.low == 0.0 and profile.low_open
    assert "not bounded below" in profile.message
    assert 0 < profile.high < loss.min()


def test_allocation_closed_form_is_the_minimum(truth):
    law = ss.get_law("additive")
    flops = np.array([1e20, 5.88e23])
    best = optimal_allocation(law, truth, flops)
    np.testing.assert_allclose(6 * best.params * best.tokens, flops[None, :])
    for factor in (0.99, 1.01):
        moved = law.value(
            truth, {"params": best.params[0] * factor, "tokens": best.tokens[0] / factor}
        )
        assert (moved > best.loss[0]).all()
    # 17.9 tokens per parameter at the compute of the largest run of the source.
    assert best.tokens_per_parameter[0, 1] == pytest.approx(17.9, abs=0.1)
    several = {name: np.array([value, value]) for name, value in truth.items()}
    assert tokens_per_parameter(law, several, 5.88e23).shape == (2,)


def test_allocation_by_search_agrees_with_arithmetic():
    law = ss.get_law("overtrained")
    parameters = {"a": 166.0, "b": 366.0, "exponent": -0.2728, "E": 1.83}
    best = optimal_allocation(law, parameters, 1e21)
    # a N^p + b' (C / 6 N)^p with one exponent: N = sqrt(C / 6) (a / b')^(-1 / 2p).
    ratio = 366.0 * 6 ** (-0.1364) / 166.0
    expected = np.sqrt(1e21 / 6) * ratio ** (1 / (2 * -0.2728))
    assert best.params[0, 0] == pytest.approx(expected, rel=1e-4)
    # The lowest point of the whole grid, wherever the coarse steps fall.
    flops = np.geomspace(1e18, 1e26, 40)
    many = optimal_allocation(law, parameters, flops)
    for number, total in enumerate(flops / 6):
        log_n = np.linspace(0.0, np.log(total), 4001)
        loss = law.value(parameters, {"params": np.exp(log_n), "tokens": total / np.exp(log_n)})
        step = log_n[1] - log_n[0]
        assert abs(np.log(many.params[0, number]) - log_n[loss.argmin()]) <= 0.5 * step
    with pytest.raises(FitError, match="no compute-optimal size"):
        optimal_allocation(law, parameters | {"a": 1e-9, "b": 1e9}, 1e18)
    with pytest.raises(FitError, match="no allocation"):
        optimal_allocation(ss.get_law("power"), {"A": 1.0, "alpha": 0.1}, 1e20)


@pytest.mark.parametrize(
    ("size", "served", "params", "tokens", "ratio", "saving"),
    [
        (7e9, 1e11, 6e9, None, 1.18, None),
        (13e9, 2e12, 7e9, None, None, 0.17),
        (30e9, 5e12, 16.4e9, 3.27e12, None, 0.16),
        (30e9, 1e13, 13.6e9, None, 2.84, 0.28),
        (70e9, 1e13, 41.6e9, 7.92e12, None, 0.12),
    ],
)
def test_inference_adjusted_optima_as_printed(size, served, params, tokens, ratio, saving):
    law = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.336, "beta": 0.283}
    best = inference_adjusted_allocation(law, served, reference_params=size)
    assert best.params == pytest.approx(params, rel=0.01)
    if tokens:
        assert best.tokens == pytest.approx(tokens, rel=0.01)
    if ratio:
        assert best.data_ratio == pytest.approx(ratio, abs=0.01)
    if saving:
        assert best.saving == pytest.approx(saving, abs=0.006)
    again = inference_adjusted_allocation(law, served, loss=best.loss)
    assert again.params == pytest.approx(best.params, rel=1e-6)


def test_information_criteria_prefer_the_true_law(runs):
    right = ss.fit("additive", runs, "squared_log")
    wrong = ss.fit("kaplan", runs, "squared_log")
    assert right.quantity("aicc") < wrong.quantity("aicc")
    assert right.quantity("bic") < wrong.quantity("bic")
    count, n = 6, 120
    likelihood = 0.5 * n * (np.log(2 * np.pi * right.objective_value / n) + 1)
    assert right.quantity("negative_log_likelihood") == pytest.approx(likelihood)
    expected = 2 * likelihood + 2 * count + 2 * count * (count + 1) / (n - count - 1)
    assert right.quantity("aicc") == pytest.approx(expected)


def test_rollout_backtest(runs):
    cutoffs = [3e19, 3e20]
    table = backtest("additive", runs, cutoffs=cutoffs, objective="squared_log").predictions
    assert set(table["cutoff"]) == {3e19, 3e20}
    assert (table["horizon"] > 1).all()
    first = table[table["cutoff"] == 3e19]
    kept = runs["flops"] <= 3e19
    assert (first["fitted_rows"] == kept.sum()).all() and len(first) == (~kept).sum()
    alone = ss.fit("additive", {k: v[kept] for k, v in runs.items()}, "squared_log")
    np.testing.assert_allclose(
        first["prediction"], alone.predict({k: v[~kept] for k, v in runs.items()}), rtol=1e-9
    )
    np.testing.assert_array_equal(first["response"], runs["loss"][first["row"]])
    other = backtest("kaplan", runs, cutoffs=cutoffs).predictions
    assert table["relative_error"].abs().median() < other["relative_error"].abs().median()
    without = {k: v for k, v in runs.items() if k != "flops"}
    assert len(backtest("additive", without, cutoffs=[3e20]).predictions) > 0
    skipped = backtest("additive", runs, cutoffs=[3e20], estimator="isoflop")
    assert skipped.predictions.empty and "predicts no loss" in skipped.messages[0]
    with pytest.raises(FitError, match="no cutoff"):
        backtest("additive", runs, "flops", cutoffs=[1e30])


BUDGETS = [6e18, 1e19, 3e19, 6e19, 1e20, 3e20, 6e20, 1e21, 3e21]


def test_isoflop_minima_of_a_symmetric_law():
    # With equal exponents and coefficients the parabola's minimum is the true optimum.
    frame = {"params": [], "tokens": []}
    for flops in BUDGETS:
        params = np.sqrt(flops / 6) * np.geomspace(0.2, 5, 9)
        frame["params"].extend(params)
        frame["tokens"].extend(flops / (6 * params))
    frame = {name: np.array(values) for name, values in frame.items()}
    law = ss.get_law("additive")
    truth = {"E": 1.7, "A": 400.0, "B": 400.0, "alpha": 0.35, "beta": 0.35}
    frame["loss"] = law.value(truth, frame)
    for budgets in (None, BUDGETS):
        fit = ss.fit("additive", frame, estimator="isoflop", budgets=budgets)
        assert fit.quantity("a_opt") == pytest.approx(0.5, abs=1e-6)
        assert fit.parameters["G"] == pytest.approx(np.sqrt(1 / 6), rel=1e-5)
        assert fit.quantity("budgets_used") == 9
    # The statistics are those of the line through the minima; it has no likelihood of the rows.
    quantities = fit.quantities()
    assert quantities["n"] == 81 and quantities["r_squared"] == pytest.approx(1.0, abs=1e-9)
    assert np.isnan([quantities[name] for name in ("aicc", "bic", "scale")]).all()
    boot = ss.bootstrap(fit, 50)
    assert boot.converged > 0.9 and abs(np.nanmedian(boot.quantity("a_opt")) - 0.5) < 0.01


def test_isoflop_says_what_it_leaves_out(runs):
    frame = pd.DataFrame(runs)
    edge = frame[(frame["flops"] != 3e21) | (frame["params"] > 2e10)]
    fit = ss.fit("additive", edge, estimator="isoflop")
    assert any("left out" in message for message in fit.messages)
    with pytest.raises(FitError, match="need two FLOP budgets of 4 sizes each, and of 3 found 0"):
        ss.fit("additive", frame.head(3), estimator="isoflop")


def test_envelope_of_training_curves():
    rows = []
    for params in np.geomspace(1e8, 1e10, 40):
        tokens = np.geomspace(1e8, 1e13, 60)
        for d in tokens:
            rows.append((params, d, 1.7 + 400 * params**-0.35 + 400 * d**-0.35))
    frame = pd.DataFrame(rows, columns=["params", "tokens", "loss"])
    fit = ss.fit("additive", frame, estimator="envelope", groups=frame["params"])
    assert fit.quantity("a_opt") == pytest.approx(0.5, abs=0.02)
    boot = ss.bootstrap(fit, 20, kind="cluster")
    assert np.nanstd(boot.quantity("a_opt")) > 0
    with pytest.raises(FitError, match="needs to know the training curves"):
        ss.fit("additive", frame, estimator="envelope")


def test_variable_projection_is_least_squares_and_well_conditioned(runs):
    projected = ss.fit("additive", runs, estimator="variable_projection")
    plain = ss.fit("additive", runs, "squared")
    assert projected.parameters["alpha"] == pytest.approx(plain.parameters["alpha"], rel=1e-9)
    assert projected.quantity("reduced_condition_number") < 100
    assert projected.evidence.condition_number > 1000
    log = ss.fit("additive", runs, estimator="variable_projection", space="log")
    assert log.objective.name == "squared_log"
