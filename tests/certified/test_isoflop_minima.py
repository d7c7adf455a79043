"""Porian's exponents from our own minima of the isoFLOP curves, beside those of the authors."""

from __future__ import annotations

import numpy as np
import pytest
from carried_studies import fit_of, resampled

RESAMPLES = 400
#: Fit of our minima, of the line through the authors' optima, and the published exponent.
PAIRS = [
    ("isoflop_refinedweb_tuned", "refinedweb_tuned", 0.4969),
    ("isoflop_openwebtext2_tuned", "openwebtext2_tuned", 0.5185),
    ("isoflop_refinedweb_kaplan", "refinedweb_kaplan_reproduction", 0.8353),
    ("isoflop_openwebtext2_kaplan", "openwebtext2_kaplan_reproduction", 0.8635),
]
#: Exponents that other code read from parabolas near the minima, in the tuned set-ups.
NEAR_MINIMA = {"isoflop_refinedweb_tuned": 0.5012, "isoflop_openwebtext2_tuned": 0.5079}


@pytest.mark.parametrize(("fit", "line", "printed"), PAIRS)
def test_our_minima_agree_with_the_published_exponents(fit, line, printed):
    interval = resampled("porian_2024", fit, RESAMPLES)[1].intervals["a_opt"]
    assert interval.low < printed < interval.high
    assert fit_of("porian_2024", line)[1].quantities["a_opt"] == pytest.approx(printed, abs=6e-5)
    if fit in NEAR_MINIMA:
        assert interval.low < NEAR_MINIMA[fit] < interval.high


@pytest.mark.parametrize(("fit", "line", "_"), PAIRS[2:])
def test_in_kaplan_s_set_up_they_are_known_less_well_than_the_line(fit, line, _):
    ours, theirs = (
        resampled("porian_2024", name, RESAMPLES)[1].intervals["a_opt"] for name in (fit, line)
    )
    assert ours.high - ours.low > 1.5 * (theirs.high - theirs.low)


@pytest.mark.parametrize("fit", [pair[0] for pair in PAIRS[:2]])
def test_a_line_through_parabolas_by_hand_has_the_same_exponent(fit):
    _, artefact, points = fit_of("porian_2024", fit)
    places = []
    for flops, rows in points.groupby("flops"):
        bend, slope, _ = np.polyfit(np.log(rows["params_total"]), rows["observed"], 2)
        places.append((np.log(flops), -slope / (2 * bend)))
    exponent = np.polyfit(*np.transpose(places), 1)[0]
    assert artefact.parameters["a"] == pytest.approx(exponent, rel=1e-9)
