"""The public call: `fit` a law to a table and get a `Fit` that knows how far to trust itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies import registry
from scaling_studies.engine.objectives import Objective, check_response, get_objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.evidence import Evidence, gather_evidence
from scaling_studies.engine.search.optimum import Optimum, find_optimum
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law
from scaling_studies.models.law import Law, read_axes, read_column

if TYPE_CHECKING:
    from scaling_studies.engine.request import Request

#: Options of the parametric estimator.
PARAMETRIC_OPTIONS = frozenset({"method", "count", "confirm", "space", "gradient"})


@dataclass
class Fit:
    """A fitted law.

    Attributes
    ----------
    law
        The law.
    parameters
        Name -> value, in the law's order.
    objective
        The objective, with its constants.
    objective_value
        Its value at the parameters (a sum over rows).
    n
        Number of rows.
    evidence
        What was checked about the optimum.
    messages
        Plain statements that a reader must see; empty when there is nothing to say.
    problem
        The rows and coordinates, for resampling.
    optimum
        The search behind the parameters.
    groups
        Group of each row (dependent rows share one), or None.
    scale
        Fitted residual scale; nan without one.
    extra
        Further quantities that an estimator found, by name.
    refit
        Function (row weights of shape (n,)) -> parameters, for estimators that are not a
        minimisation over the law's parameters; None otherwise.
    options
        How the fit was asked for: fixed, shared, bounds, estimator.
    """

    law: Law
    parameters: dict[str, float]
    objective: Objective
    objective_value: float
    n: int
    evidence: Evidence
    messages: list[str]
    problem: Problem
    optimum: Optimum | None = None
    groups: np.ndarray | None = None
    scale: float = float("nan")
    extra: dict[str, float] = field(default_factory=dict)
    refit: Callable[[np.ndarray], Mapping[str, float]] | None = None
    options: dict[str, object] = field(default_factory=dict)

    @property
    def converged(self) -> bool:
        """Whether the optimum was confirmed; see `Evidence.converged`."""
        return self.evidence.converged

    @property
    def identified(self) -> bool:
        """Whether the rows determine every free parameter."""
        return self.evidence.identified

    def predict(self, frame: Mapping[str, np.ndarray]) -> np.ndarray:
        """Values of the fitted law on the rows of a frame, shape (n,)."""
        return self.law.value(self.parameters, frame)

    def fitted(self) -> np.ndarray:
        """Values of the fitted law on the rows it was fitted to, shape (n,)."""
        return self.law.value(self.parameters, self.problem.axes)

    def residuals(self) -> np.ndarray:
        """Residuals on the objective's scale, prediction minus measurement, shape (n,)."""
        return self.objective.residuals(self.fitted(), self.problem.response)

    def quantity(self, name: str) -> float:
        """Return a parameter, a derived quantity of the law, or a statistic of the fit.

        Raises
        ------
        FitError
            The fit has no such quantity; lists those it has.
        """
        if name in self.parameters:
            return self.parameters[name]
        if name in self.extra:
            return self.extra[name]
        if name in self.law.derived:
            with np.errstate(divide="ignore", invalid="ignore"):
                return float(self.law.derived[name](self.parameters))
        from scaling_studies.engine.statistics import STATISTICS

        if name in STATISTICS:
            return float(STATISTICS[name](self))
        known = [*self.parameters, *self.extra, *self.law.derived, *STATISTICS]
        raise FitError(
            f"the fit of law {self.law.name} has no quantity {name!r}",
            fix=f"use one of {', '.join(known)}",
        )

    def quantities(self) -> dict[str, float]:
        """All quantities by name: parameters, derived ones, statistics (nan if not applicable)."""
        from scaling_studies.engine.statistics import STATISTICS

        names = [*self.parameters, *self.extra, *self.law.derived, *STATISTICS]
        return {name: self.quantity(name) for name in names}

    def __repr__(self) -> str:
        from scaling_studies.engine.display import text_of_fit

        return text_of_fit(self)

    def _repr_html_(self) -> str:
        from scaling_studies.engine.display import html_of_fit

        return html_of_fit(self)


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
    seed: int = 0,
    axes: Mapping[str, str] | None = None,
    group_weights: str | Mapping[object, float] | None = None,
    **options: object,
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
        ``parametric``; ``evaluate`` (all parameters in ``fixed``, nothing is fitted); or one of
        `scaling_studies.engine.request`.
    seed
        Seed of estimators that need one; the parametric search is deterministic.
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
    """
    law = law if isinstance(law, Law) else get_law(law)
    objective = get_objective(objective, delta)
    table = _rename(frame, axes)
    if response == "loss" and ("loss" in law.axis_names or "loss" not in table):
        response = law.response
    length = len(read_column(table, response))
    if not length:
        raise FitError("the frame has no rows", fix="check the subset")
    row_groups = _read_groups(table, groups, length)
    from scaling_studies.engine.request import Request

    request = Request(
        law=law,
        objective=objective,
        table=table,
        response=response,
        weights=_read_weights(table, weights, row_groups, group_weights, length),
        groups=row_groups,
        fixed=dict(fixed or {}),
        shared=dict(shared or {}),
        bounds=dict(bounds or {}),
        options=options,
    )
    if estimator == "parametric":
        result = _fit_parametric(make_problem(request, objective), starts, options)
    elif starts is not None:
        raise FitError(f"estimator {estimator} takes no starts", fix="leave starts= out")
    else:
        result = registry.load("estimators", estimator)(request)
    result.groups = row_groups
    result.options = {
        "estimator": estimator,
        "fixed": request.fixed,
        "shared": request.shared,
        "bounds": request.bounds,
        "local": starts is not None,
    }
    return result


def make_problem(request: Request, objective: Objective) -> Problem:
    """Check the rows of a request and turn it into a minimisation.

    Raises
    ------
    FitError
        See `fit`.
    """
    measured = read_column(request.table, request.response)
    check_response(objective, measured, request.response)
    return Problem(
        request.law,
        read_axes(request.law, request.table),
        measured,
        objective,
        weights=request.weights,
        fixed=request.fixed,
        shared=request.shared,
        bounds=request.bounds,
    )


def _fit_parametric(
    problem: Problem, starts: Sequence[Mapping[str, float]] | None, options: Mapping[str, object]
) -> Fit:
    options = dict(options)
    method = options.pop("method", None)
    count = options.pop("count", None)
    confirm = bool(options.pop("confirm", True))
    space = str(options.pop("space", "working"))
    gradient = str(options.pop("gradient", "analytic"))
    if options:
        raise FitError(
            f"unknown options for the parametric estimator: {', '.join(sorted(options))}",
            fix="use method, space and gradient (with starts), count or confirm",
        )
    if not problem.coordinates.free:
        raise FitError(
            f"every parameter of law {problem.law.name} is fixed",
            fix="use estimator='evaluate' to evaluate given parameters",
        )
    begin = None
    if starts is not None:
        complete = [{**start, **problem.fixed} for start in starts]
        begin = np.array([problem.law.to_working(start) for start in complete])
    if method is not None:
        from scaling_studies.engine.search.local import find_local

        if begin is None:
            raise FitError("method= needs starts=", fix="give the published starts")
        optimum = find_local(problem, begin, str(method), space=space, gradient=gradient)
    else:
        optimum = find_optimum(
            problem, begin, confirm=confirm, **({} if count is None else {"count": int(count)})
        )
    return make_fit(problem, optimum, "parametric", local=begin is not None)


def make_fit(problem: Problem, optimum: Optimum, estimator: str, *, local: bool = False) -> Fit:
    """Assemble a `Fit` from a problem and its optimum."""
    evidence, messages = gather_evidence(problem, optimum, estimator, local)
    working = problem.working(optimum.coordinates[None, :])[0]
    parameters = natural_parameters(problem, working)
    scale = float(np.exp(optimum.coordinates[-1])) if problem.objective.fits_scale else np.nan
    return Fit(
        law=problem.law,
        parameters=parameters,
        objective=problem.objective,
        objective_value=optimum.objective,
        n=problem.size,
        evidence=evidence,
        messages=messages,
        problem=problem,
        optimum=optimum,
        scale=float(scale),
    )


def natural_parameters(problem: Problem, working: np.ndarray) -> dict[str, float]:
    """Parameters by name from one working vector; fixed ones exactly as they were given."""
    values = {name: float(value) for name, value in problem.law.to_natural(working).items()}
    for name, value in problem.fixed.items():
        values[name] = float(value)
    return values


def _rename(
    frame: Mapping[str, np.ndarray], axes: Mapping[str, str] | None
) -> Mapping[str, np.ndarray]:
    if not axes:
        return frame
    table = {name: frame[name] for name in frame}
    for axis, column in axes.items():
        if column not in frame:
            raise FitError("the frame has no such column", column=column, fix="correct axes=")
        table[axis] = frame[column]
    return table


def _read_groups(
    table: Mapping[str, np.ndarray], groups: str | np.ndarray | None, length: int
) -> np.ndarray | None:
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


def _read_weights(
    table: Mapping[str, np.ndarray],
    weights: str | np.ndarray | None,
    groups: np.ndarray | None,
    group_weights: str | Mapping[object, float] | None,
    length: int,
) -> np.ndarray | None:
    values = None
    if weights is not None:
        name = weights if isinstance(weights, str) else "weights"
        source = table if isinstance(weights, str) else {name: weights}
        values = read_column(source, name)
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
