"""Numbers of artefacts by name, for sentences and for the statements that must hold for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.cards import placeholders
from scaling_studies.cards.expressions import holds
from scaling_studies.cards.placeholders import PARTS_OF_ROWS
from scaling_studies.errors import CardError

if TYPE_CHECKING:
    import pandas as pd

    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty

Refusal = Callable[[str, str], CardError]


@dataclass(frozen=True)
class Facts:
    """What the fits of a study, or of several, found.

    Attributes
    ----------
    fits, intervals
        By the name that texts use: the fit, or ``study/fit``.
    points
        Rows of fits, fitted and held out, by the same name, where texts ask about them.
    theories
        Functions that compute numbers without data, by the name that texts use.
    """

    fits: Mapping[str, FitArtefact]
    intervals: Mapping[str, Uncertainty]
    points: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    theories: Mapping[str, Callable[[], Mapping[str, float]]] = field(default_factory=dict)

    def number(self, fit: str, quantity: str, part: str | None) -> float | None:
        """A quantity of a fit or a part of its interval; None when there is none."""
        if fit in self.theories:
            return None if part else self.theories[fit]().get(quantity)
        artefact = self.fits.get(fit)
        if artefact is None:
            return None
        if part in PARTS_OF_ROWS:
            return self._of_rows(fit, quantity, part)
        if part is not None:
            return self._part(fit, quantity, part)
        interval = self.intervals[fit].intervals.get(quantity)
        more = {
            "n": float(artefact.n),
            "n_held_out": float(artefact.n_held_out),
            "objective_value": artefact.objective_value,
        }
        # A statistic of all resamples together is no quantity of the fit.
        otherwise = more.get(quantity, interval.value if interval else None)
        return artefact.quantities.get(quantity, otherwise)

    def _of_rows(self, fit: str, column: str, part: str) -> float | None:
        """A number of a column of a fit's rows; None where they have no such numbers."""
        rows = self.points.get(fit)
        if rows is None or column not in rows or rows[column].dtype.kind not in "fiu":
            return None
        if part == "fitted_total":
            # A fitted row without the number is no zero: the sum is not known then.
            total = float(rows.loc[rows["role"] == "fit", column].sum(skipna=False))
            return total if np.isfinite(total) else None
        values = rows[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        return float({"least": np.min, "most": np.max}[part](values)) if values.size else None

    def _part(self, fit: str, quantity: str, part: str) -> float | None:
        """An end of an interval, infinite where it is open, or another number of it.

        Not a number where a quantity has none: no statement about it holds.
        """
        interval = self.intervals[fit].intervals.get(quantity)
        value = getattr(interval, part, None)
        if value is not None or quantity not in self.fits[fit].quantities:
            return value
        other = {"low": "high", "high": "low"}.get(part)
        if interval is None or other is None:
            return math.nan
        if interval.is_open or getattr(interval, other) is not None:
            return -math.inf if part == "low" else math.inf
        return math.nan

    def fill(self, text: str, error: Refusal) -> str:
        """A text with its placeholders replaced by numbers."""
        return placeholders.fill(text, self.number, error)

    def holds(self, statement: str, error: Refusal) -> bool:
        """Whether a statement about the numbers is true."""
        expression, known = placeholders.with_values(statement, self.number, error)
        return holds(expression, known)
