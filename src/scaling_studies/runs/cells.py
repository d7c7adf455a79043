"""Raw cells as numbers, text and flags: whole columns at a time, whatever type the file gave them.

Cells that cannot be read are returned as a mask, so that the caller can name the row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.dictionary(pa.int32(), pa.string())

_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$|^[+-]?(?i:nan|inf|infinity)$"
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def as_numbers(cells: pa.Array) -> tuple[np.ndarray, np.ndarray | None]:
    """Return cells as float64 with NaN for empty ones.

    Parameters
    ----------
    cells
        Text, integers, floats or decimals; shape (rows,).

    Returns
    -------
    numbers
        Shape (rows,).
    unreadable
        Boolean, shape (rows,): cells that are not numbers. None when there are none.
    """
    kind = cells.type
    if pa.types.is_null(kind):
        return np.full(len(cells), np.nan), None
    if pa.types.is_dictionary(kind):
        cells = cells.dictionary_decode()
        kind = cells.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _to_numpy(cells.cast(pa.float64(), safe=False)), None
    if not _is_text(kind):
        return np.full(len(cells), np.nan), cells.is_valid().to_numpy(zero_copy_only=False)
    try:
        return _to_numpy(cells.cast(pa.float64())), None
    except pa.ArrowInvalid:
        return _numbers_from_mixed_text(cells)


def _numbers_from_mixed_text(cells: pa.Array) -> tuple[np.ndarray, np.ndarray | None]:
    text = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    readable = pc.fill_null(pc.match_substring_regex(text, _NUMBER), True)
    numbers = pc.if_else(readable, text, pa.scalar(None, pa.string())).cast(pa.float64())
    unreadable = ~readable.to_numpy(zero_copy_only=False)
    return _to_numpy(numbers), unreadable if unreadable.any() else None


def as_text(cells: pa.Array) -> pa.DictionaryArray:
    """Return cells as dictionary-encoded text, null for empty ones.

    Whole floats lose their point (a column of ids that a tool turned into floats); flags become
    ``true`` and ``false``; white space around text is dropped.

    Raises
    ------
    TypeError
        When the cells are of a type that has no text (lists, structures, bytes).
    """
    kind = cells.type
    if pa.types.is_null(kind):
        return pa.nulls(len(cells), TEXT)
    encoded = cells if pa.types.is_dictionary(kind) else pc.dictionary_encode(cells)
    values = _plain_text(encoded.dictionary)
    trimmed = pc.utf8_trim_whitespace(values)
    empty = pc.equal(trimmed, "")
    codes = encoded.indices.cast(pa.int32())
    if trimmed.equals(values) and not pc.any(empty).as_py() and not values.null_count:
        return pa.DictionaryArray.from_arrays(codes, values)
    # Trimming may have made two values alike, so the dictionary is made anew.
    clean = pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)
    merged = pc.dictionary_encode(clean)
    return pa.DictionaryArray.from_arrays(merged.indices.take(codes), merged.dictionary)


def as_flags(cells: pa.Array) -> tuple[pa.Array, np.ndarray | None]:
    """Return cells as booleans (null for empty ones) and a mask of those that are neither.

    True is written ``true``, ``yes`` or ``1``, in any case; false likewise.
    """
    if pa.types.is_boolean(cells.type):
        return cells, None
    text = as_text(cells)
    words = [_FLAGS.get(word.lower()) for word in text.dictionary.to_pylist()]
    flags = pa.array(words, pa.bool_()).take(text.indices)
    unreadable = pc.and_(text.is_valid(), flags.is_null()).to_numpy(zero_copy_only=False)
    return flags, unreadable if unreadable.any() else None


def replace(cells: pa.Array, values: Mapping[str, object]) -> pa.DictionaryArray:
    """Return cells as text with raw values replaced; others stay as they are.

    Empty cells are replaced by the value of the empty text, where there is one.
    """
    text = as_text(cells)
    words = [str(values.get(word, word)) for word in text.dictionary.to_pylist()]
    codes = text.indices
    if "" in values:
        codes = pc.fill_null(codes, pa.scalar(len(words), pa.int32()))
        words.append(str(values[""]))
    renamed = pc.dictionary_encode(pa.array(words, pa.string()))
    return pa.DictionaryArray.from_arrays(renamed.indices.take(codes), renamed.dictionary)


def constant_text(value: str | None, rows: int) -> pa.DictionaryArray:
    """Return one text in every row, or null in every row when it is None."""
    if value is None:
        return pa.nulls(rows, TEXT)
    codes = pa.array(np.zeros(rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array([value], pa.string()))


def from_numbers(numbers: np.ndarray) -> pa.Array:
    """Return numbers as an Arrow array, NaN as null."""
    return pa.array(numbers, from_pandas=bool(np.isnan(numbers).any()))


def numbers_as_text(numbers: np.ndarray) -> pa.Array:
    """Return numbers as their shortest text; whole ones without a point, NaN as null."""
    whole = np.abs(numbers) < 2.0**53
    whole &= np.floor(numbers) == numbers
    integers = pa.array(np.where(whole, numbers, 0.0).astype(np.int64)).cast(pa.string())
    if whole.all():
        return integers
    others = from_numbers(numbers).cast(pa.string())
    return pc.if_else(pa.array(whole), integers, others)


def _plain_text(values: pa.Array) -> pa.Array:
    kind = values.type
    if _is_text(kind):
        return values.cast(pa.string())
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return values.cast(pa.string())
    if pa.types.is_floating(kind):
        return numbers_as_text(_to_numpy(values.cast(pa.float64())))
    raise TypeError(str(kind))


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view()


def _to_numpy(numbers: pa.Array) -> np.ndarray:
    return numbers.to_numpy(zero_copy_only=False)
