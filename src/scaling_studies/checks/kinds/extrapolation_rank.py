"""Whether the law that describes the rows best also predicts the larger runs best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.words import percent

MEANING = "Does the law that describes the fitted rows best also predict the others best?"
NOTHING = "no two laws are ranked, or predict the same held-out rows"


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from the study's ranking, and from laws that predict the same held-out rows."""
    ranked = [row for row in context.ranking if row["extrapolation_rank"] is not None]
    if len(ranked) > 1:
        yield _ranked(ranked)
    for pair in combinations(context.refits, 2):
        if _same_rows_another_law(context, *pair):
            yield _held_out(context, *pair)


def _ranked(ranked: Sequence[Mapping[str, Any]]) -> Finding:
    """First by extrapolation against first by description; rows come in order of rank."""
    best = ranked[0]
    closest = min(ranked, key=lambda row: row["in_sample_rank"])
    error = percent(best["extrapolation_error"])
    if closest["fit"] == best["fit"]:
        severity = info
        text = (
            f"Of {len(ranked)} laws, {best['law']} both describes the rows best and predicts "
            f"larger runs best, to {error} on average."
        )
    elif best["fit"] in closest.get("tied", "").split():
        severity = info
        text = (
            f"{closest['law']} describes the rows best; whether it or {best['law']} predicts "
            "larger runs better, these runs do not tell."
        )
    else:
        severity = warning
        text = (
            f"{closest['law']} describes the rows best, but {best['law']} predicts larger runs "
            f"best: {error} on average against {percent(closest['extrapolation_error'])}."
        )
    return severity(text, quantity="extrapolation_error", value=best["extrapolation_error"])


def _same_rows_another_law(context: CheckContext, one: str, other: str) -> bool:
    """Whether two fits have different laws, the same rows, and as many rows held out."""
    a, b = context.fits[one], context.fits[other]
    return (
        a.law != b.law
        and a.n_held_out == b.n_held_out > 0
        and a.n == b.n
        and context.common_rows(one, other) == 1.0
    )


def _held_out(context: CheckContext, one: str, other: str) -> Finding:
    """Two laws fitted to the same rows that predict the same others."""
    better, worse = sorted((one, other), key=lambda fit: _rms(context.log_errors(fit)))
    inside = [percent(_rms(context.log_errors(fit))) for fit in (better, worse)]
    errors = [_rms(context.log_errors(fit, "held_out")) for fit in (better, worse)]
    flipped = errors[1] < errors[0]
    return (warning if flipped else info)(
        f"It describes the fitted rows better than {context.title(worse)} ({inside[0]} against "
        f"{inside[1]}, root mean square) {'but predicts' if flipped else 'and also predicts'} the "
        f"{context.fits[one].n_held_out} held-out rows {'worse' if flipped else 'better'} "
        f"({percent(errors[0])} against {percent(errors[1])}).",
        better,
        "held_out_error",
        errors[0],
    )


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))
