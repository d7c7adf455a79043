"""Estimators that draw a line through estimated optima: what they read, refuse and return."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import scaling_studies as ss
from scaling_studies.errors import FitError

BUDGETS = (1e18, 1e19, 1e20)


@pytest.fixture
def surface() -> dict[str, np.ndarray]:
    """Seven sizes at each of three budgets."""
    flops = np.repeat(BUDGETS, 7)
    params = 0.1 * flops**0.5 * np.tile(np.geomspace(0.2, 5.0, 7), 3)
    tokens = flops / (6.0 * params)
    loss = 1.7 + 400.0 * params**-0.34 + 2000.0 * tokens**-0.37
    return {"params": params, "flops": flops, "loss": loss, "curve": params.round()}


@pytest.mark.parametrize("law", ["compute_optimal", "additive", "power"])
@pytest.mark.parametrize("as_frame", [dict, pd.DataFrame])
def test_every_quantity_of_a_line_through_minima_can_be_asked(surface, law, as_frame):
    fit = ss.fit(law, as_frame(surface), estimator="isoflop")
    quantities = fit.quantities()
    assert all(isinstance(value, float) for value in quantities.values())
    assert quantities["a_opt"] == fit.parameters["a"] == pytest.approx(0.37 / 0.71, abs=0.01)
    assert quantities["budgets_used"] == 3.0
    assert "(fixed)" not in repr(fit)
    resamples = ss.bootstrap(fit, 32)
    assert np.isfinite(resamples.quantity("a_opt")[resamples.refit_converged]).all()


def test_every_quantity_of_an_envelope_can_be_asked():
    steps = np.geomspace(1e8, 1e12, 60)
    params, tokens = np.repeat([1e7, 3e7, 1e8, 3e8, 1e9], 60), np.tile(steps, 5)
    loss = 1.7 + 400.0 * params**-0.34 + 2000.0 * tokens**-0.37
    frame = {"params": params, "tokens": tokens, "loss": loss}
    fit = ss.fit("compute_optimal", frame, estimator="envelope", groups=params)
    assert all(isinstance(value, float) for value in fit.quantities().values())


@pytest.mark.parametrize("estimator", ["isoflop", "envelope"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("fixed", {"a": 0.5}), ("bounds", {"a": (0.0, 1.0)}), ("shared", {"a": "G"})],
)
def test_restrictions_are_refused_and_not_passed_over(surface, estimator, name, value):
    arguments = {"estimator": estimator, "groups": "curve", name: value}
    with pytest.raises(FitError, match=f"estimator {estimator} restricts no parameter.*{name}="):
        ss.fit("compute_optimal", surface, **arguments)


def test_rows_without_budgets_are_refused_before_anything_is_fitted(surface):
    rng = np.random.default_rng(0)
    scattered = surface | {"flops": 10.0 ** rng.uniform(18, 20, 21)}
    with pytest.raises(FitError, match=r"FLOP budgets.*Fix: give budgets="):
        ss.fit("compute_optimal", scattered, estimator="isoflop")
    dense = {name: np.tile(values, 20) for name, values in surface.items()}
    dense["flops"] = np.geomspace(1e18, 1e20, 420)
    with pytest.raises(FitError, match=r"falls into no FLOP budgets.*spread over 2 decades"):
        ss.fit("compute_optimal", dense, estimator="isoflop")
    few = {name: values[:10] for name, values in surface.items()}
    with pytest.raises(FitError, match=r"need two FLOP budgets of 4 sizes each, and of 2 given 1"):
        ss.fit("compute_optimal", few, estimator="isoflop", budgets=[1e18, 1e19])


def test_budgets_as_a_column_as_labels_or_as_values_are_the_same(surface):
    found = ss.fit("compute_optimal", surface, estimator="isoflop").parameters
    for budgets in ("flops", np.repeat(["a", "b", "c"], 7), list(BUDGETS)):
        fit = ss.fit("compute_optimal", surface, estimator="isoflop", budgets=budgets)
        assert fit.parameters == found
