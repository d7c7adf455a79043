"""Statistics of predictions of held-out rows."""

from __future__ import annotations

import numpy as np


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
        differences of log y), ``rmsle`` (of log(y + 1)), ``mean_absolute_error``, ``rms_error``,
        ``r_squared``.
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
        case "rms_error":
            return np.sqrt(((predicted - observed) ** 2).mean(axis=1))
        case "r_squared":
            residual = ((predicted - observed) ** 2).sum(axis=1)
            return 1.0 - residual / ((observed - observed.mean()) ** 2).sum()
    raise ValueError(statistic)
