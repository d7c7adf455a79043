"""Points read from a published vector figure: one row a point, as one CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from scaling_studies.sources import checked


def extract(paths: dict[str, Path], *, columns: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Return the points in the order of the file.

    Parameters
    ----------
    paths
        One CSV file.
    columns
        Our column name to upstream's; every value must be a positive number.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``points``: ``point`` (0 to rows − 1) and the named columns as float64.
    """
    ((table, path),) = paths.items()
    text = checked.read_text_table(path, list(columns.values()), table=table)
    points = {"point": np.arange(len(text), dtype=np.int64)}
    for ours, theirs in columns.items():
        points[ours] = checked.numbers(text, theirs, table=table, positive=True)
    return {"points": pd.DataFrame(points)}
