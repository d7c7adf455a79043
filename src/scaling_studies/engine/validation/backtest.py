"""Rollout backtests: fit the small runs, predict the large ones, as one would have had to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.engine.fit import Fit, fit
from scaling_studies.engine.optima import read_flops
from scaling_studies.errors import FitError
from scaling_studies.models.columns import read_column

#: Shares of the rows below the cutoffs when none are given.
DEFAULT_SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Backtest:
    """What was predicted of rows that were not fitted.

    Attributes
    ----------
    predictions
        One row a prediction: ``cutoff`` (largest value of the axis that was fitted),
        ``fitted_rows``, ``row`` (place in the frame), ``horizon`` (its value of the axis over the
        cutoff), ``response``, ``prediction``, ``relative_error`` (prediction / response - 1),
        ``converged`` and ``identified`` of the fit that predicted, and ``spread``, the standard
        deviation of its residuals with its degrees of freedom.
    messages
        Plain statements about cutoffs at which nothing could be fitted.
    """

    predictions: pd.DataFrame
    messages: tuple[str, ...]


def backtest(
    law: str,
    frame: Mapping[str, np.ndarray],
    by: str = "flops",
    *,
    cutoffs: Sequence[float] | np.ndarray | None = None,
    response: str = "loss",
    **options: Any,
) -> Backtest:
    """Fit the rows up to each cutoff of an axis and predict the rows beyond it.

    Parameters
    ----------
    law
        Registry name.
    frame
        Columns of the law's axes, the response, and ``by`` (flops may be left out: 6 N D).
    by
        ``params``, ``tokens``, ``flops`` or any other positive column.
    cutoffs
        Values of the axis; quantiles of the rows by default.
    response
        Column of the response.
    **options
        Passed to `scaling_studies.fit`.

    Raises
    ------
    FitError
        The column is missing, or no cutoff leaves rows on both sides.

    Examples
    --------
    >>> x = np.geomspace(1, 1e4, 20)
    >>> answer = backtest("power", {"x": x, "loss": 3.0 * x**-0.2}, "x", cutoffs=[100.0])
    >>> len(answer.predictions), bool(answer.predictions["relative_error"].abs().max() < 1e-9)
    (10, True)
    """
    table = {name: np.asarray(frame[name]) for name in frame}
    if by == "flops" and "flops" not in table:
        table["flops"] = read_flops(table, read_column(table, "params"))
    axis = read_column(table, by, positive=True)
    measured = read_column(table, response)
    if cutoffs is None:
        cutoffs = np.unique(np.quantile(axis, DEFAULT_SHARES, method="lower"))
    usable = [float(cut) for cut in cutoffs if (axis <= cut).any() and (axis > cut).any()]
    if not usable:
        raise FitError(f"no cutoff of {by} leaves rows on both sides", fix="give cutoffs=")
    parts = []
    messages = []
    for cutoff in usable:
        kept = axis <= cutoff
        small = {name: values[kept] for name, values in table.items()}
        large = {name: values[~kept] for name, values in table.items()}
        try:
            result = fit(law, small, response=response, **options)
            if result.refit is not None:
                raise FitError(
                    f"estimator {result.evidence.estimator} predicts no {response}",
                    fix="backtest a parametric law",
                )
            prediction = result.predict(large)
        except FitError as error:
            messages.append(f"{law}, {by} up to {cutoff:.4g}: {error}")
            continue
        parts.append(
            pd.DataFrame(
                {
                    "cutoff": cutoff,
                    "fitted_rows": int(kept.sum()),
                    "row": np.flatnonzero(~kept),
                    "horizon": axis[~kept] / cutoff,
                    "response": measured[~kept],
                    "prediction": prediction,
                    "relative_error": prediction / measured[~kept] - 1.0,
                    "converged": result.converged,
                    "identified": result.identified,
                    "spread": residual_spread(result),
                }
            )
        )
    predictions = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"row": []})
    return Backtest(predictions, tuple(messages))


def residual_spread(result: Fit) -> float:
    """Standard deviation of a fit's residuals; nan without a row to spare."""
    spare = result.n - len(result.problem.coordinates.free)
    return float(np.sqrt((result.residuals() ** 2).sum() / spare)) if spare > 0 else float("nan")
