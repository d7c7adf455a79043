"""Draws of few or unequal groups are spread by what they show too little, and by Student's t."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.search.identification import residual_jacobian
from scaling_studies.engine.uncertainty.bands import FEW
from scaling_studies.engine.uncertainty.draws import widening
from scaling_studies.engine.uncertainty.few_groups import few_groups

#: Groups of unequal size and weight: the last holds the largest sizes alone.
CODES = np.repeat(np.arange(8), [3, 3, 3, 3, 4, 4, 5, 15])
X = np.geomspace(1.0, 1e4, len(CODES))


def line(seed: int, x: np.ndarray = X, noise: float = 0.02) -> ss.Fit:
    deviates = np.random.default_rng(seed).normal(size=len(x))
    data = {"x": x, "loss": 3.0 * x**-0.2 * np.exp(noise * deviates)}
    return ss.fit("power", data, "squared_log")


def test_share_and_freedom_are_those_of_the_projections():
    """The definition, with matrices of all rows: Bell and McCaffrey's with no adjustment."""
    fit = line(0)
    basis, upper = np.linalg.qr(residual_jacobian(fit.problem, fit.optimum.coordinates))
    left = np.eye(len(X)) - basis @ basis.T
    parts = np.stack([basis[group == CODES].T @ left[group == CODES] for group in range(8)])
    few = few_groups(fit, CODES, 8)
    along = fit.problem.coordinates.directions @ np.linalg.inv(upper)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    for direction, share, freedom in zip(along, *few, strict=True):
        pulls = np.einsum("i,gin->gn", direction, parts)
        within = pulls @ pulls.T
        assert share == pytest.approx(np.trace(within))
        assert freedom == pytest.approx(np.trace(within) ** 2 / (within**2).sum())


def test_many_equal_groups_need_nothing():
    x = np.tile(np.geomspace(1.0, 1e4, 10), 200)
    few = few_groups(line(1, x), np.repeat(np.arange(200), 10), 200)
    assert few.share.min() > 0.99 and few.freedom.min() > 190 > FEW


def test_draws_are_moved_by_the_middle_share_and_freedom():
    fit = line(2)
    share, freedom = few_groups(fit, CODES, 8).middle
    plain = ss.bootstrap(fit, 50, 5, CODES, kind="cluster", small_sample=False)
    moved = ss.bootstrap(fit, 50, 5, CODES, kind="cluster")
    assert 0.3 < share < 0.9 and moved.freedom == freedom < 7
    factors = np.array([widening(5, number, freedom) for number in range(50)]) / np.sqrt(share)
    centre = fit.parameters["alpha"]
    expected = centre + factors * (plain.parameters["alpha"] - centre)
    np.testing.assert_allclose(moved.parameters["alpha"], expected, rtol=1e-9)


def test_intervals_of_few_unequal_groups_hold_the_truth():
    held, plain = [], []
    for seed in range(200):
        fit = line(seed)
        for small_sample, kept in ((True, held), (False, plain)):
            drawn = ss.bootstrap(
                fit, 256, seed, CODES, kind="cluster", small_sample=small_sample, search=False
            )
            low, high = drawn.interval("alpha")
            kept.append(low <= 0.2 <= high)
    # Three standard errors of 200 tables are 0.046.
    assert 0.90 <= np.mean(held) <= 0.995 and np.mean(plain) < np.mean(held) - 0.05


def test_draws_stay_within_bounds_and_what_is_fixed_stays():
    data = {"x": X, "loss": line(3, noise=0.3).problem.response}
    fit = ss.fit("power", data, "squared_log", bounds={"alpha": (0.15, 0.25)})
    values = ss.bootstrap(fit, 100, groups=CODES).parameters["alpha"]
    assert values.min() >= 0.15 and values.max() <= 0.25
    offset = ss.fit("power_offset", data, "squared_log", fixed={"E": 0.0})
    assert not ss.bootstrap(offset, 64, groups=CODES).parameters["E"].any()


def test_shards_are_moved_alike():
    fit = line(4)
    whole = ss.bootstrap(fit, 100, groups=CODES).parameters["alpha"]
    part = ss.bootstrap(fit, 30, groups=CODES, first=60).parameters["alpha"]
    assert whole[60:90].tolist() == part.tolist()


def test_two_groups_leave_no_freedom_for_two_parameters():
    fit = line(5)
    two = ss.bootstrap(fit, 64, groups=np.repeat([0, 1], len(X) // 2))
    assert two.freedom is not None and two.freedom < 2
