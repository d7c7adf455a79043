"""Estimates of made-up studies, and ladders of one: every number is a word of the test."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scaling_studies.comparisons.agreement import compare_estimates
from scaling_studies.comparisons.estimates import FLAGS, NUMBERS, WORDS


def estimate(
    study: str, value: float, error: float | None = 0.02, **changes: Any
) -> dict[str, Any]:
    """One refitted exponent of best size with its interval."""
    half = float("nan") if error is None else 1.96 * error
    row = {
        "study": study,
        "fit": "main",
        "law": "additive",
        "quantity": "a_opt",
        "source": "refit",
        "params_count": "total",
        "flops_count": "6ND_total",
        "loss_unit": "nats_per_token",
        "schedule": "matched",
        "dataset": "web",
        "runs": f"{study}/main",
        "value": value,
        "low": value - half,
        "high": value + half,
        "level": 0.95,
        "standard_error": float("nan") if error is None else error,
        "n": 100,
        "headline": True,
        "allocates": True,
    }
    return row | changes


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Estimates as a table."""
    return pd.DataFrame(rows, columns=[*WORDS, *NUMBERS, "n", *FLAGS])


def agreement_tables() -> dict[str, pd.DataFrame]:
    """Tables of agreement of four studies, and one ladder of two steps."""
    rows = [
        estimate(name, value) for name, value in zip("abcd", (0.5, 0.48, 0.6, 0.7), strict=True)
    ]
    rows += [
        estimate(name, 0.8 + 0.03 * place, params_count="non_embedding", fit="bare")
        for place, name in enumerate("abc")
    ]
    members, groups = compare_estimates(frame(*rows))
    nan = float("nan")
    rungs = [
        ("start", "", 0.8, nan),
        ("step", "one change", 0.6, 0.8),
        ("last", "another", 0.5, 0.6),
    ]
    ladder = pd.DataFrame(
        {
            "study": "a",
            "ladder": "start",
            "fit": [fit for fit, *_ in rungs],
            "quantity": "a_opt",
            "change": [change for _, change, *_ in rungs],
            "source": "refit",
            "before_fit": ["", "start", "step"],
            "place": range(3),
            "value": [value for *_, value, _ in rungs],
            "low": 0.4,
            "high": 0.9,
            "before": [before for *_, before in rungs],
        }
    )
    return {"estimates": members, "agreement": groups, "ladders": ladder}
