"""Summary of translation runs: commented header lines, then a tab-separated table.

Written for Gordon et al. 2021, ``summaries/data_scaling.0126.summary``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from scaling_studies.sources import checked

_MISSING = {"", "-", "nan", "None", "?"}
_COLUMNS = ("Lang", "Layers", "ModelSize", "FeedForward", "data_bytes", "ent_dev", "bleu_dev")


def extract(paths: dict[str, Path], *, languages: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Return the runs that have a loss and a BLEU score.

    Parameters
    ----------
    paths
        One summary file.
    languages
        Upstream's name of a language pair to ours.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``runs``, ordered by language pair, size and data.
    """
    ((table, path),) = paths.items()
    text = checked.read_text_table(path, _COLUMNS, table=table, separator="\t")
    missing = text[["ent_dev", "bleu_dev", "data_bytes"]].isin(_MISSING).any(axis=1)
    text = text[~missing]
    unknown = text.index[~text["Lang"].isin(languages)]
    if len(unknown):
        row = int(unknown[0])
        raise checked.refuse(
            f"unknown {text.loc[row, 'Lang']!r}", table=table, row=row + 1, column="Lang"
        )

    def integers(name: str) -> np.ndarray:
        return checked.integers(text, name, table=table, positive=True)

    layers, width, feed_forward = map(integers, ("Layers", "ModelSize", "FeedForward"))
    runs = pd.DataFrame(
        {
            "language_pair": text["Lang"].map(languages).to_numpy(),
            "layers": layers,
            "width": width,
            "feed_forward": feed_forward,
            # Attention and feed-forward matrices of encoder and decoder, as the authors count.
            "params_non_embedding": 2 * layers * (4 * width**2 + 2 * width * feed_forward),
            "training_bytes": integers("data_bytes"),
            "loss": checked.numbers(text, "ent_dev", table=table, positive=True),
            "bleu": checked.numbers(text, "bleu_dev", table=table),
        }
    )
    key = ["language_pair", "params_non_embedding", "training_bytes"]
    return {"runs": checked.require_unique(checked.in_order(runs, key), key, table=table)}
