"""Intervals hold the truth: the kinds of resampling on simulated tables, and the record of it."""

from __future__ import annotations

import numpy as np
import pytest
from card_entries import fit_entry
from fit_artefacts import runs

from scaling_studies.errors import ArtefactError
from scaling_studies.fits.calibration import coverage
from scaling_studies.fits.coverage import coverage_of
from scaling_studies.fits.refit import fit_study

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


@pytest.mark.parametrize(("kind", "rows"), [("parametric", 3), ("parametric", 5)])
def test_intervals_of_few_rows_hold_the_truth(kind, rows):
    entry = fit_entry(POWER | {"resample": {"kind": kind}})
    artefact, points = fit_study("study", "fit", entry, table(rows), {})
    tables = range(100)
    held = coverage("study", "fit", entry, artefact, points, tables=tables, resamples=100)
    # Three standard errors are 0.065; normal intervals hold in 0.70 of the tables of three rows.
    assert set(held) == {"A", "alpha"}
    assert all(0.88 <= np.mean(values) <= 1.0 for values in held.values())


def test_a_record_is_read_by_study(tmp_path):
    path = tmp_path / "coverage.csv"
    path.write_text("study,fit,quantity,tables,resamples,held\na,f,q,300,200,0.95\nb,f,q,3,2,0.9\n")
    (row,) = coverage_of(path, "a")
    assert (row["fit"], row["tables"], row["held"]) == ("f", 300, 0.95)
    path.write_text("study,fit\n")
    with pytest.raises(ArtefactError, match="lacks the column quantity"):
        coverage_of(path, "a")
