"""Resample a card's fit, and sum its resamples up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.engine.statistics import STATISTICS
from scaling_studies.engine.uncertainty.bands import (
    FEW,
    LEVEL,
    draws_needed,
    interval_of_absolute,
    percentile_interval,
)
from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.fits.chains import chains_of
from scaling_studies.fits.frames import fit_frame, reduction_of
from scaling_studies.fits.quantities import (
    RELATIVE_ERRORS,
    card_quantities,
    derived,
    signed_errors,
)
from scaling_studies.fits.reductions import redrawn_responses
from scaling_studies.fits.refit import fit_points
from scaling_studies.fits.schemes import Scheme, scheme_of
from scaling_studies.fits.uncertainty import DIFFERENT, Interval, Uncertainty
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.cards.models.quantity import Quantity
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.chains import Chain

#: What a reader is told of a quantity without an interval, or with one that has one end.
OUTSIDE = (
    "Refits of resampled rows are so far off to one side of the fit to all rows that they make no "
    "interval."
)
OPEN = "The rows do not determine it: its interval is open on both sides."
NO_FREEDOM = (
    "No degree of freedom is left to tell the scatter from, so that its interval is open on both "
    "sides."
)
FOLDED = (
    "An error of several rows is never negative, and resampling can hardly but raise it; it has no "
    "interval."
)
OFTEN_MISSING = "More resamples are without an estimate than a 95 % interval leaves out."
#: What an interval that ends at the bound of a parameter says.
AT_BOUND = "The rows do not bound it {}: every value to {} lies inside."
#: Statistics of the fit that measure errors: a resample's minimum says nothing of their scatter.
STATISTICS_OF_FIT = frozenset(STATISTICS)
#: Statistics of held-out rows that measure errors without their sign.
UNSIGNED = RELATIVE_ERRORS | {"rms_log_error", "rmsle", "mean_absolute_error", "r_squared"}
#: What the columns of resamples begin with that are drawn as the card says, where the residuals say
#: otherwise.
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
    fit = fit_points(study, fit_id, entry, points, start=artefact.parameters)
    scheme = scheme_of(entry, artefact, points)
    fitted = points[points["role"] == "fit"]
    options = _options(study, entry, scheme, fitted, runs, seed)
    drawn = {"resamples": len(numbers), "first": numbers.start, "seed": seed}
    result = bootstrap(fit, **drawn, **options)
    frame = result.frame()[["resample", *result.parameters, "objective_value", "converged"]]
    frame["freedom"] = np.nan if result.freedom is None else float(result.freedom)
    if scheme.found:
        stated = bootstrap(fit, **drawn, kind=entry.resample.kind).parameters
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
    law, chains = get_law(entry.law), chains_of(entry, chained)
    freedom = None if draws["freedom"].isna().all() else int(draws["freedom"].iloc[0])
    stated = [name for name in draws if name.startswith(AS_STATED)]
    frame, signed = _values(study, entry, points, chains, draws.drop(columns=stated))
    scheme = scheme_of(entry, artefact, points)
    intervals = _intervals(entry, artefact, frame, signed, scheme.kind, freedom)
    other: dict[str, tuple[float, float]] = {}
    if stated:
        drawn = draws.drop(columns=[name.removeprefix(AS_STATED) for name in stated])
        renamed = drawn.rename(columns=lambda name: name.removeprefix(AS_STATED))
        plain, errors = _values(study, entry, points, chains, renamed)
        beside = _intervals(entry, artefact, plain, errors, entry.resample.kind, None)
        other = _differing(intervals, beside)
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
        intervals=intervals
        | _wald_statistics(entry, artefact.quantities, frame, chained, freedom),
        freedom=freedom,
        groups=scheme.groups,
        group_count=None if labels is None else len(set(labels.tolist())),
        dependence=artefact.dependence,
        stated_kind=entry.resample.kind,
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
    own = card_quantities(entry, law, parameters, known, points, chains, study)
    frame = draws[["resample"]].assign(**known, converged=draws["converged"], **own)
    return frame, signed_errors(entry, law, parameters, points, chains, study)


def _intervals(
    entry: ResolvedFit,
    artefact: FitArtefact,
    frame: pd.DataFrame,
    signed: Mapping[str, np.ndarray],
    kind: str,
    freedom: int | None,
) -> dict[str, Interval]:
    """Intervals of all quantities that vary from resample to resample, or why they have none."""
    intervals = {}
    for name, estimate in artefact.quantities.items():
        if name not in frame or not _varies(frame[name].to_numpy()):
            continue
        draws, folded = frame[name].to_numpy(), name in signed
        if len(draws) < draws_needed():
            continue
        if folded:
            draws = signed[name]
        note = _why_none(entry, artefact, name, draws, freedom, folded=folded)
        if note:
            intervals[name] = Interval(None, None, note=note)
            continue
        # Responses are drawn around the estimate; a law that bends is off, but not off twice.
        centre = None if folded or kind == "parametric" else estimate
        found = percentile_interval(draws, estimate=centre, freedom=freedom)
        low, high = map(float, found.ends)
        if folded:
            low, high = interval_of_absolute(low, high)
        if not low <= estimate <= high:
            intervals[name] = Interval(None, None, note=OUTSIDE)
            continue
        middle = float(np.nanmedian(frame[name]))
        ends, note = _within_bounds(entry, name, low, high)
        intervals[name] = Interval(*ends, middle, float(found.standard_error), note=note)
    return intervals


def _why_none(
    entry: ResolvedFit,
    artefact: FitArtefact,
    name: str,
    draws: np.ndarray,
    freedom: int | None,
    *,
    folded: bool,
) -> str:
    """Why a quantity has no interval, or an open one; empty when it has one."""
    quantity = entry.quantities.get(name)
    if name in STATISTICS_OF_FIT or (quantity and quantity.of in STATISTICS_OF_FIT):
        return FOLDED
    if quantity and quantity.held_out in UNSIGNED and not folded:
        return FOLDED
    if freedom is not None and freedom < 1:
        return NO_FREEDOM
    if name in artefact.undetermined:
        return OPEN
    if np.isnan(draws).mean() > 1.0 - LEVEL:
        return OFTEN_MISSING
    return ""


def _within_bounds(
    entry: ResolvedFit, name: str, low: float, high: float
) -> tuple[tuple[float | None, float | None], str]:
    """Ends of a parameter's interval without those at its bound, and what that says."""
    law = get_law(entry.law)
    if name not in law.parameter_names:
        return (low, high), ""
    item = law.parameters[law.index(name)]
    bottom, top = entry.bounds.get(name, (item.lower, item.upper))
    if item.transform == "log":
        bottom = max(bottom, 0.0) or -np.inf
    at_low, at_high = low <= bottom, high >= top
    words = " and ".join(["below"] * at_low + ["above"] * at_high)
    limit = " and ".join([f"{bottom:g}"] * at_low + [f"{top:g}"] * at_high)
    ends = (None if at_low else low, None if at_high else high)
    return ends, AT_BOUND.format(words, limit) if words else ""


def _differing(
    ours: Mapping[str, Interval], others: Mapping[str, Interval]
) -> dict[str, tuple[float, float]]:
    """Intervals of another scheme that are wider or narrower by more than `DIFFERENT`."""
    found = {}
    for name, other in others.items():
        ends, mine = other.ends, ours[name].ends if name in ours else None
        if ends is None or mine is None or ends[0] == ends[1]:
            continue
        ratio = (mine[1] - mine[0]) / (ends[1] - ends[0])
        if not 1.0 / DIFFERENT <= ratio <= DIFFERENT:
            found[name] = ends
    return found


def _varies(values: np.ndarray) -> bool:
    values = values[np.isfinite(values)]
    return len(values) > 0 and np.ptp(values) != 0.0


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
    stated = [name for name in frame if name.startswith(AS_STATED)]
    if not quantity.as_stated or not stated:
        return frame
    return frame[stated].rename(columns=lambda name: name.removeprefix(AS_STATED))


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
