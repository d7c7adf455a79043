"""Measurements of a run table: which rows hold one, and their means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.errors import TableError
from scaling_studies.fits.row_choice import named_column

if TYPE_CHECKING:
    from scaling_studies.cards.models.fit import AverageRows
    from scaling_studies.cards.models.rows import Measured


def measurement(runs: pd.DataFrame, wanted: Measured, study: str) -> pd.DataFrame:
    """Rows of one metric on one evaluation set.

    Returns
    -------
    pandas.DataFrame
        Some rows of `runs`.

    Raises
    ------
    TableError
        When there is no such measurement, or several evaluation sets are meant.
    """
    rows = runs[runs["metric"] == wanted.metric]
    if rows.empty:
        metrics = sorted(runs["metric"].dropna().astype(str).unique())
        raise TableError(
            f"there is no measurement of {wanted.metric!r}",
            study=study,
            key="response",
            fix=f"the run table has {', '.join(metrics)}",
        )
    sets = sorted(rows["eval_set"].dropna().astype(str).unique())
    if wanted.eval_set is not None:
        rows = rows[rows["eval_set"] == wanted.eval_set]
        if rows.empty:
            raise TableError(
                f"{wanted.metric!r} was not measured on {wanted.eval_set!r}",
                study=study,
                key="eval_set",
                fix=f"the run table has {', '.join(sets)}",
            )
    elif len(sets) > 1:
        raise TableError(
            f"{wanted.metric!r} was measured on {len(sets)} evaluation sets",
            study=study,
            key="eval_set",
            fix=f"say which: {', '.join(sets)}",
        )
    return rows


def average_rows(points: pd.DataFrame, average: AverageRows, study: str) -> pd.DataFrame:
    """One row for each value of a column: the mean of the measured values.

    Parameters
    ----------
    points
        Rows of one measurement.
    average
        ``by`` (rows that share it become one) and ``at`` (the row with its largest value stands
        for them and keeps its other columns).
    study
        Named in errors.

    Returns
    -------
    pandas.DataFrame
        Some rows of `points` with the mean as ``value``; published intervals, which a mean does
        not inherit, are empty.

    Raises
    ------
    TableError
        When a column is not there.
    """
    by, at = (named_column(points, name, study).to_numpy() for name in (average.by, average.at))
    order = pd.DataFrame({"by": by, "at": at, "value": points["value"].to_numpy()})
    groups = order.groupby("by", sort=False, observed=True)
    last = groups["at"].idxmax().sort_values().to_numpy()
    kept = points.iloc[last].reset_index(drop=True)
    kept["value"] = groups["value"].mean().reindex(by[last]).to_numpy()
    return kept.assign(value_low=np.nan, value_high=np.nan, value_std=np.nan)


def axis_values(
    runs: pd.DataFrame,
    points: pd.DataFrame,
    axis: str,
    source: str | Measured,
    study: str,
    average: AverageRows | None,
) -> np.ndarray:
    """Values of an axis at each point: a column of the run table, or another measurement.

    Parameters
    ----------
    runs
        Rows in which another measurement is looked for.
    points
        Rows of the fit's own measurement, n of them.
    axis
        Name of the axis.
    source
        Name of a column, or ``metric`` and ``eval_set`` of a measurement of the same rows.
    study
        Named in errors.
    average
        How rows were averaged (see :func:`average_rows`); None when they were not.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Not-a-number where the other measurement is missing.

    Raises
    ------
    TableError
        When a column or a measurement is not there, or not once a row.
    """
    if isinstance(source, str):
        column = named_column(points, source, study)
        return column.to_numpy() if column.dtype.kind == "f" else column.astype(object).to_numpy()
    other = measurement(runs, source, study)
    if average is not None:
        other = average_rows(other, average, study)
    values = other.set_index("row_key")["value"]
    if values.index.has_duplicates:
        raise TableError(
            "several measurements share a row",
            study=study,
            column=axis,
            fix="name the evaluation set of this axis",
        )
    return values.reindex(points["row_key"]).to_numpy()
