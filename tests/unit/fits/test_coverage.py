"""Intervals hold the truth: the kinds of resampling on simulated tables, and the record of it."""

from __future__ import annotations

import numpy as np
import pytest
from card_entries import fit_entry
from fit_artefacts import runs

from scaling_studies import fit
from scaling_studies.errors import ArtefactError
from scaling_studies.fits.calibration import coverage, simulated_responses
from scaling_studies.fits.coverage import coverage_of
from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.schemes import Scheme

POWER = {
    "title": "A power law",
    "law": "power",
    "response": {"metric": "loss"},
    "axes": {"x": "params_total"},
    "objective": {"name": "squared_log"},
}


def table(rows: int, seed: int = 0):
    """A power law with normal noise at so many sizes."""
    frame = runs().iloc[np.zeros(rows, dtype=int)].reset_index(drop=True)
    sizes = np.geomspace(1e6, 1e9, rows)
    noise = 0.02 * np.random.default_rng(seed).normal(size=rows)
    keys = [f"r{place}" for place in range(rows)]
    frame = frame.assign(row_key=keys, run_id=keys, group_id=keys, params_total=sizes)
    return frame.assign(value=30.0 * sizes**-0.1 * np.exp(noise))


def power_law(rows: int) -> dict[str, np.ndarray]:
    """The same runs as a law takes them."""
    frame = table(rows)
    return {"x": frame["params_total"].to_numpy(), "loss": frame["value"].to_numpy()}


@pytest.mark.parametrize(("kind", "rows"), [("parametric", 3), ("parametric", 5)])
def test_intervals_of_few_rows_hold_the_truth(kind, rows):
    entry = fit_entry(POWER | {"resample": {"kind": kind}})
    artefact, points = fit_study("study", "fit", entry, table(rows), {})
    tables = range(100)
    held = coverage("study", "fit", entry, artefact, points, tables=tables, resamples=100)
    # Three standard errors are 0.065; normal intervals hold in 0.70 of the tables of three rows.
    assert set(held) == {"A", "alpha"}
    assert all(0.88 <= np.mean(values) <= 1.0 for values in held.values())


@pytest.mark.parametrize(
    ("objective", "kind"), [("squared_log", "pairs"), ("huber_log", "parametric")]
)
def test_simulated_noise_is_the_residuals_with_other_signs(objective, kind):
    truth = fit("power", power_law(8), objective)
    noise = np.log(simulated_responses(truth, Scheme(kind), 0) / truth.fitted())
    # Widened for the two of eight rows that the law takes up.
    assert np.abs(noise) == pytest.approx(np.abs(truth.residuals()) * np.sqrt(8 / 6))
    assert 0 < np.sum(noise * truth.residuals() > 0) < 8


def test_normal_noise_is_drawn_at_the_scatter_of_the_rows():
    truth = fit("power", power_law(8), "squared_log")
    drawn = [simulated_responses(truth, Scheme("parametric"), table) for table in range(400)]
    noise = np.log(np.stack(drawn) / truth.fitted())
    assert noise.std(axis=0) == pytest.approx(np.sqrt(truth.objective_value / 6), rel=0.15)


def test_a_record_is_read_by_study(tmp_path):
    path = tmp_path / "coverage.csv"
    path.write_text("study,fit,quantity,tables,resamples,held\na,f,q,300,200,0.95\nb,f,q,3,2,0.9\n")
    (row,) = coverage_of(path, "a")
    assert (row["fit"], row["tables"], row["held"]) == ("f", 300, 0.95)
    path.write_text("study,fit\n")
    with pytest.raises(ArtefactError, match="lacks the column quantity"):
        coverage_of(path, "a")
