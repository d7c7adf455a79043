"""Predictions with intervals, of every kind of resampling."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.engine.uncertainty.predicted import predictions
from scaling_studies.engine.uncertainty.resample import KINDS
from scaling_studies.engine.uncertainty.result import Bootstrap

LAW = ss.get_law("power")
X = np.geomspace(1.0, 1e3, 12)
AT = {"x": np.array([10.0, 1e4])}


@pytest.fixture(scope="module")
def fit():
    noise = 0.02 * np.random.default_rng(0).normal(size=len(X))
    return ss.fit("power", {"x": X, "loss": 3.0 * X**-0.2 * np.exp(noise)}, "squared_log")


def off_centre(fit, kind: str) -> Bootstrap:
    """Resamples more of which lie above the fit than below it."""
    steps = np.linspace(-1.0, 3.0, 401)
    drawn = {name: value * (1.0 + 0.01 * steps) for name, value in fit.parameters.items()}
    return Bootstrap(
        LAW, kind, 0, drawn, steps**2, np.ones(401, dtype=bool), [], estimate=fit.parameters
    )


@pytest.mark.parametrize("kind", KINDS)
def test_only_intervals_of_drawn_rows_are_corrected_for_bias(fit, kind):
    draws = off_centre(fit, kind)
    corrected = kind != "parametric"
    for name, value in fit.parameters.items():
        middle = value if corrected else None
        expected = percentile_interval(draws.parameters[name], estimate=middle)
        assert draws.interval(name) == pytest.approx(tuple(expected.ends))
    found = predictions(fit, draws, AT)
    for row, x in enumerate(AT["x"]):
        values = draws.parameters["A"] * x ** -draws.parameters["alpha"]
        centre = fit.parameters["A"] * x ** -fit.parameters["alpha"]
        assert found["loss"][row] == pytest.approx(centre)
        expected = percentile_interval(values, estimate=centre if corrected else None)
        assert (found["low"][row], found["high"][row]) == pytest.approx(tuple(expected.ends))


@pytest.mark.parametrize("kind", KINDS)
def test_the_lowest_value_of_the_objective_has_a_plain_interval(fit, kind):
    draws = off_centre(fit, kind)
    expected = percentile_interval(draws.objective_value)
    assert draws.interval("objective_value") == pytest.approx(tuple(expected.ends))
