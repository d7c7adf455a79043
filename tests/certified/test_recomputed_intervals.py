"""Intervals of the fits of cards against other code, which drew and solved its own resamples.

Plain percentiles are compared, without what the jobs add for few rows or groups, except where the
exact interval of Student's t was computed apart. Nothing here comes from this library.
"""

from __future__ import annotations

import numpy as np
import pytest
from carried_studies import card_of, fit_of

from scaling_studies.artefacts import files
from scaling_studies.cards.resolve import resolve_fit
from scaling_studies.engine.allocation.allocate import optimal_allocation
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.refit import fit_points
from scaling_studies.fits.schemes import scheme_of
from scaling_studies.laws import get_law

#: Resamples of a fit here; those computed apart were about as many.
RESAMPLES = 1000
PERCENTILES = [
    ("bhagia_2024", "c4_step1", "parametric", {"alpha": (0.060, 0.364), "a_opt": (0.212, 0.798)}),
    (
        "gemstones_2025",
        "hot_delta_1e-3",
        "cluster",
        {"alpha": (0.205, 0.433), "beta": (0.472, 0.812), "a_opt": (0.568, 0.769)},
    ),
    ("chen_2025_parscale", "pile", "pairs", {"alpha": (0.169, 0.242), "k": (0.302, 0.367)}),
    ("li_2025_steplaw", "learning_rate", "cluster", {"q": (0.136, 0.306)}),
    ("jones_2021", "frontier", "cluster", {"perfect_play_flops_factor": (6.51, 8.51)}),
]
#: Exact intervals of Student's t: few points, and a line.
STUDENT = [
    ("cherti_2022", "openclip_imagenet", "alpha", (0.080, 0.142)),
    ("cherti_2022", "openai_clip_imagenet", "alpha", (0.050, 0.277)),
    ("porian_2024", "refinedweb_tuned", "a_opt", (0.4789, 0.5149)),
]
#: Studies whose tables are retrieved: their fits come from a run of the workflow.
RETRIEVED = {"cherti_2022", "li_2025_steplaw"}


def cases(rows):
    """Rows as cases of a test; those that need a run of the workflow belong to `make certify`."""
    return [
        pytest.param(*row, id=row[1], marks=[pytest.mark.library] * (row[0] in RETRIEVED))
        for row in rows
    ]


@pytest.fixture
def made(request):
    """Entry, artefact and points of a fit of a card."""

    def of(study, fit_id):
        if study not in RETRIEVED:
            return fit_of(study, fit_id)
        base = request.getfixturevalue("whole_run") / "results" / "fits" / study
        if not (base / f"{fit_id}.json").is_file():
            pytest.skip("the study's files are out of reach")
        artefact = FitArtefact.read(base / f"{fit_id}.json")
        points = files.read_parquet(base / f"{fit_id}.points.parquet")
        return resolve_fit(card_of(study), fit_id), artefact, points

    return of


def drawn(study, fit_id, made, kind, resamples, **how):
    """Resamples of a fit of a card."""
    entry, artefact, points = made
    fit = fit_points(study, fit_id, entry, points, start=artefact.parameters)
    if kind == "cluster":
        how["groups"] = scheme_of(entry, artefact, points).labels
    return bootstrap(fit, resamples, kind=kind, **how)


@pytest.mark.parametrize(("study", "fit_id", "kind", "known"), cases(PERCENTILES))
def test_percentiles_are_those_computed_apart(study, fit_id, kind, known, made):
    draws = drawn(study, fit_id, made(study, fit_id), kind, RESAMPLES, small_sample=False)
    for name, ends in known.items():
        values = draws.quantity(name)
        # A 2.5 % quantile of R normal draws scatters by 2.7 / sqrt(R) of their spread, on both
        # sides of the comparison; three standard errors of the difference.
        allowed = 3 * np.sqrt(2) * 2.7 * values.std() / np.sqrt(RESAMPLES)
        assert np.quantile(values, [0.025, 0.975]) == pytest.approx(ends, abs=allowed)


@pytest.mark.parametrize(("study", "fit_id", "name", "ends"), cases(STUDENT))
def test_intervals_of_few_points_are_those_of_student(study, fit_id, name, ends, made):
    draws = drawn(study, fit_id, made(study, fit_id), "parametric", 8000)
    found = percentile_interval(draws.quantity(name)).ends
    # With one degree of freedom a 2.5 % quantile of 8,000 draws scatters by 7 % of half a width.
    assert found == pytest.approx(ends, abs=0.2 * (ends[1] - ends[0]) / 2)


@pytest.mark.library
def test_redrawn_problems_spread_the_exponent_of_coverage_as_computed_apart(whole_run):
    folder = whole_run / "results" / "resamples" / "brown_2024"
    draws = files.read_parquet(folder / "math_pythia_12b.parquet")["b"].to_numpy()
    allowed = 3 * np.sqrt(2) * 2.7 * draws.std() / np.sqrt(len(draws))
    stated = files.read_json(folder / "math_pythia_12b.json")["intervals"]["b"]
    assert (stated["low"], stated["high"]) == pytest.approx((0.319, 0.436), abs=allowed)


def test_the_profile_of_chinchilla_s_asymptote_has_its_ends_where_chi_square_puts_them():
    profile = fit_of("besiroglu_2024", "huber_sum")[1].profile
    values = np.array(profile["values"])
    side = np.sign(values - profile["estimate"]) * np.sqrt(profile["deviance"])
    at_ends = np.interp([1.78457, 1.84688], values, side)
    assert at_ends == pytest.approx([-1.959964, 1.959964], abs=0.01)


def test_gadre_s_law_on_c4_allocates_as_computed_apart():
    _, artefact, _ = fit_of("gadre_2024", "c4")
    found = optimal_allocation(get_law(artefact.law), artefact.parameters, 1e20)
    assert found.params.item() == pytest.approx(2.228e9, rel=3e-4)
    assert (found.tokens / found.params).item() == pytest.approx(3.358, rel=3e-4)
