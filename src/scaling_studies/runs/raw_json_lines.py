"""JSON-lines files as tables, with errors that name the row."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from scaling_studies.artefacts.given import LONGEST_LINE
from scaling_studies.errors import TableError
from scaling_studies.runs.raw_csv import MOST_COLUMNS


def read(path: Path, *, study: str, table: str) -> pa.Table:
    """Return the file as a table: one JSON object a line, a column for each key.

    A column that mixes numbers and text is returned as text. Arrow's own reader is not used: a line
    that holds ``null`` ends the process in it.

    Raises
    ------
    TableError
        When a line is not a JSON object, names a key twice or is too long; names the row.
    """
    columns: dict[str, list[Any]] = {}
    count = 0
    for count, record in enumerate(records_of(path, study=study, table=table), start=1):
        for name, value in record.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (count - 1 - len(column)))
            column.append(value)
        if len(columns) > MOST_COLUMNS:
            raise TableError(
                f"{path.name} has more than {MOST_COLUMNS:,} keys",
                study=study,
                table=table,
                row=count,
                fix="give each line the same few keys",
            )
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    return pa.table({name: _array(values) for name, values in columns.items()})


def _array(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {bool} or kinds == {int} or (kinds <= {int, float}):
        try:
            return pa.array(values, pa.float64() if kinds == {int, float} else None)
        except (OverflowError, pa.ArrowInvalid):
            pass  # whole numbers that 64 bits do not hold
    return pa.array([_text(value) for value in values], pa.string())


def records_of(path: Path, *, study: str, table: str) -> Iterator[dict[str, Any]]:
    """Objects of the file, one a line; empty lines are passed by.

    Raises
    ------
    TableError
        A line is not a JSON object; names the row.
    """
    place = {"study": study, "table": table}
    fix = 'write one object a line, for example {"params": 1e9, "loss": 2.5}'
    row = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise TableError(
                    f"a line of {path.name} is too long", row=row + 1, fix=fix, **place
                )
            line = line.removeprefix(codecs.BOM_UTF8) if row == 0 else line
            if not line.strip():
                continue
            row += 1
            try:
                record = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
                json.dumps(record, ensure_ascii=False).encode("utf-8")
            except KeyError as error:
                raise TableError(
                    f"the key {error.args[0]!r} is given twice",
                    row=row,
                    fix="keep one of them",
                    **place,
                ) from None
            except UnicodeEncodeError:
                raise TableError(
                    "the line has half a surrogate pair, which is no text",
                    row=row,
                    fix="correct the text",
                    **place,
                ) from None
            except (ValueError, RecursionError):
                record = None
            if not isinstance(record, dict):
                raise TableError(
                    f"the line of {path.name} is not a JSON object", row=row, fix=fix, **place
                )
            yield record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Object of pairs whose keys are all different."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise KeyError(name)
        found[name] = value
    return found


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else json.dumps(value)
