"""What stands in a table beside runs: index columns, rows of units and means, dictionaries."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.errors import TableError, one_line
from scaling_studies.reading.delimited import Cells
from scaling_studies.reading.headings import MOST_QUANTITIES, unit_of_heading, upright
from scaling_studies.reading.json_tables import flattened
from scaling_studies.reading.names import name_of
from scaling_studies.reading.numbers import EMPTY, LOST, SUFFIXES, numbers_of
from scaling_studies.words import count_of, joined

_INDEX = re.compile(r"(?:unnamed: ?\d+|index|level_\d+)?", re.IGNORECASE)
_SUMMARY = re.compile(
    r"(?:grand )?(?:mean|average|avg|total|sum|median|std|stdev|sd|min|max|minimum|maximum|"
    r"count|mittelwert|summe|moyenne|overall)[.:]?",
    re.IGNORECASE,
)
_UNIT_WORDS = {
    *("nats", "nat", "bits", "params", "parameters", "tokens", "tok", "flop", "flops", "count"),
    *("steps", "samples", "unit", "units", "1", "bits/byte", "nats/token", "bpb", "ppl", "name"),
    *("text", "str", "step", "run", "id", "int", "float", "float64", "int64", "object", "string"),
    *("number", "#", "-", "pf-days", "million params", "billion tokens", *SUFFIXES),
}
_FLOP_UNIT = re.compile(r"[kmgtpezy]?flops?|pf-?days|1?e\d+(?: flops?)?", re.IGNORECASE)
_TEN = re.compile(r"\s*[$(\[]?[x×*·]?\s*(?:10\s*[\^*⁰-⁹¹²³]|1e\d+\b)")
_DICTIONARY = re.compile(r"\s*\{.*\}\s*", re.DOTALL)


def tidied(cells: Cells, name: str) -> Cells:
    """Take out what is no row and no column of runs, and say so.

    Raises
    ------
    TableError
        Two columns of one name differ.
    """
    frame, notes = cells.frame, list(cells.notes)
    if len(frame) <= MOST_QUANTITIES:
        rows = [[str(name) for name in frame.columns], *frame.to_numpy().tolist()]
        if (turned := upright(rows, notes)) is not rows:
            frame = pd.DataFrame(
                turned[1:], columns=pd.Index(turned[0], dtype=object), dtype=object
            )
    frame = _without_repeated_headers(frame, notes)
    frame = _with_dictionaries_opened(frame)
    frame = _with_named_columns(frame, notes)
    frame = _without_twins(frame, notes, name)
    frame = _with_units_of_row(frame, notes)
    frame = _without_summaries(frame, notes)
    frame = _without_copies(frame, notes)
    if frame.empty:
        raise TableError(f"{name} has no rows", table=name, fix="add the rows")
    return Cells(frame.reset_index(drop=True), notes, cells.separator)


def _without_repeated_headers(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    header = [str(name) for name in frame.columns]
    repeated = (frame == header).all(axis=1)
    if repeated.any():
        notes.append(f"{count_of(int(repeated.sum()), 'repeated header')} left out.")
    return frame[~repeated]


def _with_dictionaries_opened(frame: pd.DataFrame) -> pd.DataFrame:
    """Open cells that hold dictionaries as Python or JSON writes them."""
    parts: list[pd.DataFrame] = []
    opened = False
    for place, label in enumerate(frame.columns):
        cells = frame.iloc[:, place]
        filled = cells[cells != ""]
        if len(filled) and filled.str.fullmatch(_DICTIONARY).all():
            values = [_dictionary(cell) for cell in cells]
            if all(value is not None for value in values):
                rows = [
                    dict(flattened(value, f"{label}.")) for value in values if value is not None
                ]
                parts.append(pd.DataFrame(rows, index=frame.index, dtype=object).fillna(""))
                opened = True
                continue
        parts.append(cells.to_frame())
    return pd.concat(parts, axis=1) if opened else frame


def _dictionary(cell: str) -> dict[str, Any] | None:
    if not cell.strip():
        return {}
    for read in (json.loads, ast.literal_eval):
        text = cell if read is json.loads else re.sub(r"\b(nan|inf)\b", "None", cell)
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, dict):
            return {str(key): item for key, item in value.items()}
    return None


def _with_named_columns(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Leave out columns without a name that number the rows or are empty; name the others."""
    names: list[str | None] = []
    for place, label in enumerate(map(str, frame.columns)):
        cells = frame.iloc[:, place]
        if not _INDEX.fullmatch(label.strip()):
            names.append(label)
        elif _numbers_rows(cells):
            notes.append(
                f"Column {place + 1} ({label or 'without a name'}) numbers the rows; left out."
            )
            names.append(None)
        elif label.strip() and not label.lower().startswith("unnamed"):
            names.append(label)
        elif (cells == "").all():
            names.append(None)
        elif place == 0 and cells.is_unique and "run" not in frame.columns:
            notes.append("Column 1 has no name; it is taken for the runs.")
            names.append("run")
        else:
            names.append(f"column {place + 1}")
    kept = [place for place, label in enumerate(names) if label is not None]
    result = frame.iloc[:, kept]
    result.columns = pd.Index([names[place] for place in kept], dtype=object)
    return result


def _numbers_rows(cells: pd.Series) -> bool:
    if not cells.str.fullmatch(r"\d+(?:\.0)?").all():
        return False
    values = cells.astype(float).to_numpy()
    return bool(len(values) > 1 and values[0] in (0, 1) and (np.diff(values) == 1).all()) or (
        len(values) == 1 and values[0] in (0, 1)
    )


def _without_twins(frame: pd.DataFrame, notes: list[str], name: str) -> pd.DataFrame:
    """Keep one of several columns of one name that hold the same."""
    if frame.columns.is_unique:
        return frame
    seen: dict[str, int] = {}
    kept = []
    for place, label in enumerate(map(str, frame.columns)):
        if label not in seen:
            seen[label] = place
            kept.append(place)
        elif not frame.iloc[:, place].equals(frame.iloc[:, seen[label]].rename(label)):
            raise TableError(
                f"the column appears twice in {name}, with other values",
                table=name,
                column=label,
                fix="rename or delete one of them",
            )
    notes.append("Columns that appear twice are read once.")
    return frame.iloc[:, kept]


def _with_units_of_row(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Take the first row for units where it holds words over columns of numbers."""
    if len(frame) < 3:
        return frame
    first, rest = frame.iloc[0], frame.iloc[1:]
    numeric = [
        place
        for place in range(frame.shape[1])
        if (rest.iloc[:, place] != "").any() and not numbers_of(rest.iloc[:, place]).wrong.any()
    ]
    cells = [first.iloc[place].strip() for place in numeric]
    words = [unit_of_heading(cell).lower() for cell in cells]
    filled = [word for word in words if word]
    if not filled or not all(word in _UNIT_WORDS or _FLOP_UNIT.fullmatch(word) for word in filled):
        return frame
    if not numbers_of(pd.Series(filled)).wrong.any() and not _are_powers(frame, numeric):
        return frame
    names = [str(label) for label in frame.columns]
    for place, word in zip(numeric, words, strict=True):
        if word not in ("", "1", "-", "unit", "units", "#") and name_of(names[place]).unit is None:
            names[place] = f"{names[place]} ({word})"
    result = rest.copy()
    result.columns = pd.Index(names, dtype=object)
    notes.append(f"The first row holds units ({', '.join(filled)}); it is no run.")
    return result


def _are_powers(frame: pd.DataFrame, numeric: list[int]) -> bool:
    """Whether the first row holds powers of ten that are units: alone in their form, and large.

    Such a row has no name and leaves something out, as units have no loss.
    """
    first, rest = frame.iloc[0], frame.iloc[1:]
    said = ~first.str.lower().isin(EMPTY | {"unit", "units"}).to_numpy()
    if said.all() or np.delete(said, numeric).any():
        return False
    for place in numeric:
        if not said[place]:
            continue
        written = rest.iloc[:, place].str.match(_TEN).any()
        power = numbers_of(first.iloc[[place]].map(lambda cell: unit_of_heading(cell).lower()))
        usual = np.nanmedian(numbers_of(rest.iloc[:, place]).floats)
        if written or not power.floats[0] >= 10.0 * usual:
            return False
    return True


def _without_summaries(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Leave out rows at the end that sum up the others."""
    labels = [
        place
        for place in range(frame.shape[1])
        if numbers_of(frame.iloc[:, place]).wrong.mean() > 0.5 or place == 0
    ]
    left: list[str] = []
    while len(frame) > 2:
        last = frame.iloc[-1]
        words = [last.iloc[place] for place in labels if last.iloc[place]]
        named = bool(words) and bool(_SUMMARY.fullmatch(words[0].strip()))
        if not named and not (labels and not words and _sums_up(frame)):
            break
        left.append(one_line(words[0], 30) if words else "without a name")
        frame = frame.iloc[:-1]
    if left:
        notes.append(
            f"{count_of(len(left), 'row')} at the end ({joined(left)}) sum up the others; left out."
        )
    return frame


def _sums_up(frame: pd.DataFrame) -> bool:
    """Whether the numbers of the last row are means, sums or medians of those above."""
    found = []
    for place in range(frame.shape[1]):
        values = numbers_of(frame.iloc[:, place]).floats
        above, last = values[:-1][np.isfinite(values[:-1])], values[-1]
        if len(above) < 2 or not np.isfinite(last):
            continue
        near = [above.mean(), above.sum(), np.median(above)]
        found.append(bool(np.isclose(last, near, rtol=1e-3).any()) and above.std() > 0)
    return len(found) > 1 and all(found)


def _without_copies(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Leave out rows that repeat another in every cell, and empty rows."""
    blank = frame.apply(lambda cells: cells.str.lower().isin(EMPTY - LOST)).all(axis=1)
    frame = frame[~blank]
    copies = frame.duplicated()
    if copies.any():
        number = int(copies.sum())
        notes.append(f"{count_of(number, 'row')} that repeat another in every cell left out.")
    return frame[~copies]
