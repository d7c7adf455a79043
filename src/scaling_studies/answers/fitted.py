"""A law fitted to runs, with what is known of everything that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scaling_studies import words
from scaling_studies.answers.axes import Axes
from scaling_studies.answers.estimate import Estimate
from scaling_studies.engine.fit import fit as fit_law
from scaling_studies.engine.result import Fit
from scaling_studies.engine.uncertainty.bands import LEVEL, percentile_interval
from scaling_studies.engine.uncertainty.distance import NewRuns, new_runs
from scaling_studies.engine.uncertainty.identified import moves
from scaling_studies.engine.uncertainty.predicted import predictions
from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.engine.uncertainty.result import Bootstrap
from scaling_studies.errors import FitError, MustBeSaid
from scaling_studies.laws import get_law
from scaling_studies.models.law import Law
from scaling_studies.reading import OwnRuns

#: Function of parameters, name -> (B,), that returns values of shape (B, m).
Quantity = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: Enough for two digits of an interval; a page of the workflow draws more.
RESAMPLES = 500
#: For laws that stand beside the one that is reported.
RESAMPLES_BESIDE = 100
#: Cold starts of each resample by which the search for the others is audited; the best of the fit's
#: own rivals is one more. Pages of the workflow take six.
COLD_STARTS = 2
#: Rows from which drawing rows is no worse than drawing residuals: four for each parameter.
ROWS_FOR_PAIRS = 20


@dataclass
class FittedLaw:
    """A law fitted to runs.

    Attributes
    ----------
    axes
        The runs, as columns.
    fit
        The fit.
    resamples
        How many are drawn for intervals.
    """

    axes: Axes
    fit: Fit
    resamples: int = RESAMPLES

    @property
    def law(self) -> Law:
        """The law."""
        return self.fit.law

    @cached_property
    def draws(self) -> Bootstrap:
        """Resamples: of whole runs where rows are checkpoints, of residuals where rows are few."""
        groups = self.axes.groups()
        # Cold starts for the law that is reported; for those beside it they would take longer than
        # all the rest.
        search = COLD_STARTS if self.resamples > RESAMPLES_BESIDE else False
        if groups is not None and len(np.unique(groups)) > self.fit.problem.width:
            return bootstrap(self.fit, self.resamples, groups=groups, search=search)
        kind = "pairs" if self.fit.n >= ROWS_FOR_PAIRS else "parametric"
        return bootstrap(self.fit, self.resamples, kind=kind, search=search)

    @cached_property
    def sets(self) -> dict[str, np.ndarray]:
        """Resampled parameters by name, shape (R,), of the resamples with an estimate."""
        values = np.stack([self.draws.parameters[name] for name in self.law.parameter_names])
        kept = np.isfinite(values).all(axis=0)
        return dict(zip(self.law.parameter_names, values[:, kept], strict=True))

    def parameters(self) -> dict[str, Estimate]:
        """Constants with their intervals, open where the rows do not determine them."""
        return {name: self._named(name, value) for name, value in self.fit.parameters.items()}

    def derived(self) -> dict[str, Estimate]:
        """Quantities of the law that follow from its constants."""
        values = {name: self.fit.quantity(name) for name in self.law.derived}
        return {name: self._named(name, one) for name, one in values.items() if np.isfinite(one)}

    def _named(self, name: str, value: float) -> Estimate:
        try:
            return Estimate.of(value, *self.draws.interval(name))
        except FitError:  # too few resamples have an estimate
            return Estimate.of(value, np.nan, np.nan)

    def known(self, quantity: Quantity, columns: int) -> np.ndarray:
        """Whether the rows determine quantities, shape (m,): none moves along an open direction."""
        draws = self.draws
        if draws.freedom is not None and draws.freedom < 1:
            return np.zeros(columns, dtype=bool)
        if not len(draws.undetermined):
            return np.ones(columns, dtype=bool)
        found = []
        for number in range(columns):

            def one(sets: Mapping[str, np.ndarray], number: int = number) -> np.ndarray:
                return quantity(sets)[:, number]

            found.append(not moves(self.law, self.fit.parameters, draws.undetermined, one))
        return np.array(found)

    def loss(self, at: dict[str, np.ndarray], kind: str = "law") -> list[Estimate]:
        """Loss at points, axes of the law of shape (m,): of the law, or of a new ``run``."""
        found = predictions(self.fit, self.draws, at, kind)
        return [
            Estimate.of(*row)
            for row in found[[self.law.response, "low", "high"]].itertuples(index=False)
        ]

    def new_run(self, at: dict[str, np.ndarray]) -> NewRuns:
        """How far new runs lie beyond the fitted ones, and what their intervals rest on."""
        return new_runs(self.fit, at, LEVEL)

    def estimate(self, value: float, drawn: np.ndarray, known: bool) -> Estimate:
        """A value with the interval of its draws, open where it is not known."""
        if not known:
            return Estimate.of(float(value), np.nan, np.nan)
        # As `Bootstrap.interval`: responses are drawn around the estimate, rows are not.
        centre = None if self.draws.kind == "parametric" else float(value)
        low, high = percentile_interval(drawn, estimate=centre, infinite=True).ends
        return Estimate.of(float(value), low, high)

    def messages(self) -> tuple[str, ...]:
        """What a reader must see of the fit and its resamples."""
        return (*self.fit.messages, *self.draws.messages)


def fit_one(axes: Axes, name: str, *, confirm: bool = True) -> FittedLaw:
    """Fit a law to runs.

    Raises
    ------
    FitError
        The runs lack a column of the law, or cannot be fitted.
    """
    law = get_law(name)
    found = fit_law(law, axes.table(law), "huber_log", 1e-3, groups=axes.groups(), confirm=confirm)
    return FittedLaw(axes, found)


def fitted_laws(
    runs: OwnRuns, law: str | None = None, *, confirm: bool = False
) -> tuple[list[FittedLaw], list[str]]:
    """Fit the law that is named, or all that apply, the best first.

    Parameters
    ----------
    runs
        The runs.
    law
        Name; None for all that the columns and the design of the runs allow.
    confirm
        Whether a second optimiser is asked about the first of them, half a second longer.

    Returns
    -------
    tuple
        The laws, those that rows determine before the others, by Akaike's criterion corrected for
        few rows; and what was left out, with the reason.

    Raises
    ------
    MustBeSaid
        No law can be fitted, or the design of the runs cannot determine the one that is named.
    FitError
        The runs lack a column of it.
    """
    axes = Axes(runs)
    if law is not None:
        require(axes, law)
        return [fit_one(axes, law, confirm=confirm)], []
    found: list[FittedLaw] = []
    why_not: dict[str, list[str]] = {}
    for name in axes.candidates():
        try:
            require(axes, name)
            found.append(fit_one(axes, name, confirm=False))
        except (FitError, MustBeSaid) as error:
            why_not.setdefault(error.problem, []).append(name)
    if not found:
        raise MustBeSaid(
            f"no law can be fitted to these runs, as {next(iter(why_not))}",
            table=runs.name,
            fix="add runs of other sizes or amounts of data",
        )
    left_out = [
        f"{'Laws' if len(names) > 1 else 'Law'} {words.joined(names)} "
        f"{'are' if len(names) > 1 else 'is'} left out: {reason}."
        for reason, names in why_not.items()
    ]
    found.sort(key=_order)
    if confirm:
        found[0] = fit_one(axes, found[0].law.name)
    return found, left_out


def require(axes: Axes, name: str, main: str | None = None) -> None:
    """Refuse a law that the design of the runs cannot determine, before anything is fitted.

    Raises
    ------
    MustBeSaid
        Names the laws that can be fitted.
    FitError
        The runs lack a column of the law.
    """
    law = get_law(name)
    axes.table(law)
    why_not = axes.why_not(name, main)
    if not why_not:
        return
    able = [other for other in axes.candidates() if not axes.why_not(other, main)]
    raise MustBeSaid(
        why_not,
        table=axes.runs.name,
        fix=f"use --law {' or --law '.join(able)}, or add runs that differ in it"
        if able
        else "add runs of other sizes or amounts of data",
    )


def _order(one: FittedLaw) -> tuple[bool, bool, float]:
    aicc = one.fit.statistics["aicc"]
    return (not one.fit.identified, not one.fit.converged, aicc if np.isfinite(aicc) else np.inf)
