"""Columns of the table of verdicts on published numbers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from scaling_studies.artefacts import files

TEXT, NUMBER = pa.large_string(), pa.float64()
SCHEMA = pa.schema(
    {
        "study": TEXT,
        "fit": TEXT,
        "quantity": TEXT,
        "published": NUMBER,
        "refit": NUMBER,
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "verdict": TEXT,
        "reason": TEXT,
        "evidence": TEXT,
        "role": TEXT,
        "digits": pa.int64(),
        "z": NUMBER,
        "counted": pa.bool_(),
        "not_counted": TEXT,
        "published_se": NUMBER,
        "tolerance": NUMBER,
        "tolerance_kind": TEXT,
        "tolerance_reason": TEXT,
        "judged_by": TEXT,
        "where_published": TEXT,
        "confirmation": TEXT,
    }
)


def verdict_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of verdicts as a table of `SCHEMA`."""
    return files.table_of(rows, SCHEMA)
