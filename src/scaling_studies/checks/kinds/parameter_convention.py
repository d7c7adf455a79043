"""What does N count? Total, without embeddings, active: allocations depend on it.

Source: Pearce and Song 2024, arXiv 2406.12907; Schaeffer et al. 2025, arXiv 2509.23963.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.conventions import compare
from scaling_studies.runs.columns import COLUMNS as RUN_TABLE
from scaling_studies.words import joined

MEANING = "What does N count, and do exponents or tokens per parameter depend on it?"
NOTHING = "no fit has parameters N among its axes or as its response"

#: Columns of the run table that count parameters, and what the axis then is.
COLUMNS = {
    "params_total": "total",
    "params_non_embedding": "without embeddings",
    "params_active": "active",
}


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on the meaning of N."""
    columns = {fit: _column(context, fit) for fit in context.with_rows}
    counting = [fit for fit, column in columns.items() if column is not None]
    stated = {fit: context.column(fit, "params_convention") for fit in counting}
    unstated = [fit for fit in counting if not stated[fit]]
    if unstated:
        yield warning(
            f"What N counts is not known for {context.titles(unstated)}: tokens per parameter are "
            "not comparable with other studies'."
        )
    said = {text for texts in stated.values() for text in texts}
    if said:
        counted = joined(f"“{text}”" for text in sorted(said))
        yield info(f"N counts parameters as follows: {counted}.")
    labels = {
        fit: COLUMNS.get(column, column)
        for fit, column in columns.items()
        if column is not None and fit in context.refits
    }
    yield from compare(context, "N", labels)


def _column(context: CheckContext, fit: str) -> str | None:
    """Column or metric that a fit reads N from."""
    entry = context.entry(fit)
    axis = (entry.axes or {}).get("params")
    if isinstance(axis, str):
        # A law of size may be fitted to something else of the run table, a batch.
        return None if axis in RUN_TABLE and RUN_TABLE[axis].unit != "params" else axis
    of_optima = context.fits[fit].law == "compute_optimal"
    return entry.response.metric if of_optima and entry.response else None
