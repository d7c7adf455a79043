"""Refits of resamples: each finds its own optimum, and says whether it did."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.uncertainty.draws import row_counts
from scaling_studies.engine.uncertainty.refits import cold_points, solve_resamples, spread_of


def heavy_tailed(law: str, delta: float) -> ss.Fit:
    rng = np.random.default_rng(1)
    x = np.geomspace(1, 1e4, 30)
    loss = 3.0 * x**-0.2 * np.exp(0.03 * rng.standard_t(3, size=30))
    return ss.fit(law, {"x": x, "loss": loss}, "huber_log", delta)


@pytest.mark.parametrize(
    ("law", "delta"), [("power", 1e-4), ("power", 1e-3), ("power", 1e-2), ("power_offset", 1e-2)]
)
def test_refits_on_a_kink_or_at_a_bound_have_converged(law, delta):
    resamples = ss.bootstrap(heavy_tailed(law, delta), 64)
    assert resamples.converged >= 0.98


def test_a_refit_is_no_higher_than_a_fit_of_its_rows():
    fit = heavy_tailed("power", 1e-3)
    resamples = ss.bootstrap(fit, 12, search=False, small_sample=False)
    axes = {"x": fit.problem.axes["x"], "loss": fit.problem.response}
    for number in range(12):
        weights = row_counts(0, number, fit.n)
        alone = ss.fit("power", axes, "huber_log", 1e-3, weights=weights, confirm=False)
        assert resamples.objective_value[number] <= alone.objective_value * (1 + 1e-6)


@pytest.fixture(scope="module")
def two_basins() -> ss.Fit:
    """Heavy tails and an asymptote that the rows hardly ask for: some resamples prefer none."""
    return heavy_tailed("power_offset", 1e-3)


def test_resamples_leave_the_basin_of_the_fit_where_another_is_lower(two_basins):
    near = ss.bootstrap(two_basins, 64, search=False, small_sample=False)
    searched = ss.bootstrap(two_basins, 64, small_sample=False)
    assert (searched.objective_value <= near.objective_value * (1 + 1e-9)).all()
    lower = searched.objective_value < near.objective_value * (1 - 1e-4)
    assert lower.any()
    assert (searched.found_elsewhere >= lower).all()
    assert any("found their optimum elsewhere" in message for message in searched.messages)
    assert near.elsewhere_share == 0.0


def test_starts_where_the_first_resamples_ended_find_what_cold_starts_find(two_basins):
    """For resamples that were not among the first."""
    numbers = range(64, 128)
    drawn = np.stack([row_counts(0, number, two_basins.n) for number in numbers])
    cold = solve_resamples(two_basins, drawn, True, cold_points(two_basins, 12)).objective
    searched = ss.bootstrap(two_basins, 64, first=64, small_sample=False).objective_value
    assert np.mean(searched <= cold * (1 + 1e-6)) >= 0.95
    assert (searched < cold * (1 + 0.01)).all()


def test_points_that_stand_for_all_are_far_apart():
    points = np.array([[0.0, 0.0], [0.01, 0.0], [1.0, 10.0], [0.0, 10.1], [0.99, 0.0]])
    chosen = spread_of(points, 4)
    assert {tuple(row) for row in chosen} >= {(0.0, 0.0), (1.0, 10.0)}
    assert len(chosen) == 4 and not (chosen == [0.01, 0.0]).all(axis=1).any()
    assert len(spread_of(np.zeros((5, 2)), 4)) == 1


def test_few_cold_starts_find_the_other_basin_too(two_basins):
    few = ss.bootstrap(two_basins, 64, small_sample=False, search=2)
    assert few.elsewhere_share > 0.0


@pytest.mark.slow
def test_shards_of_a_searched_bootstrap_are_the_whole(two_basins):
    whole = ss.bootstrap(two_basins, 140)
    second = ss.bootstrap(two_basins, 12, first=128)
    for name, values in whole.parameters.items():
        np.testing.assert_array_equal(second.parameters[name], values[128:])
    np.testing.assert_array_equal(second.found_elsewhere, whole.found_elsewhere[128:])


def test_a_fit_from_given_starts_stays_near_them(two_basins):
    frame = {"x": two_basins.problem.axes["x"], "loss": two_basins.problem.response}
    local = ss.fit("power_offset", frame, "huber_log", 1e-3, starts=[two_basins.parameters])
    assert local.evidence.local
    assert ss.bootstrap(local, 64).elsewhere_share == 0.0
