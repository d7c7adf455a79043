"""Theories that claims are about, against runs and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_studies.verdicts.theory import THEORIES, random_features_risk

INDEX = np.arange(1.0, 301.0)
EIGENVALUES, TARGET = INDEX**-1.5, INDEX**-1.5


def simulated_risk(n: int, k: int, ridge: float, draws: int = 200) -> tuple[float, float]:
    """Mean test error of ridge regression on drawn random features, and its standard error."""
    draw = np.random.default_rng(n + k)
    found = []
    for _ in range(draws):
        inputs = draw.standard_normal((n, INDEX.size)) * np.sqrt(EIGENVALUES)
        weights = draw.standard_normal((INDEX.size, k)) / np.sqrt(k)
        truth = draw.choice([-1.0, 1.0], INDEX.size) * np.sqrt(TARGET / EIGENVALUES)
        features, labels = inputs @ weights, inputs @ truth
        if ridge:
            gram = features @ features.T + ridge * np.eye(n)
            fitted = features.T @ np.linalg.solve(gram, labels)
        else:
            fitted = np.linalg.lstsq(features, labels, rcond=None)[0]
        found.append(float(np.sum(EIGENVALUES * (weights @ fitted - truth) ** 2)))
    return float(np.mean(found)), float(np.std(found) / np.sqrt(draws))


@pytest.mark.parametrize(
    ("n", "k", "ridge"), [(30, 80, 0.0), (80, 30, 0.0), (60, 60, 0.3), (80, 40, 1.0)]
)
def test_the_risk_of_random_features_is_that_of_drawn_ones(n, k, ridge):
    mean, error = simulated_risk(n, k, ridge)
    found = random_features_risk(EIGENVALUES, TARGET, n, k, ridge)
    # Beside the scatter of the draws, the theory is exact only as both grow.
    assert abs(found - mean) < 3 * error + 0.02 * mean


def test_many_features_are_the_kernel_itself():
    level = 0.01
    share = EIGENVALUES / (EIGENVALUES + level)
    n = share.sum()
    kernel = np.sum((1 - share) ** 2 * TARGET) / (1 - np.sum(share**2) / n)
    assert random_features_risk(EIGENVALUES, TARGET, n, 1e12) == pytest.approx(kernel, rel=1e-6)


def test_noise_adds_to_the_risk_in_proportion():
    clean, noisy, noisier = (
        random_features_risk(EIGENVALUES, TARGET, 40, 90, 0.1, noise) for noise in (0.0, 1.0, 2.0)
    )
    assert noisy - clean == pytest.approx(noisier - noisy) and noisy - clean > 1.0


def test_a_wide_network_learns_as_fast_as_the_kernel_of_an_infinite_one_says():
    # Rectifiers on a circle, both layers trained; on a regular grid the eigenvalues of the kernel
    # are its Fourier transform, and each step leaves 1 − step times eigenvalue over examples.
    angle = 2 * np.pi * np.arange(24) / 24
    angle = np.minimum(angle, 2 * np.pi - angle)
    kernel = (np.sin(angle) + 2 * (np.pi - angle) * np.cos(angle)) / (2 * np.pi)
    left = (1 - 0.2 * np.sort(np.fft.fft(kernel).real) / 24) ** 150
    found = THEORIES["theory/kernel_descent"]()
    speeds = -np.log([found["left_along_top"], found["left_along_rest"]])
    assert speeds == pytest.approx(-np.log([left[-5:].max(), left[:12].min()]), rel=0.1)


@pytest.mark.parametrize("name", THEORIES)
def test_a_theory_gives_finite_numbers_and_always_the_same(name):
    first = THEORIES[name]()
    assert first and all(map(np.isfinite, first.values()))
    THEORIES[name].cache_clear()
    assert THEORIES[name]() == first
