"""Columns of the run table that follow from N, D and C (6ND and what is derived by it)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from scaling_studies.runs.cells import constant
from scaling_studies.runs.columns import COLUMNS
from scaling_studies.runs.mapping import PARAMS_OF_COMPUTE, TableMapping
from scaling_studies.runs.raw_rows import RawRows

_PARAMS_OF_CONVENTION = {
    "6ND_total": "params_total",
    "6ND_non_embedding": "params_non_embedding",
    "6ND_active": "params_active",
}


def add_compute_columns(frame: pd.DataFrame, mapping: TableMapping, rows: RawRows) -> None:
    """Add the derived columns and ``flops_6nd``; notes FLOPs that disagree with 6ND.

    Training compute is taken as C = 6ND (Kaplan et al. 2020, section 2.1; Hoffmann et al. 2022,
    appendix F), in float64: as 64-bit integers overflow at 9.2e18.

    Parameters
    ----------
    frame
        Columns of the run table; changed in place.
    mapping, rows
        The table's entry in the card, and the piece of the raw table.
    """
    derived: list[str] = []
    params = _params_of_compute(frame)
    if "tokens_from_6nd" in mapping.derived:
        frame["tokens"] = frame["flops"] / (6.0 * params)
        derived.append("tokens")
    if "flops_from_6nd" in mapping.derived:
        frame["flops"] = 6.0 * params * frame["tokens"]
        derived.append("flops")
    if "epochs_from_unique" in mapping.derived:
        frame["epochs"] = frame["tokens"] / frame["unique_tokens"]
        derived.append("epochs")
    if "flops" in frame and "flops_convention" not in frame:
        frame["flops_convention"] = constant("unknown", frame.index)
    if mapping.names_params and "tokens" in frame:
        frame["flops_6nd"] = 6.0 * params * frame["tokens"]
        derived.append("flops_6nd")
    for name in derived:
        rows.require(frame[name], replace(COLUMNS[name], filled=False), raw=None)
    if mapping.entry.flops_tolerance is not None and {"flops", "flops_6nd"} <= set(frame):
        tolerance = mapping.entry.flops_tolerance
        _check_flops(frame["flops"], frame["flops_6nd"], tolerance, mapping, rows)


def _params_of_compute(frame: pd.DataFrame) -> pd.Series:
    """Return the N of 6ND of each row, NaN where no N is known."""
    given = [name for name in PARAMS_OF_COMPUTE if name in frame]
    params = frame[given[0]] if given else pd.Series(np.nan, frame.index)
    if "flops_convention" in frame:
        for convention, name in _PARAMS_OF_CONVENTION.items():
            if name in frame:
                other = (frame["flops_convention"] != convention).fillna(True).astype(bool)
                params = params.where(other, frame[name])
    return params


def _check_flops(
    published: pd.Series,
    expected: pd.Series,
    tolerance: float,
    mapping: TableMapping,
    rows: RawRows,
) -> None:
    difference = published / expected - 1.0
    rows.note(
        difference.abs() > tolerance,
        mapping.raw_column("flops"),
        lambda row: (
            f"{published[row]:.6g} FLOP differ from 6ND = {expected[row]:.6g} by "
            f"{100 * difference[row]:+.3g} %, more than the {100 * tolerance:g} % allowed"
        ),
        "correct the row, the units or `flops_convention`, or set `flops_tolerance` to what the "
        "study's own accounting needs",
        severity=difference.abs(),
    )
