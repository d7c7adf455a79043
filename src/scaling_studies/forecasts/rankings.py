"""Laws ranked by how well they predict larger runs, next to how well they describe the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.forecasts.rollouts import AXES, free_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.cards.models.fit import FitEntry

#: What identifies one prediction, whoever makes it.
PREDICTION = ["by", "cutoff", "row_key"]


def rank_laws(
    study: str,
    entries: Mapping[str, FitEntry],
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
    errors = _common_errors(rollouts).reindex(columns=list(entries))
    rows = []
    for fit, entry in entries.items():
        own = errors[fit].dropna()
        medians = own.groupby(level="by").median().reindex(list(AXES))
        rows.append(
            {
                "study": study,
                "fit": fit,
                "title": entry.title,
                "law": entry.law,
                "parameters": free_parameters(entry),
                "in_sample_error": _in_sample_error(points[fit]),
                **{f"error_{axis}": float(medians[axis]) for axis in AXES},
                "predictions": len(own),
                "largest_error": float(own.max()),
                "extrapolation_error": float(medians.mean()),
            }
        )
    table = pd.DataFrame(rows)
    table["in_sample_rank"] = _ranks(table["in_sample_error"])
    table["extrapolation_rank"] = _ranks(table["extrapolation_error"])
    ranked = table["extrapolation_rank"].notna()
    table["flipped"] = ranked & (
        _ranks(table["in_sample_error"].where(ranked)) != table["extrapolation_rank"]
    )
    return table.sort_values(["extrapolation_rank", "in_sample_rank"], ignore_index=True)


def _in_sample_error(points: pd.DataFrame) -> float:
    """Root mean square of log(predicted / observed) over the fitted rows."""
    fitted = points[(points["role"] == "fit").to_numpy()]
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(fitted["predicted"] / fitted["observed"])
    return float(np.sqrt((logs**2).mean()))


def _common_errors(rollouts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Absolute relative errors of the predictions that all fits make, one column a fit.

    Fits that predict nothing have no column.
    """
    columns = {
        fit: table.set_index(PREDICTION)["relative_error"].abs()
        for fit, table in rollouts.items()
        if np.isfinite(table["predicted"]).any()
    }
    if not columns:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], [], []], names=PREDICTION))
    errors = pd.DataFrame(pd.concat(columns, axis=1, join="inner"))
    return errors[np.isfinite(errors.to_numpy()).all(axis=1)]


def _ranks(errors: pd.Series) -> pd.Series:
    """Ranks from 1; errors that cannot be told apart share the better one."""
    return errors.round(12).rank(method="min")
