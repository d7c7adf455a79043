"""A law fitted to runs, with what is known of everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scaling_studies.answers.axes import Axes
from scaling_studies.answers.directions import Directions, Quantity
from scaling_studies.answers.estimate import Estimate
from scaling_studies.engine.fit import fit as fit_law
from scaling_studies.engine.result import Fit
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.engine.uncertainty.draws import model_responses
from scaling_studies.engine.uncertainty.likelihood import error_model
from scaling_studies.engine.uncertainty.resample import bootstrap
from scaling_studies.engine.uncertainty.result import Bootstrap
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law
from scaling_studies.models.law import Law, predict
from scaling_studies.reading import OwnRuns

#: Enough for two digits of an interval; a page of the workflow draws more.
RESAMPLES = 500
#: For laws that stand beside the one that is reported.
RESAMPLES_BESIDE = 100
#: Rows from which drawing rows is no worse than drawing residuals: four for each parameter.
ROWS_FOR_PAIRS = 20
#: A loss known to no better than this (standard error of its logarithm) is not known.
VAGUE_LOSS = 0.5
#: Seed of the noise of new runs, another than that of the resamples.
NOISE_SEED = 1


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
    def directions(self) -> Directions:
        """What the rows determine."""
        return Directions(self.fit)

    @cached_property
    def draws(self) -> Bootstrap:
        """Resamples: of whole runs where rows are checkpoints, of residuals where rows are few."""
        groups = self.axes.groups()
        if groups is not None and len(np.unique(groups)) > self.fit.problem.width:
            return bootstrap(self.fit, self.resamples, groups=groups)
        kind = "pairs" if self.fit.n >= ROWS_FOR_PAIRS else "parametric"
        return bootstrap(self.fit, self.resamples, kind=kind)

    @cached_property
    def sets(self) -> dict[str, np.ndarray]:
        """Resampled parameters by name, shape (R,), of the resamples with an estimate."""
        values = np.stack([self.draws.parameters[name] for name in self.law.parameter_names])
        kept = np.isfinite(values).all(axis=0)
        return dict(zip(self.law.parameter_names, values[:, kept], strict=True))

    def parameters(self) -> dict[str, Estimate]:
        """Constants with their intervals, open where the rows do not determine them."""
        return {
            name: estimate(value, self.sets[name], self.directions.parameter(name))
            for name, value in self.fit.parameters.items()
        }

    def derived(self) -> dict[str, Estimate]:
        """Quantities of the law that follow from its constants."""
        known = all(self.directions.parameter(name) for name in self.fit.parameters)
        found = {}
        for name in self.law.derived:
            value = self.fit.quantity(name)
            if np.isfinite(value):
                found[name] = estimate(value, self.draws.quantity(name), known)
        return found

    def quantity(self, quantity: Quantity, *, limit: float = 3.0) -> list[Estimate]:
        """Estimates of positive quantities that follow from the parameters.

        Parameters
        ----------
        quantity
            Function of parameters, name -> (B,), that returns shape (B, m).
        limit
            See `Directions.determined`.
        """
        value = quantity({name: np.array([item]) for name, item in self.fit.parameters.items()})[0]
        drawn = quantity(self.sets)
        known = self.directions.determined(quantity, limit=limit)
        return [
            estimate(value[column], drawn[:, column], bool(known[column]))
            for column in range(len(value))
        ]

    def loss(self, at: dict[str, np.ndarray]) -> list[Estimate]:
        """Loss under the law at points, axes of the law of shape (m,)."""
        return self.quantity(lambda sets: predict(self.law, sets, at), limit=VAGUE_LOSS)

    def new_run(self, at: dict[str, np.ndarray]) -> list[Estimate]:
        """Loss that a new run at each point will have: the law's, with the scatter of runs."""
        law = self.loss(at)
        spread, residuals = error_model(self.fit)
        kind = self.fit.objective.residual
        drawn = np.stack(
            [
                model_responses(NOISE_SEED, number, values, kind, spread, residuals)
                for number, values in enumerate(predict(self.law, self.sets, at))
            ]
        )
        return [
            estimate(item.value or np.nan, drawn[:, column], not item.is_open)
            for column, item in enumerate(law)
        ]

    def messages(self) -> tuple[str, ...]:
        """What a reader must see of the fit and its resamples."""
        return (*self.fit.messages, *self.draws.messages)


def estimate(value: float, draws: np.ndarray, known: bool) -> Estimate:
    """A value with the interval of its draws, open where it is not known."""
    if not known:
        return Estimate.of(float(value), np.nan, np.nan)
    low, high = percentile_interval(draws, infinite=True).ends
    return Estimate.of(float(value), low, high)


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
    FitError
        No law can be fitted.
    """
    axes = Axes(runs)
    if law is not None:
        return [fit_one(axes, law, confirm=confirm)], []
    found, left_out = [], []
    for name in axes.candidates():
        try:
            found.append(fit_one(axes, name, confirm=False))
        except FitError as error:
            left_out.append(f"Law {name} is left out: {error.problem}.")
    if not found:
        raise FitError(f"no law can be fitted to {runs.name}", fix=left_out[0])
    found.sort(key=_order)
    if confirm:
        found[0] = fit_one(axes, found[0].law.name)
    return found, left_out


def _order(one: FittedLaw) -> tuple[bool, bool, float]:
    aicc = one.fit.statistics["aicc"]
    return (not one.fit.identified, not one.fit.converged, aicc if np.isfinite(aicc) else np.inf)
