"""Columns of the run table that follow from N, D and C (6ND and what is derived by it)."""

from __future__ import annotations

from typing import Any

import numpy as np

from scaling_studies.runs.cell_reader import CellReader, texts_differ
from scaling_studies.runs.mapping import PARAMS_OF_COMPUTE, TableMapping

_PARAMS_OF_CONVENTION = {
    "6ND_total": "params_total",
    "6ND_non_embedding": "params_non_embedding",
    "6ND_active": "params_active",
}


def add_compute_columns(columns: dict[str, Any], mapping: TableMapping, reader: CellReader) -> None:
    """Add the derived columns and ``flops_6nd``; notes FLOPs that disagree with 6ND.

    Training compute is taken as C = 6ND (Kaplan et al. 2020, section 2.1; Hoffmann et al. 2022,
    appendix F), in float64: as 64-bit integers overflow at 9.2e18.

    Parameters
    ----------
    columns
        Columns of the run table by name: float64 arrays of shape (rows,), constants, or text.
    mapping, reader
        The table's entry in the card, and the part of the raw table.
    """
    derived = mapping.derived
    given = set(columns)
    params = _params_of_compute(columns, reader.rows)
    if "tokens_from_6nd" in derived:
        columns["tokens"] = columns["flops"] / (6.0 * params)
    if "flops_from_6nd" in derived:
        columns["flops"] = 6.0 * params * columns["tokens"]
    if "epochs_from_unique" in derived:
        columns["epochs"] = columns["tokens"] / np.asarray(columns["unique_tokens"], np.float64)
    if "flops" in columns:
        columns.setdefault("flops_convention", "unknown")
    if params is not None and "tokens" in columns:
        columns["flops_6nd"] = 6.0 * params * columns["tokens"]
    for name in sorted(set(columns) - given - {"flops_convention"}):
        _check_derived(columns[name], name, reader)
    if mapping.flops_tolerance is not None and {"flops", "flops_6nd"} <= set(columns):
        _check_flops(columns, mapping, reader)


def _params_of_compute(columns: dict[str, Any], rows: int) -> Any:
    """Return the N of 6ND of each row (or one for all rows), None when no N is known."""
    given = [name for name in PARAMS_OF_COMPUTE if name in columns]
    if not given:
        return None
    default = columns[given[0]]
    convention = columns.get("flops_convention")
    if convention is None or isinstance(convention, str):
        return columns.get(_PARAMS_OF_CONVENTION.get(convention, ""), default)
    params = np.array(np.broadcast_to(np.asarray(default, np.float64), rows))
    for meaning, name in _PARAMS_OF_CONVENTION.items():
        if name in columns:
            chosen = ~texts_differ(convention, meaning, rows)
            params[chosen] = np.broadcast_to(columns[name], rows)[chosen]
    return params


def _check_derived(derived: Any, name: str, reader: CellReader) -> None:
    numbers = np.broadcast_to(np.asarray(derived, np.float64), reader.rows)
    reader.note(
        np.isinf(numbers) | (numbers <= 0.0),
        name,
        lambda row: f"{numbers[row]:g}, derived from the row, is not more than zero and finite",
        "correct the units of the columns that it is derived from",
    )


def _check_flops(columns: dict[str, Any], mapping: TableMapping, reader: CellReader) -> None:
    tolerance = mapping.flops_tolerance
    expected = np.broadcast_to(np.asarray(columns["flops_6nd"], np.float64), reader.rows)
    published = np.broadcast_to(np.asarray(columns["flops"], np.float64), reader.rows)
    difference = published / expected - 1.0
    off = np.nan_to_num(np.abs(difference), nan=0.0)
    reader.note(
        off > tolerance,
        mapping.raw_column("flops"),
        lambda row: (
            f"{published[row]:.6g} FLOP differ from 6ND = {expected[row]:.6g} by "
            f"{100 * difference[row]:+.3g} %, more than the {100 * tolerance:g} % allowed"
        ),
        "correct the row, the units or `flops_convention`, or set `flops_tolerance` to what the "
        "study's own accounting needs",
        severity=off,
    )
