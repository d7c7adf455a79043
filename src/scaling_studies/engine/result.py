"""What a fit returns: the law, its parameters, and how far they can be trusted, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from scaling_studies.engine.display import Display
from scaling_studies.engine.objectives import Objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.evidence import Evidence, gather_evidence
from scaling_studies.engine.search.optimum import Optimum
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


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
        The rows and coordinates, for resampling. For estimators that fit a line through estimated
        optima its rows are these.
    optimum
        The search behind the parameters; None without one.
    groups
        Group of each row (dependent rows share one), or None.
    scale
        Fitted residual scale; nan without one.
    extra
        Further quantities that an estimator found, by name.
    statistics
        Statistics of the fit by name; nan where one does not apply.
    refit
        Function (row weights of shape (n,)) -> parameters, for estimators that are not a
        minimisation over the law's parameters; None otherwise.

    Examples
    --------
    >>> import numpy as np
    >>> import scaling_studies as ss
    >>> x = np.geomspace(1, 1e4, 20)
    >>> fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2})
    >>> round(fit.parameters["alpha"], 6), round(fit.quantity("log_A"), 6)
    (0.2, 1.098612)
    >>> fit.predict({"x": np.array([1e5])}).round(6)
    array([0.3])
    >>> fit.converged, fit.identified, fit.messages
    (True, True, [])
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
    statistics: dict[str, float] = field(default_factory=dict)
    refit: Callable[[np.ndarray], Mapping[str, float]] | None = None

    @property
    def converged(self) -> bool:
        """Whether the optimum was confirmed; see `Evidence.converged`."""
        return self.evidence.converged

    @property
    def identified(self) -> bool:
        """Whether the rows determine every free parameter."""
        return self.evidence.identified

    @overload
    def predict(self, frame: Mapping[str, np.ndarray]) -> np.ndarray: ...

    @overload
    def predict(
        self,
        frame: None = None,
        *,
        kind: str = "law",
        level: float = ...,
        resamples: int = ...,
        seed: int = ...,
        **axes: Any,
    ) -> pd.DataFrame: ...

    def predict(
        self,
        frame: Mapping[str, np.ndarray] | None = None,
        *,
        kind: str = "law",
        level: float = 0.95,
        resamples: int = 1000,
        seed: int = 0,
        **axes: Any,
    ) -> np.ndarray | pd.DataFrame:
        """Values of the fitted law on the rows of a frame, or a frame of them with intervals.

        Parameters
        ----------
        frame
            Columns of the law's axes; gives the values alone, shape (n,).
        kind
            ``law`` for the interval of the law, ``run`` for that of a new run, which beyond the
            fitted ones is learned from many studies.
        level, resamples, seed
            Of the interval.
        **axes
            Axes of the law instead of a frame: ``params=7e9, tokens=2e12``; numbers or arrays.

        Returns
        -------
        numpy.ndarray or pandas.DataFrame
            For axes a frame with the axes, the response, ``low`` and ``high``; they are infinite
            where the rows do not determine the prediction. For new runs also how far they lie
            beyond the fitted ones (``distance``) and what their interval rests on (``basis``).

        Raises
        ------
        FitError
            The frame lacks an axis of the law, or holds a value that the law cannot use.
        """
        if frame is not None:
            return self.law.value(self.parameters, frame)
        # Values alone need no resampling, nor pandas.
        from scaling_studies.engine.uncertainty.predicted import predictions  # in no job
        from scaling_studies.engine.uncertainty.resample import bootstrap

        at = self.law.read({name: np.atleast_1d(value) for name, value in axes.items()})
        grouped = self.groups is not None and len(np.unique(self.groups)) > self.problem.width
        drawn = "cluster" if grouped else "pairs" if self.n >= 20 else "parametric"
        return predictions(self, bootstrap(self, resamples, seed, kind=drawn), at, kind, level)

    def to_json(self) -> dict[str, Any]:
        """Plain values for programs: law, parameters, quantities, evidence; None for unknown."""
        # Most fits are never written.
        from scaling_studies.engine.saving import to_json

        return to_json(self)

    def save(self, path: str | Path) -> None:
        """Write the fit with its rows as JSON, which `load` reads without running any code.

        Parameters
        ----------
        path
            File to write.

        Raises
        ------
        FitError
            A fit by an estimator that is no minimisation, or of a law outside the registry.
        ArtefactError
            The file cannot be written.
        """
        # Most fits are never written.
        from scaling_studies.engine.saving import save

        save(self, path)

    @staticmethod
    def load(path: str | Path) -> Fit:
        """Read a fit that `save` wrote; predictions and resamples go on from it.

        Raises
        ------
        ArtefactError
            There is no such file, or it is damaged, or of another version.
        """
        # Most fits are never read.
        from scaling_studies.engine.saving import load

        return load(path)

    def plot(self) -> Figure:
        """Draw the law with its rows, or predicted against measured, with matplotlib."""
        # Half a second that fits can do without.
        from scaling_studies.engine.plot import plot

        return plot(self)

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
        for values in (self.parameters, self.extra, self.statistics):
            if name in values:
                return values[name]
        if name in self.law.derived:
            with np.errstate(divide="ignore", invalid="ignore"):
                return float(self.law.derived[name](self.parameters))
        raise FitError(
            f"the fit of law {self.law.name} has no quantity {name!r}",
            fix=f"use one of {', '.join(self._names())}",
        )

    def quantities(self) -> dict[str, float]:
        """All quantities by name: parameters, derived ones, statistics (nan if not applicable)."""
        return {name: self.quantity(name) for name in self._names()}

    def _names(self) -> list[str]:
        return [*self.parameters, *self.extra, *self.law.derived, *self.statistics]

    def _display(self) -> Display:
        meanings = {item.name: item.meaning for item in self.law.parameters}
        rows = []
        for name, value in self.parameters.items():
            # A line through estimated optima is no search, and holds its parameters.
            held = name in self.problem.fixed and self.refit is None
            fixed = " (fixed)" if held else ""
            rows.append((name, f"{value:.8g}", meanings.get(name, "") + fixed))
        head = [
            f"{self.law.title}: {self.law.formula}",
            f"{self.n} rows, {self.objective} = {self.objective_value:.12g}",
        ]
        return Display(head, rows, self.evidence.summary(), self.messages)

    def __repr__(self) -> str:
        return self._display().text()

    def _repr_html_(self) -> str:
        return self._display().html()


def fit_at_optimum(
    problem: Problem, optimum: Optimum, estimator: str, *, local: bool = False
) -> Fit:
    """Result of a search.

    Parameters
    ----------
    problem, optimum
        What was fitted and the end of the search.
    estimator
        Name for the record.
    local
        Whether starts were given, so that nothing is claimed about the global optimum.
    """
    evidence, messages = gather_evidence(problem, optimum, estimator, local)
    return _fit_at(problem, optimum.coordinates, optimum.objective, evidence, messages, optimum)


def fit_without_search(
    problem: Problem, coordinates: np.ndarray, estimator: str, messages: Sequence[str]
) -> Fit:
    """Result of an estimator that does not search: every parameter of the problem is fixed.

    Parameters
    ----------
    problem
        The law at its parameters, on the rows.
    coordinates
        The log scale where one is fitted, shape (dimension,).
    estimator, messages
        As in `Fit`.

    Raises
    ------
    FitError
        The law is not defined on every row.
    """
    value = float(problem.evaluate(coordinates[None, :], order=0)[0][0])
    if not np.isfinite(value):
        raise FitError(
            f"law {problem.law.name} is not defined on every row at the given parameters",
            fix="check the parameters and units",
        )
    evidence = Evidence(converged=True, identified=True, estimator=estimator, best_objective=value)
    return _fit_at(problem, coordinates, value, evidence, list(messages), None)


def _fit_at(
    problem: Problem,
    coordinates: np.ndarray,
    value: float,
    evidence: Evidence,
    messages: list[str],
    optimum: Optimum | None,
) -> Fit:
    natural = problem.natural(coordinates[None, :])
    return Fit(
        law=problem.law,
        parameters={name: float(values[0]) for name, values in natural.items()},
        objective=problem.objective,
        objective_value=value,
        n=problem.size,
        evidence=evidence,
        messages=messages,
        problem=problem,
        optimum=optimum,
        scale=float(np.exp(coordinates[-1])) if problem.objective.fits_scale else float("nan"),
    )
