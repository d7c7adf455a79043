"""Runs of pruned perceptrons: certified students, and agreement with theory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from scaling_studies.errors import TableError
from scaling_studies.sources.adapters import pruned_perceptron
from scaling_studies.sources.adapters.pruned_perceptron import (
    error_in_theory,
    error_of,
    hardest,
    student,
)
from scaling_studies.sources.fact_tables import to_csv_bytes

DATA = Path(__file__).resolve().parents[4] / "data/sorscher_2022"
SMALL = {
    "seed": 3,
    "inputs": 8,
    "draws": 3,
    "designs": {"all": {"kept": [2, 4], "of": 1}, "growing": {"kept": [3, 4], "of": [2, 4]}},
}


@pytest.fixture
def random():
    return np.random.default_rng(11)


def test_a_second_run_gives_the_same_bytes_and_another_seed_does_not():
    def content(**changed):
        made = pruned_perceptron.extract({}, **SMALL | changed)
        return to_csv_bytes(made["errors"], table="errors.csv")

    assert content() == content() != content(seed=4)


def test_rows_say_what_was_kept_of_how_many():
    rows = pruned_perceptron.extract({}, **SMALL)["errors"]
    assert rows["design"].tolist() == ["all", "all", "growing", "growing"]
    assert rows["candidates"].tolist() == [2, 4, 6, 16]


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"kept": [0], "of": 1}, "'designs.all.kept' is .0."),
        ({"kept": [2], "of": 1.5}, "'designs.all.of' is 1.5"),
        ({"kept": [2, 3], "of": [1, 2, 3]}, "has 3 numbers for 2"),
        ({"kept": [2]}, "gives kept"),
    ],
)
def test_a_design_that_cannot_be_run_is_one_line(design, words):
    with pytest.raises(TableError, match=words) as caught:
        pruned_perceptron.extract({}, **SMALL | {"designs": {"all": design}})
    assert "Fix: give" in str(caught.value)


def test_the_hardest_are_kept(random):
    signed = hardest(3, 2000, 10, random)
    assert signed.shape == (2000, 3)
    # A tenth of a half normal distribution lies below 0.1257.
    assert signed[0, 0] >= 0.0 and signed[-1, 0] == pytest.approx(0.1257, abs=0.01)
    assert np.corrcoef(signed.T)[0, 1] == pytest.approx(0.0, abs=0.08)


def test_a_student_has_the_largest_margin(random):
    signed = hardest(4, 12, 2, random)
    weights = student(signed)
    assert (signed @ weights).min() == pytest.approx(1.0, rel=1e-10)
    other = minimize(
        lambda w: w @ w,
        np.array([100.0, 0.0, 0.0, 0.0]),
        constraints={"type": "ineq", "fun": lambda w: signed @ w - 1.0},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert weights @ weights <= other.fun * (1.0 + 1e-6)
    np.testing.assert_allclose(weights, other.x, rtol=1e-3, atol=1e-3)


def test_what_cannot_be_separated_is_refused():
    with pytest.raises(TableError, match="certified to inf only"):
        student(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))


@pytest.mark.parametrize(("weights", "error"), [((1, 0), 0.0), ((1, 1), 0.25), ((-2, 0), 1.0)])
def test_the_error_is_an_angle(weights, error):
    assert error_of(np.array(weights, dtype=float)) == pytest.approx(error)


def test_theory_without_pruning_is_the_known_one():
    # Opper, Kinzel, Kleinz, Nehl (1990): 0.5005 over the examples a parameter.
    assert 1000.0 * error_in_theory(1000.0, 1.0) == pytest.approx(0.5005, abs=2e-4)


def test_theory_of_a_small_share_is_in_proportion_to_it():
    small, smaller = (error_in_theory(6.0, share) for share in (0.01, 0.001))
    assert small / smaller == pytest.approx(10.0, rel=0.01)


def test_errors_agree_with_theory_within_the_stated_error():
    """From three kept a parameter on: within a tenth; and on average within three errors."""
    rows = pd.read_csv(DATA / "errors.csv").query("kept >= 3")
    assert len(rows) == 20
    assert (rows["error"] / rows["theory"] - 1.0).abs().max() < 0.1
    assert ((rows["error"] - rows["theory"]) / rows["standard_error"]).abs().max() < 3.0
    again = [error_in_theory(row.kept, row.kept / row.candidates) for row in rows.itertuples()]
    np.testing.assert_allclose(rows["theory"], again, rtol=1e-4)
