"""Reductions of rows: pass@k and coverage against exact fractions, and their bootstrap."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import FitError
from scaling_studies.fits.reductions import Coverage, pass_at_k, redrawn_responses, reduce_rows

SAMPLES = np.array([10, 10, 12])
CORRECT = np.array([0, 3, 12])


def problems(correct=CORRECT):
    return pd.DataFrame(
        {
            "samples_drawn": SAMPLES,
            "observed": correct,
            "architecture": "model",
            "row_key": list("abc"),
        }
    )


def exact(n, c, k):
    return float(1 - Fraction(comb(int(n - c), int(k)), comb(int(n), int(k))))


def test_pass_at_k_equals_the_exact_fractions():
    k = np.arange(1, 11)
    expected = [[exact(n, c, each) for each in k] for n, c in zip(SAMPLES, CORRECT, strict=True)]
    assert pass_at_k(SAMPLES, CORRECT, k) == pytest.approx(np.array(expected), rel=1e-9, abs=1e-14)


def test_one_success_among_many_samples_keeps_its_digits():
    # Differences of log-gammas near 8e4 leave about seven digits of 1e-4; single precision none.
    assert pass_at_k(np.array([10_000]), np.array([1]), np.array([1, 7]))[0] == pytest.approx(
        [1e-4, 7e-4], rel=1e-6
    )


def test_coverage_weighs_problems_by_how_often_they_are_drawn():
    reduced = Coverage(problems(), np.array([1.0, 4.0]), "study")
    drawn = np.array([2.0, 1.0, 0.0])
    expected = [-np.log(exact(10, 3, k) / 3) for k in (1, 4)]
    assert reduced.response(drawn) == pytest.approx(expected)


def test_reduced_rows_keep_what_all_rows_share():
    frame = reduce_rows(problems(), Coverage(problems(), np.array([1.0, 4.0, 10.0]), "study"))
    assert list(frame["samples_drawn"]) == [1.0, 4.0, 10.0]
    assert set(frame["architecture"]) == {"model"}
    # Named after the first row, how many more there were, and k.
    assert list(frame["row_key"]) == ["a+2@1", "a+2@4", "a+2@10"]
    assert set(frame["weight"]) == {1.0} and set(frame["role"]) == {"fit"}
    assert (np.diff(frame["observed"]) < 0).all()


@pytest.mark.parametrize("k", [[0.0], [11.0]])
def test_k_beyond_the_samples_is_refused(k):
    with pytest.raises(FitError, match="numbers of samples from 1"):
        Coverage(problems(), np.array(k), "study")


def test_more_correct_than_drawn_is_refused():
    with pytest.raises(FitError, match="more correct samples"):
        Coverage(problems(np.array([0, 11, 1])), np.array([1.0]), "study")


def test_problems_are_redrawn_alike_whatever_the_labels():
    reduced = Coverage(problems(), np.array([1.0, 4.0]), "study")
    rows = redrawn_responses(reduced, 3, None, 5)
    groups = redrawn_responses(reduced, 3, np.array(["a", "b", "c"]), 5)
    for number in range(20):
        assert rows(number) == pytest.approx(groups(number))
    assert len({rows(number)[0] for number in range(20)}) > 1
