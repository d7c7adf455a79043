"""Quantities that a card defines on top of a fit: held-out errors, allocations and so on.

Everything is computed for a batch of parameter sets at once, so that a point estimate (a batch of
one) and its resamples go the same way.
"""

from __future__ import annotations

from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.cards.expressions import evaluate, names_in
from scaling_studies.cards.models.rows import Rows
from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.engine.allocation.simulated_frontier import frontier_exponent
from scaling_studies.errors import FitError
from scaling_studies.fits.allocations import ALLOCATION_FIELDS, compute_optimal
from scaling_studies.fits.chains import predict_chain
from scaling_studies.fits.frames import axes_of
from scaling_studies.fits.held_out import held_out_statistic
from scaling_studies.fits.row_choice import choose, named_column
from scaling_studies.models.law import predict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.quantity import InferenceAdjusted, Quantity
    from scaling_studies.fits.chains import Chain
    from scaling_studies.models.law import Law

#: Statistics of held-out rows that are, for one row, the absolute value of its relative error.
RELATIVE_ERRORS = frozenset({"relative_error", "mean_absolute_relative_error"})

#: Parameter or quantity name -> array of shape (R,), one value a parameter set.
Batch = dict[str, np.ndarray]


def derived(law: Law, parameters: Batch) -> Batch:
    """Quantities that the law itself derives from its parameters, each of shape (R,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            name: np.asarray(function(parameters), dtype=float)
            for name, function in law.derived.items()
        }


def finite_values(quantities: Batch) -> dict[str, float]:
    """Values of a batch of one, without those that are not finite."""
    return {name: float(array[0]) for name, array in quantities.items() if np.isfinite(array[0])}


def described(entry: FitEntry) -> dict[str, str]:
    """Descriptions of a fit entry's own quantities, by name."""
    return {
        name: quantity.description
        for name, quantity in entry.quantities.items()
        if quantity.description is not None
    }


def card_quantities(
    entry: FitEntry,
    law: Law,
    parameters: Batch,
    known: Batch,
    points: pd.DataFrame,
    chains: Mapping[str, Chain],
    study: str,
) -> Batch:
    """Quantities of a card's fit entry.

    Parameters
    ----------
    entry
        The fit's entry in the card.
    law
        Its law.
    parameters
        Parameters, name -> array of shape (R,).
    known
        Parameters, derived quantities and statistics, name -> array of shape (R,).
    points
        Fitted and held-out points (see :func:`scaling_studies.fits.frames.fit_frame`).
    chains
        Chained laws by name; the quantities of `chain` are about their predictions.
    study
        Named in errors.

    Returns
    -------
    dict
        Name -> array of shape (R,). Quantities that need a covariance (`wald_against`) are left to
        the caller.

    Raises
    ------
    FitError
        When no held-out row satisfies a quantity's conditions.
    """
    result: Batch = {}
    for name, quantity in _in_order(entry.quantities, study).items():
        if quantity.wald_against is not None:
            continue
        if quantity.held_out is not None:
            rows = _held_out_rows(name, quantity, points, study)
            observed, predicted = _predictions(quantity, law, parameters, rows, chains)
            mean_over = quantity.mean_over
            groups = named_column(rows, mean_over, study).to_numpy() if mean_over else None
            value = held_out_statistic(quantity.held_out, observed, predicted, groups)
        elif quantity.expression is not None:
            value = evaluate(quantity.expression, {**known, **result})
        else:
            value = _from_parameters(quantity, law, parameters, {**known, **result})
        with np.errstate(invalid="ignore"):
            result[name] = value**quantity.power * quantity.scale
    return result


def signed_errors(
    entry: FitEntry,
    law: Law,
    parameters: Batch,
    points: pd.DataFrame,
    chains: Mapping[str, Chain],
    study: str,
) -> Batch:
    """Relative errors of single held-out rows, with their sign.

    A card's ``relative_error`` of one row is an absolute value, as papers print it. The absolute
    values of resamples lie on one side of a small one, so that their percentile interval may
    exclude it; an interval is made of the signed errors instead (`interval_of_absolute`).

    Parameters
    ----------
    entry, law, parameters, points, chains, study
        As in :func:`card_quantities`.

    Returns
    -------
    dict
        Quantity -> array of shape (R,), in the units of the quantity.
    """
    result: Batch = {}
    for name, quantity in entry.quantities.items():
        if quantity.held_out not in RELATIVE_ERRORS or quantity.power != 1.0:
            continue
        rows = _held_out_rows(name, quantity, points, study)
        if len(rows) == 1:
            observed, predicted = _predictions(quantity, law, parameters, rows, chains)
            result[name] = (predicted[:, 0] / observed[0] - 1.0) * quantity.scale
    return result


def _held_out_rows(name: str, quantity: Quantity, points: pd.DataFrame, study: str) -> pd.DataFrame:
    """Held-out points that a quantity is about."""
    rows = points[(points["role"] == "held_out").to_numpy()]
    rows = rows[choose(rows, Rows.model_construct(where=quantity.rows), study)]
    if rows.empty:
        raise FitError(
            "no held-out row satisfies the conditions",
            study=study,
            key=f"quantities.{name}.rows",
            fix="mend the conditions or the fit's `held_out`",
        )
    return rows


def _predictions(
    quantity: Quantity,
    law: Law,
    parameters: Batch,
    rows: pd.DataFrame,
    chains: Mapping[str, Chain],
) -> tuple[np.ndarray, np.ndarray]:
    """Observed values of rows, shape (n,), and their predictions, shape (R, n)."""
    predicted = predict(law, parameters, axes_of(law, rows))
    if quantity.chain is None:
        return rows["observed"].to_numpy(), predicted
    chain = chains[quantity.chain]
    return rows[chain.observed].to_numpy(), predict_chain(chain, rows, predicted)


def _from_parameters(quantity: Quantity, law: Law, parameters: Batch, known: Batch) -> np.ndarray:
    """A quantity that follows from the parameters alone, shape (R,)."""
    if quantity.growth is not None:
        return (quantity.growth.to / quantity.growth.from_) ** (-1.0 / known["alpha"])
    if quantity.inference_adjusted is not None:
        return _of_each(parameters, quantity.inference_adjusted, _inference_adjusted)
    if quantity.frontier_exponent is not None:
        settings = quantity.frontier_exponent.as_dict()
        return _of_each(parameters, settings, partial(frontier_exponent, law))
    wanted = quantity.of
    assert wanted is not None
    if wanted in ALLOCATION_FIELDS:
        flops = np.array([quantity.at_flops])
        return compute_optimal(law, parameters, flops, [wanted])[wanted][:, 0]
    return known[wanted]


def _in_order(quantities: Mapping[str, Quantity], study: str) -> dict[str, Quantity]:
    """Quantities with those first that others are made of, whatever their order in the card."""
    made_of = {
        name: sorted(({item.of or ""} | names_in(item.expression or "0")) & quantities.keys())
        for name, item in sorted(quantities.items())
    }
    try:
        return {name: quantities[name] for name in TopologicalSorter(made_of).static_order()}
    except CycleError as error:
        raise FitError(
            f"quantities are made of each other: {', '.join(error.args[1])}",
            study=study,
            key="quantities",
            fix="write one of them without the others",
        ) from None


def _of_each(
    parameters: Batch,
    settings: Any,
    function: Callable[[dict[str, float], Any], float],
) -> np.ndarray:
    """A quantity that is computed for one parameter set at a time, shape (R,)."""
    sets = len(next(iter(parameters.values())))
    return np.array(
        [
            function({name: float(values[row]) for name, values in parameters.items()}, settings)
            for row in range(sets)
        ]
    )


def _inference_adjusted(parameters: dict[str, float], settings: InferenceAdjusted) -> float:
    found = inference_adjusted_allocation(
        parameters,
        settings.inference_tokens,
        reference_params=settings.reference_params,
    )
    return getattr(found, settings.gives)
