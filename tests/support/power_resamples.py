"""A power law fitted as a card says, its resamples, and what given resamples are summed up to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from card_entries import fit_entry
from fit_artefacts import runs

from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.resampling import draw_resamples, resample_study

POWER = {
    "title": "A power law",
    "law": "power",
    "response": {"metric": "loss"},
    "axes": {"x": "params_total"},
}


def fitted(table: pd.DataFrame | None = None, **changes):
    entry = POWER | changes
    artefact, points = fit_study(
        "study", "fit", fit_entry(entry), runs() if table is None else table, {}
    )
    return entry, artefact, points


def drawn(table: pd.DataFrame | None = None, numbers=range(2, 6), **changes) -> pd.DataFrame:
    entry, artefact, points = fitted(table, **changes)
    return draw_resamples(
        "study", "fit", fit_entry(entry), artefact, points, numbers=numbers, seed=9, runs=table
    )


def summed_up(
    draws: dict[str, np.ndarray],
    estimates: dict[str, float] | None = None,
    freedom: float = np.nan,
    **changes,
):
    """Summary of given resamples of the power law."""
    entry, artefact, points = fitted(**changes)
    size = len(draws["A"])
    frame = pd.DataFrame({"resample": np.arange(size), "A": 0.0, "alpha": 0.3} | draws)
    frame = frame.assign(objective_value=1.0, converged=np.arange(size) % 4 > 0, freedom=freedom)
    frame["found_elsewhere"] = np.arange(size) % 2 > 0
    artefact = replace(artefact, quantities=artefact.quantities | (estimates or {}))
    return resample_study("study", "fit", fit_entry(entry), artefact, points, {}, frame)
