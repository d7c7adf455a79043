"""The pandera schema of a run table, and the cells that break it.

Loading pandera takes half a second, as long as all else that a small table needs. It is therefore
loaded only to say which cells are wrong (see `raw_rows.RawRows.check`); schema and quick look use
one rule, `Column.allows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pandera

from scaling_studies.runs.columns import COLUMNS, Column


@dataclass(frozen=True)
class Failure:
    """Cells of one column that break one rule.

    Attributes
    ----------
    rows
        Index of the frame at the cells.
    empty
        Whether they are empty where they may not be; otherwise their values are not allowed.
    """

    rows: pd.Index
    empty: bool


def schema_of(columns: Mapping[str, Column] = COLUMNS) -> pandera.DataFrameSchema:
    """Return the schema of a frame with columns of the run table.

    Parameters
    ----------
    columns
        Name in the frame -> the column whose rule it keeps.

    Examples
    --------
    >>> schema = schema_of({"tokens": COLUMNS["tokens"]})
    >>> schema.validate(pd.DataFrame({"tokens": [1e9, 2e9]})).shape
    (2, 1)
    """
    return pandera.DataFrameSchema(
        {
            name: pandera.Column(
                float if column.kind == "number" else None,
                pandera.Check(column.allows, error=f"is not {column.wanted}"),
                nullable=not column.filled,
                description=column.description,
            )
            for name, column in columns.items()
        }
    )


def failures(values: pd.Series, column: Column) -> list[Failure]:
    """Return the cells that break a column's rule.

    Examples
    --------
    >>> failures(pd.Series([1e9, -1.0], [7, 8]), COLUMNS["tokens"])
    [Failure(rows=Index([8], dtype='int64', name='index'), empty=False)]
    """
    try:
        schema_of({column.name: column}).validate(values.to_frame(column.name), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return [
            Failure(pd.Index(error.failure_cases["index"]), error.check == "not_nullable")
            for error in errors.schema_errors
        ]
    return []
