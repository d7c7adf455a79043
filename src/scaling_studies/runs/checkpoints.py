"""Which rows of a raw table belong to the same checkpoint, and which state one twice.

Rows are told apart by two independent 64-bit hashes of (run, step, metric, evaluation set), so that
tables of many millions of rows are checked in little memory, part by part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies.runs import cells

_SEEDS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


def row_keys(
    run_id: pa.DictionaryArray, step: np.ndarray | None, occurrence: np.ndarray | None = None
) -> pa.Array:
    """Return ``<run_id>``, ``<run_id>@<step>`` or, from a second occurrence on, ``...#<n>``.

    Parameters
    ----------
    run_id
        Shape (rows,).
    step
        Optimiser steps, shape (rows,), or None when the table has no steps.
    occurrence
        How often the row's checkpoint occurred before, shape (rows,), or None when never.
    """
    keys = run_id.dictionary_decode()
    if step is not None:
        keys = pc.binary_join_element_wise(keys, cells.numbers_as_text(step), "@")
    if occurrence is not None and occurrence.any():
        number = pa.array(occurrence + 1).cast(pa.string())
        repeated = pc.binary_join_element_wise(keys, number, "#")
        keys = pc.if_else(pa.array(occurrence > 0), repeated, keys)
    return keys


def occurrences(parts: list[pa.DictionaryArray | np.ndarray]) -> np.ndarray:
    """Return how often each row's combination of values occurred in earlier rows.

    Parameters
    ----------
    parts
        Columns without empty cells, each of shape (rows,); texts with dictionaries that hold no
        word twice.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), 0 for the first occurrence.
    """
    codes = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        numbers = part if isinstance(part, np.ndarray) else part.indices.to_numpy()
        _, part_codes = np.unique(numbers, return_inverse=True)
        _, codes = np.unique(codes * len(part) + part_codes, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    lengths = np.diff(starts, append=len(order))
    count = np.empty(len(order), dtype=np.int64)
    count[order] = np.arange(len(order)) - np.repeat(starts, lengths)
    return count


@dataclass
class SeenRows:
    """Finds rows that repeat an earlier one, over all parts of a table."""

    _hashes: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list, repr=False)
    _rows: list[np.ndarray] = field(default_factory=list, repr=False)

    def add(self, parts: list[pa.DictionaryArray | np.ndarray], rows: np.ndarray) -> None:
        """Add rows by the values that identify them.

        Parameters
        ----------
        parts
            Columns that identify a row, each of shape (rows,).
        rows
            Number of each row in the table, shape (rows,).
        """
        self._hashes.append((_hash_rows(parts, _SEEDS[0]), _hash_rows(parts, _SEEDS[1])))
        self._rows.append(rows.astype(np.uint32) if rows[-1] < 2**32 else rows)

    def repeated(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that repeat an earlier one, ascending, and the first of each of them."""
        none = np.empty(0, dtype=np.int64)
        if not self._hashes:
            return none, none
        first = np.concatenate([pair[0] for pair in self._hashes])
        ordered = np.sort(first)
        if not (ordered[1:] == ordered[:-1]).any():
            return none, none
        second = np.concatenate([pair[1] for pair in self._hashes])
        rows = np.concatenate(self._rows).astype(np.int64)
        order = np.lexsort((rows, second, first))
        same = (first[order][1:] == first[order][:-1]) & (second[order][1:] == second[order][:-1])
        starts = np.maximum.accumulate(np.where(np.r_[False, same], 0, np.arange(len(order))))
        later = np.flatnonzero(np.r_[False, same])
        repeats, originals = rows[order][later], rows[order][starts[later]]
        ascending = np.argsort(repeats, kind="stable")
        return repeats[ascending], originals[ascending]


def _hash_rows(parts: list[pa.DictionaryArray | np.ndarray], seed: np.uint64) -> np.ndarray:
    result = np.array([seed])  # an array, as only those overflow without a warning
    for part in parts:
        if isinstance(part, np.ndarray):
            values = (part + 0.0).view(np.uint64)  # +0.0 makes the two zeros alike
        else:
            values = _hash_text(part.dictionary, seed)[part.indices.to_numpy()]
        result = _mix(_mix(values + seed) ^ (result * np.uint64(0xD6E8FEB86659FD93)))
    return result


def _hash_text(words: pa.StringArray, seed: np.uint64) -> np.ndarray:
    """Hash each word as the sum of its bytes, each times a random number of its position."""
    words = pa.concat_arrays([words])  # drops the offset of a slice
    _, offsets, data = words.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[: len(words) + 1].astype(np.int64)
    lengths = np.diff(ends)
    if not ends[-1]:
        return _mix(lengths.astype(np.uint64) + seed)
    letters = np.frombuffer(data, dtype=np.uint8)[: ends[-1]].astype(np.uint64) + np.uint64(1)
    position = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    weights = _mix(np.arange(1, int(lengths.max()) + 1, dtype=np.uint64) * seed)
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(letters * weights[position])])
    return _mix(total[ends[1:]] - total[ends[:-1]] + seed)


def _mix(values: np.ndarray) -> np.ndarray:
    """Spread the bits of 64-bit integers (the finaliser of splitmix64)."""
    values = values ^ (values >> np.uint64(30))
    values = values * np.uint64(0xBF58476D1CE4E5B9)
    values = values ^ (values >> np.uint64(27))
    values = values * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
