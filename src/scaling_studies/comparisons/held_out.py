"""Predictions of rows that were not fitted, of all studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.fits.frames import axes_of
from scaling_studies.laws import get_law
from scaling_studies.models.law import predict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_studies.fits.artefact import FitArtefact

WORDS = ("study", "fit", "run_id", "response")
ERRORS = ("relative_error", "relative_error_low", "relative_error_high")
NUMBERS = ("observed", "predicted", *ERRORS, "extrapolation_factor")


def held_out(
    fits: Sequence[FitArtefact],
    points: Sequence[pd.DataFrame],
    resamples: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """Every prediction of a row that was not fitted.

    Parameters
    ----------
    fits, points, resamples
        See `comparisons`; of fits with held-out rows.

    Returns
    -------
    pandas.DataFrame
        study, fit, run_id, response (``own``, or the name of a chained law), observed, predicted,
        relative_error (predicted/observed - 1) with its 95 % band, and extrapolation_factor:
        training compute over the largest that was fitted (NaN where compute is not known).
    """
    tables = []
    for artefact, rows, draws in zip(fits, points, resamples, strict=True):
        held = rows[rows["role"] == "held_out"]
        if held.empty:
            continue
        low, high = _error_band(artefact, held, draws)
        table = pd.DataFrame(
            {
                "study": artefact.study,
                "fit": artefact.fit,
                "run_id": held["run_id"].astype("str").to_numpy(),
                "response": "own",
                "observed": held["observed"].to_numpy(),
                "predicted": held["predicted"].to_numpy(),
                "relative_error": held["relative_residual"].to_numpy(),
                "relative_error_low": low,
                "relative_error_high": high,
                "extrapolation_factor": _extrapolation_factor(rows, held),
            }
        )
        tables.append(table)
        tables += [_chained(table, held, name) for name in _chain_names(rows)]
    if not tables:
        columns = dict.fromkeys(WORDS, pd.Series(dtype="str"))
        return pd.DataFrame(columns | dict.fromkeys(NUMBERS, pd.Series(dtype="float64")))
    return pd.concat(tables, ignore_index=True)


def _error_band(artefact: FitArtefact, held: pd.DataFrame, draws: pd.DataFrame) -> np.ndarray:
    """95 % band of the relative error of each held-out row, shape (2, n)."""
    # Along a direction that the rows leave open resamples hardly move: a band would be too narrow.
    if draws.empty or artefact.undetermined:
        return np.full((2, len(held)), np.nan)
    law = get_law(artefact.law)
    drawn = {name: draws[name].to_numpy() for name in law.parameter_names}
    error = predict(law, drawn, axes_of(law, held)) / held["observed"].to_numpy() - 1.0
    return percentile_interval(error).ends


def _extrapolation_factor(rows: pd.DataFrame, held: pd.DataFrame) -> np.ndarray:
    if "flops_6nd" not in rows:
        return np.full(len(held), np.nan)
    compute = rows["flops_6nd"].astype("float64")
    return (compute[held.index] / compute[rows["role"] == "fit"].max()).to_numpy()


def _chain_names(points: pd.DataFrame) -> list[str]:
    names = map(str, points)
    return [name.removesuffix("_predicted") for name in names if name.endswith("_predicted")]


def _chained(table: pd.DataFrame, held: pd.DataFrame, chain: str) -> pd.DataFrame:
    """The same rows for the response of a chained law, which has no band."""
    observed = held[f"{chain}_observed"].to_numpy()
    predicted = held[f"{chain}_predicted"].to_numpy()
    return table.assign(
        response=chain,
        observed=observed,
        predicted=predicted,
        relative_error=predicted / observed - 1.0,
        relative_error_low=np.nan,
        relative_error_high=np.nan,
    )
