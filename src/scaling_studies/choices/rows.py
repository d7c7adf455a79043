"""Which rows a fit may reasonably have: outliers, ranges, checkpoints, groups left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.fits.frames import SIZES
from scaling_studies.fits.schemes import BUDGETS_A_DECADE, SIZES_A_DECADE, group_labels
from scaling_studies.words import number

#: Choices of a fit's card, and of nothing left out.
AS_THE_CARD, EVERY = "as the card", "every"
#: How the names of choices that leave a group out begin.
GROUP_LEFT_OUT = "without the group of "
#: Shares of the rows with the largest residuals that may be left out.
TRIMMED = (0.01, 0.05, 0.1)
#: Tokens per parameter below which rows may be left out.
RATIOS = (1.0, 2.0, 5.0, 10.0, 20.0)
#: Shares of the rows, those of least compute or size, that may be left out.
SMALL = (0.1, 0.25, 0.5)
#: A range leaves at least this share of the rows.
FEWEST_LEFT = 0.25
#: Numbers of groups that are left out one by one; what makes the groups, the first that is there.
FEWEST_GROUPS, MOST_GROUPS = 3, 60

Masks = dict[str, np.ndarray]


def outlier_choices(points: pd.DataFrame) -> Masks:
    """Rows by what counts as an outlier.

    Parameters
    ----------
    points
        Fitted and held-out rows of a fit with `role`, `observed` and `predicted`.

    Returns
    -------
    dict
        Name of the choice -> which rows are kept, shape (n,): those of the card, all that it
        names, and the card's without the rows that its own law misses most.
    """
    fitted = (points["role"] == "fit").to_numpy()
    choices = {AS_THE_CARD: fitted}
    if not fitted.all():
        choices["all rows"] = np.ones(len(points), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        missed = np.abs(points["predicted"] / points["observed"] - 1.0).to_numpy(dtype=float)
    if not np.isfinite(missed[fitted]).all():
        return choices
    order = np.flatnonzero(fitted)[np.argsort(missed[fitted], kind="stable")]
    for share in TRIMMED:
        dropped = round(share * len(order))
        if dropped:
            kept = fitted.copy()
            kept[order[len(order) - dropped :]] = False
            choices[f"without the largest {share:.0%} of residuals"] = kept
    return choices


def row_choices(points: pd.DataFrame) -> Masks:
    """Rows by range, by checkpoint, and without each group in turn; as `outlier_choices`."""
    fitted = (points["role"] == "fit").to_numpy()
    choices = {EVERY: np.ones(len(points), dtype=bool)}
    size, compute = _size(points), _compute(points)
    if "tokens" in points and size is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = points["tokens"].to_numpy(dtype=float) / size
        for least in RATIOS:
            choices[f"at least {least:g} tokens per parameter"] = ratio >= least
    for what, values in (("compute", compute), ("size", size)):
        if values is not None and np.isfinite(values).all():
            for share in SMALL:
                lowest = np.quantile(values[fitted], share)
                choices[f"without the {share:.0%} of least {what}"] = values > lowest
    last = _last_checkpoints(points)
    if last is not None:
        choices["last checkpoints"] = last
    enough = FEWEST_LEFT * fitted.sum()
    kept = {
        name: mask
        for name, mask in choices.items()
        if name == EVERY or ((fitted & ~mask).any() and (fitted & mask).sum() >= enough)
    }
    return kept | _without_groups(points, fitted)


def _size(points: pd.DataFrame) -> np.ndarray | None:
    name = next((name for name in SIZES if name in points), None)
    numeric = name is not None and points[name].dtype.kind == "f"
    return points[name].to_numpy(dtype=float) if numeric else None


def _compute(points: pd.DataFrame) -> np.ndarray | None:
    size = _size(points)
    if size is not None and "tokens" in points and points["tokens"].dtype.kind == "f":
        return 6.0 * size * points["tokens"].to_numpy(dtype=float)
    name = next((name for name in ("flops_6nd", "flops") if name in points), None)
    return None if name is None else points[name].to_numpy(dtype=float)


def _last_checkpoints(points: pd.DataFrame) -> np.ndarray | None:
    """Rows at which a run's training ends; None where each run has one row."""
    progress = next((name for name in ("tokens", "step") if name in points), None)
    if progress is None or "run_id" not in points or not points["run_id"].duplicated().any():
        return None
    last = points.groupby("run_id")[progress].transform("max")
    return (points[progress] == last).to_numpy()


def _without_groups(points: pd.DataFrame, fitted: np.ndarray) -> Masks:
    choices: Masks = {}
    for name, labels in group_labels(points).items():
        text = labels.astype(str) if labels.dtype.kind not in "fiu" else labels
        groups = np.unique(text[fitted])
        if not FEWEST_GROUPS <= len(groups) <= MOST_GROUPS or len(groups) == 1:
            continue
        for group in groups:
            choices[GROUP_LEFT_OUT + _group_name(name, group)] = text != group
    distinct: Masks = {}
    seen = set()
    for name, mask in choices.items():
        key = (mask & fitted).tobytes()
        if key not in seen:  # a run is its own group, size and budget: left out once
            seen.add(key)
            distinct[name] = mask
    return distinct


def _group_name(name: str, group: Any) -> str:
    if name == "budget":
        # Groups are half-open steps: their middle names them.
        return f"budget {number(10 ** ((group + 0.5) / BUDGETS_A_DECADE), 2)} FLOP"
    if name == "size":
        return f"size {number(10 ** (group / SIZES_A_DECADE), 2)} parameters"
    return f"{name.removesuffix('_id')} {group}"
