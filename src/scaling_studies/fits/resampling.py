"""Resample a card's fit, and sum its resamples up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.engine.statistics import STATISTICS
from scaling_studies.engine.uncertainty.bands import FEW, LEVEL
from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.fits.chains import chains_of
from scaling_studies.fits.frames import fit_frame, reduction_of
from scaling_studies.fits.intervals import differing, intervals_of
from scaling_studies.fits.quantities import card_quantities, derived, signed_errors
from scaling_studies.fits.reductions import redrawn_responses
from scaling_studies.fits.refit import fit_points
from scaling_studies.fits.schemes import Scheme, scheme_of
from scaling_studies.fits.uncertainty import Interval, Uncertainty
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.cards.models.quantity import Quantity
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.chains import Chain

#: What the columns of resamples begin with that are drawn beside those of groups: as the card says,
#: where the residuals say otherwise, or as its key `beside` does.
AS_STATED = "as_stated_"


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
    search: bool = True,
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
    search
        Whether resamples may leave the basin of the fit.

    Returns
    -------
    pandas.DataFrame
        One row a resample: ``resample``, the law's parameters, ``objective_value``,
        ``converged``, ``found_elsewhere``.
    """
    fit = fit_points(study, fit_id, entry, points, start=artefact.parameters)
    scheme = scheme_of(entry, artefact, points)
    fitted = points[points["role"] == "fit"]
    options = _options(study, entry, scheme, fitted, runs, seed)
    drawn: dict[str, Any] = {"resamples": len(numbers), "first": numbers.start, "seed": seed}
    # This fit starts at its optimum; resamples are searched unless the card's own starts were.
    drawn["search"] = search and entry.starts is None
    result = bootstrap(fit, **drawn, **options)
    columns = ["resample", *result.parameters, "objective_value", "converged", "found_elsewhere"]
    frame = result.frame()[columns]
    frame["freedom"] = np.nan if result.freedom is None else float(result.freedom)
    if scheme.beside:
        stated = bootstrap(fit, **drawn, kind=scheme.beside).parameters
        frame = frame.assign(**{AS_STATED + name: values for name, values in stated.items()})
    return frame


def _options(
    study: str,
    entry: ResolvedFit,
    scheme: Scheme,
    fitted: pd.DataFrame,
    runs: pd.DataFrame | None,
    seed: int,
) -> dict[str, Any]:
    """Arguments of the bootstrap that a scheme asks for."""
    if entry.reduce is not None and runs is not None:
        responses, units = _redrawn_reduction(study, entry, runs, scheme.kind, seed)
        return {"kind": "parametric", "responses": responses, "units": units}
    options: dict[str, Any] = {"kind": scheme.kind}
    if scheme.labels is not None:
        options["strata" if scheme.kind == "stratified" else "groups"] = scheme.labels
    if entry.resample.response_interval:
        low, high = fitted["observed_low"].to_numpy(), fitted["observed_high"].to_numpy()
        options["response_interval"] = (low, high)
    return options


def _redrawn_reduction(
    study: str, entry: ResolvedFit, runs: pd.DataFrame, kind: str, seed: int
) -> tuple[Callable[[int], np.ndarray], int]:
    """Responses of one resample, of rows drawn anew and then reduced, and how many are drawn."""
    rows = fit_frame(runs, entry.model_copy(update={"reduce": None}), study=study)
    reduced = reduction_of(runs, entry, rows, study=study)
    groups = rows[entry.resample.groups].to_numpy() if kind == "cluster" else None
    units = len(rows) if groups is None else len(set(groups.tolist()))
    return redrawn_responses(reduced, len(rows), groups, seed), units


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
    chains = chains_of(entry, chained)
    freedom = None if draws["freedom"].isna().all() else int(draws["freedom"].iloc[0])
    stated = [name for name in map(str, draws) if name.startswith(AS_STATED)]
    frame, signed = _values(study, entry, points, chains, draws.drop(columns=stated))
    scheme = scheme_of(entry, artefact, points)
    intervals = intervals_of(entry, artefact, frame, signed, scheme.kind, freedom)
    other: dict[str, tuple[float, float]] = {}
    if stated:
        drawn = draws.drop(columns=[name.removeprefix(AS_STATED) for name in stated])
        renamed = drawn.rename(columns={name: name.removeprefix(AS_STATED) for name in stated})
        plain, errors = _values(study, entry, points, chains, renamed)
        beside = intervals_of(entry, artefact, plain, errors, scheme.beside, None)
        other = differing(intervals, beside)
        kept = plain.drop(columns=["resample", "converged", "objective_value"])
        frame = frame.join(kept.add_prefix(AS_STATED))
    labels = scheme.labels
    summary = Uncertainty(
        study=study,
        fit=fit_id,
        kind=scheme.kind,
        reason=entry.resample.reason,
        resamples=len(frame),
        level=LEVEL,
        converged_share=float(frame["converged"].mean()),
        elsewhere_share=float(draws["found_elsewhere"].mean()),
        intervals=intervals | _wald_statistics(entry, artefact.quantities, frame, chained, freedom),
        freedom=freedom,
        groups=scheme.groups,
        group_count=None if labels is None else len(set(labels.tolist())),
        dependence=artefact.dependence,
        stated_kind=scheme.beside or entry.resample.kind,
        as_stated=other,
    )
    return frame, summary


def _values(
    study: str,
    entry: ResolvedFit,
    points: pd.DataFrame,
    chains: Mapping[str, Chain],
    draws: pd.DataFrame,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Every quantity of some resamples, and errors of single rows with their sign."""
    law = get_law(entry.law)
    parameters = {name: np.ascontiguousarray(draws[name]) for name in law.parameter_names}
    known = {**parameters, **derived(law, parameters)}
    known["objective_value"] = draws["objective_value"].to_numpy()
    # Statistics of the rows are those of the fit alone, and what is made of them as well.
    unknown = dict.fromkeys(STATISTICS, np.full(len(draws), np.nan))
    own = card_quantities(entry, law, parameters, unknown | known, points, chains, study)
    frame = draws[["resample"]].assign(**known, converged=draws["converged"], **own)
    return frame, signed_errors(entry, law, parameters, points, chains, study)


def _wald_statistics(
    entry: ResolvedFit,
    estimates: Mapping[str, float],
    frame: pd.DataFrame,
    chained: Mapping[str, pd.DataFrame],
    freedom: int | None,
) -> dict[str, Interval]:
    """Statistics of a card that need the covariance of resamples, its own or another fit's."""
    return {
        name: Interval(
            None,
            None,
            value=wald_statistic(
                _drawn_for(quantity, chained.get(quantity.covariance_of or "", frame)),
                estimates,
                quantity.wald_against,
                None if quantity.covariance_of else freedom,
            ),
        )
        for name, quantity in entry.quantities.items()
        if quantity.wald_against is not None
    }


def _drawn_for(quantity: Quantity, frame: pd.DataFrame) -> pd.DataFrame:
    """Resamples of the scheme that a statistic asks for; of the only one, where there is one."""
    stated = [name for name in map(str, frame) if name.startswith(AS_STATED)]
    if not quantity.as_stated or not stated:
        return frame
    return frame[stated].rename(columns={name: name.removeprefix(AS_STATED) for name in stated})


def wald_statistic(
    frame: pd.DataFrame,
    estimates: Mapping[str, float],
    against: Mapping[str, float],
    freedom: int | None = None,
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
    freedom
        Degrees of freedom of Student's t by which the resamples are spread, if they are few.

    Returns
    -------
    float
        Chi-square distributed with ``len(against)`` degrees of freedom if the given parameters are
        the true ones.
    """
    names = list(against)
    difference = np.array([estimates[name] - against[name] for name in names])
    covariance = np.cov(frame[names].to_numpy(), rowvar=False)
    if freedom is not None and 2 < freedom < FEW:
        covariance *= (freedom - 2.0) / freedom
    return float(difference @ np.linalg.solve(covariance, difference))
