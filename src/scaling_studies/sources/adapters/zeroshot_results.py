"""Zero-shot results of image-text models: one row a model and downstream task.

Written for Cherti et al. 2022 (OpenCLIP), ``zeroshot_results.csv``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import FRACTION_OR_EMPTY, POSITIVE, TEXT

_COLUMNS = {
    "model": ("name", TEXT),
    "architecture": ("arch", TEXT),
    "training_set": ("upstream_dataset", TEXT),
    "eval_set": ("downstream_dataset", TEXT),
    "task": ("task", TEXT),
    "samples_seen": ("samples_seen", POSITIVE),
    "gmacs_per_sample": ("gmacs", POSITIVE),
    "gmacs_total": ("gmacs_total", POSITIVE),
    "accuracy": ("acc1", FRACTION_OR_EMPTY),
    "accuracy_top5": ("acc5", FRACTION_OR_EMPTY),
    "mean_per_class_recall": ("mean_per_class_recall", FRACTION_OR_EMPTY),
    "image_retrieval_recall_at_5": ("image_retrieval_recall@5", FRACTION_OR_EMPTY),
    "text_retrieval_recall_at_5": ("text_retrieval_recall@5", FRACTION_OR_EMPTY),
    "mean_average_precision": ("mean_average_precision", FRACTION_OR_EMPTY),
}
_ORDER = ["eval_set", "task", "training_set", "samples_seen", "architecture", "model"]


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return all results, a score that the task does not have left empty.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``results``, ordered by evaluation set, training set, model.
    """
    ((table, path),) = paths.items()
    return {"results": checked.in_order(checked.read_table(path, _COLUMNS, table=table), _ORDER)}
