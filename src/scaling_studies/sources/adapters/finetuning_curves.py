"""Test losses of models by the size of the fine-tuning data, one column a size.

Written for Lin et al. 2024, ``benchmark/*.csv``; the file is named after its data set.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE, TEXT

_COLUMNS = {
    "model": ("config name", TEXT),
    "family": ("family", TEXT),
    "params_total": ("size", COUNT),
}


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return one row a data set, model and size of the data, in the order of the files.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``losses``; without fine-tuning ``examples`` is zero.
    """
    parts = []
    for name, path in sorted(paths.items()):
        raw = checked.read_text(path, table=name)
        models = checked.take(raw, _COLUMNS, table=name)
        sizes = {
            f"loss_{column}": (column, POSITIVE) for column in map(str, raw) if column.isdigit()
        }
        losses = checked.take(raw, sizes, table=name).rename(
            columns=lambda column: int(column.removeprefix("loss_"))
        )
        wide = models.assign(dataset=PurePosixPath(name).stem, order=range(len(models)))
        long = wide.join(losses).melt([*wide.columns], var_name="examples", value_name="loss")
        parts.append(long.sort_values(["order", "examples"], kind="stable"))
    frame = pd.concat(parts, ignore_index=True)
    frame["examples"] = frame["examples"].astype("int64")
    return {"losses": frame[["dataset", *_COLUMNS, "examples", "loss"]]}
