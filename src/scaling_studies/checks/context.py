"""What a check looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple

import numpy as np

from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.names import quantity_name
from scaling_studies.checks.part import CheckedPart
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Uncertainty
from scaling_studies.laws import get_law
from scaling_studies.models.law import Law

#: From harmless to grave. ``info``: looked at, nothing amiss, or a fact to know. ``warning``: a
#: reader who takes the number at its face may be misled. ``fail``: the number is not what it
#: claims to be, as far as these rows can tell.
SEVERITIES = ("info", "warning", "fail")

#: Column name -> its values, one a row.
Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Finding:
    """What a check noticed; checks make them with `info`, `warning` and `fail`.

    Attributes
    ----------
    severity
        One of `SEVERITIES`.
    text
        One or two sentences for readers, with the numbers in them.
    fit
        Fit it concerns; None when it concerns the study or several fits.
    quantity, value
        The number the text turns on and its name, where there is one.
    """

    severity: Literal["info", "warning", "fail"]
    text: str
    fit: str | None = None
    quantity: str | None = None
    value: float | None = None


#: Makes a finding of one severity.
Say = Callable[..., Finding]
info: Say = partial(Finding, "info")
warning: Say = partial(Finding, "warning")
fail: Say = partial(Finding, "fail")


class Resampled(NamedTuple):
    """Interval of a quantity from resamples."""

    low: float
    high: float
    standard_error: float | None

    @property
    def width(self) -> float:
        """How far its ends lie apart."""
        return self.high - self.low


@dataclass(frozen=True)
class CheckContext:
    """Card and artefacts of a study, as the checks use them.

    Attributes
    ----------
    study
        Id of the study.
    card
        What checks read of its card.
    fits
        Fit artefacts by fit, in the order of the card.
    intervals
        What is known of the uncertainty of each fit; see `scaling_studies.fits.uncertainty`.
    points
        Points of each fit, fitted and held out; no rows for a printed law.
    verdicts
        Rows of the verdict table of the study.
    ranking
        Rows of its laws ranked by extrapolation; none when the card does not ask for it.
    choices
        What choices do to the headlines of its fits (see `choices.summary.summarise`).
    coverage
        Measured coverage of its intervals: rows with fit, quantity, tables and held.
    """

    study: str
    card: CheckedPart
    fits: Mapping[str, FitArtefact]
    intervals: Mapping[str, Uncertainty]
    points: Mapping[str, Columns]
    verdicts: Sequence[Mapping[str, Any]]
    ranking: Sequence[Mapping[str, Any]] = ()
    choices: Sequence[Mapping[str, Any]] = ()
    coverage: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def refits(self) -> list[str]:
        """Fits that were fitted to rows."""
        return [name for name in self.fits if name not in {*self.evaluated, *self.printed}]

    @cached_property
    def evaluated(self) -> list[str]:
        """Fits that evaluate given parameters on rows."""
        return self._by("evaluate")

    @cached_property
    def printed(self) -> list[str]:
        """Laws of which only constants are printed."""
        return self._by("printed")

    @property
    def with_rows(self) -> list[str]:
        """Fits that have rows, those that were fitted to them first."""
        return [*self.refits, *self.evaluated]

    def _by(self, estimator: str) -> list[str]:
        return [name for name, fit in self.fits.items() if fit.estimator == estimator]

    @property
    def objectives(self) -> dict[str, float]:
        """Objective of each fit that has one, at its parameters."""
        values = {name: fit.objective_value for name, fit in self.fits.items()}
        return {name: value for name, value in values.items() if value is not None}

    def entry(self, fit: str) -> FitEntry:
        """Entry of a fit in the card."""
        return self.card.fits[fit]

    def title(self, fit: str) -> str:
        """Title of a fit in quotation marks."""
        return f"“{self.fits[fit].title}”"

    def called(self, fit: str, quantity: str) -> str:
        """Name of a quantity of a fit: its symbol, the words of the card, or both."""
        said = self.fits[fit].quantity_descriptions
        name = quantity_name(quantity, None, said)
        bare = name.words == quantity.replace("_", " ") and "_" in quantity
        if bare or ("_" in name.symbol and not name.words):
            # Text has no indices, so the law says what the parameter is.
            meanings = {item.name: item.meaning for item in self._law(fit).parameters}
            name = quantity_name(quantity, meanings, said)
        return name.plain

    def law_of(self, fit: str) -> str:
        """Title of the law of a fit in quotation marks."""
        return f"“{self._law(fit).title}”"

    def _law(self, fit: str) -> Law:
        return get_law(self.fits[fit].law)

    def titles(self, fits: Iterable[str]) -> str:
        """Titles of some fits; of many, how many there are."""
        fits = list(fits)
        return " and ".join(map(self.title, fits)) if len(fits) <= 2 else f"{len(fits)} fits"

    @cached_property
    def fitted(self) -> dict[str, Columns]:
        """Fitted rows of each fit that has rows."""
        return {fit: _with_role(self.points[fit], "fit") for fit in self.with_rows}

    def column(self, fit: str, name: str) -> list[str]:
        """Values of a text column among the fitted rows of a fit, sorted."""
        rows = self.fitted[fit]
        return sorted(map(str, _known(rows[name]))) if name in rows else []

    def groups(self, fit: str, by: str = "group_id") -> int:
        """How many groups of dependent rows, or of single rows, were fitted."""
        rows = self.fitted[fit]
        return len(_known(rows[by])) if by in rows else len(rows["role"])

    @cached_property
    def row_keys(self) -> dict[str, frozenset[str]]:
        """Names of the fitted rows of each fit, unique among the tables that the study reads."""
        return {fit: frozenset(self._row_keys(fit)) for fit in self.with_rows}

    def _row_keys(self, fit: str) -> Iterable[str]:
        rows, source = self.fitted[fit], self.entry(fit).source_study or self.study
        keys = rows["row_key"].tolist()
        tables = rows["table"].tolist() if "table" in rows else [""] * len(keys)
        return map(f"{source}/{{}}/{{}}".format, tables, keys)

    def same_problem(self, one: str, other: str) -> bool:
        """Whether two fits have the same rows, axes, response, law, weights and objective."""
        a, b = self.fits[one], self.fits[other]
        first, second = self.entry(one), self.entry(other)
        return (
            (a.law, a.objective, a.n) == (b.law, b.objective, b.n)
            and first.response == second.response
            and first.weights == second.weights
            and first.axes == second.axes
            and self.row_keys[one] == self.row_keys[other]
        )

    def common_rows(self, one: str, other: str) -> float:
        """Share of the smaller fit's rows that the other fits too; 0 for another response."""
        if self.entry(one).response != self.entry(other).response:
            return 0.0
        a, b = self.row_keys[one], self.row_keys[other]
        return len(a & b) / min(len(a), len(b)) if a and b else 0.0

    def interval(self, fit: str, quantity: str) -> Resampled | None:
        """95 % interval of a quantity from resamples; None when there is none."""
        uncertainty = self.intervals[fit]
        interval = uncertainty.intervals.get(quantity)
        if not uncertainty.resamples or interval is None or interval.ends is None:
            return None
        return Resampled(*interval.ends, interval.standard_error)

    def units(self, fit: str) -> set[str]:
        """Units of a fit's response, from the measurements of its card."""
        entry = self.entry(fit)
        if entry.response is None or entry.response.column:
            return set()
        return {
            measurement.unit
            for name, table in self.card.tables[entry.source_study or self.study].items()
            if entry.table in (None, name)
            for measurement in table.measurements
            if measurement.metric == entry.response.metric and isinstance(measurement.unit, str)
        }

    def log_errors(self, fit: str, role: str = "fit") -> np.ndarray:
        """log(predicted / observed) of rows with a role where both are above zero."""
        rows = _with_role(self.points[fit], role)
        predicted, observed = rows["predicted"], rows["observed"]
        usable = (predicted > 0) & (observed > 0)
        return np.log(predicted[usable] / observed[usable])


def _with_role(points: Columns, role: str) -> Columns:
    chosen = points["role"] == role
    return {name: values[chosen] for name, values in points.items()}


def _known(values: np.ndarray) -> set[Any]:
    """Different values of a column, without None and not-a-number."""
    return {value for value in values.tolist() if value is not None and value == value}
