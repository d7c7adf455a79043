"""Verdicts on published numbers: whether they come back from their own data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

#: Confirmation of a target that is an earlier refit of ours and no published number.
OWN_REFIT = "own_refit"
#: What gives the value that a published one is held against, where no refit does.
SUBJECTS = {
    "printed": "The arithmetic of printed numbers",
    "evaluate": "The published law on these rows",
}
VERDICTS = ("reproduced", "within_interval", "not_reproduced", "not_testable")
COLUMNS = (
    "study",
    "fit",
    "quantity",
    "published",
    "published_se",
    "refit",
    "ci_low",
    "ci_high",
    "tolerance",
    "tolerance_kind",
    "verdict",
    "reason",
    "where_published",
    "confirmation",
)


def judge(
    target: Mapping[str, Any],
    refit: float | None,
    interval: tuple[float, float] | None,
    judged_by: str | None = None,
    *,
    subject: str = "The refit",
) -> tuple[str, str]:
    """Verdict on one published number.

    Parameters
    ----------
    target
        Entry of a card under ``targets``.
    refit
        The same quantity from our fit; None when the fit could not be carried out.
    interval
        Its 95 % interval, if there is one.
    judged_by
        Title of the fit that gave `refit` when it is not the target's own.
    subject
        What gave `refit`, at the start of a sentence.

    Returns
    -------
    verdict : str
        ``reproduced`` (within the tolerance), ``within_interval`` (not within a tolerance, but
        inside the refit's interval), ``not_reproduced`` or
        ``not_testable``.
    reason : str
        A sentence for readers.
    """
    if refit is None or not math.isfinite(refit):
        return "not_testable", target.get(
            "reason", "The fit gives no finite value for this quantity."
        )
    by = f" in the fit “{judged_by}”" if judged_by else ""
    allowed = tolerance_width(target)
    difference = refit - target["value"]
    if allowed is not None:
        close = (
            difference <= allowed
            if target["tolerance_kind"] == "relative_at_most"
            else abs(difference) <= allowed
        )
        if close:
            size, limit = _size(difference, target), _tolerance(target)
            if target["tolerance_kind"] == "relative_at_most" and difference < 0:
                return "reproduced", f"{subject} is lower by {size}, which counts as reached."
            return "reproduced", f"{subject} differs by {size}, within the tolerance of {limit}."
    inside = interval is not None and interval[0] <= target["value"] <= interval[1]
    away = f"{subject} gives {number(refit, 6)} against {number(target['value'], 6)}{by}"
    if "expected" in target:
        # Known not to come back: an interval so wide that it holds the value does not mend that.
        wide = " The published value lies inside the refit's 95 % interval." if inside else ""
        return "not_reproduced", f"{away}. {target['reason']}{wide}"
    if inside:
        more = f" {target['reason']}" if "reason" in target else ""
        return (
            "within_interval",
            f"{away}; the published value lies inside the refit's 95 % interval.{more}",
        )
    if allowed is None and interval is None:
        return "not_testable", f"{away}; neither a tolerance nor an interval is known."
    outside = (
        " and the published value lies outside the refit's 95 % interval"
        if interval is not None
        else ""
    )
    beyond = f"more than the tolerance of {_tolerance(target)}" if allowed is not None else ""
    joined = beyond + (outside if beyond else outside.removeprefix(" and "))
    more = f" {target['reason']}" if "reason" in target else ""
    return "not_reproduced", f"{away}: {joined}.{more}"


def tolerance_width(target: Mapping[str, Any]) -> float | None:
    """Largest difference that counts as reproduced, in units of the quantity; None if not given."""
    if "tolerance" not in target:
        return None
    scale = 1.0 if target["tolerance_kind"] == "absolute" else abs(target["value"])
    return target["tolerance"] * scale


def _size(difference: float, target: Mapping[str, Any]) -> str:
    if target["tolerance_kind"] == "absolute":
        return number(abs(difference), 2)
    return f"{number(abs(difference / target['value']), 2)} (relative)"


def _tolerance(target: Mapping[str, Any]) -> str:
    kind = {"absolute": "", "relative": " (relative)", "relative_at_most": " (relative, upwards)"}[
        target["tolerance_kind"]
    ]
    return f"{number(target['tolerance'], 6)}{kind}"


def verdict_table(
    study: str,
    targets: Mapping[str, Iterable[Mapping[str, Any]]],
    fits: Mapping[str, Mapping[str, Any]],
    intervals: Mapping[str, Mapping[str, Any]],
) -> pd.DataFrame:
    """Verdicts on all published numbers of a study.

    Parameters
    ----------
    study
        Id of the study.
    targets
        Fit id -> targets of the card.
    fits
        Fit id -> fit artefact.
    intervals
        Fit id -> interval artefact.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row a target, in the order of the card.
    """
    import pandas as pd

    rows = []
    for fit_id, entries in targets.items():
        for target in entries:
            judged = target.get("compare_with", fit_id)
            name = target.get("ours", target["quantity"])
            refit = fits[judged]["quantities"].get(name)
            found = intervals[judged]["intervals"].get(name)
            interval = (found["low"], found["high"]) if found and found["low"] is not None else None
            if refit is None and found:
                refit = found.get("value")
            verdict, reason = judge(
                target,
                refit,
                interval,
                fits[judged]["title"] if judged != fit_id else None,
                subject=SUBJECTS.get(fits[judged].get("estimator"), "The refit"),
            )
            rows.append(
                {
                    "study": study,
                    "fit": fit_id,
                    "quantity": target["quantity"],
                    "published": target["value"],
                    "published_se": target.get("standard_error"),
                    "refit": refit,
                    "ci_low": interval[0] if interval else None,
                    "ci_high": interval[1] if interval else None,
                    "tolerance": target.get("tolerance"),
                    "tolerance_kind": target.get("tolerance_kind"),
                    "verdict": verdict,
                    "reason": reason,
                    "where_published": target["where"],
                    "confirmation": target.get("confirmation"),
                }
            )
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = ["published", "published_se", "refit", "ci_low", "ci_high", "tolerance"]
    frame[numbers] = frame[numbers].astype("float64")
    words = [name for name in COLUMNS if name not in numbers]
    frame[words] = frame[words].astype("str").where(frame[words].notna(), None)
    return frame
