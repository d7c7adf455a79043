"""How the rows of a card's fit are redrawn: as the card says, or in groups that depend.

A card says of its rows what its paper does, or what makes its groups. Residuals may say otherwise:
rows of one budget, size or run that miss the law together are then drawn together, and beside them
as the card says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.uncertainty.dependence import strongest
from scaling_studies.errors import CardError
from scaling_studies.fits.frames import SIZES
from scaling_studies.fits.uncertainty import GROUP_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.engine.result import Fit
    from scaling_studies.fits.artefact import FitArtefact

#: Groups below which too few are left when they are drawn with replacement; what they have in
#: common is drawn from a normal distribution then.
FEWEST_DRAWN = 12
#: Steps a decade by which compute makes budgets, and size sizes: read from a plot, none is exact.
BUDGETS_A_DECADE, SIZES_A_DECADE = 10, 20


@dataclass(frozen=True)
class Scheme:
    """How resamples are drawn.

    Attributes
    ----------
    kind
        One of `engine.uncertainty.resample.KINDS`.
    groups
        What makes the groups (a key of `GROUP_NAMES` or a column); empty without any.
    labels
        Group of each fitted row, shape (n,); None without any.
    beside
        The kind that is drawn beside it, for comparison; empty for none.
    """

    kind: str
    groups: str = ""
    labels: np.ndarray | None = None
    beside: str = ""


def group_labels(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Groups that some fitted rows may make, by name; those without missing values."""
    labels = {}
    compute = next((rows[name] for name in ("flops_6nd", "flops") if name in rows), None)
    if {"params", "tokens"} <= {*rows}:
        compute = 6.0 * rows["params"] * rows["tokens"]
    size = next((rows[name] for name in SIZES if name in rows), None)
    with np.errstate(divide="ignore", invalid="ignore"):
        if compute is not None:
            labels["budget"] = np.floor(np.log10(compute.to_numpy(float)) * BUDGETS_A_DECADE)
        if size is not None:
            labels["size"] = np.round(np.log10(size.to_numpy(float)) * SIZES_A_DECADE)
    usable = {name: values for name, values in labels.items() if np.isfinite(values).all()}
    columns = [name for name in GROUP_NAMES if name in rows and rows[name].notna().all()]
    return usable | {name: rows[name].to_numpy() for name in columns}


def dependence_of(entry: ResolvedFit, fit: Fit, points: pd.DataFrame) -> dict | None:
    """The groups on which the rows of a fit depend most, as its artefact records them.

    None where no test finds any, and for fits whose rows are reduced from others that are drawn,
    or whose card names the groups; unless it asks for single rows beside them.
    """
    settings = entry.resample
    stated = settings.kind in ("pairs", "parametric") and not named_groups(entry)
    if not (stated or settings.beside) or entry.reduce is not None:
        return None
    if not entry.is_resampled or settings.response_interval:
        return None
    if fit.optimum is None:  # a line through optima, whose rows are these
        return None
    rows = points[points["role"] == "fit"]
    tried = stated_labels(entry, rows) if settings.beside else group_labels(rows)
    found = strongest(fit, tried)
    return None if found is None else vars(found).copy()


def named_groups(entry: ResolvedFit) -> bool:
    """Whether a card names the groups of a fit that draws responses."""
    return entry.resample.kind == "parametric" and "groups" in entry.resample.model_fields_set


def stated_labels(entry: ResolvedFit, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Group of each fitted row as a card names them, under their name.

    Raises
    ------
    CardError
        There is no such column, or nothing of which `budget` or `size` could be made.
    """
    name = entry.resample.groups
    made = name in ("budget", "size")
    known = group_labels(rows) if made else rows
    if name not in known:
        of = "compute" if name == "budget" else "size"
        raise CardError(
            f"some rows have no {of} above zero to make groups of"
            if made
            else "there is no such column of groups",
            column=name,
            key="resample.groups",
            fix=f"map {of} for every row, or name another column"
            if made
            else "give the table a `group`, or name a column of the run table, `budget` or `size`",
        )
    return {name: np.asarray(known[name])}


def scheme_of(entry: ResolvedFit, artefact: FitArtefact, points: pd.DataFrame) -> Scheme:
    """How the rows of a fit are redrawn."""
    settings = entry.resample
    rows = points[points["role"] == "fit"]
    if settings.kind in ("cluster", "stratified") or named_groups(entry):
        if entry.reduce is not None:
            return Scheme(settings.kind, settings.groups)
        ((name, labels),) = stated_labels(entry, rows).items()
        return Scheme(settings.kind, name, labels, settings.beside or "")
    if artefact.dependence is None:
        return Scheme(settings.kind)
    name, count = artefact.dependence["label"], artefact.dependence["groups"]
    if count < FEWEST_DRAWN and entry.estimator != "parametric":
        return Scheme(settings.kind)
    kind = "cluster" if count >= FEWEST_DRAWN else "parametric"
    return Scheme(kind, name, group_labels(rows)[name], settings.kind)
