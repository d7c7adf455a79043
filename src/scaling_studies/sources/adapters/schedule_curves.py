"""Loss curves under learning-rate schedules: one CSV a model size and schedule.

Written for Luo et al. 2025, ``loss_curve_repo/csv_<size in millions>/<schedule>.csv``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked

_PATH = re.compile(r".*/csv_(?P<size>\d+)/(?P<schedule>[a-z0-9_]+)\.csv")


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
        found = _PATH.fullmatch(path)
        if found is None:
            raise checked.refuse("has no model size and schedule in its path", table=path)
        text = checked.read_text_table(paths[path], ["step", "lr", "loss"], table=path)
        millions = int(found["size"])
        curve = pd.DataFrame(
            {
                "model_size": f"{millions}M",
                "params_nominal": millions * 1_000_000,
                "schedule": found["schedule"],
                "step": checked.integers(text, "step", table=path, positive=True),
                "learning_rate": checked.numbers(text, "lr", table=path, positive=True),
                "loss": checked.numbers(text, "loss", table=path, positive=True),
            }
        )
        curves.append(checked.require_unique(curve, ["step"], table=path))
    frame = pd.concat(curves, ignore_index=True)
    return {"curves": checked.in_order(frame, ["params_nominal", "schedule", "step"])}
