"""Verdicts on published numbers: whether they come back from their own data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from scaling_studies.artefacts import files
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Interval, Uncertainty
from scaling_studies.words import number

if TYPE_CHECKING:  # pages and figures, which read the constants, need not load pydantic
    from scaling_studies.cards.models.target import Target

#: Confirmation of a target that is an earlier refit of ours and no published number.
OWN_REFIT = "own_refit"
#: What gives the value that a published one is held against, where no refit does.
SUBJECTS = {
    "printed": "The arithmetic of printed numbers",
    "evaluate": "The published law on these rows",
}
VERDICTS = ("reproduced", "within_interval", "not_reproduced", "not_testable")
TEXT, NUMBER = pa.large_string(), pa.float64()
SCHEMA = pa.schema(
    {
        "study": TEXT,
        "fit": TEXT,
        "quantity": TEXT,
        "published": NUMBER,
        "published_se": NUMBER,
        "refit": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "tolerance": NUMBER,
        "tolerance_kind": TEXT,
        "verdict": TEXT,
        "reason": TEXT,
        "where_published": TEXT,
        "confirmation": TEXT,
    }
)


@dataclass(frozen=True)
class Ours:
    """What a published number is held against.

    Attributes
    ----------
    value
        The same quantity from our fit; None when the fit gives none.
    interval
        Its interval, if there is one.
    level
        Coverage of that interval.
    subject
        What gave the value, at the start of a sentence.
    judged_by
        Title of the fit that gave the value when it is not the published number's own.
    """

    value: float | None
    interval: tuple[float, float] | None = None
    level: float = 0.95
    subject: str = "The refit"
    judged_by: str | None = None


def judge(target: Target, ours: Ours) -> str:
    """Verdict on one published number.

    Returns
    -------
    str
        ``reproduced`` (within the tolerance), ``within_interval`` (not within a tolerance, but
        inside our interval), ``not_reproduced`` or ``not_testable``.
    """
    if ours.value is None or not math.isfinite(ours.value):
        return "not_testable"
    if is_within_tolerance(target, ours.value):
        return "reproduced"
    if target.expected:
        # Known not to come back: an interval so wide that it holds the value does not mend that.
        return "not_reproduced"
    if is_inside(target, ours.interval):
        return "within_interval"
    if target.tolerance is None and ours.interval is None:
        return "not_testable"
    return "not_reproduced"


def is_within_tolerance(target: Target, value: float) -> bool:
    """Whether a value is as near to the published one as the card asks for, if it does."""
    if target.tolerance is None:
        return False
    difference = value - target.value
    if target.tolerance_kind == "absolute":
        return abs(difference) <= target.tolerance
    allowed = target.tolerance * abs(target.value)
    # Of an objective only what is higher is worse.
    return (difference if _upwards(target) else abs(difference)) <= allowed


def is_inside(target: Target, interval: tuple[float, float] | None) -> bool:
    """Whether the published value lies inside an interval."""
    return interval is not None and interval[0] <= target.value <= interval[1]


def reason(target: Target, ours: Ours, verdict: str) -> str:
    """Why a published number has its verdict: one or two sentences for readers."""
    said = target.reason or ""
    if ours.value is None or not math.isfinite(ours.value):
        return said or "The fit gives no finite value for this quantity."
    if verdict == "reproduced":
        size = _size(ours.value - target.value, target)
        if _upwards(target) and ours.value < target.value:
            return f"{ours.subject} is lower by {size}, which counts as reached."
        return f"{ours.subject} differs by {size}, within the tolerance of {_tolerance(target)}."
    by = f" in the fit “{ours.judged_by}”" if ours.judged_by else ""
    away = f"{ours.subject} gives {number(ours.value, 6)} against {number(target.value, 6)}{by}"
    the_interval = f"the refit's {100 * ours.level:g} % interval"
    inside = f"the published value lies inside {the_interval}."
    if verdict == "not_testable":
        return f"{away}; neither a tolerance nor an interval is known."
    if verdict == "within_interval":
        return f"{away}; {inside} {said}".rstrip()
    if target.expected:
        wide = inside.capitalize() if is_inside(target, ours.interval) else ""
        return f"{away}. {said} {wide}".rstrip()
    against = []
    if target.tolerance is not None:
        against.append(f"more than the tolerance of {_tolerance(target)}")
    if ours.interval:
        against.append(f"the published value lies outside {the_interval}")
    return f"{away}: {' and '.join(against)}. {said}".rstrip()


def _upwards(target: Target) -> bool:
    return target.tolerance_kind == "relative_at_most"


def _size(difference: float, target: Target) -> str:
    if target.tolerance_kind == "absolute":
        return number(abs(difference), 2)
    return f"{number(abs(difference / target.value), 2)} (relative)"


def _tolerance(target: Target) -> str:
    kinds = {"relative": " (relative)", "relative_at_most": " (relative, upwards)"}
    return f"{number(target.tolerance, 6)}{kinds.get(target.tolerance_kind or '', '')}"


def verdict_rows(
    study: str,
    targets: Mapping[str, Iterable[Target]],
    fits: Mapping[str, FitArtefact],
    intervals: Mapping[str, Uncertainty],
) -> list[dict[str, Any]]:
    """Verdicts on all published numbers of a study.

    Returns
    -------
    list of dict
        One row a target, in the order of the card; columns as in `SCHEMA`.
    """
    rows = []
    for fit, entries in targets.items():
        for target in entries:
            judged = target.compare_with or fit
            ours = _ours(target, fits[judged], intervals[judged], own=judged == fit)
            verdict = judge(target, ours)
            low, high = ours.interval or (None, None)
            rows.append(
                {
                    "study": study,
                    "fit": fit,
                    "quantity": target.quantity,
                    "published": target.value,
                    "published_se": target.standard_error,
                    "refit": ours.value,
                    "ci_low": low,
                    "ci_high": high,
                    "tolerance": target.tolerance,
                    "tolerance_kind": target.tolerance_kind,
                    "verdict": verdict,
                    "reason": reason(target, ours, verdict),
                    "where_published": target.where,
                    "confirmation": target.confirmation,
                }
            )
    return rows


def _ours(target: Target, fit: FitArtefact, uncertainty: Uncertainty, *, own: bool) -> Ours:
    """Value and interval of a fit that a published number is held against."""
    name = target.name_here
    interval = uncertainty.intervals.get(name, Interval(None, None))
    return Ours(
        # A statistic of all resamples together is no quantity of the fit.
        value=fit.quantities.get(name, interval.value),
        interval=interval.ends,
        level=uncertainty.level,
        subject=SUBJECTS.get(fit.estimator, "The refit"),
        judged_by=None if own else fit.title,
    )


def verdict_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of verdicts as a table of `SCHEMA`."""
    return files.table_of(rows, SCHEMA)
