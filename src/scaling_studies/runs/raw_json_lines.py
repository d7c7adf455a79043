"""JSON-lines files as tables, with errors that name the row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from scaling_studies.errors import TableError


def read(path: Path, *, study: str, table: str) -> pa.Table:
    """Return the file as a table: one JSON object a line, a column for each key.

    A column that mixes numbers and text is returned as text.

    Raises
    ------
    TableError
        When a line is not a JSON object.
    """
    from pyarrow import json as arrow_json

    try:
        raw = arrow_json.read_json(path)
    except pa.ArrowInvalid:
        return _as_text(path, study=study, table=table)
    if all(_is_plain(field.type) for field in raw.schema):
        return raw
    # Arrow takes some texts for dates; as text they stay what the file says.
    return _as_text(path, study=study, table=table)


def _is_plain(kind: pa.DataType) -> bool:
    checks = (
        pa.types.is_string,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_boolean,
        pa.types.is_null,
    )
    return any(check(kind) for check in checks)


def records_of(path: Path, *, study: str, table: str) -> Iterator[dict[str, Any]]:
    """Objects of the file, one a line; empty lines are passed by.

    Raises
    ------
    TableError
        A line is not a JSON object; names the row.
    """
    with path.open("rb") as file:
        lines = (line for line in file if line.strip())
        for row, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if not isinstance(record, dict):
                raise TableError(
                    f"the line of {path.name} is not a JSON object",
                    study=study,
                    table=table,
                    row=row,
                    fix='write one object a line, for example {"params": 1e9, "loss": 2.5}',
                )
            yield record


def _as_text(path: Path, *, study: str, table: str) -> pa.Table:
    records = list(records_of(path, study=study, table=table))
    names = dict.fromkeys(name for record in records for name in record)
    return pa.table(
        {name: pa.array([_text(r.get(name)) for r in records], pa.string()) for name in names}
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else json.dumps(value)
