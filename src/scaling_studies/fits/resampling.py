"""Resample a card's fit, and sum its resamples up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.engine.uncertainty.bands import (
    LEVEL,
    interval_of_absolute,
    percentile_interval,
)
from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.fits.chains import chains_of
from scaling_studies.fits.frames import fit_frame, reduction_of
from scaling_studies.fits.quantities import card_quantities, derived, signed_errors
from scaling_studies.fits.reductions import redrawn_responses
from scaling_studies.fits.refit import fit_points
from scaling_studies.fits.uncertainty import Interval, Uncertainty
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.fits.artefact import FitArtefact

#: What a reader is told of an interval that does not hold its own estimate.
OUTSIDE = (
    "The estimate lies outside its percentile interval: refits of resampled rows are off to one "
    "side of the fit to all rows."
)


def draw_resamples(
    study: str,
    fit_id: str,
    entry: ResolvedFit,
    artefact: FitArtefact,
    points: pd.DataFrame,
    *,
    numbers: range,
    seed: int,
    runs: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Refit some of a fit's resamples: one shard.

    Parameters
    ----------
    study, fit_id, entry
        As in :func:`scaling_studies.fits.refit.fit_study`.
    artefact, points
        Its results.
    numbers
        Numbers of the resamples; a resample depends on its number and the seed alone.
    seed
        Seed of the random numbers.
    runs
        Run table of the study; needed by a fit with `reduce`, whose unreduced rows are redrawn.

    Returns
    -------
    pandas.DataFrame
        One row a resample: ``resample``, the law's parameters, ``objective_value``,
        ``converged``.
    """
    settings, kind = entry.resample, entry.resample.kind
    fit = fit_points(study, fit_id, entry, points, start=artefact.parameters)
    fitted = points[points["role"] == "fit"]
    options: dict[str, Any] = {"kind": kind}
    if entry.reduce is not None and runs is not None:
        responses = _redrawn_reduction(study, entry, runs, kind, seed)
        options |= {"kind": "parametric", "responses": responses}
    elif kind == "cluster":
        options["groups"] = fitted[settings.groups].to_numpy()
    if kind == "stratified":
        options["strata"] = fitted[settings.groups].to_numpy()
    if settings.response_interval:
        low, high = fitted["observed_low"].to_numpy(), fitted["observed_high"].to_numpy()
        options["response_interval"] = (low, high)
    result = bootstrap(fit, resamples=len(numbers), first=numbers.start, seed=seed, **options)
    return result.frame()[["resample", *result.parameters, "objective_value", "converged"]]


def _redrawn_reduction(
    study: str, entry: ResolvedFit, runs: pd.DataFrame, kind: str, seed: int
) -> Callable[[int], np.ndarray]:
    """Responses of one resample: the rows before the reduction drawn anew, then reduced."""
    rows = fit_frame(runs, entry.model_copy(update={"reduce": None}), study=study)
    reduced = reduction_of(runs, entry, rows, study=study)
    groups = rows[entry.resample.groups] if kind == "cluster" else None
    return redrawn_responses(
        reduced, len(rows), None if groups is None else groups.to_numpy(), seed
    )


def resample_study(
    study: str,
    fit_id: str,
    entry: ResolvedFit,
    artefact: FitArtefact,
    points: pd.DataFrame,
    chained: Mapping[str, pd.DataFrame],
    draws: pd.DataFrame,
) -> tuple[pd.DataFrame, Uncertainty]:
    """Uncertainty of a fit from its resamples.

    Parameters
    ----------
    study, fit_id, entry
        As in :func:`scaling_studies.fits.refit.fit_study`.
    artefact, points
        Its results.
    chained
        Fit id -> resamples of the fits that `chain` names; resample r of this fit is paired with
        resample r of theirs.
    draws
        All resamples, from :func:`draw_resamples`.

    Returns
    -------
    frame : pandas.DataFrame
        One row a resample: every parameter and quantity.
    summary : Uncertainty
        Interval, standard error and median of each quantity.
    """
    law, chains = get_law(entry.law), chains_of(entry, chained)
    drawn = {
        name: np.ascontiguousarray(draws[name].to_numpy())
        for name in draws.columns.drop(["resample", "converged"])
    }
    objective = drawn.pop("objective_value")
    known = {**drawn, **derived(law, drawn), "objective_value": objective}
    parameters = {name: drawn[name] for name in law.parameter_names}
    own = card_quantities(entry, law, parameters, known, points, chains, study)
    frame = draws[["resample"]].assign(**known, converged=draws["converged"], **own)
    signed = signed_errors(entry, law, parameters, points, chains, study)
    summary = Uncertainty(
        study=study,
        fit=fit_id,
        kind=entry.resample.kind,
        reason=entry.resample.reason,
        resamples=len(frame),
        level=LEVEL,
        converged_share=float(frame["converged"].mean()),
        intervals=_intervals(frame, artefact.quantities, signed)
        | _wald_statistics(entry, artefact.quantities, frame, chained),
    )
    return frame, summary


def _intervals(
    frame: pd.DataFrame, estimates: Mapping[str, float], signed: Mapping[str, np.ndarray]
) -> dict[str, Interval]:
    """Intervals of all quantities that vary from resample to resample."""
    intervals = {}
    for name, estimate in estimates.items():
        if name not in frame or not _varies(frame[name].to_numpy()):
            continue
        percentiles = percentile_interval(frame[name].to_numpy())
        low, high = map(float, percentiles.ends)
        if np.isnan(low):
            continue
        if name in signed and np.ptp(np.sign(signed[name])) > 0:
            low, high = interval_of_absolute(*map(float, percentile_interval(signed[name]).ends))
        intervals[name] = Interval(
            low,
            high,
            float(percentiles.median),
            float(percentiles.standard_error),
            note="" if low <= estimate <= high else OUTSIDE,
        )
    return intervals


def _varies(values: np.ndarray) -> bool:
    values = values[np.isfinite(values)]
    return len(values) > 0 and np.ptp(values) != 0.0


def _wald_statistics(
    entry: ResolvedFit,
    estimates: Mapping[str, float],
    frame: pd.DataFrame,
    chained: Mapping[str, pd.DataFrame],
) -> dict[str, Interval]:
    """Statistics of a card that need the covariance of resamples, its own or another fit's."""
    return {
        name: Interval(
            None,
            None,
            value=wald_statistic(
                chained.get(quantity.covariance_of or "", frame),
                estimates,
                quantity.wald_against,
            ),
        )
        for name, quantity in entry.quantities.items()
        if quantity.wald_against is not None
    }


def wald_statistic(
    frame: pd.DataFrame, estimates: Mapping[str, float], against: Mapping[str, float]
) -> float:
    """Wald statistic of fitted against given values under the bootstrap covariance.

    Parameters
    ----------
    frame
        Resamples, one column a quantity.
    estimates
        Fitted values.
    against
        Given values, the ones to compare.

    Returns
    -------
    float
        Chi-square distributed with ``len(against)`` degrees of freedom if the given parameters are
        the true ones.
    """
    names = list(against)
    difference = np.array([estimates[name] - against[name] for name in names])
    covariance = np.cov(frame[names].to_numpy(), rowvar=False)
    return float(difference @ np.linalg.solve(covariance, difference))
