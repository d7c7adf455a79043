"""Carry out a card's fit on a study's runs, and its resampling."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.errors import FitError, ScalingStudiesError
from scaling_studies.fits.frames import fit_frame, measurement, reduction_of
from scaling_studies.fits.printed import no_points, printed_law
from scaling_studies.fits.quantities import card_quantities, described, predict, predict_chain
from scaling_studies.fits.reductions import redrawn_responses
from scaling_studies.fits.shards import WITHOUT_FIT
from scaling_studies.fits.uncertainty import LEVEL, printed_intervals, stated_uncertainty
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scaling_studies.engine.fit import Fit


def fit_study(
    study: str,
    fit_id: str,
    entry: Mapping[str, Any],
    runs: pd.DataFrame | None,
    chained: Mapping[str, Mapping[str, float]],
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Fit a law as a card says.

    Parameters
    ----------
    study, fit_id
        Ids; named in errors.
    entry
        The fit's entry, resolved by :func:`scaling_studies.cards.load.resolve_fit`.
    runs
        Run table of the study; None for `estimator: printed`.
    chained
        Fit id -> parameters (by name) of the fits that `chain` names.

    Returns
    -------
    artefact : dict
        The fit artefact without its provenance.
    points : pandas.DataFrame
        Fitted and held-out points with predictions and residuals.

    Raises
    ------
    ScalingStudiesError
        Naming study, fit and what is wrong.
    """
    law = get_law(entry["law"])
    if runs is None:
        return printed_law(study, fit_id, entry), no_points(law.axis_names)
    points = fit_frame(runs, entry, study=study)
    points = _with_chained_observations(points, entry, runs, study)
    fit = _fit(study, fit_id, entry, points)
    parameters = {name: np.array([value]) for name, value in fit.parameters.items()}
    points = _with_predictions(points, law, parameters, entry, chained)
    known = {name: np.array([value]) for name, value in fit.quantities().items()}
    own = card_quantities(entry, law, parameters, known, points, _chains(entry, chained), study)
    # A statistic that does not apply (a Huber likelihood of a squared objective, say) is left out.
    quantities = {
        name: float(array[0]) for name, array in {**known, **own}.items() if np.isfinite(array[0])
    }
    artefact = {
        "study": study,
        "fit": fit_id,
        "title": entry["title"],
        "law": law.name,
        "formula": law.formula,
        "estimator": entry.get("estimator", "parametric"),
        "objective": {"name": fit.objective.name, **fit.objective.constants},
        "n": int((points["role"] == "fit").sum()),
        "n_held_out": int((points["role"] == "held_out").sum()),
        "parameters": {name: float(value) for name, value in fit.parameters.items()},
        "fixed": dict(entry.get("fixed", {})),
        "objective_value": float(fit.objective_value),
        "quantities": quantities,
        "quantity_descriptions": described(entry),
        "evidence": fit.evidence.as_dict(),
        "converged": bool(fit.converged),
        "identified": bool(fit.identified),
        "messages": [str(message) for message in fit.messages],
        "profile": _asymptote_profile(fit),
        "uncertainty": stated_uncertainty(study, fit_id, entry),
        "headline": list(entry.get("headline", [])),
        "allocation": entry.get("allocation", True),
    }
    return artefact, points


def in_order_of_chains(entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Fit ids of a study in an order in which each comes after those it is chained to."""
    chained = {
        fit_id: [chain["fit"] for chain in entry.get("chain", {}).values()]
        for fit_id, entry in entries.items()
    }
    return list(TopologicalSorter(chained).static_order())


def _asymptote_profile(fit: Fit) -> dict[str, Any] | None:
    """Profile likelihood of the irreducible loss; None for laws and fits that have none."""
    free = fit.optimum is not None and "E" not in fit.options["fixed"]
    if "E" not in fit.parameters or not free or fit.options["estimator"] != "parametric":
        return None
    from scaling_studies.engine.uncertainty.intervals import profile_interval

    try:
        return asdict(profile_interval(fit, "E"))
    except FitError:  # the law has no smooth neighbourhood here, and the evidence says so
        return None


def draw_resamples(
    study: str,
    fit_id: str,
    entry: Mapping[str, Any],
    artefact: Mapping[str, Any],
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
        As in :func:`fit_study`.
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
    from scaling_studies import bootstrap

    settings = entry.get("resample", {"kind": "pairs"})
    kind = settings["kind"]
    fit = _fit(study, fit_id, entry, points, start=artefact["parameters"])
    fitted = points[points["role"] == "fit"]
    options: dict[str, Any] = {"kind": kind}
    if "reduce" in entry:
        options |= {
            "kind": "parametric",
            "responses": _redrawn_reduction(study, entry, runs, kind, seed),
        }
    elif kind == "cluster":
        options["groups"] = fitted[settings.get("groups", "group_id")].to_numpy()
    if kind == "stratified":
        options["strata"] = fitted[settings.get("groups", "group_id")].to_numpy()
    if settings.get("response_interval"):
        options["response_interval"] = (
            fitted["observed_low"].to_numpy(),
            fitted["observed_high"].to_numpy(),
        )
    result = bootstrap(fit, resamples=len(numbers), first=numbers.start, seed=seed, **options)
    columns = ["resample", *result.parameters, "objective_value", "converged"]
    return result.frame()[columns]


def resample_study(
    study: str,
    fit_id: str,
    entry: Mapping[str, Any],
    artefact: Mapping[str, Any],
    points: pd.DataFrame,
    chained: Mapping[str, pd.DataFrame],
    draws: pd.DataFrame,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Uncertainty of a fit from its resamples.

    Parameters
    ----------
    study, fit_id, entry
        As in :func:`fit_study`.
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
    summary : dict
        Interval, standard error and median of each quantity.
    """
    settings = entry.get("resample", {"kind": "pairs"})
    law = get_law(entry["law"])
    frame = _with_quantities(draws, law, entry, points, chained, study)
    return frame, _summary(
        study, fit_id, settings["kind"], frame, entry, artefact, chained, settings.get("reason")
    )


def _redrawn_reduction(
    study: str, entry: Mapping[str, Any], runs: pd.DataFrame, kind: str, seed: int
) -> Callable[[int], np.ndarray]:
    """Responses of one resample: the rows before the reduction drawn anew, then reduced."""
    plain = {key: value for key, value in entry.items() if key != "reduce"}
    rows = fit_frame(runs, plain, study=study)
    reduced = reduction_of(runs, entry, rows, study=study)
    groups = rows[entry["resample"].get("groups", "group_id")] if kind == "cluster" else None
    return redrawn_responses(
        reduced, len(rows), None if groups is None else groups.to_numpy(), seed
    )


def _with_quantities(
    draws: pd.DataFrame,
    law: Any,
    entry: Mapping[str, Any],
    points: pd.DataFrame,
    chained: Mapping[str, pd.DataFrame],
    study: str,
) -> pd.DataFrame:
    """Add derived quantities and the card's own, from all resamples at once."""
    from scaling_studies.engine.uncertainty.resample import Bootstrap

    columns = {name: np.ascontiguousarray(draws[name].to_numpy()) for name in draws.columns}
    kind, first = entry.get("resample", {}).get("kind", "pairs"), int(columns.pop("resample")[0])
    objective, settled = columns.pop("objective_value"), columns.pop("converged")
    frame = Bootstrap(law, kind, first, columns, objective, settled, []).frame()
    known = {
        name: frame[name].to_numpy() for name in frame.columns if frame[name].dtype.kind == "f"
    }
    parameters = {name: known[name] for name in law.parameter_names}
    own = card_quantities(entry, law, parameters, known, points, _chains(entry, chained), study)
    return frame.assign(**own)


def _summary(
    study: str,
    fit_id: str,
    kind: str,
    frame: pd.DataFrame,
    entry: Mapping[str, Any],
    artefact: Mapping[str, Any],
    chained: Mapping[str, pd.DataFrame],
    reason: str | None,
) -> dict[str, Any]:
    intervals = {}
    tail = (1.0 - LEVEL) / 2.0
    for name in artefact["quantities"]:
        if name not in frame:
            continue
        values = frame[name].to_numpy()
        values = values[np.isfinite(values)]
        if not len(values) or np.ptp(values) == 0.0:
            continue
        low, median, high = np.quantile(values, [tail, 0.5, 1.0 - tail])
        intervals[name] = {
            "low": low,
            "high": high,
            "median": median,
            "standard_error": values.std(ddof=1),
        }
    for name, quantity in entry.get("quantities", {}).items():
        if "wald_against" in quantity:
            draws = chained.get(quantity.get("covariance_of"), frame)
            value = wald_statistic(draws, artefact["quantities"], quantity["wald_against"])
            intervals[name] = {"low": None, "high": None, "value": value}
    intervals |= printed_intervals(entry)
    return {
        "study": study,
        "fit": fit_id,
        "kind": kind,
        "reason": reason,
        "resamples": len(frame),
        "level": entry.get("printed_intervals", {}).get("level", LEVEL),
        "converged_share": float(frame["converged"].mean()),
        "intervals": intervals,
    }


def wald_statistic(
    frame: pd.DataFrame, found: Mapping[str, float], against: Mapping[str, float]
) -> float:
    """Wald statistic of fitted against given values under the bootstrap covariance.

    Parameters
    ----------
    frame
        Resamples, one column a quantity.
    found
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
    difference = np.array([found[name] - against[name] for name in names])
    covariance = np.cov(frame[names].to_numpy(), rowvar=False)
    return float(difference @ np.linalg.solve(covariance, difference))


def _fit(
    study: str,
    fit_id: str,
    entry: Mapping[str, Any],
    points: pd.DataFrame,
    start: Mapping[str, float] | None = None,
) -> Fit:
    from scaling_studies import fit

    fitted = points[points["role"] == "fit"]
    law = get_law(entry["law"])
    frame = {name: fitted[name].to_numpy() for name in law.axis_names}
    frame["response"] = fitted["observed"].to_numpy()
    objective = entry.get("objective", {"name": law.objective})
    settings = {
        key: entry[key] for key in ("fixed", "shared", "bounds", "estimator") if key in entry
    }
    if "delta" in objective:
        settings["delta"] = objective["delta"]
    starts = (
        [dict(start)]
        if start is not None and entry.get("estimator") not in WITHOUT_FIT
        else _starts(entry)
    )
    weights = fitted["weight"].to_numpy() if "weights" in entry else None
    options = dict(entry.get("options", {}))
    if start is not None and entry.get("estimator", "parametric") == "parametric":
        # The optimum was confirmed when it was found; a second optimiser need not be asked again.
        options = {"confirm": False}
    try:
        return fit(
            law.name,
            frame,
            objective["name"],
            response="response",
            weights=weights,
            starts=starts,
            **settings,
            **options,
        )
    except ScalingStudiesError as error:
        place = {key: value for key, value in error.place.items() if key not in ("study", "table")}
        raise FitError(
            error.problem, fix=error.fix, study=study, table=f"of fit {fit_id}", **place
        ) from error


def _starts(entry: Mapping[str, Any]) -> list[dict[str, float]] | None:
    starts = entry.get("starts")
    if not isinstance(starts, dict):
        return starts
    return [
        dict(zip(starts, values, strict=True)) for values in itertools.product(*starts.values())
    ]


def _chains(
    entry: Mapping[str, Any], chained: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Chains with the law and the parameters (arrays) of the fits they name."""
    result = {}
    for name, chain in entry.get("chain", {}).items():
        law = get_law(chain["law"])
        parameters = chained[chain["fit"]]
        result[name] = {
            "law": law,
            "axis": chain["axis"],
            "parameters": {
                item: np.atleast_1d(np.asarray(parameters[item], dtype=float))
                for item in law.parameter_names
            },
            "observed": f"{name}_observed",
        }
    return result


def _with_chained_observations(
    points: pd.DataFrame, entry: Mapping[str, Any], runs: pd.DataFrame, study: str
) -> pd.DataFrame:
    """Add what the chained laws predict, as observed in the same rows."""
    for name, chain in entry.get("chain", {}).items():
        observed = measurement(runs[runs["status"] == "ok"], chain["response"], study)
        points[f"{name}_observed"] = (
            observed.set_index("row_key")["value"].reindex(points["row_key"]).to_numpy()
        )
    return points


def _with_predictions(
    points: pd.DataFrame,
    law: Any,
    parameters: Mapping[str, np.ndarray],
    entry: Mapping[str, Any],
    chained: Mapping[str, Mapping[str, Any]],
) -> pd.DataFrame:
    predicted = predict(law, parameters, points)
    points = points.assign(predicted=predicted[0])
    points["residual"] = points["observed"] - points["predicted"]
    with np.errstate(divide="ignore", invalid="ignore"):
        points["relative_residual"] = points["predicted"] / points["observed"] - 1.0
    for name, chain in _chains(entry, chained).items():
        points[f"{name}_predicted"] = predict_chain(chain, chain["parameters"], points, predicted)[
            0
        ]
    return points
