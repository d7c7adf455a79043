"""Which law describes the rows better: information criteria and cross-validation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.errors import FitError

if TYPE_CHECKING:
    from scaling_studies.engine.fit import Fit
    from scaling_studies.models.law import Law


def parameter_count(fit: Fit) -> int:
    """Free parameters, the residual dispersion included."""
    return len(fit.problem.coordinates.free) + 1


def aicc(fit: Fit) -> float:
    """Akaike's criterion with Hurvich and Tsai's correction; nan with too few rows."""
    count, rows = parameter_count(fit), fit.n
    if rows - count - 1 <= 0:
        return math.nan
    likelihood = fit.quantity("negative_log_likelihood")
    return 2.0 * likelihood + 2.0 * count + 2.0 * count * (count + 1) / (rows - count - 1)


def bic(fit: Fit) -> float:
    """Schwarz's criterion."""
    likelihood = fit.quantity("negative_log_likelihood")
    return 2.0 * likelihood + parameter_count(fit) * math.log(fit.n)


@dataclass(frozen=True)
class HeldOut:
    """Predictions of rows that a fit has not seen; arrays of shape (n,) in the rows' order.

    Attributes
    ----------
    fold
        Number of the fold (or group) that held the row out.
    response, prediction
        Measured and predicted; nan where the fold's fit was impossible.
    messages
        Plain statements about folds that could not be fitted.
    """

    fold: np.ndarray
    response: np.ndarray
    prediction: np.ndarray
    messages: tuple[str, ...]

    @property
    def relative_error(self) -> np.ndarray:
        """Prediction over measurement, minus one."""
        return self.prediction / self.response - 1.0

    def rmse(self) -> float:
        """Root mean squared error over the rows that were predicted."""
        return float(np.sqrt(np.nanmean((self.prediction - self.response) ** 2)))

    def rmsle(self) -> float:
        """Root mean squared log error over the rows that were predicted."""
        with np.errstate(invalid="ignore"):
            return float(np.sqrt(np.nanmean(np.log(self.prediction / self.response) ** 2)))


def cross_validate(
    law: str | Law, frame: Mapping[str, np.ndarray], folds: int = 10, *, seed: int = 0, **options
) -> HeldOut:
    """K-fold cross-validation; ``options`` go to `scaling_studies.fit`.

    Rows that belong together (checkpoints of a run) are not independent: use
    `leave_one_group_out` for them.
    """
    rows = len(frame[next(iter(frame.keys()))])
    if not 2 <= folds <= rows:
        raise FitError(
            f"{folds} folds for {rows} rows", fix="give between 2 and the number of rows"
        )
    from scaling_studies.engine.uncertainty.draws import generator

    codes = np.empty(rows, dtype=int)
    codes[generator(seed, 0).permutation(rows)] = np.arange(rows) % folds
    return held_out(law, frame, codes, **options)


def leave_one_group_out(
    law: str | Law, frame: Mapping[str, np.ndarray], groups: str | np.ndarray, **options
) -> HeldOut:
    """Hold out each group in turn; ``options`` go to `scaling_studies.fit`."""
    labels = np.asarray(frame[groups] if isinstance(groups, str) else groups)
    codes = np.unique(labels.astype(str), return_inverse=True)[1]
    if codes.max() < 1:
        raise FitError("only one group", fix="leave-one-group-out needs at least two")
    return held_out(law, frame, codes, **options)


def held_out(
    law: str | Law, frame: Mapping[str, np.ndarray], codes: np.ndarray, **options
) -> HeldOut:
    """Fit without the rows of each code in turn, and predict them."""
    from scaling_studies.engine.fit import fit

    table = {name: np.asarray(frame[name]) for name in frame}
    weights = options.pop("weights", None)
    weights = table[weights] if isinstance(weights, str) else weights
    prediction = np.full(len(codes), np.nan)
    response = np.full(len(codes), np.nan)
    messages = []
    options.setdefault("confirm", False)
    for code in np.unique(codes):
        out = codes == code
        kept = {name: values[~out] for name, values in table.items()}
        try:
            result = fit(law, kept, weights=None if weights is None else weights[~out], **options)
            if result.evidence.estimator in ("isoflop", "envelope"):
                raise FitError(
                    f"estimator {result.evidence.estimator} predicts no response",
                    fix="validate a parametric law",
                )
            prediction[out] = result.predict({name: values[out] for name, values in table.items()})
        except FitError as error:
            messages.append(f"fold {code}: {error}")
            continue
        column = options.get("response", "loss")
        column = column if column in table and column not in result.law.axis_names else None
        response[out] = np.asarray(table[column or result.law.response][out], dtype=float)
    return HeldOut(codes, response, prediction, tuple(messages))
