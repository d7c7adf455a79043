"""Carry out a card's fit on a study's runs."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies import registry
from scaling_studies.cards.models.fit import FitEntry, ResolvedFit
from scaling_studies.engine.fit import fit as fit_law
from scaling_studies.engine.statistics import STATISTICS
from scaling_studies.engine.uncertainty.identified import by_name, moves, undetermined_directions
from scaling_studies.engine.uncertainty.profile import profile_interval
from scaling_studies.errors import FitError, ScalingStudiesError
from scaling_studies.fits.allocations import compute_optimal
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.chains import chains_of, predict_chain, with_chained_observations
from scaling_studies.fits.frames import axes_of, axis_names, fit_frame
from scaling_studies.fits.printed import no_points, printed_law
from scaling_studies.fits.quantities import card_quantities, derived, described, finite_values
from scaling_studies.fits.schemes import dependence_of
from scaling_studies.fits.uncertainty import stated_uncertainty
from scaling_studies.laws import get_law
from scaling_studies.models.law import predict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from scaling_studies.engine.result import Fit
    from scaling_studies.fits.chains import Chain
    from scaling_studies.models.law import Law


def fit_study(
    study: str,
    fit_id: str,
    entry: ResolvedFit,
    runs: pd.DataFrame | None,
    chained: Mapping[str, Mapping[str, float]],
) -> tuple[FitArtefact, pd.DataFrame]:
    """Fit a law as a card says.

    Parameters
    ----------
    study, fit_id
        Ids; named in errors.
    entry
        The fit's entry, resolved by :func:`scaling_studies.cards.resolve.resolve_fit`.
    runs
        Run table of the study; None for `estimator: printed`.
    chained
        Fit id -> parameters (by name) of the fits that `chain` names.

    Returns
    -------
    artefact : FitArtefact
        Without its provenance.
    points : pandas.DataFrame
        Fitted and held-out points with predictions and residuals.

    Raises
    ------
    ScalingStudiesError
        Naming study, fit and what is wrong.
    """
    law = get_law(entry.law)
    if runs is None:
        return printed_law(study, fit_id, entry), no_points(law.axis_names)
    chains = chains_of(entry, chained)
    points = fit_frame(runs, entry, study=study)
    points = with_chained_observations(points, entry, runs, study)
    fit = fit_points(study, fit_id, entry, points)
    parameters = {name: np.array([value]) for name, value in fit.parameters.items()}
    points = _with_predictions(entry, points, law, parameters, chains)
    artefact = artefact_of(study, fit_id, entry, fit, points, chains)
    return replace(artefact, profile=_asymptote_profile(fit)), points


def artefact_of(
    study: str,
    fit_id: str,
    entry: ResolvedFit,
    fit: Fit,
    points: pd.DataFrame,
    chains: Mapping[str, Chain],
) -> FitArtefact:
    """Artefact of a fit, without its provenance and without a profile.

    Parameters
    ----------
    study, fit_id, entry
        As in :func:`fit_study`.
    fit, points
        The fit and its points.
    chains
        The laws that its prediction is handed to.
    """
    law = fit.law
    parameters = {name: np.array([value]) for name, value in fit.parameters.items()}
    known = {name: np.array([value]) for name, value in fit.quantities().items()}
    own = card_quantities(entry, law, parameters, known, points, chains, study)
    return FitArtefact(
        study=study,
        fit=fit_id,
        title=entry.title,
        law=law.name,
        formula=law.formula,
        estimator=entry.estimator,
        objective={"name": fit.objective.name, **fit.objective.constants},
        n=int((points["role"] == "fit").sum()),
        n_held_out=int((points["role"] == "held_out").sum()),
        parameters={name: float(value) for name, value in fit.parameters.items()},
        fixed=dict(entry.fixed),
        objective_value=float(fit.objective_value),
        # A statistic that does not apply (a Huber likelihood of a squared objective, say) is not
        # finite.
        quantities=finite_values({**known, **own}),
        quantity_descriptions=described(entry),
        evidence=fit.evidence.as_dict(),
        converged=bool(fit.converged),
        identified=bool(fit.identified),
        undetermined=_undetermined(study, entry, fit, points, chains),
        dependence=dependence_of(entry, fit, points),
        messages=[str(message) for message in fit.messages],
        uncertainty=stated_uncertainty(study, fit_id, entry),
        headline=list(entry.headline or ()),
        allocation=entry.allocation,
    )


def _undetermined(
    study: str, entry: ResolvedFit, fit: Fit, points: pd.DataFrame, chains: Mapping[str, Chain]
) -> list[str]:
    """Quantities of a fit that move along a direction which the rows leave open."""
    directions, law = undetermined_directions(fit), fit.law
    if not len(directions):
        return []

    # Along such a direction the objective and all statistics of the rows stay as they are.
    statistics = {name: value for name, value in fit.quantities().items() if name in STATISTICS}

    def one(name: str) -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
        def value(parameters: Mapping[str, np.ndarray]) -> np.ndarray:
            batch = dict(parameters)
            size = len(next(iter(batch.values())))
            still = {name: np.full(size, value) for name, value in statistics.items()}
            known = {**still, **batch, **derived(law, batch)}
            return card_quantities(entry, law, batch, known, points, chains, study)[name]

        return value

    functions = {name: by_name(law, name) for name in (*law.parameter_names, *law.derived)}
    constant = {name for name, item in entry.quantities.items() if item.of in STATISTICS}
    functions |= {
        name: one(name)
        for name, item in entry.quantities.items()
        if item.wald_against is None and name not in constant
    }
    if set(law.axis_names) == {"params", "tokens"}:
        functions["allocation"] = lambda batch: compute_optimal(
            law, batch, np.array([1e21]), ["params_opt"]
        )["params_opt"][:, 0]
    found = []
    for name, function in functions.items():
        try:
            if moves(law, fit.parameters, directions, function):
                found.append(name)
        except FitError:  # a law on the way has no optimum: the rows do not say whether it has one
            found.append(name)
    return found


def fit_points(
    study: str,
    fit_id: str,
    entry: ResolvedFit,
    points: pd.DataFrame,
    start: Mapping[str, float] | None = None,
) -> Fit:
    """Fit the law of an entry to its fitted points.

    Parameters
    ----------
    study, fit_id, entry, points
        As in :func:`fit_study`.
    start
        Parameters at which an optimum was found before; the search then starts there alone.

    Raises
    ------
    FitError
        Naming study and fit.
    """
    fitted = points[points["role"] == "fit"]
    law = get_law(entry.law)
    frame = {name: fitted[name].to_numpy() for name in axis_names(entry, law)}
    frame["response"] = fitted["observed"].to_numpy()
    objective = entry.objective_or(law.objective)
    starts = _starts(entry)
    options: dict[str, Any] = dict(entry.options)
    budgets = options.get("budgets")
    if isinstance(budgets, str) and budgets in fitted:
        frame[budgets] = fitted[budgets].to_numpy()
    if registry.trait("estimators", entry.estimator, "NEEDS_GROUPS", False):
        options["groups"] = fitted[entry.resample.groups].to_numpy()
    if start is not None and entry.estimator == "parametric":
        starts = [dict(start)]
        # The optimum was confirmed when it was found; a second optimiser need not be asked again.
        options = {"confirm": False}
    if objective.delta is not None:
        options["delta"] = objective.delta
    try:
        return fit_law(
            law.name,
            frame,
            objective.name,
            response="response",
            weights=fitted["weight"].to_numpy() if entry.weights else None,
            starts=starts,
            fixed=entry.fixed,
            shared=entry.shared,
            bounds=entry.bounds,
            estimator=entry.estimator,
            **options,
        )
    except ScalingStudiesError as error:
        place = {key: value for key, value in error.place.items() if key not in ("study", "table")}
        raise FitError(
            error.problem, fix=error.fix, study=study, table=f"of fit {fit_id}", **place
        ) from error


def _starts(entry: FitEntry) -> list[dict[str, float]] | None:
    """Starts of the search: as listed, or every combination of the values of a grid."""
    starts = entry.starts
    if not isinstance(starts, dict):
        return None if starts is None else [dict(start) for start in starts]
    return [
        dict(zip(starts, values, strict=True)) for values in itertools.product(*starts.values())
    ]


def _asymptote_profile(fit: Fit) -> dict[str, Any] | None:
    """Profile likelihood of the irreducible loss; None for laws and fits that have none."""
    free = fit.optimum is not None and "E" not in fit.problem.fixed
    if "E" not in fit.parameters or not free or fit.evidence.estimator != "parametric":
        return None
    try:
        return asdict(profile_interval(fit, "E"))
    except FitError:  # the law has no smooth neighbourhood here, and the evidence says so
        return None


def _with_predictions(
    entry: FitEntry,
    points: pd.DataFrame,
    law: Law,
    parameters: Mapping[str, np.ndarray],
    chains: Mapping[str, Chain],
) -> pd.DataFrame:
    """Points with predictions and residuals, and with predictions of chained laws.

    A line through estimated optima predicts sizes, not the losses that were measured: no number.
    """
    if axis_names(entry, law) == law.axis_names:
        predicted = predict(law, parameters, axes_of(law, points))
    else:
        predicted = np.full((1, len(points)), np.nan)
    points = points.assign(predicted=predicted[0])
    points["residual"] = points["observed"] - points["predicted"]
    with np.errstate(divide="ignore", invalid="ignore"):
        points["relative_residual"] = points["predicted"] / points["observed"] - 1.0
    for name, chain in chains.items():
        points[f"{name}_predicted"] = predict_chain(chain, points, predicted)[0]
    return points
