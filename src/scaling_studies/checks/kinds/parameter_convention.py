"""What does N count? Total, without embeddings, active: allocations depend on it.

Source: Pearce and Song 2024, arXiv 2406.12907; Schaeffer et al. 2025, arXiv 2509.23963.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.conventions import compare
from scaling_studies.checks.words import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = "What does N count, and do exponents or tokens per parameter depend on it?"
NOTHING = "no fit has parameters N among its axes or as its response"

#: Columns of the run table that count parameters, and what the axis then is.
COLUMNS = {
    "params_total": "total",
    "params_non_embedding": "without embeddings",
    "params_active": "active",
}
#: Metric of studies that fit the best size itself.
SIZE_METRICS = ("params_opt", "optimal_params")

_finding = partial(Finding, "parameter_convention")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on the meaning of N."""
    labels, unstated, stated = {}, [], set()
    for fit in (*context.refits, *context.evaluated):
        column = _column(context, fit)
        if column is None:
            continue
        said = context.column(fit, "params_convention")
        if fit in context.refits:
            labels[fit] = COLUMNS.get(column, column)
        stated |= set(said)
        if not said:
            unstated.append(fit)
    if unstated:
        yield _finding(
            None,
            "warning",
            f"What N counts is not known for {context.titles(unstated)}: tokens per parameter are "
            "not comparable with other studies'.",
        )
    if stated:
        counted = joined(f"“{text}”" for text in sorted(stated))
        yield _finding(None, "info", f"N counts parameters as follows: {counted}.")
    yield from compare(context, "parameter_convention", "N", labels)


def _column(context: CheckContext, fit: str) -> str | None:
    """Column that a fit reads N from."""
    entry = context.entry(fit)
    axis = entry.get("axes", {}).get("params")
    if isinstance(axis, str):
        return axis
    if context.fits[fit]["law"] == "compute_optimal":
        return entry.get("response", {}).get("metric")
    return None
