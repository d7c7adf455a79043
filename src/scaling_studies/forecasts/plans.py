"""What fitted laws imply for the next run: size and data at multiples of the largest compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.comparisons.tables import source_of
from scaling_studies.errors import FitError
from scaling_studies.fits.quantities import ALLOCATION_FIELDS, compute_optimal
from scaling_studies.fits.uncertainty import LEVEL
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaling_studies.models.law import Law

#: Draws for the bands of laws whose optimum has no closed form.
SEARCHED_DRAWS = 200
MULTIPLES = (1.0, 10.0, 100.0)


def plan_runs(
    fits: Sequence[Mapping[str, Any]],
    points: Sequence[pd.DataFrame],
    resamples: Sequence[pd.DataFrame],
    ranking: pd.DataFrame | None = None,
    others: Sequence[Mapping[str, Any]] = (),
    other_resamples: Sequence[pd.DataFrame] = (),
    *,
    multiples: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Compute-optimal size and data under each law at multiples of the largest compute.

    Parameters
    ----------
    fits, points, resamples
        Artefacts of the study's own fits, in the same order; laws over `params` and `tokens`.
    ranking
        Ranking of the study's laws by extrapolation, if there is one.
    others, other_resamples
        Fit artefacts and resamples of other studies, to compare with.
    multiples
        Of the largest 6ND among the study's fitted and held-out rows; `MULTIPLES` when None.

    Returns
    -------
    pandas.DataFrame
        One row a fit and multiple: study, fit, title, law, source (published or refit), own
        (whether the fit is the study's own), multiple, flops; params_opt, tokens_opt,
        tokens_per_parameter, loss_opt with their 95 % intervals (``_low``, ``_high``); best (of the
        own laws, this one ranks highest by extrapolation); message (why a law has no optimum, else
        empty).

    Notes
    -----
    Compute is C = 6ND. Intervals are quantiles over the resamples that have an optimum. Losses of
    other studies are on other data and in other units.
    """
    factors = np.asarray(MULTIPLES if multiples is None else multiples, dtype=float)
    largest = max(float((6.0 * rows["params"] * rows["tokens"]).max()) for rows in points)
    best = _best(fits, ranking)
    own = [(fit, draws, True) for fit, draws in zip(fits, resamples, strict=True)]
    foreign = [(fit, draws, False) for fit, draws in zip(others, other_resamples, strict=True)]
    tables = []
    for artefact, draws, is_own in own + foreign:
        law = get_law(artefact["law"])
        flops = largest * factors
        table = pd.DataFrame({"multiple": factors, "flops": flops})
        labels = {name: artefact[name] for name in ("study", "fit", "title")}
        labels |= {"law": law.name, "source": source_of(artefact), "own": is_own}
        for place, (name, label) in enumerate(labels.items()):
            table.insert(place, name, label)
        found, message = _optimum(law, artefact["parameters"], flops)
        bands = _bands(law, draws, flops)
        for name in ALLOCATION_FIELDS:
            table[name] = found[name]
            table[f"{name}_low"], table[f"{name}_high"] = bands[name]
        table["best"] = is_own and artefact["fit"] == best
        table["message"] = message
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _best(fits: Sequence[Mapping[str, Any]], ranking: pd.DataFrame | None) -> str | None:
    """The fit whose law ranks highest by extrapolation; None when no law has a rank."""
    if ranking is None:
        return None
    known = ranking.dropna(subset=["extrapolation_rank"])
    ranks = known.groupby("law")["extrapolation_rank"].min().to_dict()
    ranked = [fit for fit in fits if fit["law"] in ranks]
    return min(ranked, key=lambda fit: ranks[fit["law"]])["fit"] if ranked else None


def _optimum(
    law: Law, parameters: Mapping[str, float], flops: np.ndarray
) -> tuple[dict[str, np.ndarray], str]:
    """Allocation at the fit, shape (m,); not-a-number with the reason where there is none."""
    none = dict.fromkeys(ALLOCATION_FIELDS, np.full(len(flops), np.nan))
    try:
        found = compute_optimal(law, {k: np.array([v]) for k, v in parameters.items()}, flops)
    except FitError as error:
        return none, error.problem
    if not all(np.isfinite(values).all() for values in found.values()):
        return none, "the fitted exponents leave no compute-optimal size"
    return {name: values[0] for name, values in found.items()}, ""


def _bands(law: Law, draws: pd.DataFrame, flops: np.ndarray) -> dict[str, np.ndarray]:
    """Intervals of the allocation, shape (2, m) by quantity; not-a-number without resamples."""
    nothing = np.full((2, len(flops)), np.nan)
    names = law.parameter_names
    sets = draws[list(names)].to_numpy() if len(draws) else np.empty((0, len(names)))
    sets = sets[np.isfinite(sets).all(axis=1)]
    if not len(sets):
        return dict.fromkeys(ALLOCATION_FIELDS, nothing)
    if law.name == "additive":
        found = [compute_optimal(law, dict(zip(names, sets.T, strict=True)), flops)]
    else:
        found = []
        # Evenly chosen, one by one: a draw without an optimum has no place in a band.
        for row in sets[:: max(1, len(sets) // SEARCHED_DRAWS)]:
            one = _optimum(law, dict(zip(names, row, strict=True)), flops)[0]
            found.append({name: values[None, :] for name, values in one.items()})
    tail = (1.0 - LEVEL) / 2.0
    bands = {}
    for name in ALLOCATION_FIELDS:
        values = np.concatenate([item[name] for item in found])
        values = values[np.isfinite(values).all(axis=1)]
        bands[name] = np.quantile(values, [tail, 1.0 - tail], axis=0) if len(values) else nothing
    return bands
