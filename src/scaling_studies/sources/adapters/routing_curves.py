"""Validation curves of routed language models, all runs in one CSV; the last step of each is kept.

Written for Clark et al. 2022, ``data/curves.csv.gz``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked

_TEXT = {"router": "router_type", "model_size": "model_size_label"}
_INTEGERS = {
    "run": "hyper_id",
    "step": "step",
    "experts": "num_experts",
    "experts_per_token": "k",
    "seed": "seed",
    "params_active": "dense_parameter_count",
    "params_total": "total_parameter_count",
    "width": "d_model",
    "blocks": "num_blocks",
    "heads": "num_heads",
    "head_width": "kqv_size",
}
_NUMBERS = {
    "routing_frequency": "routing_frequency",
    "flops_per_step": "flops_per_step",
    "flop_increase": "flop_increase",
    "loss": "loss_validation",
}
_OTHER_LOSSES = {
    "loss_c4": "loss_c4",
    "loss_curation_corpus": "loss_curation_corpus",
    "loss_lambada": "loss_lambada",
    "loss_pile": "loss_pile",
    "loss_wikitext103": "loss_wikitext103",
}
_ORDER = ["run", "model_size", "router", *list(_INTEGERS)[1:], *_NUMBERS, *_OTHER_LOSSES]


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return the last row of every run.

    Parameters
    ----------
    paths
        One CSV file, gzipped or not.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``runs``, ordered by run number.
    """
    ((table, path),) = paths.items()
    columns = {**_TEXT, **_INTEGERS, **_NUMBERS, **_OTHER_LOSSES}
    text = checked.read_text_table(path, list(columns.values()), table=table)
    steps = pd.DataFrame(
        {name: checked.integers(text, _INTEGERS[name], table=table) for name in ("run", "step")}
    )
    checked.require_unique(steps, ["run", "step"], table=table)
    last = steps.groupby("run")["step"].idxmax().sort_index()
    text = text.loc[last]
    runs = {ours: text[theirs].to_numpy() for ours, theirs in _TEXT.items()}
    runs |= {
        ours: checked.integers(text, theirs, table=table) for ours, theirs in _INTEGERS.items()
    }
    runs |= {
        ours: checked.numbers(text, theirs, table=table, positive=True)
        for ours, theirs in _NUMBERS.items()
    }
    runs |= {
        ours: checked.optional_numbers(text, theirs, table=table, positive=True)
        for ours, theirs in _OTHER_LOSSES.items()
    }
    return {"runs": pd.DataFrame(runs)[_ORDER]}
