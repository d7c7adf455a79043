"""Objectives: how far a law is from the measurements, always a sum over rows, never a mean.

Each objective is a residual (what is compared) and a loss of it (how it is weighed), with a name
and constants. Squared objectives are the plain sum of squares, without a half; Huber's loss is
``r^2 / 2`` within its threshold, as usual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scaling_studies.errors import FitError
from scaling_studies.models.law import NOTHING

#: Name -> (residual, loss, whether a scale is fitted, one line for the docs).
OBJECTIVES: dict[str, tuple[str, str, bool, str]] = {
    "huber_log": ("log", "huber", False, "sum of Huber(delta) of log residuals"),
    "squared_log": ("log", "squared", False, "sum of squared log residuals"),
    "squared_log10": ("log10", "squared", False, "sum of squared log10 residuals"),
    "squared": ("difference", "squared", False, "sum of squared residuals"),
    "squared_relative": ("relative", "squared", False, "sum of squared relative residuals"),
    "squared_log1p": ("log1p", "squared", False, "sum of squared residuals of log(y + 1)"),
    "huber": ("difference", "huber", False, "sum of Huber(delta) of residuals"),
    "huber_density": (
        "log",
        "huber",
        True,
        "negative log-likelihood of log residuals under the Huber density with a fitted scale",
    ),
}

ALIASES = {"relative": "squared_relative", "log1p": "squared_log1p"}


@dataclass(frozen=True)
class Objective:
    """A named objective with its constants.

    Attributes
    ----------
    name
        Key of `OBJECTIVES`.
    delta
        Threshold of Huber's loss; ``nan`` where there is none. With a fitted scale it is in units
        of that scale.
    """

    name: str
    delta: float = math.nan

    @property
    def residual(self) -> str:
        """What is compared: ``log``, ``log10``, ``difference``, ``relative`` or ``log1p``."""
        return OBJECTIVES[self.name][0]

    @property
    def is_huber(self) -> bool:
        """Whether the loss is Huber's."""
        return OBJECTIVES[self.name][1] == "huber"

    @property
    def fits_scale(self) -> bool:
        """Whether the logarithm of a residual scale is fitted along with the parameters."""
        return OBJECTIVES[self.name][2]

    @property
    def constants(self) -> dict[str, float]:
        """Constants by name, for records."""
        return {"delta": self.delta} if self.is_huber else {}

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={value:g}" for key, value in self.constants.items())
        return f"{self.name}({inside})" if inside else self.name

    def with_threshold(self, delta: float) -> Objective:
        """Scale-free Huber objective on the same residuals (used for continuation)."""
        name = "huber_log" if self.fits_scale else self.name
        return replace(self, name=name, delta=delta)

    def residuals(self, value: np.ndarray, response: np.ndarray) -> np.ndarray:
        """Residuals, prediction minus measurement, on this objective's scale."""
        return residual_terms(self.residual, value, response, 0)[0]

    def loss(self, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Loss of residuals and its first two derivatives, element-wise."""
        if not self.is_huber:
            return residual * residual, 2.0 * residual, np.full_like(residual, 2.0)
        psi = np.clip(residual, -self.delta, self.delta)
        # (r - psi / 2) psi is r^2 / 2 inside the threshold and delta (|r| - delta / 2) outside.
        return (residual - 0.5 * psi) * psi, psi, (psi == residual).astype(float)

    def log_normaliser(self) -> float:
        """Logarithm of the integral of exp(-loss) over the line, at unit scale.

        Source: Besiroglu et al. 2024, arXiv 2404.10102, appendix (Huber density).
        """
        delta = self.delta
        inside = math.sqrt(2.0 * math.pi) * math.erf(delta / math.sqrt(2.0))
        outside = 2.0 * math.exp(-0.5 * delta * delta) / delta
        return math.log(inside + outside)


def get_objective(name: str | Objective, delta: float = 1e-3) -> Objective:
    """Objective by name.

    Raises
    ------
    FitError
        Unknown name, or a threshold that is not above zero.
    """
    if isinstance(name, Objective):
        return name
    name = ALIASES.get(name, name)
    if name not in OBJECTIVES:
        raise FitError(
            f"unknown objective {name!r}", fix=f"known objectives: {', '.join(sorted(OBJECTIVES))}"
        )
    if OBJECTIVES[name][1] != "huber":
        return Objective(name)
    if not (np.isfinite(delta) and delta > 0):
        raise FitError(f"the Huber threshold delta is {delta!r}", fix="give a number above zero")
    return Objective(name, float(delta))


def residual_terms(
    kind: str, value: np.ndarray, response: np.ndarray, order: int
) -> tuple[np.ndarray, Any, Any]:
    """Residual and its first and second derivative by the predicted value.

    Parameters
    ----------
    kind
        ``log``, ``log10``, ``difference``, ``relative`` or ``log1p``.
    value
        Predictions, shape (..., n). Where the residual is not defined it becomes ``inf``.
    response
        Measurements, shape (n,) or (..., n).
    order
        0 leaves the derivatives out (they are empty).
    """
    if kind == "difference":
        return value - response, 1.0, 0.0
    if kind == "relative":
        return value / response - 1.0, 1.0 / response, 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if kind == "log1p":
            residual, shifted, unit = np.log1p(value) - np.log1p(response), 1.0 + value, 1.0
        else:
            unit = math.log(10.0) if kind == "log10" else 1.0
            residual, shifted = (np.log(value) - np.log(response)) / unit, value
        if order == 0:
            return residual, NOTHING, NOTHING
        inverse = 1.0 / shifted
        first = inverse / unit
        return residual, first, -first * inverse


def shift_by_residual(value: np.ndarray, residual: np.ndarray, kind: str) -> np.ndarray:
    """Values moved by residuals on an objective's scale: the inverse of `residual_terms`.

    Parameters
    ----------
    value, residual
        Arrays that broadcast.
    kind
        See `residual_terms`.
    """
    if kind == "log":
        return value * np.exp(residual)
    if kind == "log10":
        return value * 10.0**residual
    if kind == "log1p":
        return np.expm1(np.log1p(value) + residual)
    if kind == "relative":
        return value * (1.0 + residual)
    return value + residual


def check_response(objective: Objective, response: np.ndarray, name: str) -> None:
    """Refuse responses for which the residual is not defined.

    Raises
    ------
    FitError
        Names the column and the first bad row (counted from 1).
    """
    floor = {"log": 0.0, "log10": 0.0, "log1p": -1.0}.get(objective.residual)
    if floor is not None:
        bad = response <= floor
    elif objective.residual == "relative":
        bad = response == 0.0
    else:
        return
    if bad.any():
        row = int(np.argmax(bad))
        raise FitError(
            f"objective {objective.name} is not defined at {response[row]:g}",
            row=row + 1,
            column=name,
            fix="drop the row or use objective squared",
        )
