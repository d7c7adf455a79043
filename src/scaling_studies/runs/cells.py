"""Raw cells as numbers, text and flags: whole columns at a time, whatever type the file gave them.

Text is `TEXT` throughout, numbers are float64. A column is cast at once; only when that fails are
its cells told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pd.StringDtype("pyarrow")

_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$|^[+-]?(?i:nan|inf|infinity)$"
# As `artefacts.given.UNWRITABLE`; halves of pairs cannot stand in UTF-8.
_UNWRITABLE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{202a}-\x{202e}\x{2066}-\x{2069}\x{fffe}\x{ffff}]"
)
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def as_numbers(cells: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Return cells as float64 with NaN for empty ones, and where they are not numbers.

    Examples
    --------
    >>> numbers, unreadable = as_numbers(pa.chunked_array([["1e9", " 2 ", "", "1,5"]]))
    >>> numbers.tolist(), unreadable.tolist()
    ([1000000000.0, 2.0, nan, nan], [False, False, False, True])
    """
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    kind = cells.type
    readable = np.zeros(len(cells), dtype=bool)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return cells.cast(pa.float64(), safe=False).to_numpy(), readable
    if not (_is_text(kind) or pa.types.is_null(kind)):
        return np.full(len(cells), np.nan), cells.is_valid().to_numpy()
    try:
        return cells.cast(pa.float64()).to_numpy(), readable
    except pa.ArrowInvalid:
        text = _trimmed(cells)
    is_number = pc.fill_null(pc.match_substring_regex(text, _NUMBER), True)
    numbers = pc.if_else(is_number, text, pa.scalar(None, pa.string())).cast(pa.float64())
    return numbers.to_numpy(), ~is_number.to_numpy()


def as_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cells as text, null for empty ones.

    Whole floats lose their point (a column of ids that a tool turned into floats); flags become
    ``true`` and ``false``; white space around text is dropped.

    Raises
    ------
    TypeError
        When the cells are of a type that has no text (lists, structures, bytes).
    """
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    kind = cells.type
    if pa.types.is_floating(kind):
        return numbers_as_text(cells.cast(pa.float64()).to_numpy())
    if _is_text(kind):
        return _trimmed(cells)
    checks = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_decimal, pa.types.is_null)
    if any(check(kind) for check in checks):
        return cells.cast(pa.string())
    raise TypeError(str(kind))


def unwritable(text: pd.Series) -> pd.Series:
    r"""Return where texts have a character that no page or figure can hold.

    Examples
    --------
    >>> unwritable(pd.Series(["a b", "a\x1b[2J", None], dtype=TEXT)).tolist()
    [False, True, False]
    """
    found = pc.match_substring_regex(pa.array(text, pa.string()), _UNWRITABLE)
    return pd.Series(pc.fill_null(found, False).to_numpy(zero_copy_only=False), text.index)


def as_flags(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return texts as booleans (missing for empty ones), and where they are neither.

    True is written ``true``, ``yes`` or ``1``, in any case; false likewise.
    """
    flags = text.str.lower().map(_FLAGS).astype("boolean")
    return flags, text.notna() & flags.isna()


def numbers_as_text(numbers: np.ndarray) -> pa.ChunkedArray:
    """Return numbers as their shortest text; whole ones without a point, NaN as null.

    Examples
    --------
    >>> numbers_as_text(np.array([100.0, 0.5, float("nan")])).to_pylist()
    ['100', '0.5', None]
    """
    whole = (np.abs(numbers) < 2.0**53) & (np.floor(numbers) == numbers)
    integers = pa.array(np.where(whole, numbers, 0.0).astype(np.int64)).cast(pa.string())
    if whole.all():
        return pa.chunked_array([integers])
    others = pa.array(numbers, from_pandas=True).cast(pa.string())
    return pa.chunked_array([pc.if_else(pa.array(whole), integers, others)])


def replace(text: pd.Series, values: Mapping[str, Any]) -> pd.Series:
    """Return texts with raw values replaced; others stay as they are.

    Empty cells are replaced by the value of the empty text, where there is one.
    """
    if not values:
        return text
    words = {raw: str(value) for raw, value in values.items()}
    known = text.map({word: _replaced(word, words) for word in text.dropna().unique()})
    return known.astype(TEXT).fillna(words[""]) if "" in words else known.astype(TEXT)


def _replaced(word: str, words: Mapping[str, str]) -> str:
    """What stands for a raw text: its own replacement, else that of the first pattern it fits."""
    if word in words:
        return words[word]
    for raw, value in words.items():
        before, star, after = raw.partition("*")
        long_enough = len(word) >= len(before + after)
        if star and long_enough and word.startswith(before) and word.endswith(after):
            return value.replace("*", word[len(before) : len(word) - len(after)])
    return word


def joined(texts: Sequence[pd.Series], separator: str) -> pd.Series:
    """Return several texts of each row as one; empty where one of them is."""
    if len(texts) == 1:
        return texts[0]
    # Older pandas gives large strings whatever type is asked for.
    arrays = [pa.array(text, pa.string()).cast(pa.string()) for text in texts]
    found = pc.binary_join_element_wise(*arrays, separator)
    return text_series(found, texts[0].index)


def text_series(cells: pa.Array | pa.ChunkedArray, rows: pd.Index) -> pd.Series:
    """Return Arrow text as a series of dtype `TEXT`."""
    return pd.Series(cells.to_pandas(types_mapper=lambda _: TEXT).array, rows)


def constant(value: str | None, rows: pd.Index) -> pd.Series:
    """Return the same text in every row, stored once."""
    if value is None:
        return pd.Series(None, rows, TEXT)
    return pd.Series(pd.Categorical([value]).take(np.zeros(len(rows), np.intp)), rows)


def show(cell: object) -> str:
    """Return a raw cell for an error: as it is written, short and on one line.

    Examples
    --------
    >>> show("-3"), show("two"), show(2.5)
    ('-3', "'two'", '2.5')
    """
    text = repr(cell)
    if isinstance(cell, str) and pc.match_substring_regex(cell, _NUMBER).as_py():
        text = cell
    return text if len(text) <= 60 else f"{text[:57]}..."


def _trimmed(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view()
