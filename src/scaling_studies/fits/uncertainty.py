"""What is known of the uncertainty of a fit: its resamples, or why it has none.

A fit that is resampled has an artefact of its own under ``results/resamples``. For one that is not
(a printed law, a law evaluated at published parameters) no job runs: its fit artefact says so under
``uncertainty``, with the intervals that the paper prints, if any. Readers ask here and need not
know which of the two it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts import files
from scaling_studies.fits.shards import is_resampled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

#: Coverage of every interval that is computed here.
LEVEL = 0.95


def stated_uncertainty(study: str, fit_id: str, entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a fit artefact says of its uncertainty.

    Parameters
    ----------
    study, fit_id
        Ids.
    entry
        The fit's entry in its card.

    Returns
    -------
    dict or None
        In the form of the artefacts under ``results/resamples``; None for a fit that is resampled.
    """
    if is_resampled(entry):
        return None
    reason = entry.get("resample", {}).get("reason")
    return {
        "study": study,
        "fit": fit_id,
        "kind": "none",
        "reason": reason or "Nothing is fitted here, so there is nothing to resample.",
        "resamples": 0,
        "level": entry.get("printed_intervals", {}).get("level", LEVEL),
        "converged_share": None,
        "intervals": printed_intervals(entry),
    }


def printed_intervals(entry: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Intervals that the paper prints, by quantity."""
    return {
        name: {"low": low, "high": high, "median": None, "standard_error": None}
        for name, (low, high) in entry.get("printed_intervals", {}).get("of", {}).items()
    }


def read_intervals(
    fits: Iterable[Mapping[str, Any]], paths: Iterable[str | Path]
) -> list[dict[str, Any]]:
    """Intervals of each fit.

    Parameters
    ----------
    fits
        Fit artefacts.
    paths
        Artefacts ``results/resamples/<study>/<fit>.json`` of those that are resampled.

    Returns
    -------
    list of dict
        One a fit, in their order.

    Raises
    ------
    ArtefactError
        A file is missing or damaged.
    """
    found = {_fit_of(path): path for path in paths}
    return [
        fit.get("uncertainty") or files.read_json(found[fit["study"], fit["fit"]]) for fit in fits
    ]


def read_resamples(
    fits: Iterable[Mapping[str, Any]], paths: Iterable[str | Path]
) -> list[pd.DataFrame]:
    """Resamples of each fit; without rows for a fit that is not resampled.

    Parameters
    ----------
    fits
        Fit artefacts.
    paths
        Artefacts ``results/resamples/<study>/<fit>.parquet`` of those that are resampled.

    Returns
    -------
    list of pandas.DataFrame
        One a fit, in their order; one row a resample.

    Raises
    ------
    ArtefactError
        A file is missing or damaged.
    """
    import pandas as pd

    found = {_fit_of(path): path for path in paths}
    return [
        pd.DataFrame({"resample": pd.Series(dtype="int64")})
        if fit.get("uncertainty")
        else files.read_parquet(found[fit["study"], fit["fit"]])
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
