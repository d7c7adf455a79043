"""Contexts of the checks made by hand: every number that a check looks at is a word of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from scaling_studies.checks.context import CheckContext, Finding

STUDY = "made_2020"
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


def made_fit(
    points: Mapping[str, np.ndarray] | None = None,
    entry: Mapping[str, Any] | None = None,
    intervals: Mapping[str, tuple[float, float]] | None = None,
    uncertainty: Mapping[str, Any] | None = None,
    evidence: Mapping[str, Any] | None = None,
    **artefact: Any,
) -> dict[str, Any]:
    """Everything that is known of one fit; what is not given is as it is for a sound fit.

    Parameters
    ----------
    points
        Its rows; see `rows`.
    entry
        Changes of its entry in the card.
    intervals
        Ends of the intervals of its quantities; their standard errors are a quarter of the width.
    uncertainty, evidence
        Changes of its uncertainty and its evidence.
    **artefact
        Changes of its artefact.
    """
    points = rows() if points is None else points
    fitted = int((points["role"] == "fit").sum())
    known = {
        name: {"low": low, "high": high, "median": None, "standard_error": (high - low) / 4}
        for name, (low, high) in (intervals or {}).items()
    }
    return {
        "points": points,
        "entry": {"response": {"metric": "loss"}, **(entry or {})},
        "uncertainty": {"kind": "pairs", "resamples": 100, "level": 0.95, "converged_share": 1.0,
                        "intervals": known, **(uncertainty or {})},
        "artefact": {
            "title": "A fit", "law": "additive", "estimator": "parametric",
            "objective": {"name": "squared_log"}, "n": fitted,
            "n_held_out": len(points["role"]) - fitted, "parameters": {"E": 1.5}, "fixed": {},
            "objective_value": 0.5, "quantities": {"E": 1.5}, "converged": True, "identified": True,
            "messages": [], "headline": [], "profile": None,
            "evidence": {"starts": 24, "share_at_optimum": 1.0, "disagreement": 0.0,
                         "second_optimiser": "SciPy L-BFGS-B", "condition_number": 100.0,
                         "weak_directions": "", **(evidence or {})},
            **artefact,
        },
    }  # fmt: skip


def made_study(
    verdicts: Iterable[Mapping[str, Any]] = (),
    ranking: Iterable[Mapping[str, Any]] = (),
    measurements: Iterable[Mapping[str, Any]] = (LOSS,),
    **fits: dict[str, Any],
) -> CheckContext:
    """Context of a study with these fits; see `made_fit`."""
    card = {
        "tables": {"runs": {"measurements": list(measurements)}},
        "source_tables": {},
        "fits": {name: fit["entry"] for name, fit in fits.items()},
    }
    return CheckContext(
        STUDY,
        card,
        {name: fit["artefact"] for name, fit in fits.items()},
        {name: fit["uncertainty"] for name, fit in fits.items()},
        {name: fit["points"] for name, fit in fits.items()},
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
