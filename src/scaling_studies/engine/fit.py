"""The public call: `fit` a law to a table and get a `Fit` that knows how far to trust itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scaling_studies import registry
from scaling_studies.engine.objectives import Objective, get_objective
from scaling_studies.engine.request import Request, read_groups, read_weights, rename_axes
from scaling_studies.engine.result import Fit
from scaling_studies.engine.statistics import all_statistics
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law
from scaling_studies.models.columns import read_column
from scaling_studies.models.law import Law

__all__ = ["Fit", "fit"]


def fit(
    law: str | Law,
    frame: Mapping[str, np.ndarray],
    objective: str | Objective = "huber_log",
    delta: float = 1e-3,
    *,
    response: str = "loss",
    weights: str | np.ndarray | None = None,
    groups: str | np.ndarray | None = None,
    fixed: Mapping[str, float] | None = None,
    shared: Mapping[str, str] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    starts: Sequence[Mapping[str, float]] | None = None,
    estimator: str = "parametric",
    axes: Mapping[str, str] | None = None,
    group_weights: str | Mapping[Any, float] | None = None,
    **options: Any,
) -> Fit:
    """Fit a scaling law to a table.

    Parameters
    ----------
    law
        Registry name (see `scaling_studies.laws`) or a law.
    frame
        DataFrame, or mapping of column name to array, with the law's axes and the response.
    objective
        Name of an objective (see docs/engine.md) or an `Objective`.
    delta
        Huber threshold, where the objective has one.
    response
        Column of the response. When the default names one of the law's axes or is absent, the
        law's own response column is used.
    weights
        Column or array of non-negative row weights.
    groups
        Column or array: rows that share a value are not independent.
    fixed
        Parameters that are not fitted, by name, in natural units.
    shared
        Parameter -> parameter whose value it takes, for example ``{"beta": "alpha"}``.
    bounds
        Parameter -> (lower, upper) in natural units.
    starts
        None searches globally. Otherwise complete parameter sets to start from, and only from:
        the way to reproduce a published local optimum.
    estimator
        ``parametric`` (a minimisation), ``evaluate`` (all parameters in ``fixed``, nothing is
        fitted), ``variable_projection``, ``straightened``, ``isoflop`` or ``envelope``: the files
        of `scaling_studies.engine.estimators`.
    axes
        Axis of the law -> column of the frame, where the names differ.
    group_weights
        ``"equal"`` gives every group the same total weight; a mapping gives weights by group.
    **options
        Passed to the estimator, for example ``method="BFGS"`` with given starts.

    Returns
    -------
    Fit

    Raises
    ------
    FitError
        An unknown name, a missing column, a value that the law or objective cannot use.

    Examples
    --------
    >>> import numpy as np
    >>> import scaling_studies as ss
    >>> params, tokens = np.meshgrid([1e8, 1e9, 1e10], [1e10, 1e11, 1e12])
    >>> params, tokens = params.ravel(), tokens.ravel()
    >>> loss = 1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37
    >>> fit = ss.fit("additive", {"params": params, "tokens": tokens, "loss": loss})
    >>> {name: float(f"{value:.4g}") for name, value in fit.parameters.items()}
    {'E': 1.7, 'A': 400.0, 'B': 2000.0, 'alpha': 0.34, 'beta': 0.37}
    >>> ss.fit("additive", {"params": params, "loss": loss})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    scaling_studies.errors.FitError: column tokens: law additive needs a column ...
    """
    law = law if isinstance(law, Law) else get_law(law)
    table = rename_axes(frame, axes)
    # Estimators with columns of their own read a loss, whatever the law's response is.
    usual = registry.trait("estimators", estimator, "AXES") is None
    if usual and response == "loss" and ("loss" in law.axis_names or "loss" not in table):
        response = law.response
    length = len(read_column(table, response))
    if not length:
        raise FitError("the frame has no rows", fix="check the subset")
    row_groups = read_groups(table, groups, length)
    request = Request(
        law=law,
        objective=get_objective(objective, delta),
        table=table,
        response=response,
        weights=read_weights(table, weights, row_groups, group_weights, length),
        groups=row_groups,
        fixed=dict(fixed or {}),
        shared=dict(shared or {}),
        bounds=dict(bounds or {}),
        starts=starts,
        options=options,
    )
    result: Fit = registry.load("estimators", estimator)(request)
    result.groups = row_groups
    result.statistics = all_statistics(result)
    return result
