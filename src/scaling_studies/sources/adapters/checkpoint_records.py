"""Checkpoints of runs as JSON lines, one file a selection of checkpoints.

Written for the Gemstones models (McLeish et al. 2025), ``wandb_dfs/*.jsonl``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE, TEXT

_COLUMNS = {
    "run": ("run_name", TEXT),
    "width": ("width", COUNT),
    "depth": ("depth", COUNT),
    "params": ("params_active_precise", COUNT),
    "step": ("step", COUNT),
    "tokens": ("tokens", COUNT),
    "loss": ("final_loss", POSITIVE),
}


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
        rows.append(checked.take_fields(record, _COLUMNS, table=table, row=row))
    if not rows:
        raise checked.refuse("has no rows", table=table)
    frame = checked.in_order(pd.DataFrame(rows), ["run", "step"])
    frame.insert(4, "params_non_embedding", frame["params"] - vocabulary * frame["width"])
    return checked.require_unique(frame, ["run", "step"], table=table)
