"""The public call: contract, objectives, invariances, traps."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import scaling_studies as ss
from scaling_studies.engine.objectives import OBJECTIVES
from scaling_studies.errors import FitError

LOOSE = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_contract(runs):
    frame = pd.DataFrame(runs)
    fit = ss.fit("additive", frame, objective="huber_log", delta=1e-3)
    assert set(fit.parameters) == {"E", "A", "B", "alpha", "beta"}
    assert fit.law.name == "additive" and fit.n == 120
    assert fit.objective.name == "huber_log" and fit.objective.constants == {"delta": 1e-3}
    assert fit.converged and fit.identified
    record = json.loads(json.dumps(fit.evidence.as_dict()))
    assert all(isinstance(value, float | int | str | bool) for value in record.values())
    assert record["second_optimiser"] == "SciPy L-BFGS-B"
    assert abs(record["disagreement"]) < 1e-6
    np.testing.assert_allclose(
        fit.residuals(), np.log(fit.predict(frame)) - np.log(frame["loss"]), atol=1e-14
    )
    assert fit.quantity("a_opt") == pytest.approx(
        fit.parameters["beta"] / (fit.parameters["alpha"] + fit.parameters["beta"])
    )
    assert set(fit.quantities()) >= {"E", "log_A", "r_squared", "mae", "rmse", "n", "aicc"}
    with pytest.raises(FitError, match=r"no quantity 'gamma'.*use one of"):
        fit.quantity("gamma")
    assert "alpha" in repr(fit) and "100%" in repr(fit)
    assert "<table>" in fit._repr_html_()


def test_mapping_of_arrays_is_as_good_as_a_frame(runs):
    assert ss.fit("additive", runs).parameters == ss.fit("additive", pd.DataFrame(runs)).parameters


@pytest.mark.parametrize("objective", sorted(set(OBJECTIVES) - {"huber_density"}))
def test_optimum_against_scipy(objective, runs):
    fit = ss.fit("additive", runs, objective, delta=0.01)
    assert fit.converged
    law = fit.law

    def cost(working: np.ndarray) -> float:
        parameters = {k: float(v) for k, v in law.to_natural(working).items()}
        residual = fit.objective.residuals(law.value(parameters, runs), runs["loss"])
        return float(fit.objective.loss(residual)[0].sum()) / fit.objective_value

    here = law.to_working(fit.parameters)
    assert cost(here) == pytest.approx(1.0, rel=1e-10)
    best = minimize(cost, here * 1.001, method="Nelder-Mead", options={"maxfev": 4000}).fun
    assert best > 1.0 - 1e-9


def test_objectives_by_hand():
    frame = {"x": np.array([1.0, 2.0, 4.0]), "loss": np.array([2.0, 1.5, 1.25])}
    given_ = {"A": 1.0, "alpha": 0.5, "E": 1.0}
    value = 1.0 + frame["x"] ** -0.5
    log_residual = np.log(value / frame["loss"])
    absolute = np.abs(log_residual)
    delta = 0.03
    expected = {
        "huber_log": np.where(
            absolute <= delta, 0.5 * absolute**2, delta * (absolute - 0.5 * delta)
        ),
        "squared_log": log_residual**2,
        "squared_log10": (log_residual / np.log(10)) ** 2,
        "squared": (value - frame["loss"]) ** 2,
        "squared_relative": (value / frame["loss"] - 1) ** 2,
        "squared_log1p": (np.log1p(value) - np.log1p(frame["loss"])) ** 2,
    }
    for name, rows in expected.items():
        fit = ss.fit("power_offset", frame, name, delta, fixed=given_, estimator="evaluate")
        assert fit.objective_value == pytest.approx(rows.sum(), rel=1e-12), name


def test_huber_density_is_a_density_and_its_scale_is_most_likely(runs):
    from scipy.integrate import quad

    from scaling_studies.engine.objectives import get_objective

    objective = get_objective("huber_density", 0.5)
    area = quad(lambda r: np.exp(-objective.loss(np.array([r]))[0][0]), -60, 60, limit=400)[0]
    assert objective.log_normaliser() == pytest.approx(np.log(area), rel=1e-8)
    fit = ss.fit("additive", runs, objective)
    residual = fit.residuals()

    def likelihood(log_scale: float) -> float:
        loss = objective.loss(residual / np.exp(log_scale))[0].sum()
        return loss + len(residual) * (log_scale + objective.log_normaliser())

    here = np.log(fit.scale)
    assert likelihood(here) == pytest.approx(fit.objective_value, rel=1e-10)
    assert likelihood(here) <= min(likelihood(here + 0.01), likelihood(here - 0.01))
    wide = ss.fit("additive", runs, "huber_density", 50.0)
    gauss = ss.fit("additive", runs, "squared_log")
    assert wide.parameters["alpha"] == pytest.approx(gauss.parameters["alpha"], rel=1e-6)
    assert wide.scale == pytest.approx(np.sqrt(gauss.objective_value / 120), rel=1e-6)


def test_fixed_shared_and_bounded_parameters(runs):
    fit = ss.fit("additive", runs, fixed={"E": 1.8}, shared={"beta": "alpha"})
    assert fit.parameters["E"] == 1.8
    assert fit.parameters["alpha"] == fit.parameters["beta"]
    assert fit.converged
    free = ss.fit("additive", runs)
    assert fit.objective_value >= free.objective_value
    bound = free.parameters["alpha"] * 0.9
    bounded = ss.fit("additive", runs, bounds={"alpha": (0.0, bound)})
    assert bounded.parameters["alpha"] == pytest.approx(bound)
    assert bounded.evidence.active_bounds == "alpha (upper)"
    assert bounded.converged
    with pytest.raises(FitError, match="no parameter 'gamma'"):
        ss.fit("additive", runs, fixed={"gamma": 1.0})
    with pytest.raises(FitError, match=r"bounds of parameter alpha.*empty"):
        ss.fit("additive", runs, bounds={"alpha": (1.0, 0.5)})
    with pytest.raises(FitError, match="cannot be shared"):
        ss.fit("additive", runs, shared={"alpha": "alpha"})


@LOOSE
@given(seed=st.integers(0, 1000))
def test_row_order_does_not_matter(runs, seed):
    order = np.random.default_rng(seed).permutation(120)
    first = ss.fit("additive", runs, confirm=False)
    second = ss.fit("additive", {k: v[order] for k, v in runs.items()}, confirm=False)
    for name, value in first.parameters.items():
        assert second.parameters[name] == pytest.approx(value, rel=1e-6)


@LOOSE
@given(
    params=st.floats(-6, 6),
    tokens=st.floats(-6, 6),
    loss=st.floats(-3, 3),
    objective=st.sampled_from(["huber_log", "squared_log"]),
)
def test_units_do_not_matter(runs, params, tokens, loss, objective):
    n, d, y = 10.0**params, 10.0**tokens, 10.0**loss
    first = ss.fit("additive", runs, objective, confirm=False).parameters
    changed = {"params": runs["params"] * n, "tokens": runs["tokens"] * d, "loss": runs["loss"] * y}
    second = ss.fit("additive", changed, objective, confirm=False).parameters
    assert second["alpha"] == pytest.approx(first["alpha"], rel=1e-6)
    assert second["beta"] == pytest.approx(first["beta"], rel=1e-6)
    assert second["E"] == pytest.approx(first["E"] * y, rel=1e-6)
    assert second["A"] == pytest.approx(first["A"] * y * n ** first["alpha"], rel=1e-5)
    assert second["B"] == pytest.approx(first["B"] * y * d ** first["beta"], rel=1e-5)


@LOOSE
@given(seed=st.integers(0, 1000))
def test_duplicated_rows_are_weights(runs, seed):
    times = np.random.default_rng(seed).integers(1, 4, 120)
    repeated = {k: np.repeat(v, times) for k, v in runs.items()}
    first = ss.fit("additive", repeated, confirm=False)
    second = ss.fit("additive", runs, weights=times.astype(float), confirm=False)
    assert first.objective_value == pytest.approx(second.objective_value, rel=1e-10)
    assert first.parameters["alpha"] == pytest.approx(second.parameters["alpha"], rel=1e-6)


def test_group_weights(runs):
    groups = np.repeat(["small", "large"], [20, 100])
    equal = ss.fit("additive", runs, "squared_log", groups=groups, group_weights="equal")
    weights = np.where(groups == "small", 3.0, 0.6)
    by_hand = ss.fit("additive", runs, "squared_log", weights=weights)
    assert equal.parameters == by_hand.parameters
    with pytest.raises(FitError, match="no group weight for 'large'"):
        ss.fit("additive", runs, groups=groups, group_weights={"small": 1.0})


# Traps ------------------------------------------------------------------------------------------


def test_start_at_hoffmanns_values_still_arrives(runs):
    start = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
    best = ss.fit("additive", runs)
    ours = ss.fit("additive", runs, starts=[start])
    assert ours.objective_value == pytest.approx(best.objective_value, rel=1e-9)
    assert any("local optimum" in message for message in ours.messages)
    classic = ss.fit("additive", runs, starts=[start], method="L-BFGS-B")
    assert classic.objective_value > best.objective_value * 1.0001
    assert not classic.converged
    assert any("Not converged" in message for message in classic.messages)


def test_mean_instead_of_sum_changes_nothing(runs):
    total = ss.fit("additive", runs)
    mean = ss.fit("additive", runs, weights=np.full(120, 1 / 120))
    assert mean.objective_value == pytest.approx(total.objective_value / 120, rel=1e-10)
    assert mean.parameters["alpha"] == pytest.approx(total.parameters["alpha"], rel=1e-7)


def test_asymptote_at_zero_is_said(runs):
    loss = 8.0 * runs["params"] ** -0.05 + 20.0 * runs["tokens"] ** -0.1 - 0.8
    fit = ss.fit("additive", {**runs, "loss": loss})
    assert fit.parameters["E"] == 0.0
    assert fit.evidence.active_bounds == "E (lower)"
    assert any("do not ask for an asymptote" in message for message in fit.messages)


def test_fewer_rows_than_parameters_is_said(runs):
    fit = ss.fit("additive", {k: v[:4] for k, v in runs.items()})
    assert not fit.identified
    assert any("4 distinct rows cannot determine 5 parameters" in m for m in fit.messages)


def test_identical_rows_are_said(runs):
    fit = ss.fit("additive", {k: np.repeat(v[:1], 50) for k, v in runs.items()})
    assert not fit.identified
    assert any("1 distinct rows" in message for message in fit.messages)


def test_as_many_rows_as_parameters_is_said(runs):
    fit = ss.fit("additive", {k: v[:5] for k, v in runs.items()})
    assert any("nothing to judge it by" in message for message in fit.messages)


def test_one_decade_of_size_is_said():
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(8, 8.9, 60), 10 ** rng.uniform(9, 12, 60)
    loss = 1.7 + 400 * params**-0.34 + 1000 * tokens**-0.35
    loss *= np.exp(0.02 * rng.normal(size=60))
    fit = ss.fit("additive", {"params": params, "tokens": tokens, "loss": loss})
    assert any("Weakly determined" in m and "alpha" in m for m in fit.messages)
    assert any("params spans only 0." in message for message in fit.messages)
    single = ss.fit("additive", {"params": params * 0 + 1e9, "tokens": tokens, "loss": loss})
    assert not single.identified
    assert any("params has a single value" in message for message in single.messages)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"loss": None}, "column loss"),
        ({"tokens": None}, "column tokens"),
        ({"loss": [np.nan] + [3.0] * 119}, "row 1, column loss: the value nan"),
        ({"loss": [3.0, -1.0] + [3.0] * 118}, "row 2, column loss.*not defined"),
        ({"params": [0.0] + [1e9] * 119}, "row 1, column params.*not above zero"),
        ({"tokens": ["many"] * 120}, "column tokens.*not a number"),
    ],
)
def test_unusable_rows_are_refused(runs, change, text):
    frame = {**runs, **change}
    frame = {name: values for name, values in frame.items() if values is not None}
    with pytest.raises(FitError, match=text):
        ss.fit("additive", frame)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"objective": "hubr"}, "unknown objective 'hubr'.*known objectives"),
        ({"delta": 0.0}, "delta is 0"),
        ({"estimator": "magic"}, "unknown estimator 'magic'.*known estimators"),
        ({"colour": "red"}, "unknown options.*colour"),
        ({"method": "BFGS"}, "method= needs starts="),
        ({"weights": np.zeros(120)}, "weights must not be negative and not all zero"),
        ({"weights": "w"}, "column w"),
        ({"groups": np.zeros(3)}, "3 groups for 120 rows"),
        ({"estimator": "evaluate", "fixed": {"E": 1.0}}, "alpha, beta is missing"),
    ],
)
def test_unusable_requests_are_refused(runs, arguments, text):
    with pytest.raises(FitError, match=text):
        ss.fit("additive", runs, **arguments)
