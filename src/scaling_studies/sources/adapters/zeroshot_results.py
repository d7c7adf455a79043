"""Zero-shot results of image-text models: one row a model and downstream task.

Written for Cherti et al. 2022 (OpenCLIP), ``zeroshot_results.csv``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked

_TEXT = {
    "model": "name",
    "architecture": "arch",
    "training_set": "upstream_dataset",
    "eval_set": "downstream_dataset",
    "task": "task",
}
_NUMBERS = {
    "samples_seen": "samples_seen",
    "gmacs_per_sample": "gmacs",
    "gmacs_total": "gmacs_total",
}
_SCORES = {
    "accuracy": "acc1",
    "accuracy_top5": "acc5",
    "mean_per_class_recall": "mean_per_class_recall",
    "image_retrieval_recall_at_5": "image_retrieval_recall@5",
    "text_retrieval_recall_at_5": "text_retrieval_recall@5",
    "mean_average_precision": "mean_average_precision",
}


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return all results, a score that the task does not have left empty.

    Parameters
    ----------
    paths
        One CSV file.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``results``, ordered by evaluation set, training set, model.
    """
    ((table, path),) = paths.items()
    columns = {**_TEXT, **_NUMBERS, **_SCORES}
    text = checked.read_text_table(path, list(columns.values()), table=table)
    results = {ours: text[theirs].to_numpy() for ours, theirs in _TEXT.items()}
    results |= {
        ours: checked.numbers(text, theirs, table=table, positive=True)
        for ours, theirs in _NUMBERS.items()
    }
    results |= {ours: _scores(text, theirs, table=table) for ours, theirs in _SCORES.items()}
    order = ["eval_set", "task", "training_set", "samples_seen", "architecture", "model"]
    return {"results": checked.in_order(pd.DataFrame(results), order)}


def _scores(text: pd.DataFrame, column: str, *, table: str) -> pd.Series:
    scores = checked.optional_numbers(text, column, table=table)
    for row, score in enumerate(scores, start=1):
        if score is not None and not 0.0 <= score <= 1.0:
            raise checked.refuse(f"{score} is not a fraction", table=table, row=row, column=column)
    return scores
