"""Laws ranked by how well they predict larger runs, next to how well they describe the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.forecasts.rollouts import AXES, free_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What identifies one prediction, whoever makes it.
PREDICTION = ["by", "cutoff", "row_key"]


def rank_laws(
    study: str,
    entries: Mapping[str, Mapping[str, Any]],
    points: Mapping[str, pd.DataFrame],
    rollouts: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Rank fits by extrapolation.

    Parameters
    ----------
    study
        Id of the study.
    entries
        Fit id -> entry in the card.
    points
        Fit id -> its points with predictions.
    rollouts
        Fit id -> its rollout (see :func:`scaling_studies.forecasts.rollouts.roll_out`).

    Returns
    -------
    pandas.DataFrame
        One row a fit, the best by extrapolation first: study, fit, title, law, parameters (free
        ones), in_sample_error (root mean square of log(predicted / observed) over the fitted
        rows), in_sample_rank, error_<axis> (median absolute relative error along each axis),
        predictions (how many were compared), largest_error, extrapolation_error (mean over the
        axes of the medians), extrapolation_rank, flipped (the two ranks differ).

    Notes
    -----
    Only predictions that all fits make are compared: the same rows beyond the same cutoffs. A fit
    that makes none has no rank by extrapolation, nor do the others then lose theirs.
    """
    able = {fit: table for fit, table in rollouts.items() if np.isfinite(table["predicted"]).any()}
    errors = _common_errors(able)
    rows = []
    for fit, entry in entries.items():
        fitted = points[fit][(points[fit]["role"] == "fit").to_numpy()]
        with np.errstate(invalid="ignore", divide="ignore"):
            logs = np.log(fitted["predicted"] / fitted["observed"])
        row = {
            "study": study,
            "fit": fit,
            "title": entry["title"],
            "law": entry["law"],
            "parameters": free_parameters(entry),
            "in_sample_error": float(np.sqrt((logs**2).mean())),
        }
        found = errors[fit] if fit in errors else pd.Series(dtype="float64")
        axes = found.index.get_level_values("by") if len(found) else []
        medians = {}
        for axis in AXES:
            own = found[axes == axis] if len(found) else found
            medians[axis] = float(own.median()) if len(own) else np.nan
            row[f"error_{axis}"] = medians[axis]
        known = [value for value in medians.values() if np.isfinite(value)]
        row["predictions"] = len(found)
        row["largest_error"] = float(found.max()) if len(found) else np.nan
        row["extrapolation_error"] = float(np.mean(known)) if known else np.nan
        rows.append(row)
    table = pd.DataFrame(rows)
    table["in_sample_rank"] = _ranks(table["in_sample_error"])
    table["extrapolation_rank"] = _ranks(table["extrapolation_error"])
    known = table["extrapolation_rank"].notna()
    table["flipped"] = known & (
        _ranks(table["in_sample_error"].where(known)) != _ranks(table["extrapolation_error"])
    )
    order = table["extrapolation_rank"].fillna(np.inf).to_numpy()
    return table.iloc[np.lexsort((table["in_sample_rank"].to_numpy(), order))].reset_index(
        drop=True
    )


def _common_errors(rollouts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Absolute relative errors of the predictions that all fits make, one column a fit."""
    columns = {
        fit: table.set_index(PREDICTION)["relative_error"].abs() for fit, table in rollouts.items()
    }
    if not columns:
        return pd.DataFrame()
    errors = pd.concat(columns, axis=1, join="inner")
    return errors[np.isfinite(errors).all(axis=1)]


def _ranks(errors: pd.Series) -> pd.Series:
    """Ranks from 1; errors that cannot be told apart share the better one."""
    return errors.round(12).rank(method="min")
