"""Whether the law that describes the rows best also predicts the larger runs best."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

MEANING = "Does the law that describes the fitted rows best also predict the others best?"
NOTHING = "no two laws are ranked, or predict the same held-out rows"

_finding = partial(Finding, "extrapolation_rank")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from the study's ranking, and from laws that predict the same held-out rows."""
    if context.ranking is not None:
        yield from _ranked(context.ranking)
    for one, other in combinations(context.refits, 2):
        yield from _held_out(context, one, other)


def _ranked(ranking: pd.DataFrame) -> Iterator[Finding]:
    """First by extrapolation against first by description; rows come in order of rank."""
    known = ranking[ranking["extrapolation_rank"].notna()]
    if len(known) < 2:
        return
    best = known.iloc[0]
    closest = known.loc[known["in_sample_rank"].idxmin()]
    error = percent(float(best["extrapolation_error"]))
    if closest["fit"] == best["fit"]:
        text = (
            f"Of {len(known)} laws, {best['law']} both describes the rows best and predicts larger "
            f"runs best, to {error} in the median."
        )
    else:
        text = (
            f"{closest['law']} describes the rows best, but {best['law']} predicts larger runs "
            f"best: {error} in the median against "
            f"{percent(float(closest['extrapolation_error']))}."
        )
    severity = "info" if closest["fit"] == best["fit"] else "warning"
    yield _finding(None, severity, text, "extrapolation_error", float(best["extrapolation_error"]))


def _held_out(context: CheckContext, one: str, other: str) -> Iterator[Finding]:
    """Two laws fitted to the same rows that predict the same others."""
    laws = [context.fits[fit]["law"] for fit in (one, other)]
    counts = [context.fits[fit]["n_held_out"] for fit in (one, other)]
    if laws[0] == laws[1] or not counts[0] or counts[0] != counts[1]:
        return
    if context.common_rows(one, other) < 1.0 or context.fits[one]["n"] != context.fits[other]["n"]:
        return
    inside = [_spread(context.log_errors(fit)) for fit in (one, other)]
    beyond = [_spread(_held_out_errors(context, fit)) for fit in (one, other)]
    first = int(inside[1] < inside[0])
    flipped = int(beyond[1] < beyond[0]) != first
    yield _finding(
        (one, other)[first],
        "warning" if flipped else "info",
        f"It describes the fitted rows better than {context.title((one, other)[1 - first])} "
        f"({percent(inside[first])} against {percent(inside[1 - first])}, root mean square) "
        f"{'but predicts' if flipped else 'and also predicts'} the {counts[0]} held-out rows "
        f"{'worse' if flipped else 'better'} ({percent(beyond[first])} against "
        f"{percent(beyond[1 - first])}).",
        "held_out_error",
        beyond[first],
    )


def _held_out_errors(context: CheckContext, fit: str) -> np.ndarray:
    points = context.points[fit]
    rows = points[(points["role"] == "held_out").to_numpy()]
    usable = rows[(rows["predicted"] > 0) & (rows["observed"] > 0)]
    return np.log(usable["predicted"].to_numpy() / usable["observed"].to_numpy())


def _spread(errors: np.ndarray) -> float:
    return float(np.sqrt((errors**2).mean())) if len(errors) else float("nan")
