"""The constant of a power law that makes log(y - E) straight: two minima, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.errors import FitError

X = np.geomspace(1e3, 1e6, 12)


def straightened(y, **options):
    return ss.fit("power_offset", {"x": X, "loss": y}, estimator="straightened", **options)


def error_at(y, offset):
    return np.polyfit(np.log(X), np.log(y - offset), 1, full=True)[1][0] / len(X)


@pytest.mark.parametrize("minimum", ["local", "global"])
def test_a_law_without_noise_comes_back(minimum):
    fit = straightened(1.5 + 40.0 * X**-0.5, minimum=minimum)
    assert fit.parameters == pytest.approx({"E": 1.5, "A": 40.0, "alpha": 0.5}, rel=1e-4)
    assert fit.quantities()["straight_error"] == pytest.approx(0.0, abs=1e-12)


def test_noise_near_the_limit_makes_the_inner_minimum_the_worse_one():
    y = 1.0 + 2.0 * X**-0.5
    y += np.where(np.arange(12) % 2, 4e-4, -4e-4)
    local, other = straightened(y), straightened(y, minimum="global")
    offset = local.parameters["E"]
    assert offset > 0.9 and other.parameters["E"] == 0.0
    assert local.quantities()["straight_error"] == pytest.approx(error_at(y, offset))
    for beside in (offset - 1e-4, offset + 1e-5):
        assert error_at(y, beside) > error_at(y, offset)
    assert error_at(y, 0.0) < error_at(y, offset)


def test_a_curve_that_no_constant_straightens_has_none():
    assert straightened(3.0 * X**-0.3 * np.exp(-X / 1e6)).parameters["E"] == 0.0


def test_what_it_cannot_do_is_refused():
    with pytest.raises(FitError, match=r"unknown minimum 'lowest'.*use local or global"):
        straightened(1.0 + X**-0.5, minimum="lowest")
    with pytest.raises(FitError, match=r"law power is no power law plus a constant"):
        ss.fit("power", {"x": X, "loss": X**-0.5}, estimator="straightened")
