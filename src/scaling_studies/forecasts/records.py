"""How well the law of each fit predicted larger runs from smaller ones, by distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.uncertainty.distance import BINS, EDGES
from scaling_studies.forecasts.new_runs import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def records(
    forecasts: pd.DataFrame, laws: Mapping[str, str]
) -> dict[str, list[tuple[float, int, int]]]:
    """Record of the law of each fit on roll-outs of its own rows.

    Parameters
    ----------
    forecasts
        Roll-outs of a study (`results/forecasts/<study>.parquet`).
    laws
        Law by fit.

    Returns
    -------
    dict
        Fit -> for each bin of distance that has runs: its upper end (times the largest fitted run),
        runs, and how many of them lay in the 95 % interval of a new run that the fit gave, from its
        parameters and the scatter of its rows. Fits that were not rolled out are absent.
    """
    own = forecasts["law"] == forecasts["fit"].map(laws)
    # The naive peers tell what loss was reached before; they are no record of the law.
    rows = counted(forecasts)
    rows = rows[own.reindex(rows.index) & np.isfinite(rows["run_half"])]
    inside = rows["log_error"].abs() <= rows["run_half"]
    ends = dict(zip(BINS, EDGES[1:], strict=True))
    found: dict[str, list[tuple[float, int, int]]] = {}
    for (fit, name), part in inside.groupby([rows["fit"], rows["bin"]], sort=True):
        found.setdefault(str(fit), []).append((ends[str(name)], len(part), int(part.sum())))
    return {fit: sorted(bins) for fit, bins in found.items()}
