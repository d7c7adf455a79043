"""Compute-optimal allocations of all laws that have them, with their bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.fits.allocations import (
    ALLOCATION_FIELDS,
    allocation_bands,
    compute_optimal,
)
from scaling_studies.fits.new_runs import new_run_band
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_studies.fits.artefact import FitArtefact

#: Training compute at which allocations are compared, FLOP: eight a decade from 1e18 to 1e26.
FLOPS_GRID = np.logspace(18.0, 26.0, 65)
#: Resamples for the bands of laws whose optimum has no closed form.
SEARCHED_DRAWS = 500


def allocation(
    fits: Sequence[FitArtefact],
    points: Sequence[pd.DataFrame],
    resamples: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """Compute-optimal N and D of every law that has them, over training compute.

    Parameters
    ----------
    fits, points, resamples
        See `comparisons`; of fits with a `headline`.

    Returns
    -------
    pandas.DataFrame
        study, fit, source, flops, params_opt, tokens_opt, tokens_per_parameter and loss_opt with
        their 95 % bands (``_low``, ``_high``); new_run_low, new_run_high and new_run_basis, the
        interval of the loss of a run that is trained so (see `fits.new_runs`); and
        `extrapolated`: whether the compute lies outside that of the fitted runs.

    Notes
    -----
    Compute is C = 6ND throughout. Bands are pointwise quantiles over the resamples.
    """
    tables = []
    for artefact, rows, draws in zip(fits, points, resamples, strict=True):
        law = get_law(artefact.law)
        if set(law.axis_names) != {"params", "tokens"} or not artefact.allocation:
            continue
        parameters = {name: np.array([value]) for name, value in artefact.parameters.items()}
        optimum = compute_optimal(law, parameters, FLOPS_GRID)
        labels = {"study": artefact.study, "fit": artefact.fit, "source": artefact.source}
        columns = {"flops": FLOPS_GRID, **{name: values[0] for name, values in optimum.items()}}
        # Resamples hardly move along a direction that the rows leave open: no band is honest.
        draws = draws.iloc[:0] if "allocation" in artefact.undetermined else draws
        bands = allocation_bands(law, draws, FLOPS_GRID, SEARCHED_DRAWS)
        for name, (low, high) in bands.items():
            columns |= {f"{name}_low": low, f"{name}_high": high}
        columns |= new_run_band(artefact, rows, FLOPS_GRID, columns["loss_opt"], bands["loss_opt"])
        fitted = rows[rows["role"] == "fit"]
        compute = 6.0 * fitted["params"] * fitted["tokens"] if len(fitted) else pd.Series([np.nan])
        table = pd.DataFrame({**labels, **columns})
        table["extrapolated"] = ~table["flops"].between(compute.min(), compute.max())
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else _nothing()


def _nothing() -> pd.DataFrame:
    """The table without a row."""
    ends = ("", "_low", "_high")
    numbers = ["flops", *(f"{name}{end}" for name in sorted(ALLOCATION_FIELDS) for end in ends)]
    numbers += ["new_run_low", "new_run_high"]
    words = ["study", "fit", "source", "new_run_basis"]
    columns = dict.fromkeys(words, pd.Series(dtype="str"))
    columns |= dict.fromkeys(numbers, pd.Series(dtype="float64"))
    return pd.DataFrame(columns).assign(extrapolated=False)
