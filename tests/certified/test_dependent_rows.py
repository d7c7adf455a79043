"""Chinchilla's points miss the law together by compute budget; the intervals know it.

Intervals of whole budgets and of single points were computed by separate code.
"""

from __future__ import annotations

import numpy as np
import pytest
from carried_studies import fit_of, resampled

from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.fits.refit import fit_points
from scaling_studies.fits.resampling import AS_STATED, wald_statistic
from scaling_studies.fits.schemes import scheme_of

RESAMPLES = 1000
#: Ends of 95 % of the draws, computed apart: whole budgets, then single points.
BUDGETS = {"a_opt": (0.407, 0.567), "beta": (0.259, 0.422)}
POINTS = {
    "a_opt": (0.482, 0.557),
    "beta": (0.331, 0.416),
    "tokens_per_parameter_at_gopher_compute": (7.49, 35.3),
}
#: Standard errors of single points drawn.
ERRORS = {"alpha": 0.0149, "beta": 0.0206, "a_opt": 0.0196}
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


@pytest.fixture(scope="module")
def whole_budgets():
    """Refits of drawn budgets as they are, which is what was computed apart."""
    entry, artefact, points = fit_of(*FITS[0])
    fit = fit_points(*FITS[0], entry, points, start=artefact.parameters)
    groups = scheme_of(entry, artefact, points).labels
    drawn = bootstrap(fit, RESAMPLES, groups=groups, small_sample=False)
    return drawn.frame().assign(**{name: drawn.quantity(name) for name in (*BUDGETS, *HOFFMANN)})


@pytest.mark.parametrize(("expected", "prefix"), [(BUDGETS, ""), (POINTS, AS_STATED)])
def test_draws_spread_as_computed_apart(chinchilla, whole_budgets, expected, prefix):
    frame = chinchilla[0] if prefix else whole_budgets
    for name, ends in expected.items():
        values = frame[prefix + name]
        # The deviation of a 2.5 % quantile of normal draws is 2.7 / sqrt(R) of theirs.
        allowed = 3 * 2.7 * values.std() / np.sqrt(RESAMPLES)
        assert np.quantile(values, [0.025, 0.975]) == pytest.approx(ends, abs=allowed)


def test_standard_errors_of_single_points_are_those_computed_apart(chinchilla):
    for name, error in ERRORS.items():
        found = chinchilla[0][AS_STATED + name].std()
        # Of R normal draws a deviation scatters by 1 / sqrt(2 R) of itself, on both sides.
        assert found == pytest.approx(error, rel=3 / np.sqrt(RESAMPLES))


def test_shown_intervals_are_those_computed_apart_made_wider_for_few_unequal_budgets(
    chinchilla, whole_budgets
):
    _, known = chinchilla
    # The middle one of five parameters: budgets drawn show 0.82 of its variance, known from 16.
    assert known.freedom == 16
    wider = 2.12 / 1.96 / np.sqrt(0.82)
    for name in BUDGETS:
        low, high = np.quantile(whole_budgets[name], [0.025, 0.975])
        interval = known.intervals[name]
        # Draws have longer tails than a normal distribution, which Student's t draws out.
        assert 1.0 < (interval.high - interval.low) / (high - low) < 1.15 * wider
        narrow = known.as_stated.get(name)
        if narrow:
            assert interval.high - interval.low > 1.25 * (narrow[1] - narrow[0])
    beta = known.intervals["beta"]
    assert beta.low < HOFFMANN["beta"] < beta.high


def test_hoffmann_s_constants_are_rejected_together_by_ten_times_less_than_single_points_say(
    chinchilla, whole_budgets
):
    frame, known = chinchilla
    estimates = dict(zip(HOFFMANN, ESTIMATES, strict=True))
    by_budget = wald_statistic(whole_budgets, estimates, HOFFMANN)
    stated = frame[[AS_STATED + name for name in HOFFMANN]]
    by_point = wald_statistic(stated.set_axis([*HOFFMANN], axis=1), estimates, HOFFMANN)
    # 22 and 212 to 249 in draws of their own, which differ by about a tenth.
    assert 17 < by_budget < 28 and 180 < by_point < 290
    assert HOFFMANN["beta"] < np.quantile(frame[AS_STATED + "beta"], 0.01)
    shown = wald_statistic(frame, estimates, HOFFMANN, known.freedom)
    assert shown == pytest.approx(0.82 * by_budget, rel=0.15)


#: log E, log A, log B, alpha and beta at the optimum, certified.
ESTIMATES = (np.log(1.8172181), np.log(477.82588), np.log(2143.4174), 0.34731050, 0.36717243)
