"""Where studies have runs: the sizes and data of their losses, whatever these were."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from scaling_studies.comparisons.noise_floor import LOSS

#: Columns of sizes, the first that a run has.
SIZES = ("params_total", "params_active", "params_non_embedding")
PLACE = ["study", "topic", "params", "tokens"]


def run_map(topics: Mapping[str, str], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Places on size and data at which runs of each study end.

    Parameters
    ----------
    topics
        Topic by study; empty where its card names none.
    tables
        Run table by study.

    Returns
    -------
    pandas.DataFrame
        A row for each place: study, topic, params (all parameters, else the active ones, else those
        without embeddings), tokens, runs. Printed losses and runs that did not end well are left
        out, and so are runs without a size or without tokens.
    """
    found = [
        _places(frame).assign(study=study, topic=topics[study]) for study, frame in tables.items()
    ]
    ends = pd.concat(found) if found else pd.DataFrame(columns=[*PLACE, "run_id"])
    counts = ends.groupby(PLACE, as_index=False, sort=True).agg(runs=("run_id", "size"))
    words, numbers = dict.fromkeys(("study", "topic"), "str"), ("params", "tokens")
    return counts.astype(words | dict.fromkeys(numbers, "float64") | {"runs": "int64"})


def _places(frame: pd.DataFrame) -> pd.DataFrame:
    """The end of each run with a loss, a size and data."""
    sound = (frame["status"] == "ok") & (frame["provenance"] != "printed")
    losses = frame[(frame["metric"] == LOSS) & sound]
    size = losses[list(SIZES)].bfill(axis="columns").iloc[:, 0]
    known = losses.assign(params=size)[["table", "run_id", "params", "tokens"]].dropna()
    known = known[(known["params"] > 0.0) & (known["tokens"] > 0.0)].sort_values("tokens")
    return known.drop_duplicates(["table", "run_id"], keep="last")[["run_id", "params", "tokens"]]
