"""What fitted laws imply for the next run: size and data at multiples of the largest compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.errors import FitError
from scaling_studies.laws import get_law
from scaling_studies.quantities import ALLOCATION_FIELDS, compute_optimal
from scaling_studies.refit import LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaling_studies.law import Law

#: Draws for the bands of laws whose optimum has no closed form.
SEARCHED_DRAWS = 200
MULTIPLES = (1.0, 10.0, 100.0)


def plan_runs(
    study: str,
    fits: Mapping[str, Mapping[str, Any]],
    points: Mapping[str, pd.DataFrame],
    resamples: Mapping[str, pd.DataFrame],
    ranking: pd.DataFrame | None,
    multiples: Sequence[float] = MULTIPLES,
) -> pd.DataFrame:
    """Compute-optimal size and data under each law at multiples of the largest compute.

    Parameters
    ----------
    study
        Id of the study.
    fits, points, resamples
        Artefacts by fit; laws over `params` and `tokens`.
    ranking
        Ranking of the study's laws by extrapolation, if there is one.
    multiples
        Of the largest 6ND among fitted and held-out rows.

    Returns
    -------
    pandas.DataFrame
        One row a fit and multiple: study, fit, title, law, multiple, flops; params_opt,
        tokens_opt, tokens_per_parameter, loss_opt with their 95 % intervals (``_low``, ``_high``);
        best (the law ranks highest by extrapolation among these laws); message (why a law has no
        optimum, else empty).

    Notes
    -----
    Compute is C = 6ND. Intervals are quantiles over the resamples that have an optimum.
    """
    rank = {}
    if ranking is not None:
        rank = (
            ranking.dropna(subset=["extrapolation_rank"]).groupby("law")["extrapolation_rank"].min()
        )
    ranked = {fit: rank[item["law"]] for fit, item in fits.items() if item["law"] in rank}
    best = min(ranked, key=lambda fit: ranked[fit]) if ranked else None
    tables = []
    for fit, artefact in fits.items():
        law = get_law(artefact["law"])
        rows = points[fit]
        flops = float((6.0 * rows["params"] * rows["tokens"]).max()) * np.asarray(multiples, float)
        table = pd.DataFrame({"multiple": np.asarray(multiples, float), "flops": flops})
        table.insert(0, "study", study)
        table.insert(1, "fit", fit)
        table.insert(2, "title", artefact["title"])
        table.insert(3, "law", law.name)
        found, message = _optimum(law, artefact["parameters"], flops)
        bands = _bands(law, resamples[fit], flops)
        for name in ALLOCATION_FIELDS:
            table[name] = found[name]
            table[f"{name}_low"], table[f"{name}_high"] = bands[name]
        table["best"] = fit == best
        table["message"] = message
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


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
