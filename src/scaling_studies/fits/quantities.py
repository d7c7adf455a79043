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
from scaling_studies.engine.allocation.simulated_frontier import frontier_exponent
from scaling_studies.errors import FitError
from scaling_studies.fits.frames import choose, named_column
from scaling_studies.models.law import predict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from scaling_studies.models.law import Law

#: Quantity of a card -> attribute of `engine.allocation.allocate.Allocation`.
ALLOCATION_FIELDS = {
    "params_opt": "params",
    "tokens_opt": "tokens",
    "tokens_per_parameter": "tokens_per_parameter",
    "loss_opt": "loss",
}

#: Parameter or quantity name -> array of shape (R,), one value a parameter set.
Batch = dict[str, np.ndarray]


def predict_chain(
    chain: Mapping[str, Any],
    parameters: Mapping[str, np.ndarray],
    points: pd.DataFrame,
    predicted: np.ndarray,
) -> np.ndarray:
    """Predictions of a second law that takes the first law's prediction on one of its axes.

    Parameters
    ----------
    chain
        ``law`` (the second law), ``axis`` (the axis that takes the prediction).
    parameters
        Parameters of the second law, name -> array of shape (R,) or (1,).
    points
        Frame with the second law's other axes, n rows.
    predicted
        Predictions of the first law, shape (R, n).

    Returns
    -------
    numpy.ndarray, shape (R, n)
    """
    law, axis = chain["law"], chain["axis"]
    result = np.empty_like(predicted)
    others = {name: points[name].to_numpy() for name in law.axis_names if name != axis}
    for row, values in enumerate(predicted):
        own = {
            name: array[row if len(array) > 1 else 0 : (row if len(array) > 1 else 0) + 1]
            for name, array in parameters.items()
        }
        result[row] = predict(law, own, {**others, axis: values})[0]
    return result


def compute_optimal(
    law: Law,
    parameters: Mapping[str, np.ndarray],
    flops: np.ndarray,
    names: Iterable[str] = tuple(ALLOCATION_FIELDS),
) -> dict[str, np.ndarray]:
    """Compute-optimal allocation by the names that cards and tables use.

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
    from scaling_studies.engine.allocation.allocate import optimal_allocation

    found = optimal_allocation(law, parameters, flops)
    return {name: getattr(found, ALLOCATION_FIELDS[name]) for name in names}


def derived(law: Law, parameters: Batch) -> Batch:
    """Quantities that the law itself derives from its parameters, each of shape (R,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            name: np.asarray(function(parameters), dtype=float)
            for name, function in law.derived.items()
        }


def described(entry: Mapping[str, Any]) -> dict[str, str]:
    """Descriptions of a fit entry's own quantities, by name."""
    quantities = entry.get("quantities", {})
    return {name: item["description"] for name, item in quantities.items() if "description" in item}


def card_quantities(
    entry: Mapping[str, Any],
    law: Law,
    parameters: Batch,
    known: Batch,
    points: pd.DataFrame,
    chains: Mapping[str, Mapping[str, Any]],
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
        Chain name -> ``law``, ``axis``, ``parameters`` of the chained fit and ``observed``, the
        column of `points` with its observations.
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
    for name, quantity in _in_order(entry.get("quantities", {}), study).items():
        if "wald_against" in quantity:
            continue
        if "held_out" in quantity:
            value = _held_out(name, quantity, law, parameters, points, chains, study)
        elif "growth" in quantity:
            value = (quantity["growth"]["to"] / quantity["growth"]["from"]) ** (
                -1.0 / known["alpha"]
            )
        elif "expression" in quantity:
            value = evaluate(quantity["expression"], {**known, **result})
        elif "inference_adjusted" in quantity:
            value = _of_each(parameters, quantity["inference_adjusted"], _inference_adjusted)
        elif "frontier_exponent" in quantity:
            value = _of_each(
                parameters, quantity["frontier_exponent"], partial(frontier_exponent, law)
            )
        elif quantity["of"] in ALLOCATION_FIELDS:
            wanted, flops = quantity["of"], np.array([quantity["at_flops"]])
            value = compute_optimal(law, parameters, flops, [wanted])[wanted][:, 0]
        else:
            value = {**known, **result}[quantity["of"]]
        with np.errstate(invalid="ignore"):
            result[name] = value ** quantity.get("power", 1.0) * quantity.get("scale", 1.0)
    return result


def _in_order(
    quantities: Mapping[str, Mapping[str, Any]], study: str
) -> dict[str, Mapping[str, Any]]:
    """Quantities with those first that others are made of, whatever their order in the card."""
    made_of = {
        name: sorted(
            ({item.get("of", "")} | names_in(item.get("expression", "0"))) & quantities.keys()
        )
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
    settings: Mapping[str, Any],
    function: Callable[[dict[str, float], Mapping[str, Any]], float],
) -> np.ndarray:
    """A quantity that is computed for one parameter set at a time, shape (R,)."""
    sets = len(next(iter(parameters.values())))
    return np.array(
        [
            function({name: float(values[row]) for name, values in parameters.items()}, settings)
            for row in range(sets)
        ]
    )


def _inference_adjusted(parameters: dict[str, float], settings: Mapping[str, Any]) -> float:
    from scaling_studies.engine.allocation.inference import inference_adjusted_allocation

    found = inference_adjusted_allocation(
        parameters,
        settings["inference_tokens"],
        reference_params=settings["reference_params"],
    )
    return getattr(found, settings["gives"])


def _held_out(
    name: str,
    quantity: Mapping[str, Any],
    law: Law,
    parameters: Batch,
    points: pd.DataFrame,
    chains: Mapping[str, Mapping[str, Any]],
    study: str,
) -> np.ndarray:
    rows = points[(points["role"] == "held_out").to_numpy()]
    rows = rows[choose(rows, {"where": quantity["rows"]} if "rows" in quantity else {}, study)]
    if rows.empty:
        raise FitError(
            "no held-out row satisfies the conditions",
            study=study,
            key=f"quantities.{name}.rows",
            fix="mend the conditions or the fit's `held_out`",
        )
    predicted = predict(law, parameters, rows)
    observed = rows["observed"].to_numpy()
    if "chain" in quantity:
        chain = chains[quantity["chain"]]
        predicted = predict_chain(chain, chain["parameters"], rows, predicted)
        observed = rows[chain["observed"]].to_numpy()
    groups = named_column(rows, quantity["mean_over"], study) if "mean_over" in quantity else None
    return held_out_statistic(quantity["held_out"], observed, predicted, groups)


def held_out_statistic(
    statistic: str,
    observed: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """A statistic of predictions.

    Parameters
    ----------
    statistic
        ``relative_error`` and ``mean_absolute_relative_error`` (of the observed value),
        ``predicted``, ``observed`` (means over the rows), ``rms_log_error`` (root mean square of
        differences of log y), ``rmsle`` (of log(y + 1)), ``mean_absolute_error``, ``r_squared``.
    observed
        Shape (n,).
    predicted
        Shape (R, n).
    groups
        Label of each row, shape (n,): the mean of the statistics of the groups is taken, whatever
        their numbers of rows. None takes the statistic of all rows together.

    Returns
    -------
    numpy.ndarray, shape (R,)

    Notes
    -----
    ``relative_error`` is the mean of |predicted - observed| / observed; for one row it is the
    figure that papers print.
    """
    if groups is not None:
        labels = np.asarray(groups).astype(str)
        return np.mean(
            [
                held_out_statistic(
                    statistic, observed[labels == label], predicted[:, labels == label]
                )
                for label in np.unique(labels)
            ],
            axis=0,
        )
    match statistic:
        case "relative_error" | "mean_absolute_relative_error":
            return np.abs(predicted / observed - 1.0).mean(axis=1)
        case "predicted":
            return predicted.mean(axis=1)
        case "observed":
            return np.full(len(predicted), observed.mean())
        case "rms_log_error":
            return np.sqrt((np.log(predicted / observed) ** 2).mean(axis=1))
        case "rmsle":
            return np.sqrt(((np.log1p(predicted) - np.log1p(observed)) ** 2).mean(axis=1))
        case "mean_absolute_error":
            return np.abs(predicted - observed).mean(axis=1)
        case "r_squared":
            residual = ((predicted - observed) ** 2).sum(axis=1)
            return 1.0 - residual / ((observed - observed.mean()) ** 2).sum()
    raise ValueError(statistic)
