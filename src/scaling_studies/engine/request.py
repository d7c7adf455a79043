"""What an estimator is asked, with names resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.engine.objectives import Objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.evidence import Evidence
from scaling_studies.errors import FitError
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
    fixed, shared, bounds
        As given to `fit`.
    options
        Options of the estimator.
    """

    law: Law
    objective: Objective
    table: Mapping[str, np.ndarray]
    response: str
    weights: np.ndarray | None
    groups: np.ndarray | None
    fixed: Mapping[str, float]
    shared: Mapping[str, str]
    bounds: Mapping[str, tuple[float, float]]
    options: Mapping[str, object]

    def take_options(self, **defaults: object) -> dict[str, object]:
        """Options with defaults; a `FitError` for one that the estimator does not have."""
        unknown = sorted(set(self.options) - set(defaults))
        if unknown:
            raise FitError(
                f"unknown options for this estimator: {', '.join(unknown)}",
                fix=f"known: {', '.join(defaults) or 'none'}",
            )
        return {**defaults, **self.options}

    def problem(self, objective: Objective | None = None) -> Problem:
        """The request as a minimisation."""
        from scaling_studies.engine.fit import make_problem

        return make_problem(self, objective or self.objective)


def no_search(estimator: str, value: float, *, identified: bool = True) -> Evidence:
    """Evidence of an estimator that does not search."""
    nan = float("nan")
    return Evidence(
        converged=True,
        identified=identified,
        estimator=estimator,
        starts=0,
        share_at_optimum=nan,
        best_objective=value,
        next_objective=nan,
        second_optimiser="none",
        second_objective=nan,
        disagreement=nan,
        relative_decrement=nan,
        gradient_norm=nan,
        condition_number=nan,
        weak_directions="",
        active_bounds="",
        smooth=True,
    )
