"""What an estimator is asked, with names resolved and columns read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scaling_studies.engine.objectives import Objective, check_response
from scaling_studies.engine.problem import Problem
from scaling_studies.errors import FitError
from scaling_studies.models.columns import read_column
from scaling_studies.models.law import Law


@dataclass(frozen=True)
class Request:
    """Everything that `scaling_studies.fit` was asked, with names resolved.

    Attributes
    ----------
    law, objective
        Resolved.
    table
        Column name -> array.
    response
        Column of the response.
    weights, groups
        By row, or None.
    fixed, shared, bounds, starts
        As given to `fit`.
    options
        Options of the estimator.
    """

    law: Law
    objective: Objective
    table: Mapping[str, np.ndarray]
    response: str
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    starts: Sequence[Mapping[str, float]] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def take_options(self, defaults: Mapping[str, Any], *, starts: bool = False) -> dict[str, Any]:
        """Options of an estimator, with its defaults.

        Parameters
        ----------
        defaults
            All options that the estimator has.
        starts
            Whether it takes starts.

        Raises
        ------
        FitError
            An option that it does not have, or starts that it does not take.
        """
        unknown = sorted(set(self.options) - set(defaults))
        if unknown:
            raise FitError(
                f"unknown options for this estimator: {', '.join(unknown)}",
                fix=f"known: {', '.join(defaults) or 'none'}",
            )
        if self.starts is not None and not starts:
            raise FitError("this estimator takes no starts", fix="leave starts= out")
        return {**defaults, **self.options}

    def problem(self, objective: Objective | None = None) -> Problem:
        """Check the rows and turn the request into a minimisation.

        Raises
        ------
        FitError
            See `scaling_studies.fit`.
        """
        objective = objective or self.objective
        measured = read_column(self.table, self.response)
        check_response(objective, measured, self.response)
        return Problem(
            self.law,
            self.law.read(self.table),
            measured,
            objective,
            weights=self.weights,
            fixed=self.fixed,
            shared=self.shared,
            bounds=self.bounds,
        )


def rename_axes(
    frame: Mapping[str, np.ndarray], axes: Mapping[str, str] | None
) -> Mapping[str, np.ndarray]:
    """Give columns the names of the law's axes."""
    if not axes:
        return frame
    for column in axes.values():
        if column not in frame:
            raise FitError("the frame has no such column", column=column, fix="correct axes=")
    named = {axis: frame[column] for axis, column in axes.items()}
    return {**{name: frame[name] for name in frame}, **named}


def read_groups(
    table: Mapping[str, np.ndarray], groups: str | np.ndarray | None, length: int
) -> np.ndarray | None:
    """Group of each row, from a column or an array."""
    if groups is None:
        return None
    if isinstance(groups, str):
        if groups not in table:
            raise FitError(
                "the frame has no column of groups", column=groups, fix="correct groups="
            )
        groups = table[groups]
    values = np.asarray(groups)
    if len(values) != length:
        raise FitError(f"{len(values)} groups for {length} rows", fix="give one group a row")
    return values


def read_weights(
    table: Mapping[str, np.ndarray],
    weights: str | np.ndarray | None,
    groups: np.ndarray | None,
    group_weights: str | Mapping[Any, float] | None,
    length: int,
) -> np.ndarray | None:
    """Weight of each row: of its own, and of its group."""
    values = None
    if weights is not None:
        name = weights if isinstance(weights, str) else "weights"
        values = read_column(table if isinstance(weights, str) else {name: weights}, name)
        if len(values) != length:
            raise FitError(f"{len(values)} weights for {length} rows", fix="give one weight a row")
        if (values < 0).any() or not (values > 0).any():
            raise FitError(
                "weights must not be negative and not all zero", column=name, fix="correct them"
            )
    if group_weights is None:
        return values
    if groups is None:
        raise FitError("group_weights= needs groups=", fix="say which rows belong together")
    values = np.ones(length) if values is None else values
    labels, code = np.unique(groups, return_inverse=True)
    if isinstance(group_weights, str):
        if group_weights != "equal":
            raise FitError(
                f"unknown group_weights {group_weights!r}", fix="use 'equal' or a mapping"
            )
        totals = np.bincount(code, weights=values)
        return values * (values.sum() / len(labels) / totals)[code]
    absent = [label for label in labels.tolist() if label not in group_weights]
    if absent:
        raise FitError(f"no group weight for {absent[0]!r}", fix="give a weight for every group")
    return values * np.array([float(group_weights[label]) for label in labels.tolist()])[code]
