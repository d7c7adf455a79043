"""Laws ranked by how well they predict larger runs, next to how well they describe the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.engine.planning.scores import score
from scaling_studies.forecasts.rollouts import AXES, free_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.cards.models.fit import FitEntry


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
        rows), in_sample_rank, error_<axis> (mean absolute log error along each axis), predictions
        (how many runs were compared), unusable (share of its predictions that do not count),
        extrapolation_error with its 95 % interval over runs (``_low``, ``_high``), error_in_noise
        (the same over the least in_sample_error), extrapolation_rank with its interval, tied (the
        laws that it cannot be told apart from, by fit, separated by spaces), flipped (the law
        describes the rows best but is beaten by extrapolation, or the other way round, beyond
        ties).

    Notes
    -----
    What counts is in `engine.planning.scores.score`: predictions of fits that converged and that
    their rows determined, each run once along each axis, at distances like those of plans, and
    compared in pairs. A fit that makes too few of them has no rank.
    """
    predictions = pd.concat([_predictions(fit, rollouts[fit]) for fit in entries])
    scores, tied = score(predictions)
    by_axis = {
        axis: score(predictions[predictions["by"] == axis])[0]["error"].reindex(list(entries))
        for axis in AXES
    }
    by_fit = scores.reindex(list(entries)).to_dict("index")
    rows = []
    for fit, entry in entries.items():
        own = by_fit[fit]
        rows.append(
            {
                "study": study,
                "fit": fit,
                "title": entry.title,
                "law": entry.law,
                "parameters": free_parameters(entry),
                "in_sample_error": _in_sample_error(points[fit]),
                **{f"error_{axis}": float(by_axis[axis][fit]) for axis in AXES},
                "predictions": int(np.nan_to_num(own["runs"])),
                "unusable": float(own["unusable"]),
                "extrapolation_error": float(own["error"]),
                "extrapolation_error_low": float(own["error_low"]),
                "extrapolation_error_high": float(own["error_high"]),
                "extrapolation_rank": float(own["rank"]),
                "extrapolation_rank_low": float(own["rank_low"]),
                "extrapolation_rank_high": float(own["rank_high"]),
                "tied": " ".join(tied.get(fit, [])),
            }
        )
    table = pd.DataFrame(rows)
    noise = table["in_sample_error"].min()
    table["error_in_noise"] = table["extrapolation_error"] / (noise if noise > 1e-9 else np.nan)
    table["in_sample_rank"] = _ranks(table["in_sample_error"])
    table = table.sort_values(["extrapolation_rank", "in_sample_rank"], ignore_index=True)
    table["flipped"] = _flipped(table)
    return table


def _predictions(fit: str, rollout: pd.DataFrame) -> pd.DataFrame:
    """Predictions of a fit in the form of `scores.score`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.log1p(rollout["relative_error"].to_numpy(float))
    return pd.DataFrame(
        {
            "law": fit,
            "by": rollout["by"],
            "cutoff": rollout["cutoff"],
            "row": rollout["row_key"],
            "run": rollout["run_id"],
            "horizon": rollout["horizon"],
            "log_error": errors,
            "usable": rollout["converged"] & rollout["identified"],
        }
    )


def _flipped(table: pd.DataFrame) -> pd.Series:
    """Whether a law's two ranks differ, and the best two laws by either are not tied."""
    ranked = table[table["extrapolation_rank"].notna()]
    if len(ranked) < 2:
        return pd.Series(False, index=table.index)
    describes = _ranks(ranked["in_sample_error"])
    differs = (describes != ranked["extrapolation_rank"]).reindex(table.index, fill_value=False)
    tied = ranked["tied"].tolist()[int(describes.to_numpy().argmin())]
    settled = ranked["fit"].tolist()[0] not in tied.split()
    return differs & settled


def _in_sample_error(points: pd.DataFrame) -> float:
    """Root mean square of log(predicted / observed) over the fitted rows."""
    fitted = points[(points["role"] == "fit").to_numpy()]
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(fitted["predicted"] / fitted["observed"])
    return float(np.sqrt((logs**2).mean()))


def _ranks(errors: pd.Series) -> pd.Series:
    """Ranks from 1; errors that cannot be told apart share the better one."""
    return errors.round(12).rank(method="min")
