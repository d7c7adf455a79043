"""Points read from a published vector figure: one row a point, as one CSV."""

from __future__ import annotations

from pathlib import Path

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
    kinds = {ours: (theirs, checked.POSITIVE) for ours, theirs in columns.items()}
    points = checked.read_table(path, kinds, table=table)
    points.insert(0, "point", points.index)
    return {"points": points}
