"""Compute-optimal allocations of fitted laws, by the names that cards and tables use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.allocation.allocate import optimal_allocation
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from scaling_studies.models.law import Law

#: Quantity of a card -> attribute of `engine.allocation.allocate.Allocation`.
ALLOCATION_FIELDS = {
    "params_opt": "params",
    "tokens_opt": "tokens",
    "tokens_per_parameter": "tokens_per_parameter",
    "loss_opt": "loss",
}


def compute_optimal(
    law: Law,
    parameters: Mapping[str, np.ndarray],
    flops: np.ndarray,
    names: Iterable[str] = tuple(ALLOCATION_FIELDS),
) -> dict[str, np.ndarray]:
    """Compute-optimal allocation of each of several parameter sets.

    Parameters
    ----------
    law
        A law over `params` and `tokens`.
    parameters
        Name -> array of shape (R,).
    flops
        Training compute C = 6ND in FLOP, shape (F,).
    names
        Which of params_opt, tokens_opt, tokens_per_parameter and loss_opt; the loss costs most.

    Returns
    -------
    dict
        Name -> array of shape (R, F).

    Raises
    ------
    FitError
        When the law has no allocation between size and data, or no optimum.
    """
    found = optimal_allocation(law, parameters, flops)
    return {name: getattr(found, ALLOCATION_FIELDS[name]) for name in names}


def allocation_at(
    law: Law, parameters: Mapping[str, float], flops: np.ndarray
) -> tuple[dict[str, np.ndarray], str]:
    """Allocation of one parameter set, shape (F,) by name, and why there is none (else empty).

    Without an optimum everything is not-a-number.
    """
    none = dict.fromkeys(ALLOCATION_FIELDS, np.full(len(flops), np.nan))
    try:
        found = compute_optimal(law, {k: np.array([v]) for k, v in parameters.items()}, flops)
    except FitError as error:
        return none, error.problem
    if not all(np.isfinite(values).all() for values in found.values()):
        return none, "the fitted exponents leave no compute-optimal size"
    return {name: values[0] for name, values in found.items()}, ""


def allocation_bands(
    law: Law, draws: pd.DataFrame, flops: np.ndarray, most: int
) -> dict[str, np.ndarray]:
    """95 % bands of the allocation.

    Parameters
    ----------
    law
        A law over `params` and `tokens`.
    draws
        Resampled parameters, one row a resample; may be empty.
    flops
        Training compute, shape (F,).
    most
        About how many resamples to use of a law whose optimum is searched; evenly chosen.

    Returns
    -------
    dict
        Name -> low and high, shape (2, F); not-a-number without enough resamples. A resample
        without an optimum has no place in a band.
    """
    names = law.parameter_names
    sets = draws[list(names)].to_numpy() if len(draws) else np.empty((0, len(names)))
    sets = sets[np.isfinite(sets).all(axis=1)]
    if law.name != "additive":
        sets = sets[:: max(1, len(sets) // most)]
    found = optima(law, sets, flops)
    return {name: percentile_interval(values).ends for name, values in found.items()}


def optima(law: Law, sets: np.ndarray, flops: np.ndarray) -> dict[str, np.ndarray]:
    """Allocation of each parameter set, shape (R, F) by name."""
    if not len(sets):
        return dict.fromkeys(ALLOCATION_FIELDS, np.empty((0, len(flops))))
    try:
        return compute_optimal(law, dict(zip(law.parameter_names, sets.T, strict=True)), flops)
    except FitError:  # some set has no optimum, and which one must be asked one by one
        each = [
            allocation_at(law, dict(zip(law.parameter_names, row, strict=True)), flops)[0]
            for row in sets
        ]
        return {name: np.stack([one[name] for one in each]) for name in ALLOCATION_FIELDS}
