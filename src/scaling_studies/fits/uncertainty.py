"""What is known of the uncertainty of a fit: its resamples, or why it has none.

A fit that is resampled has an artefact of its own under ``results/resamples``. For one that is not
(a printed law, a law evaluated at published parameters) no job runs: its fit artefact says so under
``uncertainty``, with the intervals that the paper prints, if any. Readers ask here and need not
know which of the two it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from scaling_studies.artefacts import files
from scaling_studies.engine.uncertainty.bands import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.fits.artefact import FitArtefact


#: Ratio of widths from which two ways of redrawing are shown side by side.
DIFFERENT = 1.25
#: Why an interval is open on both sides.
OPEN = "The rows do not determine it: its interval is open on both sides."
NO_FREEDOM = (
    "No degree of freedom is left to tell the scatter from, so that its interval is open on both "
    "sides."
)
#: Columns whose values are tried as groups, besides `budget` and `size`, and what they are called.
GROUP_NAMES = {
    "budget": "compute budget",
    "size": "model size",
    "run_id": "run",
    "group_id": "group",
    "architecture": "family",
    "experiment": "experiment",
    "seed": "seed",
}


@dataclass(frozen=True)
class Interval:
    """Interval of one quantity.

    Attributes
    ----------
    low, high
        Its ends; None on a side that is open, as ``note`` says, and for a test statistic, which
        has a value and no interval.
    median, standard_error
        Of the resamples; None for an interval that a paper prints.
    value
        Value of a statistic that is made of all resamples together (`wald_against`).
    note
        What a reader must know of this interval, if anything.
    """

    low: float | None
    high: float | None
    median: float | None = None
    standard_error: float | None = None
    value: float | None = None
    note: str = ""

    @property
    def ends(self) -> tuple[float, float] | None:
        """Both ends; None where it has none."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def is_open(self) -> bool:
        """Whether the rows bound the quantity on neither side."""
        return self.note in (OPEN, NO_FREEDOM)

    def as_dict(self) -> dict[str, Any]:
        """Content of its entry in a file."""
        if self.value is not None:
            return {"low": self.low, "high": self.high, "value": self.value}
        numbers = {"low": self.low, "high": self.high, "median": self.median}
        content: dict[str, Any] = numbers | {"standard_error": self.standard_error}
        return content | {"note": self.note} if self.note else content


class Stored:
    """An artefact that is a JSON file: a dataclass with a `provenance`."""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Artefact from the content of its file."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Content of its file."""
        raise NotImplementedError

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Artefact from its file; an `ArtefactError` where that is missing or damaged."""
        return cls.from_dict(files.read_json(path))

    def write(self, path: str | Path, provenance: dict[str, Any]) -> None:
        """Write it with a record of what it was made from."""
        files.write_json(path, replace(cast("Any", self), provenance=provenance).as_dict())


@dataclass(frozen=True)
class Uncertainty(Stored):
    """What is known of the uncertainty of a fit.

    Attributes
    ----------
    study, fit
        Ids.
    kind
        How it was resampled (`engine.uncertainty.resample.KINDS`), or ``none``.
    reason
        Why it was resampled like that, or not at all.
    resamples
        How many resamples there are.
    level
        Coverage of the intervals: `LEVEL`, or what the paper says of those that it prints.
    converged_share
        Share of the refits that passed their convergence check; None without resamples.
    elsewhere_share
        Share of them whose optimum was found elsewhere than near that of the fit.
    intervals
        Interval of each quantity that has one, or a note of why it has none, by name.
    freedom
        Degrees of freedom behind the intervals, of residuals or of groups; None without resamples,
        and where published errors are redrawn.
    groups, group_count
        What makes the groups that are drawn together, and how many there are.
    dependence
        The test by which they were found (fields of `engine.uncertainty.dependence.Dependence`);
        None where the card names them without another way beside it, and where none are found.
    stated_kind, as_stated
        How the rows are redrawn beside that, and intervals that differ by `DIFFERENT` when it is
        done so, by quantity; none where nothing is drawn beside it.
    provenance
        What the artefact was made from, where it is one of its own.
    """

    study: str
    fit: str
    kind: str
    reason: str | None
    resamples: int
    level: float
    converged_share: float | None
    intervals: dict[str, Interval]
    freedom: int | None = None
    groups: str = ""
    group_count: int | None = None
    dependence: dict[str, Any] | None = None
    stated_kind: str = ""
    as_stated: dict[str, tuple[float, float]] = field(default_factory=dict)
    elsewhere_share: float = 0.0
    provenance: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Uncertainty from the content of its file, or of that of a fit."""
        found = {name: Interval(**item) for name, item in content["intervals"].items()}
        other = {name: (low, high) for name, (low, high) in content["as_stated"].items()}
        return cls(**{**content, "intervals": found, "as_stated": other})

    def as_dict(self) -> dict[str, Any]:
        """Content of its file."""
        content = {**vars(self), "intervals": {k: v.as_dict() for k, v in self.intervals.items()}}
        content["as_stated"] = {name: list(ends) for name, ends in self.as_stated.items()}
        if not self.provenance:
            del content["provenance"]
        return content


def stated_uncertainty(study: str, fit_id: str, entry: FitEntry) -> Uncertainty | None:
    """What a fit artefact says of its uncertainty; None for a fit that is resampled."""
    if entry.is_resampled:
        return None
    return Uncertainty(
        study=study,
        fit=fit_id,
        kind="none",
        reason=entry.resample.reason or "Nothing is fitted here, so there is nothing to resample.",
        resamples=0,
        level=level_of(entry),
        converged_share=None,
        intervals=printed_intervals(entry),
    )


def level_of(entry: FitEntry) -> float:
    """Coverage of a fit's intervals: what the paper says of those that it prints, or `LEVEL`."""
    return entry.printed_intervals.level if entry.printed_intervals else LEVEL


def printed_intervals(entry: FitEntry) -> dict[str, Interval]:
    """Intervals that the paper prints, by quantity."""
    of = entry.printed_intervals.of if entry.printed_intervals else {}
    return {name: Interval(low, high) for name, (low, high) in of.items()}


def read_intervals(fits: Iterable[FitArtefact], paths: Iterable[str | Path]) -> list[Uncertainty]:
    """Intervals of each fit.

    Returns
    -------
    list of Uncertainty
        One a fit, in their order.

    Raises
    ------
    ArtefactError
        A file is missing or damaged.
    """
    by_fit = {_fit_of(path): path for path in paths}
    return [fit.uncertainty or Uncertainty.read(by_fit[fit.study, fit.fit]) for fit in fits]


def read_resamples(fits: Iterable[FitArtefact], paths: Iterable[str | Path]) -> list[pd.DataFrame]:
    """Resamples of each fit; without rows for a fit that is not resampled.

    Returns
    -------
    list of pandas.DataFrame
        One a fit, in their order; one row a resample.

    Raises
    ------
    ArtefactError
        A file is missing or damaged.
    """
    import pandas as pd  # pages that show no resamples need not load it

    by_fit = {_fit_of(path): path for path in paths}
    return [
        pd.DataFrame({"resample": pd.Series(dtype="int64")})
        if fit.uncertainty
        else files.read_parquet(by_fit[fit.study, fit.fit])
        for fit in fits
    ]


def intervals_path(study: str, fit_id: str, *, resampled: bool) -> str:
    """Path of the artefact that holds a fit's intervals, relative to the project."""
    folder = "resamples" if resampled else "fits"
    return f"results/{folder}/{study}/{fit_id}.json"


def _fit_of(path: str | Path) -> tuple[str, str]:
    """Study and fit that a path under ``results/resamples`` belongs to."""
    path = Path(path)
    return path.parent.name, path.name.removesuffix(path.suffix)
