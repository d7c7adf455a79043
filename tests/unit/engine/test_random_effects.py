"""Random-effects summaries: a published worked example, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies.engine.uncertainty.random_effects import pool
from scaling_studies.errors import FitError

#: Thirteen trials of the BCG vaccine (Colditz et al. 1994): cases and others, vaccinated and not.
TRIALS = np.array(
    [
        [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
        [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619],
        [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
        [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
    ],
    dtype=float,
)  # fmt: skip


def log_risk_ratios() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = TRIALS.T
    variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    return np.log(a / (a + b)) - np.log(c / (c + d)), np.sqrt(variance)


def test_trials_of_a_vaccine_as_metafor_prints_them():
    """Viechtbauer 2010 (J. Stat. Softw. 36(3)), by restricted maximum likelihood."""
    found = pool(*log_risk_ratios())
    assert found.mean == pytest.approx(-0.7145, abs=5e-5)
    assert found.tau**2 == pytest.approx(0.3132, abs=5e-5)
    assert 100 * found.i2 == pytest.approx(92.22, abs=5e-3)
    assert found.q == pytest.approx(152.2330, abs=5e-5) and found.p < 1e-4
    assert [found.tau_low**2, found.tau_high**2] == pytest.approx([0.1197, 1.1115], abs=5e-5)
    assert [100 * found.i2_low, 100 * found.i2_high] == pytest.approx([81.92, 97.68], abs=5e-3)


def test_log_odds_ratios_of_the_same_trials():
    """The profile of Q of van Houwelingen et al. 2002, as metafor's page on them prints it."""
    a, b, c, d = TRIALS.T
    found = pool(np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    # Its search for the ends stops within 1.2e-4 of them.
    assert [found.tau_low**2, found.tau_high**2] == pytest.approx([0.1302, 1.1812], abs=1.2e-4)


def test_equal_errors_give_the_mean_and_the_variance_beyond_them():
    values = np.array([0.1, 0.5, 0.9, 0.4])
    found = pool(values, np.full(4, 0.1))
    assert found.mean == pytest.approx(values.mean())
    assert found.tau**2 == pytest.approx(values.var(ddof=1) - 0.01)
    # Then Knapp and Hartung's interval is that of the mean of a normal sample.
    half = 3.182446305284263 * values.std(ddof=1) / 2.0
    assert found.high - found.mean == pytest.approx(half)


def test_values_within_their_errors_have_no_spread():
    found = pool([0.50, 0.51, 0.49], [0.05, 0.05, 0.05])
    assert found.tau == found.i2 == found.tau_low == 0.0 and found.p > 0.5


numbers = st.floats(-2.0, 2.0)
errors = st.floats(0.01, 1.0)


@given(st.lists(st.tuples(numbers, errors), min_size=3, max_size=12), numbers, st.floats(0.1, 50.0))
def test_another_origin_and_unit_change_nothing_else(pairs, origin, unit):
    values, known = np.array(pairs).T
    one, other = pool(values, known), pool(origin + unit * values, unit * known)
    assert other.mean == pytest.approx(origin + unit * one.mean, abs=1e-6 * unit)
    assert other.tau == pytest.approx(unit * one.tau, rel=1e-4, abs=1e-5 * unit)
    assert other.i2_high == pytest.approx(one.i2_high, abs=1e-6)
    assert one.new_low <= one.low <= one.mean <= one.high <= one.new_high
    assert 0.0 <= one.i2_low <= one.i2_high < 1.0


@pytest.mark.parametrize(
    ("values", "known", "said"),
    [
        ([0.1, 0.2], [0.1, 0.1], "2 estimates"),
        ([0.1, 0.2, 0.3], [0.1, 0.1], "2 standard errors"),
        ([0.1, 0.2, np.nan], [0.1] * 3, "not finite"),
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], "not positive"),
        ([0.1, 0.2, 0.3], [0.1, np.inf, 0.1], "not positive"),
    ],
)
def test_what_cannot_be_pooled_is_said(values, known, said):
    with pytest.raises(FitError, match=said):
        pool(values, known)
