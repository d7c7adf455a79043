"""Lower envelopes of training curves that TensorBoard exported, one file a run.

Written for Cheng et al. 2024 (protein language models), ``approach3_flops/<size>/run*.csv``, by the
rule of the authors' notebook: at each target compute the run with the lowest loss at its nearest
logged point, where that lies within 10¹⁸ FLOP.
"""

from __future__ import annotations

import math
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import POSITIVE

_COLUMNS = {"gflop": ("Step", POSITIVE), "loss": ("Value", POSITIVE)}
#: Farthest logged point that stands for a target, FLOP.
NEAR = 1e18
#: Tokens between logged points: models named in billions, and smaller ones.
BILLIONS, MILLIONS = 300 * 1024**2, 150 * 1024**2
#: Last points of a run of which the smallest compute is a target.
LAST = 10
#: Targets of the grid; powers of NumPy differ in their last bit from processor to processor.
GRID = tuple(math.pow(10.0, power) for power in np.linspace(18, 23, 200))


def extract(
    paths: dict[str, Path], *, params: dict[str, int], table: str, grid: bool
) -> dict[str, pd.DataFrame]:
    """Return the envelope of the runs.

    Parameters
    ----------
    paths
        The exports, in folders named after the size.
    params
        Parameters without embeddings by folder; runs of other folders give targets alone.
    table
        Name of the table that is made.
    grid
        Whether targets are 200 values from 10¹⁸ to 10²³ FLOP, or one for each run.

    Returns
    -------
    dict of str to pandas.DataFrame
        One row a target that a run lies near.
    """
    runs, ends = [], set()
    for name, path in sorted(paths.items()):
        folder = PurePosixPath(name).parent.name
        # The notebook leaves out the first point of each run.
        curve = checked.read_table(path, _COLUMNS, table=name).iloc[1:]
        flops = curve["gflop"].to_numpy() * 1e9
        ends.add(float(flops[-LAST:].min()))
        if folder in params:
            between = BILLIONS if "B" in folder else MILLIONS
            tokens = between * np.arange(1.0, len(flops) + 1.0)
            runs.append((params[folder], flops, tokens, curve["loss"].to_numpy()))
    rows = [_lowest(runs, float(target)) for target in (GRID if grid else sorted(ends))]
    columns = ["target_flops", "params_non_embedding", "flops", "tokens", "loss"]
    return {table: pd.DataFrame([row for row in rows if row], columns=columns)}


def _lowest(runs: list, target: float) -> tuple | None:
    """Target, size, compute, tokens and loss of the best run near a target."""
    near = []
    for size, flops, tokens, loss in runs:
        at = int(np.abs(flops - target).argmin())
        if abs(flops[at] - target) <= NEAR:
            near.append((loss[at], size, flops[at], tokens[at]))
    if not near:
        return None
    loss, size, flops, tokens = min(near, key=lambda found: found[0])
    return target, size, flops, tokens, loss
