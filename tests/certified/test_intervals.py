"""Intervals of all studies: none excludes its own estimate without saying why."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Uncertainty, read_intervals

#: Printed intervals that do not hold the value printed beside them, both being rounded.
PRINTED_APART = {
    ("hoffmann_2022", "approach_1", "b_opt"): "0.50 is printed beside (0.501, 0.512)",
    ("hoffmann_2022", "approach_3", "a"): "0.46 is printed beside (0.454, 0.455)",
    ("hoffmann_2022", "approach_3", "a_opt"): "0.46 is printed beside (0.454, 0.455)",
    ("hoffmann_2022", "approach_3", "b_opt"): "0.54 is printed beside (0.542, 0.543)",
}


@pytest.fixture(scope="module")
def known(whole_run: Path) -> list[tuple[FitArtefact, Uncertainty]]:
    """Every fit of the run with what is known of its uncertainty."""
    results = whole_run / "results"
    fits = [FitArtefact.read(path) for path in sorted(results.glob("fits/*/*.json"))]
    return list(zip(fits, read_intervals(fits, results.glob("resamples/*/*.json")), strict=True))


def test_no_interval_excludes_its_own_estimate_without_saying_why(known):
    apart = [
        (fit.study, fit.fit, name)
        for fit, uncertainty in known
        for name, interval in uncertainty.intervals.items()
        if interval.low is not None and not interval.note
        if not interval.low <= fit.quantities[name] <= interval.high
    ]
    assert sorted(apart) == sorted(PRINTED_APART)


def test_intervals_are_made_at_95_per_cent_or_printed_at_the_level_of_the_paper(known):
    levels = {uncertainty.level for fit, uncertainty in known if not fit.is_published}
    assert levels == {0.95}
    printed = {fit.study for fit, uncertainty in known if uncertainty.level != 0.95}
    assert printed == {"hoffmann_2022"}
