"""Loss curves under learning-rate schedules: one CSV a model size and schedule.

Written for Luo et al. 2025, ``loss_curve_repo/csv_<size in millions>/<schedule>.csv``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from scaling_studies.upstream.adapters import _checks

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
            raise _checks.refuse("has no model size and schedule in its path", table=path)
        text = _checks.read_text_table(paths[path], ["step", "lr", "loss"], table=path)
        millions = int(found["size"])
        curve = pd.DataFrame(
            {
                "model_size": f"{millions}M",
                "params_nominal": millions * 1_000_000,
                "schedule": found["schedule"],
                "step": _checks.integers(text, "step", table=path, positive=True),
                "learning_rate": _checks.numbers(text, "lr", table=path, positive=True),
                "loss": _checks.numbers(text, "loss", table=path, positive=True),
            }
        )
        curves.append(_checks.require_unique(curve, ["step"], table=path))
    frame = pd.concat(curves, ignore_index=True)
    return {"curves": _checks.in_order(frame, ["params_nominal", "schedule", "step"])}
