"""Contexts of the checks made by hand: every number that a check looks at is a word of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from fit_artefacts import artefact

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.part import CheckedPart
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Interval, Uncertainty

STUDY = "made_2020"
EVIDENCE = {
    "starts": 24,
    "share_at_optimum": 1.0,
    "second_optimiser": "SciPy L-BFGS-B",
    "disagreement": 0.0,
    "condition_number": 100.0,
    "weak_directions": "",
}
LOSS = {"metric": "loss", "unit": "nats_per_token", "from": "loss"}


def rows(count: int = 8, **columns: Any) -> dict[str, np.ndarray]:
    """Rows of a fit, named by their numbers, each a group of its own; predictions are exact."""
    names = [f"row_{number}" for number in range(count)]
    given = {
        "role": "fit",
        "table": "runs",
        "row_key": names,
        "run_id": names,
        "group_id": names,
        "observed": np.linspace(2.0, 3.0, count),
    } | columns
    given.setdefault("predicted", given["observed"])
    return {
        name: np.full(count, value) if np.isscalar(value) else np.array(value)
        for name, value in given.items()
    }


@dataclass
class Made:
    """Everything that is known of one fit."""

    points: dict[str, np.ndarray]
    entry: dict[str, Any]
    artefact: FitArtefact
    uncertainty: Uncertainty


def made_fit(
    points: dict[str, np.ndarray] | None = None,
    entry: Mapping[str, Any] | None = None,
    intervals: Mapping[str, tuple[float, float]] | None = None,
    uncertainty: Mapping[str, Any] | None = None,
    evidence: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Made:
    """A sound fit, with changes.

    Parameters
    ----------
    points
        Its rows; see `rows`.
    entry
        Of its entry in the card.
    intervals
        Ends of the intervals of its quantities; their standard errors are a quarter of the width.
    uncertainty, evidence
        Of its uncertainty and its evidence.
    **changes
        Of its artefact.
    """
    points = rows() if points is None else points
    n = int((points["role"] == "fit").sum())
    of = {
        name: Interval(low, high, standard_error=(high - low) / 4)
        for name, (low, high) in (intervals or {}).items()
    }
    known = Uncertainty(STUDY, "fit", "pairs", None, 100, 0.95, 1.0, of)
    fit = artefact(
        objective={"name": "squared_log"},
        n=n,
        n_held_out=len(points["role"]) - n,
        parameters={"E": 1.5},
        objective_value=0.5,
        quantities={"E": 1.5},
        headline=[],
        converged=True,
        identified=True,
        evidence=EVIDENCE | (evidence or {}),
    )
    return Made(
        points,
        {"response": {"metric": "loss"}} | (entry or {}),
        replace(fit, **changes),
        replace(known, **uncertainty or {}),
    )


def made_study(
    verdicts: Iterable[Mapping[str, Any]] = (),
    ranking: Iterable[Mapping[str, Any]] = (),
    measurements: Iterable[Mapping[str, Any]] = (LOSS,),
    others: Mapping[str, Any] | None = None,
    **fits: Made,
) -> CheckContext:
    """Context of a study with these fits; see `made_fit`.

    Parameters
    ----------
    verdicts, ranking
        Rows of its tables.
    measurements
        Of its table ``runs``.
    others
        Tables of other studies, by study.
    **fits
        By name.
    """
    tables = {STUDY: {"runs": {"measurements": list(measurements)}}, **(others or {})}
    entries = {name: fit.entry for name, fit in fits.items()}
    return CheckContext(
        STUDY,
        CheckedPart.rebuilt({"fits": entries, "tables": tables}),
        {name: fit.artefact for name, fit in fits.items()},
        {name: fit.uncertainty for name, fit in fits.items()},
        {name: fit.points for name, fit in fits.items()},
        list(verdicts),
        list(ranking),
    )


def said(find: Callable[[CheckContext], Iterator[Finding]], context: CheckContext) -> list[tuple]:
    """Findings of a check as plain tuples: severity, fit, text, quantity, value.

    Spaces that do not break are written as spaces, and values are rounded to six digits.
    """
    return [
        (
            finding.severity,
            finding.fit,
            finding.text.replace("\N{NO-BREAK SPACE}", " "),
            finding.quantity,
            None if finding.value is None else float(f"{finding.value:.6g}"),
        )
        for finding in find(context)
    ]


def severities(find: Callable[[CheckContext], Iterator[Finding]], context: CheckContext) -> list:
    """Severities of the findings of a check."""
    return [finding.severity for finding in find(context)]
