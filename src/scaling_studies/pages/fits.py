"""A fit as its section of a page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaling_studies.engine.uncertainty.bands import LEVEL
from scaling_studies.fits.uncertainty import intervals_path
from scaling_studies.pages import wording

if TYPE_CHECKING:
    from collections.abc import Mapping


def fit_view(
    card: Mapping[str, Any], fit: Mapping[str, Any], intervals: Mapping[str, Any]
) -> dict[str, Any]:
    """One fit as its section shows it."""
    ranges = intervals.get("intervals", {})
    entry = card.get("fits", {}).get(fit["fit"], {})
    described = fit.get("quantity_descriptions", {})
    parameters = [
        _quantity(name, value, ranges.get(name, {}), name in fit.get("fixed", {}))
        for name, value in fit["parameters"].items()
    ]
    further = [
        _quantity(name, value, ranges.get(name, {})) | {"description": described.get(name, "")}
        for name, value in fit["quantities"].items()
        if name not in fit["parameters"] and value is not None
    ]
    return {
        "fit": fit,
        "parameters": parameters,
        "further": further,
        "objective": wording.objective(fit.get("objective")),
        "estimator": wording.ESTIMATORS.get(fit["estimator"], fit["estimator"]),
        "published": fit["estimator"] in ("evaluate", "printed"),
        "evidence": wording.evidence(fit),
        "level": f"{100 * intervals.get('level', LEVEL):g} %",
        "resampling": _resampling(intervals),
        "reading": entry.get("reading", ""),
        "path": f"results/fits/{fit['study']}/{fit['fit']}.json",
        "intervals_path": intervals_path(
            fit["study"], fit["fit"], resampled=not fit.get("uncertainty")
        ),
        "points_path": f"results/fits/{fit['study']}/{fit['fit']}.points.parquet",
    }


def _quantity(
    name: str, value: float | None, found: Mapping[str, Any], fixed: bool = False
) -> dict[str, Any]:
    low, high = found.get("low"), found.get("high")
    return {
        "name": name,
        "value": value,
        "text": wording.estimate(value, low, high),
        "interval": wording.interval(low, high, value),
        "standard_error": wording.number(found.get("standard_error"), 2),
        "fixed": fixed,
    }


def _resampling(intervals: Mapping[str, Any]) -> str:
    if not intervals.get("resamples"):
        return str(intervals.get("reason") or "")
    words = wording.RESAMPLING.get(intervals["kind"], intervals["kind"])
    text = f"{words}, {wording.count_of(int(intervals['resamples']), 'resample')}"
    share = intervals.get("converged_share")
    if share is not None and share < 1:
        text += f", {100 * share:.1f} % of them converged"
    reason = intervals.get("reason")
    return f"{text}. {reason}" if reason else f"{text}."
