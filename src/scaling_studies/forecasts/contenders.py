"""What competes in forecasting larger runs from smaller ones: laws, a combination, naive peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.fit import fit
from scaling_studies.engine.uncertainty.distance import ANY_LAW, law_error
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Laws of size and data, and laws of one axis along which runs grow.
OF_SIZE_AND_DATA = ("additive", "kaplan", "overtrained")
OF_ONE_AXIS = ("power", "power_offset")
#: Naive peers and the combination, beside the laws.
LAST_TWO, LARGEST_AGAIN, STACKED = "last two sizes", "largest run again", "stacked"
#: What readers call what is no law.
PEERS = {
    ANY_LAW: "all single laws",
    STACKED: "all laws, weighted by their record",
    LARGEST_AGAIN: "naive: the largest run again",
    LAST_TWO: "naive: a line through the last two sizes",
}


def contender_title(name: str) -> str:
    """What readers call a law, a combination of laws or a naive peer."""
    return PEERS[name] if name in PEERS else get_law(name).title


@dataclass(frozen=True)
class Forecast:
    """Predictions of rows beyond a cutoff by one contender.

    Attributes
    ----------
    logs
        Logarithm of the prediction, shape (m,).
    law_error, noise
        Standard error of the law there, from the scatter of the fitted rows, shape (m,), and that
        scatter; both of logarithms. Missing for naive peers.
    freedom
        Degrees of freedom behind them.
    in_sample
        Root mean square of the log errors of the fitted rows.
    usable
        Whether the fit converged and its rows determine it.
    """

    logs: np.ndarray
    law_error: np.ndarray
    noise: float
    freedom: int
    in_sample: float
    usable: bool

    def half_width(self, level: float, *, new_run: bool) -> np.ndarray:
        """Half the interval of the law, or of a new run that scatters as the fitted rows do."""
        from scipy.special import stdtrit  # verdicts read records of forecasts and need no SciPy

        if self.freedom < 1:
            return np.full(len(self.logs), np.nan)
        noise = self.noise if new_run else 0.0
        t = float(stdtrit(self.freedom, 0.5 + level / 2.0))
        return t * np.sqrt(self.law_error**2 + noise**2)


def of_law(
    name: str, fitted: Mapping[str, np.ndarray], beyond: Mapping[str, np.ndarray]
) -> Forecast | None:
    """Forecast of a law that is fitted to some rows; None where it cannot be.

    Parameters
    ----------
    name
        A law of the registry.
    fitted, beyond
        Its axes by name, and `response` of the fitted rows.
    """
    law = get_law(name)
    if len(fitted["response"]) <= len(law.parameters):
        return None
    try:
        found = fit(law, fitted, "huber_log", 1e-3, response="response", confirm=False)
        axes = {axis: beyond[axis] for axis in law.axis_names}
        predicted = np.asarray(found.predict(axes), dtype=float)
    except ScalingStudiesError:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(predicted)
        residuals = np.log(fitted["response"] / found.predict(fitted))
    freedom = len(residuals) - found.problem.width
    noise = float(np.sqrt((residuals**2).sum() / freedom))
    return Forecast(
        logs,
        law_error(found, axes, predicted),
        noise,
        freedom,
        float(np.sqrt((residuals**2).mean())),
        bool(found.converged and found.identified),
    )


def of_last_two(size: np.ndarray, response: np.ndarray, beyond: np.ndarray) -> np.ndarray | None:
    """Power law through the two largest sizes, logarithms, shape (m,).

    Sizes within a factor of two are one, of which the lowest response counts.
    """
    largest = size.max()
    top = size > largest / 2.0
    if top.all():
        return None
    below = (size > size[~top].max() / 2.0) & ~top
    ends = []
    for group in (below, top):
        row = np.flatnonzero(group)[response[group].argmin()]
        ends.append((np.log(size[row]), np.log(response[row])))
    (x, y), (last_x, last_y) = ends
    return last_y + (last_y - y) / (last_x - x) * (np.log(beyond) - last_x)


def of_largest(size: np.ndarray, response: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """The lowest response of the largest size again, logarithms, shape (m,)."""
    return np.full(len(beyond), np.log(response[size == size.max()].min()))
