"""Chinchilla's points miss the law together by compute budget; the intervals know it.

Intervals of whole budgets and of single points were computed by separate code.
"""

from __future__ import annotations

import numpy as np
import pytest
from carried_studies import resampled

from scaling_studies.fits.resampling import AS_STATED, wald_statistic

RESAMPLES = 1000
#: Ends of 95 % of the draws, computed apart: whole budgets, then single points.
BUDGETS = {"a_opt": (0.407, 0.567), "beta": (0.259, 0.422)}
POINTS = {"a_opt": (0.479, 0.556), "beta": (0.331, 0.416)}
HOFFMANN = {
    "log_E": 0.5267228,
    "log_A": 6.0073404,
    "log_B": 6.0179186,
    "alpha": 0.33917084,
    "beta": 0.2849083,
}
FITS = [("besiroglu_2024", "huber_sum"), ("hoffmann_2022", "approach_3_refit")]


@pytest.fixture(scope="module", params=FITS, ids=lambda pair: pair[0])
def chinchilla(request):
    """Resamples and their summary."""
    return resampled(*request.param, RESAMPLES)


def test_the_headline_intervals_draw_whole_budgets(chinchilla):
    _, known = chinchilla
    assert (known.kind, known.groups, known.group_count) == ("cluster", "budget", 37)
    assert known.dependence["probability"] <= 0.01 and known.dependence["inflation"] > 1.5
    assert known.stated_kind == "pairs" and "a_opt" in known.as_stated


@pytest.mark.parametrize(("expected", "prefix"), [(BUDGETS, ""), (POINTS, AS_STATED)])
def test_draws_spread_as_computed_apart(chinchilla, expected, prefix):
    frame, _ = chinchilla
    for name, ends in expected.items():
        values = frame[prefix + name]
        # The deviation of a 2.5 % quantile of normal draws is 2.7 / sqrt(R) of theirs.
        allowed = 3 * 2.7 * values.std() / np.sqrt(RESAMPLES)
        assert np.quantile(values, [0.025, 0.975]) == pytest.approx(ends, abs=allowed)


def test_shown_intervals_are_those_computed_apart_and_hold_the_printed_exponent(chinchilla):
    frame, known = chinchilla
    for name, (low, high) in BUDGETS.items():
        interval = known.intervals[name]
        allowed = 3 * 2.7 * frame[name].std() / np.sqrt(RESAMPLES)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=allowed)
        narrow = known.as_stated.get(name)
        if narrow:
            assert interval.high - interval.low > 1.25 * (narrow[1] - narrow[0])
    beta = known.intervals["beta"]
    assert beta.low < HOFFMANN["beta"] < beta.high
    assert HOFFMANN["beta"] < np.quantile(frame[AS_STATED + "beta"], 0.01)


def test_hoffmann_s_constants_are_rejected_together_by_ten_times_less_than_single_points_say(
    chinchilla,
):
    frame, known = chinchilla
    estimates = dict(zip(HOFFMANN, ESTIMATES, strict=True))
    by_budget = wald_statistic(frame, estimates, HOFFMANN, known.freedom)
    stated = frame[[AS_STATED + name for name in HOFFMANN]]
    by_point = wald_statistic(stated.set_axis([*HOFFMANN], axis=1), estimates, HOFFMANN)
    # 22 and 212 to 249 in draws of their own, which differ by about a tenth.
    assert 17 < by_budget < 28 and 180 < by_point < 290


#: log E, log A, log B, alpha and beta at the optimum, certified.
ESTIMATES = (np.log(1.8172181), np.log(477.82588), np.log(2143.4174), 0.34731050, 0.36717243)
