"""Loss curves under learning-rate schedules: one CSV a model size and schedule.

Written for Luo et al. 2025, ``loss_curve_repo/csv_<size in millions>/<schedule>.csv``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE

_PATH = re.compile(r".*/csv_(?P<size>\d+)/(?P<schedule>[a-z0-9_]+)\.csv")
_COLUMNS = {"step": ("step", COUNT), "learning_rate": ("lr", POSITIVE), "loss": ("loss", POSITIVE)}


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return the points of all curves.

    Parameters
    ----------
    paths
        The CSV files; model size and schedule are in their paths.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``curves``: ``model_size``, ``params_nominal``, ``schedule``, ``step``, ``learning_rate``,
        ``loss``, ordered by size, schedule and step.
    """
    curves = []
    for path in sorted(paths):
        match = _PATH.fullmatch(path)
        if match is None:
            raise checked.refuse("has no model size and schedule in its path", table=path)
        points = checked.read_table(paths[path], _COLUMNS, table=path)
        checked.require_unique(points, ["step"], table=path)
        millions = int(match["size"])
        points.insert(0, "model_size", f"{millions}M")
        points.insert(1, "params_nominal", millions * 1_000_000)
        points.insert(2, "schedule", match["schedule"])
        curves.append(points)
    frame = pd.concat(curves, ignore_index=True)
    return {"curves": checked.in_order(frame, ["params_nominal", "schedule", "step"])}
