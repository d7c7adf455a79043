"""Reductions of rows: pass@k and coverage against exact fractions, and their bootstrap."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from power_resamples import drawn, fitted

import scaling_studies as ss
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


def problem_table() -> pd.DataFrame:
    """Twelve problems with correct answers among 100 samples, and where coverage is wanted."""
    names = [f"p{place}" for place in range(12)]
    solved = pd.DataFrame(
        {"row_key": names, "run_id": names, "group_id": np.repeat(list("abcd"), 3)}
    )
    solved = solved.assign(metric="solved", eval_set="e", samples_drawn=100.0)
    solved["value"] = np.arange(1.0, 13.0)
    at = pd.DataFrame({"row_key": ["k1", "k2", "k3", "k4"], "metric": "k", "eval_set": "e"})
    at["value"] = [1.0, 5.0, 20.0, 60.0]
    table = pd.concat([solved, at], ignore_index=True)
    return table.assign(
        table="t", status="ok", value_low=np.nan, value_high=np.nan, value_std=np.nan
    )


@pytest.mark.parametrize("kind", ["pairs", "cluster"], ids=["rows", "groups"])
def test_reduced_rows_are_redrawn_before_the_reduction(kind):
    changes = {
        "response": {"metric": "solved"},
        "law": "coverage",
        "axes": {"samples_drawn": "samples_drawn"},
        "reduce": {"kind": "coverage", "at": {"metric": "k"}},
        "resample": {"kind": kind},
    }
    table = problem_table()
    _, _, points = fitted(table, **changes)
    assert points["samples_drawn"].tolist() == [1.0, 5.0, 20.0, 60.0]
    reduced = Coverage(
        pd.DataFrame({"samples_drawn": 100.0, "observed": np.arange(1.0, 13.0)}),
        np.array([1.0, 5.0, 20.0, 60.0]),
        "study",
    )
    groups = np.repeat(np.arange(4), 3) if kind == "cluster" else None
    expected = ss.bootstrap(
        ss.fit("coverage", points, ss.get_law("coverage").objective, response="observed"),
        4,
        seed=9,
        first=2,
        kind="parametric",
        responses=redrawn_responses(reduced, 12, groups, 9),
        units=12 if groups is None else 4,
    )
    found = drawn(table, **changes)
    assert set(found.pop("freedom")) == {11.0 if groups is None else 3.0}
    pd.testing.assert_frame_equal(found, expected.frame()[list(found)], rtol=1e-6)
