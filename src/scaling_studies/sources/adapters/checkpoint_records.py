"""Checkpoints of runs as JSON lines, one file a selection of checkpoints.

Written for the Gemstones models (McLeish et al. 2025), ``wandb_dfs/*.jsonl``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from scaling_studies.sources import checked


def extract(
    paths: dict[str, Path], *, tables: dict[str, str], vocabulary: int
) -> dict[str, pd.DataFrame]:
    """Return one table of checkpoints a file.

    Parameters
    ----------
    paths
        The JSON-lines files.
    tables
        Our name of a table to the file's path.
    vocabulary
        Rows of an embedding matrix; its ``vocabulary × width`` parameters are what the
        non-embedding count leaves out.

    Returns
    -------
    dict of str to pandas.DataFrame
        The named tables, ordered by run and step.
    """
    return {name: _table(paths[path], vocabulary, table=path) for name, path in tables.items()}


def _table(path: Path, vocabulary: int, *, table: str) -> pd.DataFrame:
    rows = []
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise checked.refuse(f"is not JSON ({error})", table=table, row=row) from None
        rows.append(_row(record, vocabulary, table=table, row=row))
    if not rows:
        raise checked.refuse("has no rows", table=table)
    key = ["run", "step"]
    return checked.require_unique(checked.in_order(pd.DataFrame(rows), key), key, table=table)


def _row(record: dict[str, Any], vocabulary: int, *, table: str, row: int) -> dict[str, Any]:
    def integer(name: str) -> int:
        value = checked.field(record, name, table=table, row=row)
        return checked.integer(value, table=table, row=row, column=name, positive=True)

    loss = checked.field(record, "final_loss", table=table, row=row)
    params, width = integer("params_active_precise"), integer("width")
    return {
        "run": checked.field(record, "run_name", table=table, row=row),
        "width": width,
        "depth": integer("depth"),
        "params": params,
        "params_non_embedding": params - vocabulary * width,
        "step": integer("step"),
        "tokens": integer("tokens"),
        "loss": checked.number(loss, table=table, row=row, column="final_loss", positive=True),
    }
