"""Runs of random features: exact identities, and agreement with theory within the stated error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scaling_studies.sources.adapters import random_features
from scaling_studies.sources.adapters.random_features import (
    excess_of_features,
    limit_in_theory,
    limited_loss,
    loss_of,
    spectrum,
)
from scaling_studies.sources.fact_tables import to_csv_bytes

DATA = Path(__file__).resolve().parents[4] / "data/bahri_2021"
SMALL = {
    "seed": 3,
    "decays": {"only": 1.5},
    "resolution": {"modes": 40, "sizes": [5, 10], "draws": 3},
    "variance": {"modes": 30, "sizes": [20, 40], "draws": 3, "held": 2},
}


@pytest.fixture
def random():
    return np.random.default_rng(11)


def test_a_second_run_gives_the_same_bytes_and_another_seed_does_not():
    def contents(**changed):
        made = random_features.extract({}, **SMALL | changed)
        return {name: to_csv_bytes(frame, table=name) for name, frame in made.items()}

    assert contents() == contents()
    assert all(contents(seed=4)[name] != content for name, content in contents().items())


def test_a_row_does_not_depend_on_the_others():
    alone = SMALL | {"resolution": SMALL["resolution"] | {"sizes": [10]}}
    both = random_features.extract({}, **SMALL)["resolution"]
    one = random_features.extract({}, **alone)["resolution"]
    pd.testing.assert_frame_equal(one, both[both["size"] == 10].reset_index(drop=True))


def test_a_limited_loss_is_that_of_kernel_regression(random):
    """The duality: examples under endless features are features under endless examples."""
    eigenvalues, drawn = spectrum(1.0, 60), random.standard_normal((12, 60))
    root = np.sqrt(eigenvalues)
    seen = drawn * root
    teachers = np.eye(60)
    learned = seen.T @ np.linalg.solve(seen @ seen.T, seen @ teachers)
    missed = ((root[:, None] * (teachers - learned)) ** 2).sum()
    assert limited_loss(eigenvalues, drawn) == pytest.approx(missed, rel=1e-9)


def test_the_smallest_losses_have_all_digits_of_the_table(random):
    """Rounding goes another way for examples in another order; five digits must not see it."""
    eigenvalues, drawn = spectrum(2.0, 2048), random.standard_normal((128, 2048))
    losses = [limited_loss(eigenvalues, drawn[random.permutation(128)]) for _ in range(4)]
    assert losses == pytest.approx([losses[0]] * 4, rel=1e-10)


def test_the_loss_goes_to_its_limits(random):
    eigenvalues = spectrum(1.0, 20)
    few, many = random.standard_normal((3, 20)), random.standard_normal((40_000, 20))
    limit = limited_loss(eigenvalues, few)
    assert loss_of(eigenvalues, many, few) == pytest.approx(limit, rel=1e-3)
    assert loss_of(eigenvalues, many, few) > limit
    assert loss_of(eigenvalues, few, many) == pytest.approx(
        limited_loss(eigenvalues, few), rel=5e-2
    )


def test_mirrored_features_never_fall_below_the_limit(random):
    eigenvalues = spectrum(1.0, 20)
    assert all(excess_of_features(eigenvalues, 3, 30, random) > 0.0 for _ in range(20))


def test_theory_of_equal_eigenvalues_is_known():
    # With M eigenvalues of one, n/M of the variance is learned.
    assert limit_in_theory(np.ones(50), 10) == pytest.approx(40.0, rel=1e-9)


def test_the_excess_agrees_with_its_exact_mean():
    rows = pd.read_csv(DATA / "variance.csv")
    misses = (rows["excess"] - rows["theory"]) / rows["standard_error"]
    assert misses.abs().max() < 3.5
    assert np.sqrt((misses**2).mean()) < 1.4
    np.testing.assert_allclose(rows["theory"], 4.0 / (rows["size"] - 5.0), rtol=1e-4)


def test_losses_agree_with_the_theory_of_large_sizes_within_the_stated_error():
    """Low by about one part in the size, never by two, beyond three standard errors."""
    rows = pd.read_csv(DATA / "resolution.csv")
    slack = 3.0 * rows["standard_error"] / rows["theory"]
    ratio = rows["loss"] / rows["theory"] - 1.0
    assert (ratio < 2.0 / rows["size"] + slack).all()
    assert (ratio > -slack).all()


def test_the_two_sides_agree_within_their_errors():
    rows = pd.read_csv(DATA / "resolution.csv").set_index(["spectrum", "size"])
    one = rows[rows["limited_by"] == "examples"]
    other = rows[rows["limited_by"] == "features"]
    error = np.hypot(one["standard_error"], other["standard_error"])
    misses = (one["loss"] - other["loss"]) / error
    assert misses.abs().max() < 3.5
