"""Learning-rate schedules: grammar, rates, and the binned sums against plain ones."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_studies.errors import FitError
from scaling_studies.models.schedule_sums import cumulative_annealing, schedule_drops
from scaling_studies.models.schedules import (
    check_steps,
    learning_rates,
    parse_schedule,
    piece_starts,
)

WARMUP = "linear(0->3e-4,2160)+"


def test_shapes():
    rates = learning_rates(WARMUP + "cosine(3e-4->3e-5,21840)")
    assert len(rates) == 24000
    assert rates[0] == 0.0 and rates[2159] == 3e-4 and rates[2160] == pytest.approx(3e-4)
    # A value of the published curves.
    assert rates[23920] == pytest.approx(3.000893868085248e-05, rel=1e-9)
    wsd = learning_rates(WARMUP + "constant(3e-4,17840)+exponential(3e-4->3e-5,4000)")
    assert wsd[23904] == pytest.approx(3.170452527640976e-05, rel=1e-9)
    linear = learning_rates(WARMUP + "constant(3e-4,17840)+linear(3e-4->3e-5,4000)")
    assert linear[23904] == pytest.approx(3.648e-05, rel=1e-9)
    assert list(piece_starts(WARMUP + "constant(3e-4,10)")) == [0, 2160, 2170]
    assert len(parse_schedule("constant( 3e-4 , 5 ) + constant(1.5e+1,5)")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cosine(3e-4,100)",
        "constant(3e-4->3e-5,100)",
        "constant(3e-4)",
        "constant(3e-4,0)",
        "constant(-3e-4,10)",
        "constant(3e-4,10)constant(3e-4,10)",
        "exponential(3e-4->0,10)",
        "constant(3e-4,10)+",
        "__import__('os')",
        "constant(1,99999999999)",
    ],
)
def test_strict_grammar(text):
    with pytest.raises(FitError, match="schedule"):
        parse_schedule(text)


def test_steps_are_checked():
    with pytest.raises(FitError, match="step 10 is not one of the 10 steps"):
        check_steps("constant(3e-4,10)", np.array([0.0, 10.0]))
    with pytest.raises(FitError, match=r"step 0\.5"):
        check_steps("constant(3e-4,10)", np.array([0.5]))


@pytest.mark.parametrize(
    "tail",
    [
        "cosine(3e-4->3e-5,21840)",
        "constant(3e-4,5840)+constant(3e-5,8000)",
        "constant(3e-4,17840)+exponential(3e-4->3e-5,4000)",
    ],
)
def test_binned_sum_over_drops_against_the_plain_sum(tail):
    text = WARMUP + tail
    rates = learning_rates(text)
    area, change = np.cumsum(rates), np.diff(rates, prepend=0.0)
    steps = np.arange(2176, len(rates), 611)
    c, beta, gamma, gain = 2.13, 0.598, 0.655, 438.0
    plain = []
    for s in steps:
        k = np.flatnonzero(change[: s + 1])
        reached = 1 - (1 + c * rates[k] ** -gamma * (area[s] - area[k - 1])) ** -beta
        plain.append(gain * (change[k] * reached).sum())
    drops = schedule_drops(text, steps)
    speed = np.log(c) - gamma * drops[:, 1] + drops[:, 2]
    binned = gain * (drops[:, 0] * -np.expm1(-beta * np.logaddexp(0, speed))).sum(axis=1)
    np.testing.assert_allclose(binned, plain, atol=5e-6)
    np.testing.assert_allclose(drops[:, 0].sum(axis=1), rates[steps], rtol=1e-10)


def test_annealing_area_by_hand():
    area = cumulative_annealing("constant(2,2)+constant(1,3)")
    first = 1.0
    second = 0.999 * first
    third = 0.999 * second
    np.testing.assert_allclose(area, [0, 0, first, first + second, first + second + third])
