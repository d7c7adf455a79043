"""Approach 2 on a surface that is known: biased as its asymmetry predicts, and not without it."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_studies.engine.allocation.allocate import optimal_allocation
from scaling_studies.engine.validation.parabola import expected_shift, replay, symmetric
from scaling_studies.laws import get_law

SURFACE = {"E": 1.7, "A": 400.0, "B": 900.0}
COMPUTE = np.geomspace(1e18, 1e22, 5)


def best(surface: dict[str, float], flops: np.ndarray) -> np.ndarray:
    known = {name: np.array([value]) for name, value in surface.items()}
    return optimal_allocation(get_law("additive"), known, flops).params[0]


def runs(surface: dict[str, float], half: float, drift: float = 0.0) -> tuple[np.ndarray, ...]:
    """Sizes around the best one of each budget; `drift` moves their middle from first to last."""
    middle = np.log(best(surface, COMPUTE)) + drift * np.linspace(-1.0, 1.0, len(COMPUTE))
    sizes = np.exp(middle[:, None] + np.linspace(-half, half, 201))
    return sizes.ravel(), np.repeat(COMPUTE, 201)


@pytest.mark.parametrize(("alpha", "beta"), [(0.34, 0.28), (0.5, 0.3), (0.2, 0.6)])
@pytest.mark.parametrize("half", [0.7, 2.3])
def test_an_asymmetric_surface_is_misread_as_predicted(alpha, beta, half):
    surface = SURFACE | {"alpha": alpha, "beta": beta}
    sizes, flops = runs(surface, half)
    found = replay(surface, sizes, flops, budgets=flops)
    expected = expected_shift(alpha, beta, half)
    assert found.shift == pytest.approx(expected, rel=0.01)
    assert abs(expected) > 0.002 and np.sign(expected) == np.sign(alpha - beta)
    # The same at every budget: the exponent comes back.
    assert found.read_exponent == pytest.approx(found.exponent, abs=1e-6)


@pytest.mark.parametrize("half", [0.7, 2.3])
def test_a_symmetric_surface_is_read_without_bias(half):
    surface = SURFACE | {"alpha": 0.33, "beta": 0.33}
    sizes, flops = runs(surface, half)
    found = replay(surface, sizes, flops, budgets=flops)
    assert expected_shift(0.33, 0.33, half) == 0.0
    assert found.shift == pytest.approx(0.0, abs=1e-9)
    assert found.read_exponent == pytest.approx(0.5, abs=1e-9)


def test_sizes_that_leave_the_best_one_move_the_exponent():
    surface = SURFACE | {"alpha": 0.5, "beta": 0.3}
    sizes, flops = runs(surface, 2.0, drift=2.0)
    found = replay(surface, sizes, flops, budgets=flops)
    assert abs(found.read_exponent - found.exponent) > 0.01


def test_the_symmetric_twin_has_the_same_optimum():
    surface = SURFACE | {"alpha": 0.5, "beta": 0.3}
    twin = symmetric(surface, 1e20)
    assert twin["alpha"] == twin["beta"] == pytest.approx(0.4)
    assert best(twin, np.array([1e20])) == pytest.approx(best(surface, np.array([1e20])))
