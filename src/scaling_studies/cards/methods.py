"""How a card says that a fit is made: objective and estimator, and what these take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies import registry
from scaling_studies.engine.objectives import get_objective
from scaling_studies.errors import ScalingStudiesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.errors import CardError

    #: Makes the error of a fit from (problem, key below the fit, fix).
    Wrong = Callable[[str, str, str], CardError]


def method_problems(fit: FitEntry, wrong: Wrong) -> Iterator[CardError]:
    """What is wrong with the objective and the estimator of a fit."""
    if fit.objective is not None:
        try:
            get_objective(fit.objective.name, fit.objective.delta or 1e-3)
        except ScalingStudiesError as error:
            yield wrong(error.problem, "objective", error.fix or "")
    if fit.has_rows and fit.estimator not in registry.names("estimators"):
        problem, fix = registry.unknown("estimators", fit.estimator)
        yield wrong(problem, "estimator", fix)
    if registry.trait("estimators", fit.estimator, "AXES"):
        yield from _optima_problems(fit, wrong)


def _optima_problems(fit: FitEntry, wrong: Wrong) -> Iterator[CardError]:
    """What estimators that draw a line through estimated optima do not take."""
    name = fit.estimator
    law = registry.trait("estimators", name, "LAW")
    if fit.law != law:
        yield wrong(f"estimator {name} gives the law {law}", "law", f"write {law}")
    for key in ("fixed", "shared", "bounds", "starts", "held_out", "chain"):
        if getattr(fit, key):
            yield wrong(f"estimator {name} takes no {key}", key, "leave it out")
    if fit.objective is not None and fit.objective.name != "squared_log":
        yield wrong(
            f"estimator {name} draws its line by least squares of logarithms",
            "objective",
            "leave it out",
        )
    if fit.resample.kind == "parametric":
        yield wrong(f"estimator {name} has no parametric bootstrap", "resample.kind", "write pairs")
    needs_groups = registry.trait("estimators", name, "NEEDS_GROUPS", False)
    if needs_groups and fit.resample.kind != "cluster":
        yield wrong(
            f"estimator {name} needs to know which rows are one training curve",
            "resample",
            "write `resample: {kind: cluster, groups: run_id}` with a column of the run table",
        )
