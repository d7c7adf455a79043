"""What a bootstrap gives: resampled parameters, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.bands import (
    LEVEL,
    draws_needed,
    percentile_interval,
    standard_error,
)
from scaling_studies.engine.uncertainty.identified import by_name, moves
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law


@dataclass
class Bootstrap:
    """Resampled parameters of a fit.

    Attributes
    ----------
    law
        The law.
    kind
        ``pairs``, ``cluster``, ``stratified`` or ``parametric``.
    first
        Index of the first resample.
    parameters
        Name -> array of shape (resamples,).
    objective_value
        Objective of each refit, shape (resamples,).
    refit_converged
        Whether each refit passed its own convergence check, shape (resamples,).
    messages
        Plain statements a reader must see.
    estimate
        Parameters of the fit itself, by name; percentiles are corrected for bias about them.
    freedom
        Degrees of freedom behind the spread of the resamples; None where it is known.
    undetermined
        Directions of the working coordinates that the rows leave open, shape (k, p): quantities
        that move along one have an open interval, however narrow their resamples.
    found_elsewhere
        Whether another start ended lower than the start at the fit's optimum, shape (resamples,).

    Examples
    --------
    >>> import scaling_studies as ss
    >>> x = np.geomspace(1, 1e4, 30)
    >>> fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2}, "squared_log")
    >>> resamples = ss.bootstrap(fit, resamples=100)
    >>> len(resamples), resamples.quantity("log_A").shape, resamples.covariance().shape
    (100, (100,), (2, 2))
    """

    law: Law
    kind: str
    first: int
    parameters: dict[str, np.ndarray]
    objective_value: np.ndarray
    refit_converged: np.ndarray
    messages: list[str]
    estimate: Mapping[str, float] = field(default_factory=dict)
    freedom: int | None = None
    undetermined: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    found_elsewhere: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __len__(self) -> int:
        return len(self.objective_value)

    @property
    def converged(self) -> float:
        """Share of the refits that passed their convergence check."""
        return float(self.refit_converged.mean())

    @property
    def elsewhere_share(self) -> float:
        """Share of the refits whose optimum lies elsewhere than near that of the fit."""
        return float(self.found_elsewhere.mean()) if len(self.found_elsewhere) else 0.0

    def quantity(self, name: str) -> np.ndarray:
        """Resampled values of a parameter or derived quantity, shape (resamples,)."""
        if name in self.parameters:
            return self.parameters[name]
        if name == "objective_value":
            return self.objective_value
        if name in self.law.derived:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(self.law.derived[name](self.parameters), dtype=float)
        known = [*self.parameters, *self.law.derived, "objective_value"]
        raise FitError(f"the bootstrap has no quantity {name!r}", fix=f"one of {', '.join(known)}")

    def interval(self, name: str, level: float = LEVEL) -> tuple[float, float]:
        """Interval of a quantity at a level between 0 and 1; see `bands.percentile_interval`.

        A quantity that the rows do not determine, or whose spread no degree of freedom is left to
        tell, has the open interval from minus to plus infinity. Resamples without an estimate (an
        estimator that failed on them) are left out; their share is in ``converged``. An end may be
        infinite, for example that of log E when E is zero.

        Raises
        ------
        FitError
            Fewer estimates than the level needs; see `draws_needed`.
        """
        values, needed = self._estimates(name), draws_needed(level)
        if len(values) < needed:
            raise FitError(
                f"{len(values)} resamples of {name} carry no {level:.3g} interval",
                fix=f"draw at least {needed}",
            )
        if not self.is_determined(name):
            return -np.inf, np.inf
        estimate = self._estimate(name)
        interval = percentile_interval(values, level, estimate=estimate, infinite=True)
        return float(interval.low), float(interval.high)

    def is_determined(self, name: str) -> bool:
        """Whether rows and degrees of freedom say anything of the spread of a quantity."""
        if self.freedom is not None and self.freedom < 1:
            return False
        if name == "objective_value" or not len(self.undetermined):
            return True
        return not moves(self.law, self.estimate, self.undetermined, by_name(self.law, name))

    def _estimate(self, name: str) -> float | None:
        # Responses are drawn around the estimate; a law that bends is off, but not off twice.
        if name == "objective_value" or not self.estimate or self.kind == "parametric":
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            one = {key: np.array([value]) for key, value in self.estimate.items()}
            return float(by_name(self.law, name)(one)[0])

    def _estimates(self, name: str) -> np.ndarray:
        values = self.quantity(name)
        values = values[~np.isnan(values)]
        if not values.size:
            raise FitError(f"no resample has an estimate of {name}", fix="use another estimator")
        return values

    def standard_error(self, name: str) -> float:
        """Return the standard error; see `bands.standard_error`."""
        return float(standard_error(self._estimates(name), self.freedom))

    def covariance(self, names: list[str] | None = None) -> np.ndarray:
        """Covariance matrix of quantities (all parameters by default), shape (k, k)."""
        names = list(self.parameters) if names is None else names
        values = np.stack([self.quantity(name) for name in names])
        return np.atleast_2d(np.cov(values[:, ~np.isnan(values).any(axis=0)]))

    def frame(self) -> pd.DataFrame:
        """Wide DataFrame: ``resample``, all parameters, derived quantities, ``objective_value``."""
        columns: dict[str, np.ndarray] = {
            "resample": np.arange(self.first, self.first + len(self), dtype=np.int64)
        }
        columns.update(self.parameters)
        for name in self.law.derived:
            columns[name] = self.quantity(name)
        columns["objective_value"] = self.objective_value
        columns["converged"] = self.refit_converged
        columns["found_elsewhere"] = self.found_elsewhere
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        lines = [f"{len(self)} {self.kind} resamples of law {self.law.name}"]
        for name in self.parameters if len(self) >= draws_needed() else ():
            low, high = self.interval(name)
            if not np.isnan(low):
                lines.append(f"  {name:<12} 95 % interval {low:.6g} to {high:.6g}")
        if self.freedom is not None:
            lines.append(f"{self.freedom} degrees of freedom")
        lines.append(f"{self.converged:.1%} of the refits converged")
        return "\n".join([*lines, *self.messages])
