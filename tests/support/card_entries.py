"""Entries of cards from plain values, for tests of what works on them."""

from __future__ import annotations

from typing import Any

from scaling_studies.cards.models.fit import AverageRows, ResolvedFit
from scaling_studies.cards.models.rows import Measured, Rows


def fit_entry(values: Any = None, /, **more: Any) -> ResolvedFit:
    """Entry of a fit; no key has to be given, and an entry stays what it is."""
    if isinstance(values, ResolvedFit):
        return values
    return ResolvedFit.rebuilt({**(values or {}), **more})


def fit_entries(values: dict[str, Any]) -> dict[str, ResolvedFit]:
    """Entries of fits by name."""
    return {name: fit_entry(entry) for name, entry in values.items()}


def rows_entry(values: dict[str, Any]) -> Rows:
    """Which rows are meant."""
    return Rows.rebuilt(values)


def measured(values: dict[str, str]) -> Measured:
    """A measurement of a run table."""
    return Measured.rebuilt(values)


def average_entry(values: dict[str, str]) -> AverageRows:
    """Which rows become one."""
    return AverageRows.rebuilt(values)
