"""How one resample is drawn: rows, groups, strata, responses."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_studies.engine.objectives import shift_by_residual
from scaling_studies.engine.uncertainty.draws import (
    cluster_counts,
    generator,
    group_codes,
    interval_responses,
    model_responses,
    row_counts,
    stratified_counts,
)
from scaling_studies.errors import FitError


def philox(seed: int, resample: int) -> np.random.Generator:
    """The documented stream, made anew."""
    return np.random.Generator(np.random.Philox(key=[seed, resample]))


def test_a_resample_has_a_stream_of_its_own_whatever_was_drawn_before():
    first = generator(3, 5).standard_normal(4)
    generator(3, 6).integers(0, 10, 3)
    assert generator(3, 5).standard_normal(4).tolist() == first.tolist()
    assert first.tolist() == philox(3, 5).standard_normal(4).tolist()
    assert generator(4, 5).standard_normal(4).tolist() != first.tolist()


def test_rows_are_drawn_with_replacement():
    counts = row_counts(1, 2, 50)
    assert counts.sum() == 50 and counts.max() > 1 and counts.min() == 0
    expected = np.bincount(philox(1, 2).integers(0, 50, 50), minlength=50)
    assert counts.tolist() == expected.tolist()


def test_rows_of_a_group_come_together_and_as_often_as_a_group_is_drawn():
    codes = np.repeat(np.arange(6), 3)
    counts = cluster_counts(0, 1, codes, 6).reshape(6, 3)
    assert (counts == counts[:, :1]).all()
    assert counts[:, 0].tolist() == row_counts(0, 1, 6).tolist()


def test_each_stratum_keeps_its_size():
    strata = [np.arange(0, 40, 2), np.arange(1, 40, 2)[:5]]
    counts = stratified_counts(0, 5, strata, 40)
    assert [counts[rows].sum() for rows in strata] == [20, 5]
    assert counts[11:40:2].sum() == 0 and counts.max() > 1


def test_responses_are_redrawn_from_intervals_with_a_side_each():
    response = np.array([1.0, 2.0])
    low, high = np.array([0.9, 1.0]), np.array([1.4, 2.1])
    drawn = np.array([interval_responses(7, r, response, low, high) for r in range(4000)])
    # The published interval holds 95 %, half of the rest on either side.
    assert np.quantile(drawn, [0.025, 0.5, 0.975], axis=0) == pytest.approx(
        np.array([low, response, high]), abs=0.03
    )
    standard = philox(7, 0).standard_normal(2)
    sides = np.where(standard < 0, response - low, high - response)
    assert drawn[0] == pytest.approx(response + standard * sides / 1.959963984540054, rel=1e-14)


@pytest.mark.parametrize("kind", ["linear", "log", "log10", "log1p", "relative"])
def test_gaussian_responses_scatter_around_the_law_on_its_scale(kind):
    fitted = np.array([1.0, 2.0, 3.0])
    drawn = model_responses(1, 4, fitted, kind, 0.1)
    noise = 0.1 * philox(1, 4).standard_normal(3)
    assert drawn == pytest.approx(shift_by_residual(fitted, noise, kind), rel=1e-14)


def test_smoothed_residuals_are_drawn_with_replacement():
    residuals = np.array([-1.0, 0.0, 2.0])
    drawn = model_responses(1, 4, np.zeros(3), "linear", 1e-9, residuals)
    stream = philox(1, 4)
    stream.standard_normal(3)
    assert drawn == pytest.approx(residuals[stream.integers(0, 3, 3)], abs=1e-7)


def test_residuals_move_values_on_the_scale_of_the_objective():
    value, residual = np.array([1.0, 4.0]), 0.25
    expected = {
        "linear": value + 0.25,
        "log": value * np.exp(0.25),
        "log10": value * 10**0.25,
        "log1p": (value + 1.0) * np.exp(0.25) - 1.0,
        "relative": value * 1.25,
    }
    for kind, moved in expected.items():
        assert shift_by_residual(value, residual, kind) == pytest.approx(moved)


def test_groups_are_numbered_by_row():
    codes, count = group_codes(np.array(["b", "a", "b"], dtype=object), 3)
    assert codes.tolist() == [1, 0, 1] and count == 2
    with pytest.raises(FitError, match="2 strata for 3 rows"):
        group_codes(np.array([1, 2]), 3, "strata")
    with pytest.raises(FitError, match="only 1 distinct groups"):
        group_codes(np.array([1, 1]), 2)
