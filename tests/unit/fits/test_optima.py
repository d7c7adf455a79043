"""Estimators of optima as a card calls them: columns of their own, and no predicted losses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry
from fit_artefacts import runs

import scaling_studies as ss
from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.resampling import draw_resamples, resample_study

ISOFLOP = {
    "title": "Minima of isoFLOP curves",
    "law": "compute_optimal",
    "estimator": "isoflop",
    "response": {"metric": "loss"},
    "axes": {"params": "params_total", "flops": "flops"},
}


def curves(sizes: int = 9, points: int = 12) -> pd.DataFrame:
    """Run table of training curves, of which every point lies on a budget."""
    params = np.repeat(np.geomspace(1e7, 1e10, sizes), points)
    flops = np.tile(np.geomspace(1e17, 1e21, points), sizes)
    tokens = flops / (6.0 * params)
    names = [f"r{number}" for number in range(len(params))]
    return pd.DataFrame(
        {
            "table": "runs",
            "run_id": np.repeat([f"run{number}" for number in range(sizes)], points),
            "row_key": names,
            "group_id": names,
            "params_total": params,
            "flops": flops,
            "budget": flops,
            "metric": "loss",
            "eval_set": "c4",
            "value": 1.7 + 400.0 * params**-0.34 + 2000.0 * tokens**-0.37,
            "value_low": np.nan,
            "value_high": np.nan,
            "value_std": np.nan,
            "status": "ok",
        }
    )


def public(estimator: str, **settings) -> ss.Fit:
    frame = curves()
    columns = {"params": frame["params_total"], "flops": frame["flops"], "loss": frame["value"]}
    return ss.fit("compute_optimal", columns, estimator=estimator, **settings)


@pytest.mark.parametrize(
    ("changes", "settings"),
    [
        ({}, {}),
        ({"options": {"budgets": "budget"}}, {"budgets": curves()["budget"].to_numpy()}),
        ({"options": {"budgets": "flops", "space": "log"}}, {"space": "log"}),
        (
            {"estimator": "envelope", "resample": {"kind": "cluster", "groups": "run_id"}},
            {"groups": curves()["run_id"]},
        ),
    ],
)
def test_a_card_calls_an_estimator_of_optima(changes, settings):
    entry = fit_entry(ISOFLOP | changes)
    artefact, points = fit_study("study", "fit", entry, curves(), {})
    expected = public(entry.estimator, **settings)
    assert artefact.parameters == expected.parameters
    assert artefact.messages == expected.messages
    assert artefact.n == len(points) == len(curves())
    assert points[["predicted", "residual", "relative_residual"]].isna().all(axis=None)
    draws = draw_resamples(
        "study", "fit", entry, artefact, points, numbers=range(60), seed=0, runs=curves()
    )
    frame, summary = resample_study("study", "fit", entry, artefact, points, {}, draws)
    assert len(frame) == 60
    assert summary.intervals["a_opt"].low < summary.intervals["a_opt"].high


def test_resamples_of_a_fit_by_variable_projection_start_as_it_did():
    entry = fit_entry(
        ISOFLOP,
        law="power",
        estimator="variable_projection",
        axes={"x": "params_total"},
        options={"space": "log"},
    )
    artefact, points = fit_study("study", "fit", entry, runs(), {})
    draws = draw_resamples(
        "study", "fit", entry, artefact, points, numbers=range(8), seed=0, runs=runs()
    )
    assert draws["converged"].all()
