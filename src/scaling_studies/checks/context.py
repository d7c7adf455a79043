"""What a check looks at, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import pandas as pd

#: From harmless to grave. ``info``: looked at, nothing amiss, or a fact to know. ``warning``: a
#: reader who takes the number at its face may be misled. ``fail``: the number is not what it
#: claims to be, as far as these rows can tell.
SEVERITIES = ("info", "warning", "fail")
#: Estimators that fit nothing: the law stands at given parameters.
GIVEN = frozenset({"evaluate", "printed"})


@dataclass(frozen=True)
class Finding:
    """What a check noticed.

    Attributes
    ----------
    check
        Name of the check.
    fit
        Fit it concerns; None when it concerns the study or several fits.
    severity
        One of `SEVERITIES`.
    text
        One or two sentences for readers, with the numbers in them.
    quantity, value
        The number the text turns on and its name, where there is one.
    """

    check: str
    fit: str | None
    severity: str
    text: str
    quantity: str | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        """Refuse a severity that pages could not show."""
        if self.severity not in SEVERITIES:
            raise ValueError(f"{self.severity!r} is none of {', '.join(SEVERITIES)}")


@dataclass(frozen=True)
class CheckContext:
    """Card and artefacts of a study, as the checks use them.

    Attributes
    ----------
    study
        Id of the study.
    card
        Its card, or the part of it that `scaling_studies.checks.checked_part` keeps.
    fits
        Fit artefacts by fit, in the order of the card.
    intervals
        What is known of the uncertainty of each fit; see `scaling_studies.fits.uncertainty`.
    points
        Points of each fit, fitted and held out; no rows for a printed law.
    verdicts
        Verdict table of the study.
    ranking
        Laws ranked by extrapolation, if the card asks for it.
    """

    study: str
    card: Mapping[str, Any]
    fits: Mapping[str, Mapping[str, Any]]
    intervals: Mapping[str, Mapping[str, Any]]
    points: Mapping[str, pd.DataFrame]
    verdicts: pd.DataFrame
    ranking: pd.DataFrame | None = None
    _fitted: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)
    _keys: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def refits(self) -> list[str]:
        """Fits that were fitted to rows."""
        return [name for name, fit in self.fits.items() if fit.get("estimator") not in GIVEN]

    @cached_property
    def evaluated(self) -> list[str]:
        """Fits that evaluate given parameters on rows."""
        return [name for name, fit in self.fits.items() if fit.get("estimator") == "evaluate"]

    @cached_property
    def printed(self) -> list[str]:
        """Laws of which only constants are printed."""
        return [name for name, fit in self.fits.items() if fit.get("estimator") == "printed"]

    def entry(self, fit: str) -> Mapping[str, Any]:
        """Entry of a fit in the card."""
        return self.card["fits"].get(fit, {})

    def title(self, fit: str) -> str:
        """Title of a fit in quotation marks."""
        return f"“{self.fits[fit]['title']}”"

    def titles(self, fits: Iterable[str]) -> str:
        """Titles of some fits; of many, how many there are."""
        fits = list(fits)
        return " and ".join(map(self.title, fits)) if len(fits) <= 2 else f"{len(fits)} fits"

    def fitted(self, fit: str) -> pd.DataFrame:
        """Fitted rows of a fit."""
        if fit not in self._fitted:
            points = self.points[fit]
            self._fitted[fit] = points[(points["role"] == "fit").to_numpy()]
        return self._fitted[fit]

    def row_keys(self, fit: str) -> frozenset[str]:
        """Names of the fitted rows, unique among the tables that the study reads."""
        if fit not in self._keys:
            rows = self.fitted(fit)
            tables = rows["table"].tolist() if "table" in rows else [""] * len(rows)
            source = self.entry(fit).get("source_study", self.study)
            pairs = zip(tables, rows["row_key"].tolist(), strict=True)
            self._keys[fit] = frozenset(f"{source}/{table}/{key}" for table, key in pairs)
        return self._keys[fit]

    def groups(self, fit: str) -> int:
        """How many groups of dependent rows, or of single rows, were fitted."""
        rows = self.fitted(fit)
        return int(rows["group_id"].nunique()) if "group_id" in rows else len(rows)

    def same_problem(self, one: str, other: str) -> bool:
        """Whether two fits have the same rows, response, law and objective."""
        a, b = self.fits[one], self.fits[other]
        return (
            a["law"] == b["law"]
            and a["objective"] == b["objective"]
            and a["n"] == b["n"]
            and self._response(one) == self._response(other)
            and self._weights(one) == self._weights(other)
            and self.row_keys(one) == self.row_keys(other)
            and self._axes(one) == self._axes(other)
        )

    def common_rows(self, one: str, other: str) -> float:
        """Share of the smaller fit's rows that the other fits too; 0 for another response."""
        if self._response(one) != self._response(other):
            return 0.0
        a, b = self.row_keys(one), self.row_keys(other)
        return len(a & b) / min(len(a), len(b)) if a and b else 0.0

    def interval(self, fit: str, quantity: str) -> Mapping[str, Any] | None:
        """95 % interval of a quantity from resamples; None when there is none."""
        known = self.intervals.get(fit, {})
        found = known.get("intervals", {}).get(quantity)
        if not known.get("resamples") or not found or found.get("low") is None:
            return None
        return found

    def column(self, fit: str, name: str) -> list[str]:
        """Values of a text column among a fit's rows, sorted."""
        rows = self.fitted(fit)
        return sorted(rows[name].dropna().astype(str).unique()) if name in rows else []

    def units(self, fit: str) -> set[str]:
        """Units of a fit's response, from the measurements of its card."""
        entry = self.entry(fit)
        response = entry.get("response", {})
        source = entry.get("source_study", self.study)
        tables = (
            self.card["tables"]
            if source == self.study
            else self.card["source_tables"].get(source, {})
        )
        found = set()
        for name, table in tables.items():
            if entry.get("table", name) != name:
                continue
            for measurement in table["measurements"]:
                unit = measurement["unit"]
                same = measurement["metric"] == response.get("metric")
                if same and isinstance(unit, str) and not response.get("column"):
                    found.add(unit)
        return found

    def log_errors(self, fit: str) -> np.ndarray:
        """log(predicted / observed) of the fitted rows where both are above zero."""
        import numpy as np

        rows = self.fitted(fit)
        predicted, observed = rows["predicted"].to_numpy(), rows["observed"].to_numpy()
        usable = (predicted > 0) & (observed > 0)
        return np.log(predicted[usable] / observed[usable])

    def _response(self, fit: str) -> str:
        return _text(self.entry(fit).get("response"))

    def _weights(self, fit: str) -> str:
        return _text(self.entry(fit).get("weights"))

    def _axes(self, fit: str) -> str:
        return _text(self.entry(fit).get("axes"))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
