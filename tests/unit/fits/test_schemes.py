"""How rows are redrawn: as a card says, in groups that a test finds, and both ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry

from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.resampling import AS_STATED, draw_resamples, resample_study
from scaling_studies.fits.schemes import scheme_of

POWER = {
    "title": "A power law",
    "law": "power",
    "response": {"metric": "loss"},
    "axes": {"x": "params_total"},
}
BUDGETS = {"kind": "cluster", "groups": "budget"}


def table(shared: float, each: float) -> pd.DataFrame:
    """Twenty budgets of four runs that have a part of the noise in common."""
    generator = np.random.default_rng(5)
    budgets = np.repeat(np.geomspace(1e18, 1e22, 20), 4)
    noise = shared * np.repeat(generator.normal(size=20), 4) + each * generator.normal(size=80)
    sizes = np.sqrt(budgets) / 100.0 * np.tile([0.5, 0.8, 1.25, 2.0], 20)
    names = [f"r{number}" for number in range(80)]
    return pd.DataFrame(
        {
            "table": "runs",
            "run_id": names,
            "row_key": names,
            "group_id": names,
            "provenance": "measured",
            "params_total": sizes,
            "flops": budgets,
            "metric": "loss",
            "eval_set": "made",
            "value": 30.0 * sizes**-0.1 * np.exp(noise),
            "value_low": np.nan,
            "value_high": np.nan,
            "value_std": np.nan,
            "status": "ok",
        }
    )


def resampled(runs: pd.DataFrame, **resample):
    entry = fit_entry(POWER | ({"resample": resample} if resample else {}))
    artefact, points = fit_study("study", "fit", entry, runs, {})
    draws = draw_resamples("study", "fit", entry, artefact, points, numbers=range(80), seed=1)
    return draws, resample_study("study", "fit", entry, artefact, points, {}, draws)[1]


def test_groups_that_a_card_names_are_drawn_whatever_a_test_finds():
    for noise in ((0.01, 0.01), (0.0, 0.01)):
        _, known = resampled(table(*noise), **BUDGETS)
        assert (known.kind, known.groups, known.group_count) == ("cluster", "budget", 20)
        assert known.dependence is None and not known.as_stated
        assert known.stated_kind == "cluster"


@pytest.mark.parametrize(("shared", "found"), [(0.01, True), (0.0, False)])
def test_single_rows_are_drawn_beside_the_groups_of_a_card_that_asks_for_them(shared, found):
    draws, known = resampled(table(shared, 0.005), **BUDGETS, beside="pairs")
    assert (known.kind, known.groups, known.stated_kind) == ("cluster", "budget", "pairs")
    assert (known.dependence is not None) == found
    plain, _ = resampled(table(shared, 0.005), kind="pairs") if not found else (None, None)
    assert AS_STATED + "alpha" in draws
    if plain is not None:
        assert np.allclose(draws[AS_STATED + "alpha"], plain["alpha"], rtol=1e-9)
    if found:
        assert known.dependence["label"] == "budget" and "alpha" in known.as_stated
        low, high = known.as_stated["alpha"]
        alpha = known.intervals["alpha"]
        assert alpha.high - alpha.low > 1.25 * (high - low)


def test_groups_that_a_test_finds_are_drawn_with_the_card_s_way_beside():
    draws, known = resampled(table(0.01, 0.005))
    assert (known.kind, known.groups, known.stated_kind) == ("cluster", "budget", "pairs")
    assert AS_STATED + "alpha" in draws and known.dependence["label"] == "budget"
    draws, known = resampled(table(0.0, 0.01))
    assert (known.kind, known.groups, known.stated_kind) == ("pairs", "", "pairs")
    assert AS_STATED + "alpha" not in draws


def test_nothing_is_drawn_beside_unless_asked_for():
    entry = fit_entry(POWER | {"resample": BUDGETS})
    artefact, points = fit_study("study", "fit", entry, table(0.01, 0.01), {})
    assert scheme_of(entry, artefact, points).beside == ""
