"""Rows that miss a law together are found, and what they have in common is drawn together."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.uncertainty.dependence import (
    clipped,
    components,
    dependence,
    freedom_between,
    strongest,
)

GROUPS, EACH = 20, 6
LABELS = np.repeat(np.arange(GROUPS), EACH)
X = np.geomspace(1.0, 1e4, GROUPS * EACH)


def line(noise: np.ndarray) -> ss.Fit:
    return ss.fit("power", {"x": X, "loss": 3.0 * X**-0.2 * np.exp(noise)}, "squared_log")


def noise(seed: int, between: float, within: float = 0.02) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return between * rng.normal(size=GROUPS)[LABELS] + within * rng.normal(size=len(X))


def test_what_groups_have_in_common_is_found():
    found = dependence(line(noise(1, 0.02)), LABELS, "budget")
    assert found.found and (found.label, found.groups) == ("budget", GROUPS)
    # Half of the variance is common to a group, less what the line takes up.
    assert 0.15 < found.correlation < 0.7 and found.inflation > 1.5
    assert found.probability <= 2 / 2000


def test_independent_rows_are_hardly_ever_called_dependent():
    found = [dependence(line(noise(seed, 0.0)), LABELS).found for seed in range(100)]
    assert sum(found) <= 6  # two tests at a hundredth each


def test_residuals_that_swing_within_a_group_are_found_by_their_scores():
    order = np.tile(np.linspace(-1.0, 1.0, EACH), GROUPS)
    x = np.tile(np.geomspace(1.0, 1e4, EACH), GROUPS)
    rng = np.random.default_rng(3)
    slopes = 0.05 * rng.normal(size=GROUPS)[LABELS] * order
    loss = 3.0 * x**-0.2 * np.exp(slopes + 0.01 * rng.normal(size=len(x)))
    fit = ss.fit("power", {"x": x, "loss": loss}, "squared_log")
    found = dependence(fit, LABELS)
    assert found.correlation < 0.05 and found.found and found.inflation > 2.0


def test_one_outlier_makes_no_group():
    values = noise(5, 0.0)
    values[7] = 0.4
    assert clipped(values).max() < 3.5
    fit = ss.fit("power", {"x": X, "loss": 3.0 * X**-0.2 * np.exp(values)}, "huber_log")
    assert not dependence(fit, LABELS).found


def test_the_label_that_widens_most_is_taken_and_useless_ones_are_not_tried():
    fit = line(noise(1, 0.02))
    labels = {
        "each": np.arange(len(X)),
        "halves": LABELS // 10,
        "budget": LABELS,
        "random": np.random.default_rng(0).permutation(LABELS),
    }
    found = strongest(fit, labels)
    assert found is not None and found.label == "budget"
    del labels["budget"]
    assert strongest(fit, labels) is None
    few = ss.fit("power", {"x": X[:9], "loss": 3.0 * X[:9] ** -0.2}, "squared_log")
    assert strongest(few, {"pairs": np.arange(9) // 2}) is None


def test_components_of_variance_are_those_of_the_noise():
    found = [components(line(noise(seed, 0.03)), LABELS, GROUPS) for seed in range(40)]
    assert np.mean([item.between**2 for item in found]) == pytest.approx(0.03**2, rel=0.15)
    assert np.mean([item.within**2 for item in found]) == pytest.approx(0.02**2, rel=0.05)
    # The line runs through the means of the groups: both of its parameters are used there.
    assert {item.freedom for item in found} == {GROUPS - 2}
    assert freedom_between(line(noise(1, 0.0)), LABELS, GROUPS) == pytest.approx(18.0, abs=0.01)


def test_groups_that_the_law_uses_up_leave_no_freedom():
    two = np.repeat([0, 1], len(X) // 2)
    assert components(line(noise(1, 0.0)), two, 2) == (0.0, 0.0, 0)
    boot = ss.bootstrap(line(noise(2, 0.03)), 60, groups=LABELS, kind="parametric")
    assert boot.freedom == GROUPS - 2
    wide, narrow = (
        boot.standard_error("alpha"),
        ss.bootstrap(line(noise(2, 0.03)), 60, kind="parametric").standard_error("alpha"),
    )
    assert wide > 1.4 * narrow


def test_the_intraclass_correlation_is_that_of_the_analysis_of_variance():
    fit = line(noise(4, 0.02))
    values = clipped(-fit.residuals()).reshape(GROUPS, EACH)
    between = EACH * values.mean(axis=1).var(ddof=0) * GROUPS / (GROUPS - 1)
    between += EACH * GROUPS * values.mean() ** 2 / (GROUPS - 1)
    within = values.var(axis=1, ddof=1).mean()
    expected = (between - within) / (between + (EACH - 1) * within)
    assert dependence(fit, LABELS).correlation == pytest.approx(expected, rel=1e-9)
