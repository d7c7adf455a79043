"""One law fitted under other objectives, rows, exponents and sizes, combined where it is cheap."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.choices.rows import (
    AS_THE_CARD,
    EVERY,
    GROUP_LEFT_OUT,
    outlier_choices,
    row_choices,
)
from scaling_studies.engine.fit import fit
from scaling_studies.engine.objectives import Objective, get_objective
from scaling_studies.engine.search.determined import determined
from scaling_studies.engine.uncertainty.refits import solve_resamples
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.laws import get_law
from scaling_studies.models.posynomial import Posynomial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.engine.result import Fit
    from scaling_studies.models.law import Law

#: Objectives under which every law of a positive response is fitted.
OBJECTIVES = (
    *(Objective("huber_log", delta) for delta in (1e-4, 1e-3, 1e-2, 1e-1)),
    Objective("squared_log"),
    Objective("squared"),
)
#: Columns that may stand for the size N.
SIZES = ("params_total", "params_non_embedding", "params_active")
#: Universes solved together: fixed, so that results do not depend on memory.
BLOCK = 256
#: Elements of one evaluation of all choices of rows up to which choices of outliers and of rows are
#: crossed; beyond, each is varied alone.
CROSSED = 6e4


def universes(entry: FitEntry, points: pd.DataFrame) -> pd.DataFrame:
    """Fit a law under the combinations of the choices that apply.

    Of a large table, choices of outliers and of rows are varied one at a time. A law of pieces, or
    of another form than sums of powers, takes a search for each combination: of such a law
    objective, outliers and rows are varied one at a time, and no group is left out.

    Parameters
    ----------
    entry
        The fit's entry in the card; a law that it evaluates at given constants is fitted.
    points
        Its fitted and held-out rows.

    Returns
    -------
    pandas.DataFrame
        One row a universe: the choices (`size`, `exponents`, `objective`, `outliers`, `rows`),
        `n`, the law's parameters, `converged`, `identified`, `objective_value` and `failure`,
        empty where the universe has an answer.
    """
    law = get_law(entry.law)
    crossed = isinstance(law.model, Posynomial) and not law.piecewise
    masks = _masks(law, points, crossed=crossed)
    tables = []
    for (size, column), (exponents, shared) in product(
        _sizes(entry, points).items(), _ties(law, entry).items()
    ):
        near: Fit | None = None
        for name, objective in _objectives(law, entry).items():
            asked = masks
            if near is not None and not crossed:
                asked = {(AS_THE_CARD, EVERY): masks[AS_THE_CARD, EVERY]}
            elif objective.fits_scale:  # slow, and of such rows it asks what the thresholds ask
                asked = {at: mask for at, mask in masks.items() if GROUP_LEFT_OUT not in at[1]}
            table, found = _solve(law, entry, points, column, shared, objective, asked, near)
            near = near or found
            table.insert(0, "objective", name)
            table.insert(0, "exponents", exponents)
            table.insert(0, "size", size)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _masks(law: Law, points: pd.DataFrame, *, crossed: bool) -> dict[tuple[str, str], np.ndarray]:
    """Rows of each pair of a choice of outliers and one of rows."""
    outliers, rows = outlier_choices(points), row_choices(points)
    # Leaving a group out of rows that are trimmed already asks nothing new.
    whole = {AS_THE_CARD, "all rows"} if crossed else set()
    masks = {
        (outlier, row): outliers[outlier] & rows[row]
        for outlier, row in product(outliers, rows)
        if outlier in whole or not row.startswith(GROUP_LEFT_OUT)
    }
    if crossed and len(masks) * len(points) * law.model.row_cost <= CROSSED:
        return masks
    return {at: mask for at, mask in masks.items() if at[0] == AS_THE_CARD or at[1] == EVERY}


def _sizes(entry: FitEntry, points: pd.DataFrame) -> dict[str, str | None]:
    """Meanings of N: that of the card, and other columns that are known in every row."""
    own = (entry.axes or {}).get("params")
    choices: dict[str, str | None] = {AS_THE_CARD: None}
    if isinstance(own, str) and own in SIZES:
        for name in SIZES:
            if name != own and name in points and points[name].notna().all():
                different = not np.allclose(points[name], points[own], rtol=1e-3)
                choices |= {name: name} if different else {}
    return choices


def _ties(law: Law, entry: FitEntry) -> dict[str, dict[str, str]]:
    """Exponents as in the card, and tied or free where there are two that can be."""
    choices = {AS_THE_CARD: dict(entry.shared)}
    exponents = [*dict.fromkeys(name for terms in law.centring.values() for name in terms)]
    free = [name for name in exponents if name not in _fixed(entry)]
    two = {"params", "tokens"} <= set(law.axis_names) and len(free) == 2 == len(exponents)
    if entry.shared:
        choices["free"] = {}
    elif two:
        choices["tied"] = {free[1]: free[0]}
    return choices


def _fixed(entry: FitEntry) -> dict[str, float]:
    """Parameters that stay where the card holds them; constants that it evaluates are fitted."""
    if entry.estimator == "evaluate":
        return {}
    return {name: float(value) for name, value in entry.fixed.items()}


def _objectives(law: Law, entry: FitEntry) -> dict[str, Objective]:
    asked = entry.objective_or(law.objective)
    own = get_objective(asked.name, asked.delta or 1e-3)
    return {str(objective): objective for objective in dict.fromkeys([own, *OBJECTIVES])}


def _solve(
    law: Law,
    entry: FitEntry,
    points: pd.DataFrame,
    size: str | None,
    shared: Mapping[str, str],
    objective: Objective,
    masks: Mapping[tuple[str, str], np.ndarray],
    near: Fit | None,
) -> tuple[pd.DataFrame, Fit | None]:
    """Universes of one problem, whose weights choose the rows, and its fit to all rows."""
    table = pd.DataFrame(list(masks), columns=["outliers", "rows"])
    chosen = np.array(list(masks.values()))
    weight = points["weight"].to_numpy(dtype=float) if entry.weights else np.ones(len(points))
    chosen &= weight > 0
    table["n"] = chosen.sum(axis=1)
    try:
        start = _first(law, entry, points, size, shared, objective, weight, near)
    except ScalingStudiesError as error:
        return _nothing(table, law, error.problem), None
    spare = table["n"].to_numpy() - start.problem.width
    table = _nothing(table, law, "")
    table["failure"] = [
        "" if left > 0 else f"{count} rows for {start.problem.width} parameters"
        for left, count in zip(spare, table["n"], strict=True)
    ]
    # Choices that mean the same rows here are one problem.
    distinct, place = np.unique(chosen[spare > 0], axis=0, return_inverse=True)
    solved: dict[str, Any] = {}
    for name, values in _answers(start, distinct, weight):
        solved.setdefault(name, []).append(values)
    for name, parts in solved.items():
        table.loc[spare > 0, name] = np.concatenate(parts)[place.ravel()]
    table[["converged", "identified"]] = table[["converged", "identified"]].astype(bool)
    known = np.isfinite(table[[*law.parameter_names, "objective_value"]]).all(axis=1)
    table.loc[~known & (spare > 0), "failure"] = "no finite optimum"
    return table, start


def _first(
    law: Law,
    entry: FitEntry,
    points: pd.DataFrame,
    size: str | None,
    shared: Mapping[str, str],
    objective: Objective,
    weight: np.ndarray,
    near: Fit | None,
) -> Fit:
    """The fit to all rows, from which those to some of them start.

    It is searched for globally under the first objective, and from there under the others, whose
    optima lie near; laws of pieces have many optima and are searched again.
    """
    starts = None if near is None or law.piecewise else [dict(near.parameters)]
    frame = {name: points[name].to_numpy() for name in law.axis_names}
    if size is not None:
        frame["params"] = points[size].to_numpy()
    return fit(
        law,
        {**frame, "response": points["observed"].to_numpy()},
        objective,
        response="response",
        weights=weight if entry.weights else None,
        fixed=_fixed(entry),
        shared=shared,
        bounds=entry.bounds,
        starts=starts,
        confirm=False,
    )


def _answers(
    start: Fit, chosen: np.ndarray, weight: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    for first in range(0, len(chosen), BLOCK):
        kept = chosen[first : first + BLOCK].astype(float)
        found = solve_resamples(start, kept, gives_counts=True)
        yield from found.parameters.items()
        yield "converged", found.converged
        yield "objective_value", found.objective
        yield "identified", determined(start.problem, found.coordinates, kept * weight)


def _nothing(table: pd.DataFrame, law: Law, why: str) -> pd.DataFrame:
    numbers = dict.fromkeys((*law.parameter_names, "objective_value"), np.nan)
    return table.assign(**numbers, converged=False, identified=False, failure=why)
