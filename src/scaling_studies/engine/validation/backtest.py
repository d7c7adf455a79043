"""Rollout backtests: fit the small runs, predict the large ones, as one would have had to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from scaling_studies.engine.fit import fit
from scaling_studies.errors import FitError
from scaling_studies.models.columns import read_column

#: Shares of the rows below the cutoffs when none are given.
DEFAULT_SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Contender:
    """What is backtested: a law with the way it is fitted.

    Attributes
    ----------
    law
        Registry name.
    label
        Name in the result; made of law, objective and estimator when empty.
    objective, delta, estimator
        As in `scaling_studies.fit`.
    options
        Further arguments of `scaling_studies.fit`.
    """

    law: str
    label: str = ""
    objective: str = "huber_log"
    delta: float = 1e-3
    estimator: str = "parametric"
    options: Mapping[str, object] | None = None

    @property
    def name(self) -> str:
        """Label, or law, objective and estimator."""
        return self.label or f"{self.law} {self.objective} {self.estimator}"


@dataclass(frozen=True)
class RolloutRow:
    """One prediction of one held-out row.

    Attributes
    ----------
    contender, law, objective, estimator
        Who predicted.
    by
        Axis of the rollout: params, tokens or flops.
    cutoff
        Largest value of the axis that was fitted.
    fitted_rows
        Rows at or below the cutoff.
    row
        Index of the held-out row in the frame.
    horizon
        Its value of the axis over the cutoff.
    response, prediction, relative_error
        Measured, predicted, predicted over measured minus one.
    converged, identified
        Of the fit that predicted.
    """

    contender: str
    law: str
    objective: str
    estimator: str
    by: str
    cutoff: float
    fitted_rows: int
    row: int
    horizon: float
    response: float
    prediction: float
    relative_error: float
    converged: bool
    identified: bool


@dataclass(frozen=True)
class Rollout:
    """All predictions of a backtest, and plain statements about cutoffs that were skipped."""

    rows: tuple[RolloutRow, ...]
    messages: tuple[str, ...]

    def frame(self):
        """Long DataFrame, one row a prediction."""
        import pandas as pd

        return pd.DataFrame(
            [asdict(row) for row in self.rows], columns=list(RolloutRow.__dataclass_fields__)
        )


def backtest(
    contenders: Sequence[Contender | str],
    frame: Mapping[str, np.ndarray],
    by: str = "flops",
    *,
    cutoffs: Sequence[float] | None = None,
    response: str = "loss",
) -> Rollout:
    """Fit the rows up to each cutoff of an axis and predict the rows beyond it.

    Parameters
    ----------
    contenders
        Laws (by name) or `Contender`.
    frame
        Columns of all contenders' axes, and ``by`` (flops may be left out: 6 N D).
    by
        ``params``, ``tokens``, ``flops`` or any other positive column.
    cutoffs
        Values of the axis; quantiles of the rows by default.
    response
        Column of the response.

    Raises
    ------
    FitError
        The column is missing, or no cutoff leaves rows on both sides.
    """
    table = {name: np.asarray(frame[name]) for name in frame}
    if by == "flops" and "flops" not in table:
        table["flops"] = 6.0 * read_column(table, "params") * read_column(table, "tokens")
    axis = read_column(table, by, positive=True)
    measured = read_column(table, response)
    if cutoffs is None:
        cutoffs = np.unique(np.quantile(axis, DEFAULT_SHARES, method="lower"))
    usable = [float(cut) for cut in cutoffs if (axis <= cut).any() and (axis > cut).any()]
    if not usable:
        raise FitError(f"no cutoff of {by} leaves rows on both sides", fix="give cutoffs=")
    rows: list[RolloutRow] = []
    messages: list[str] = []
    for contender in contenders:
        contender = Contender(contender) if isinstance(contender, str) else contender
        for cutoff in usable:
            kept = axis <= cutoff
            try:
                result = fit(
                    contender.law,
                    {name: values[kept] for name, values in table.items()},
                    contender.objective,
                    contender.delta,
                    response=response,
                    estimator=contender.estimator,
                    **dict(contender.options or {}),
                )
                if result.law.name != contender.law:
                    raise FitError(
                        f"estimator {contender.estimator} predicts no {response}",
                        fix="backtest a parametric law",
                    )
                prediction = result.predict({name: v[~kept] for name, v in table.items()})
            except FitError as error:
                messages.append(f"{contender.name}, {by} up to {cutoff:.4g}: {error}")
                continue
            for index, value in zip(np.flatnonzero(~kept), prediction, strict=True):
                rows.append(
                    RolloutRow(
                        contender.name,
                        contender.law,
                        str(result.objective),
                        contender.estimator,
                        by,
                        cutoff,
                        int(kept.sum()),
                        int(index),
                        float(axis[index] / cutoff),
                        float(measured[index]),
                        float(value),
                        float(value / measured[index] - 1.0),
                        result.converged,
                        result.identified,
                    )
                )
    return Rollout(tuple(rows), tuple(messages))
