"""Tables across studies: parameters, exponents, compute-optimal allocations, held-out errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.fits.quantities import ALLOCATION_FIELDS, compute_optimal, predict
from scaling_studies.fits.shards import WITHOUT_FIT
from scaling_studies.fits.uncertainty import LEVEL
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scaling_studies.models.law import Law

#: Training compute at which allocations are compared, FLOP: eight a decade from 1e18 to 1e26.
FLOPS_GRID = np.logspace(18.0, 26.0, 65)


def source_of(artefact: Mapping[str, Any]) -> str:
    """``published`` for constants taken from a paper, ``refit`` for ours."""
    return "published" if artefact["estimator"] in WITHOUT_FIT else "refit"


def gather_parameters(
    fits: Iterable[Mapping[str, Any]], intervals: Iterable[Mapping[str, Any]]
) -> pd.DataFrame:
    """All parameters of all fits.

    Parameters
    ----------
    fits, intervals
        Fit artefacts and interval artefacts, in the same order.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, objective, n, parameter, value, standard_error, ci_low, ci_high; one row a
        parameter. Intervals hold 95 %: one that a paper prints at another level is left out.
    """
    rows = []
    for artefact, found in zip(fits, intervals, strict=True):
        for name, value in artefact["parameters"].items():
            interval = found["intervals"].get(name, {}) if found["level"] == LEVEL else {}
            rows.append(
                {
                    "study": artefact["study"],
                    "fit": artefact["fit"],
                    "law": artefact["law"],
                    "objective": objective_text(artefact["objective"]),
                    "n": artefact["n"],
                    "parameter": name,
                    "value": value,
                    "standard_error": interval.get("standard_error"),
                    "ci_low": interval.get("low"),
                    "ci_high": interval.get("high"),
                }
            )
    return _typed(
        rows,
        ["study", "fit", "law", "objective", "parameter"],
        ["value", "standard_error", "ci_low", "ci_high"],
    )


def objective_text(objective: Mapping[str, Any] | None) -> str:
    """Objective and its constants as one word, for example ``huber_log(delta=0.001)``."""
    if objective is None:
        return "none"
    constants = ", ".join(
        f"{name}={value:g}" for name, value in objective.items() if name != "name"
    )
    return f"{objective['name']}({constants})" if constants else objective["name"]


def exponents(
    fits: Iterable[Mapping[str, Any]], intervals: Iterable[Mapping[str, Any]]
) -> pd.DataFrame:
    """Headline quantities of all studies.

    Parameters
    ----------
    fits, intervals
        Artefacts of the fits with a `headline`, in the same order.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, quantity, source, value, ci_low, ci_high, level (coverage of the interval:
        0.95, or what the paper says of one that it prints), n.
    """
    rows = []
    for artefact, found in zip(fits, intervals, strict=True):
        for name in artefact["headline"]:
            interval = found["intervals"].get(name, {})
            rows.append(
                {
                    "study": artefact["study"],
                    "fit": artefact["fit"],
                    "law": artefact["law"],
                    "quantity": name,
                    "source": source_of(artefact),
                    "value": artefact["quantities"][name],
                    "ci_low": interval.get("low"),
                    "ci_high": interval.get("high"),
                    "level": found["level"] if interval else None,
                    "n": artefact["n"],
                }
            )
    return _typed(
        rows,
        ["study", "fit", "law", "quantity", "source"],
        ["value", "ci_low", "ci_high", "level"],
    )


def allocation(
    fits: Sequence[Mapping[str, Any]],
    points: Sequence[pd.DataFrame],
    resamples: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """Compute-optimal N and D of every law that has them, over training compute.

    Parameters
    ----------
    fits, points, resamples
        Artefacts of the fits with a `headline`, in the same order.

    Returns
    -------
    pandas.DataFrame
        study, fit, source, flops, params_opt, tokens_opt, tokens_per_parameter and loss_opt with
        their 95 % bands (``_low``, ``_high``), and `extrapolated`: whether the compute lies
        outside that of the fitted runs.

    Notes
    -----
    Compute is C = 6ND throughout. Bands are pointwise quantiles over the resamples.
    """
    tables = []
    for artefact, rows, draws in zip(fits, points, resamples, strict=True):
        law = get_law(artefact["law"])
        if set(law.axis_names) != {"params", "tokens"} or not artefact.get("allocation", True):
            continue
        parameters = {name: np.array([value]) for name, value in artefact["parameters"].items()}
        optimum = compute_optimal(law, parameters, FLOPS_GRID)
        table = pd.DataFrame({"flops": FLOPS_GRID, **{key: optimum[key][0] for key in optimum}})
        bands = _bands(law, draws)
        for name in optimum:
            table[f"{name}_low"], table[f"{name}_high"] = bands[name]
        fitted = rows[rows["role"] == "fit"]
        compute = 6.0 * fitted["params"] * fitted["tokens"] if len(fitted) else pd.Series([np.nan])
        table["extrapolated"] = ~table["flops"].between(compute.min(), compute.max())
        table.insert(0, "study", artefact["study"])
        table.insert(1, "fit", artefact["fit"])
        table.insert(2, "source", source_of(artefact))
        tables.append(table)
    if not tables:
        ends = ("", "_low", "_high")
        numbers = ["flops", *(f"{name}{end}" for name in sorted(ALLOCATION_FIELDS) for end in ends)]
        return _empty(["study", "fit", "source"], numbers).assign(extrapolated=False)
    return pd.concat(tables, ignore_index=True)


def _bands(law: Law, draws: pd.DataFrame) -> dict[str, np.ndarray]:
    """95 % bands of the allocation, shape (2, F) by quantity; NaN without resamples."""
    if draws.empty:
        return dict.fromkeys(ALLOCATION_FIELDS, np.full((2, len(FLOPS_GRID)), np.nan))
    tail = (1.0 - LEVEL) / 2.0
    # Laws without a closed form are searched for every resample: evenly chosen ones will do.
    step = 1 if law.name == "additive" else max(1, len(draws) // 500)
    drawn = {name: draws[name].to_numpy()[::step] for name in law.parameter_names}
    found = compute_optimal(law, drawn, FLOPS_GRID)
    finite = {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}
    return {
        name: np.nanquantile(values, [tail, 1.0 - tail], axis=0) for name, values in finite.items()
    }


def held_out(
    fits: Sequence[Mapping[str, Any]],
    points: Sequence[pd.DataFrame],
    resamples: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """Every prediction of a row that was not fitted.

    Parameters
    ----------
    fits, points, resamples
        Artefacts of the fits with held-out rows, in the same order.

    Returns
    -------
    pandas.DataFrame
        study, fit, run_id, response (``own``, or the name of a chained law), observed, predicted,
        relative_error (predicted/observed - 1) with its 95 % band, and extrapolation_factor:
        training compute over the largest that was fitted (NaN where compute is not known).
    """
    tail = (1.0 - LEVEL) / 2.0
    tables = []
    for artefact, rows, draws in zip(fits, points, resamples, strict=True):
        law = get_law(artefact["law"])
        spared = rows[rows["role"] == "held_out"]
        if spared.empty:
            continue
        table = pd.DataFrame(
            {
                "study": artefact["study"],
                "fit": artefact["fit"],
                "run_id": spared["run_id"].astype("str").to_numpy(),
                "response": "own",
                "observed": spared["observed"].to_numpy(),
                "predicted": spared["predicted"].to_numpy(),
                "relative_error": spared["relative_residual"].to_numpy(),
            }
        )
        low = high = np.full(len(spared), np.nan)
        if len(draws):
            predicted = predict(
                law, {name: draws[name].to_numpy() for name in law.parameter_names}, spared
            )
            low, high = np.nanquantile(
                predicted / spared["observed"].to_numpy() - 1.0, [tail, 1.0 - tail], axis=0
            )
        table["relative_error_low"], table["relative_error_high"] = low, high
        compute = (
            rows["flops_6nd"].astype("float64")
            if "flops_6nd" in rows
            else pd.Series(np.nan, index=rows.index)
        )
        table["extrapolation_factor"] = (
            compute[spared.index] / compute[rows["role"] == "fit"].max()
        ).to_numpy()
        tables.append(table)
        tables += [_chained_held_out(table, spared, name) for name in _chain_names(rows)]
    if not tables:
        errors = ["relative_error", "relative_error_low", "relative_error_high"]
        numbers = ["observed", "predicted", *errors, "extrapolation_factor"]
        return _empty(["study", "fit", "run_id", "response"], numbers)
    return pd.concat(tables, ignore_index=True)


def _chain_names(points: pd.DataFrame) -> list[str]:
    return [name.removesuffix("_predicted") for name in points if name.endswith("_predicted")]


def _chained_held_out(table: pd.DataFrame, spared: pd.DataFrame, chain: str) -> pd.DataFrame:
    observed, predicted = (
        spared[f"{chain}_observed"].to_numpy(),
        spared[f"{chain}_predicted"].to_numpy(),
    )
    error = predicted / observed - 1.0
    return table.assign(
        response=chain,
        observed=observed,
        predicted=predicted,
        relative_error=error,
        relative_error_low=np.nan,
        relative_error_high=np.nan,
    )


def _empty(words: list[str], numbers: list[str]) -> pd.DataFrame:
    """A table of these columns without a row."""
    columns = {name: pd.Series(dtype="str") for name in words}
    return pd.DataFrame(columns | {name: pd.Series(dtype="float64") for name in numbers})


def _typed(rows: list[dict[str, Any]], words: list[str], numbers: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else [*words, *numbers, "n"])
    frame[numbers] = frame[numbers].astype("float64")
    frame[words] = frame[words].astype("str")
    return frame.assign(n=frame["n"].astype("int64"))
