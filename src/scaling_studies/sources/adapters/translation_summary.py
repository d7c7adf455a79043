"""Summary of translation runs: commented header lines, then a tab-separated table.

Written for Gordon et al. 2021, ``summaries/data_scaling.0126.summary``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, NUMBER, POSITIVE, TEXT

_MISSING = {"", "-", "nan", "None", "?"}
_COLUMNS = {
    "language_pair": ("Lang", TEXT),
    "layers": ("Layers", COUNT),
    "width": ("ModelSize", COUNT),
    "feed_forward": ("FeedForward", COUNT),
    "training_bytes": ("data_bytes", COUNT),
    "loss": ("ent_dev", POSITIVE),
    "bleu": ("bleu_dev", NUMBER),
}


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
    text = checked.read_text(path, table=table, separator="\t")
    measured = [theirs for theirs, _ in list(_COLUMNS.values())[-3:]]
    checked.require_columns(text.columns, measured, table=table)
    text = text[~text[measured].isin(_MISSING).any(axis=1)]
    runs = checked.take(text, _COLUMNS, table=table)
    known = runs["language_pair"].isin(languages)
    if not known.all():
        place = int(known.argmin())
        raise checked.refuse(
            f"unknown {runs['language_pair'][place]!r}",
            table=table,
            row=text.index[place] + 1,
            column="Lang",
        )
    runs["language_pair"] = runs["language_pair"].map(languages)
    # Attention and feed-forward matrices of encoder and decoder, as the authors count.
    width, feed_forward = runs["width"], runs["feed_forward"]
    params = 2 * runs["layers"] * (4 * width**2 + 2 * width * feed_forward)
    runs.insert(4, "params_non_embedding", params)
    key = ["language_pair", "params_non_embedding", "training_bytes"]
    return {"runs": checked.require_unique(checked.in_order(runs, key), key, table=table)}
