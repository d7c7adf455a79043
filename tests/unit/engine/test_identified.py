"""Quantities along a direction that the rows leave open have an open interval."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.uncertainty.identified import (
    by_name,
    is_determined,
    undetermined_directions,
)
from scaling_studies.errors import FitError


def ladder(ratio: float = 20.0, rows: int = 8, noise: float = 0.001) -> dict[str, np.ndarray]:
    """Runs of one ratio of tokens to parameters: nothing divides compute between them."""
    params = np.geomspace(1e7, 1e9, rows)
    tokens = ratio * params
    loss = 1.8 + 400.0 * params**-0.34 + 1500.0 * tokens**-0.36
    error = noise * np.random.default_rng(0).normal(size=rows)
    return {"params": params, "tokens": tokens, "loss": loss * np.exp(error)}


@pytest.mark.parametrize(("ratio", "name"), [(20.0, "a_opt"), (20.0, "alpha"), (300.0, "B")])
def test_one_ratio_of_tokens_to_parameters_identifies_no_allocation(ratio, name):
    fit = ss.fit("additive", ladder(ratio), confirm=False)
    assert not fit.identified and len(undetermined_directions(fit))
    boot = ss.bootstrap(fit, 60)
    assert not is_determined(fit, name)
    assert boot.interval(name) == (-np.inf, np.inf) and not boot.is_determined(name)
    assert np.isfinite(boot.quantity(name)).any()


def test_what_does_not_move_along_the_open_direction_keeps_its_interval(runs):
    # One size: the terms of E and size are one constant, and the exponent of data is determined.
    tokens = np.geomspace(1e9, 1e11, 40)
    loss = 3.0 + 1e4 * tokens**-0.4
    noise = np.exp(0.0005 * np.random.default_rng(1).normal(size=40))
    fit = ss.fit("additive", {"params": np.full(40, 1e8), "tokens": tokens, "loss": loss * noise})
    assert not is_determined(fit, "E") and not is_determined(fit, "alpha")
    assert is_determined(fit, "beta") and is_determined(fit, "B")
    boot = ss.bootstrap(fit, 60, kind="parametric")
    assert boot.interval("E") == (-np.inf, np.inf)
    low, high = boot.interval("beta")
    assert 0.2 < low < high < 0.6


@pytest.mark.parametrize(("share", "is_open"), [(0.95, False), (1.05, True)])
def test_an_exponent_is_open_from_a_deviation_of_three(share, is_open):
    # Residuals of one size at right angles to a line: its slope is uncertain by their deviation,
    # 1.4826 times their size, widened for the two of four rows that the line takes up, over the
    # length of the steps.
    steps, signs = np.array([-3.0, -1.0, 1.0, 3.0]), np.array([1.0, -1.0, -1.0, 1.0])
    size, length = 0.3, np.sqrt(20.0)
    apart = 1.4826 * size * np.sqrt(4 / 2) / length / (3.0 * share)
    x = np.exp(apart * steps)
    fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2 * np.exp(size * signs)}, "squared_log")
    assert is_determined(fit, "alpha") is not is_open
    assert is_determined(fit, "A")


def test_rows_that_determine_a_law_leave_nothing_open(runs):
    fit = ss.fit("additive", runs)
    assert len(undetermined_directions(fit)) == 0
    assert is_determined(fit, "a_opt") and is_determined(fit, lambda p: p["A"] * p["B"])


def test_as_many_rows_as_parameters_leave_no_freedom():
    x = np.array([1.0, 10.0])
    fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2})
    boot = ss.bootstrap(fit, 60, kind="parametric")
    assert boot.freedom == 0 and boot.interval("alpha") == (-np.inf, np.inf)


def test_an_unknown_quantity_is_refused():
    with pytest.raises(FitError, match="has no quantity 'gamma'"):
        by_name(ss.get_law("power"), "gamma")
