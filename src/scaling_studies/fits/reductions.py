"""Fewer rows from many before a law is fitted: coverage of repeated samples, for example.

A reduction keeps what its rows were (problems, say), so that a bootstrap can draw those anew and
reduce again instead of treating the reduced rows as independent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.errors import FitError

if TYPE_CHECKING:
    import pandas as pd

    from scaling_studies.cards.models.fit import Reduce


def pass_at_k(samples: np.ndarray, correct: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Chance that at least one of k samples is correct, without bias.

    Parameters
    ----------
    samples, correct
        Samples drawn n and correct ones c of each problem, shape (p,).
    k
        Numbers of samples, at most the smallest n, shape (m,).

    Returns
    -------
    numpy.ndarray, shape (p, m)
        1 - C(n - c, k) / C(n, k); Chen et al. 2021, arXiv 2107.03374, equation 1.
    """
    from scipy.special import gammaln

    n = np.asarray(samples, dtype=np.float64)[:, None]
    missed = n - np.asarray(correct, dtype=np.float64)[:, None]
    drawn = np.asarray(k, dtype=np.float64)[None, :]
    # With fewer wrong samples than k, one of k is right for certain.
    some_miss = missed >= drawn
    log_ratio = (
        gammaln(missed + 1.0)
        - gammaln(np.where(some_miss, missed - drawn, 0.0) + 1.0)
        - gammaln(n + 1.0)
        + gammaln(n - drawn + 1.0)
    )
    return np.where(some_miss, -np.expm1(log_ratio), 1.0)


class Coverage:
    """Negative log of the mean pass@k over problems, at given k.

    Parameters
    ----------
    rows
        One row a problem: ``observed`` correct of ``samples_drawn`` samples.
    k
        Numbers of samples, shape (m,).
    study
        Named in errors.
    """

    axis = "samples_drawn"

    def __init__(self, rows: pd.DataFrame, k: np.ndarray, study: str) -> None:
        samples, correct = (rows[name].to_numpy(dtype=float) for name in (self.axis, "observed"))
        if not ((k >= 1) & (k <= samples.min())).all():
            raise FitError(
                f"coverage is asked at {k.min():g} to {k.max():g} samples, but a problem has "
                f"{samples.min():g}",
                study=study,
                key="reduce.at",
                fix="ask for numbers of samples from 1 to those drawn",
            )
        if ((correct < 0) | (correct > samples)).any():
            raise FitError(
                "a problem has more correct samples than samples",
                study=study,
                key="response",
                fix="correct the table",
            )
        self.axis_values = np.asarray(k, dtype=float)
        self._solved = pass_at_k(samples, correct, self.axis_values)

    def response(self, counts: np.ndarray) -> np.ndarray:
        """Reduced responses, shape (m,), when each row is taken ``counts`` times, shape (p,)."""
        with np.errstate(divide="ignore"):
            return -np.log(counts @ self._solved / counts.sum())


#: Name -> class; see `Coverage` for what one has to offer.
REDUCTIONS: dict[str, Callable[..., Coverage]] = {"coverage": Coverage}


def reduction(rows: pd.DataFrame, settings: Reduce, at: np.ndarray, study: str) -> Coverage:
    """The reduction that a card's ``reduce`` asks for."""
    return REDUCTIONS[settings.kind](rows, at, study)


def reduce_rows(rows: pd.DataFrame, reduced: Coverage) -> pd.DataFrame:
    """Rows of a fit after a reduction.

    Parameters
    ----------
    rows
        The rows that were reduced.
    reduced
        What they were reduced to.

    Returns
    -------
    pandas.DataFrame
        One row for each value of the reduction's axis. Columns that had one value keep it; the
        others are gone.
    """
    import pandas as pd

    number = len(reduced.axis_values)
    first = rows.iloc[0]
    constant = [
        name
        for name in map(str, rows)
        if not name.startswith("observed") and rows[name].eq(first[name]).all()
    ]
    frame = pd.DataFrame({name: [first[name]] * number for name in constant})
    source = f"{first['row_key']}+{len(rows) - 1}"
    keys = [f"{source}@{value:g}" for value in reduced.axis_values]
    missing = np.full(number, np.nan)
    return frame.assign(
        run_id=keys,
        row_key=keys,
        group_id=keys,
        role="fit",
        weight=1.0,
        observed=reduced.response(np.ones(len(rows))),
        observed_low=missing,
        observed_high=missing,
        observed_std=missing,
        **{reduced.axis: reduced.axis_values},
    )


def redrawn_responses(
    reduced: Coverage, size: int, groups: np.ndarray | None, seed: int
) -> Callable[[int], np.ndarray]:
    """Responses of a bootstrap that draws the rows before the reduction.

    Parameters
    ----------
    reduced
        The reduction.
    size
        How many rows it reduced.
    groups
        A label for each of them, shape (size,): whole groups are drawn. None draws rows.
    seed
        Seed of the random numbers.

    Returns
    -------
    callable
        Number of the resample -> responses, shape (m,).
    """
    # SciPy comes with it, which fits themselves can do without.
    from scaling_studies.engine.uncertainty.draws import cluster_counts, group_codes, row_counts

    if groups is None:
        return lambda number: reduced.response(row_counts(seed, number, size))
    codes, count = group_codes(groups, size)
    return lambda number: reduced.response(cluster_counts(seed, number, codes, count))
