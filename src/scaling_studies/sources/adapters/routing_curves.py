"""Validation curves of routed language models, all runs in one CSV; the last step of each is kept.

Written for Clark et al. 2022, ``data/curves.csv.gz``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import POSITIVE, POSITIVE_OR_EMPTY, TEXT, WHOLE

_COLUMNS = {
    "run": ("hyper_id", WHOLE),
    "model_size": ("model_size_label", TEXT),
    "router": ("router_type", TEXT),
    "step": ("step", WHOLE),
    "experts": ("num_experts", WHOLE),
    "experts_per_token": ("k", WHOLE),
    "seed": ("seed", WHOLE),
    "params_active": ("dense_parameter_count", WHOLE),
    "params_total": ("total_parameter_count", WHOLE),
    "width": ("d_model", WHOLE),
    "blocks": ("num_blocks", WHOLE),
    "heads": ("num_heads", WHOLE),
    "head_width": ("kqv_size", WHOLE),
    "routing_frequency": ("routing_frequency", POSITIVE),
    "flops_per_step": ("flops_per_step", POSITIVE),
    "flop_increase": ("flop_increase", POSITIVE),
    "loss": ("loss_validation", POSITIVE),
    "loss_c4": ("loss_c4", POSITIVE_OR_EMPTY),
    "loss_curation_corpus": ("loss_curation_corpus", POSITIVE_OR_EMPTY),
    "loss_lambada": ("loss_lambada", POSITIVE_OR_EMPTY),
    "loss_pile": ("loss_pile", POSITIVE_OR_EMPTY),
    "loss_wikitext103": ("loss_wikitext103", POSITIVE_OR_EMPTY),
}
_KEY = {name: _COLUMNS[name] for name in ("run", "step")}


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return the last row of every run.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``runs``, ordered by run number.
    """
    ((table, path),) = paths.items()
    text = checked.read_text(path, table=table)
    steps = checked.require_unique(checked.take(text, _KEY, table=table), [*_KEY], table=table)
    last = steps.groupby("run")["step"].idxmax().sort_index()
    return {"runs": checked.take(text.loc[last], _COLUMNS, table=table)}
