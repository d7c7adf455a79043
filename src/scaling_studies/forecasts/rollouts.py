"""A card's fit, rolled out: refitted to the smaller runs of a study to predict the larger ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.engine.planning.independence import why_dependent
from scaling_studies.engine.validation.backtest import backtest
from scaling_studies.errors import FitError, TableError
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.cards.models.fit import FitEntry

#: Axes along which runs may grow: size N, data D, compute C.
AXES = ("params", "tokens", "flops")
WORDS = ("study", "fit", "law", "by", "row_key", "run_id")
NUMBERS = ("cutoff", "horizon", "observed", "predicted", "relative_error")


def free_parameters(entry: FitEntry) -> int:
    """Number of parameters that a fit's entry leaves to the rows."""
    names = set(get_law(entry.law).parameter_names)
    return len(names - set(entry.fixed) - set(entry.shared))


def roll_out(
    study: str,
    fit_id: str,
    entry: FitEntry,
    points: pd.DataFrame,
    by: Mapping[str, str],
) -> pd.DataFrame:
    """Fit the rows up to each of several sizes and predict the rows beyond.

    Parameters
    ----------
    study, fit_id
        Ids.
    entry
        The fit's entry in the card.
    points
        Its fitted and held-out rows; all of them take part.
    by
        Some of `AXES` -> column of `points` that says how large a run is.

    Returns
    -------
    pandas.DataFrame
        One row a prediction: study, fit, law, by (an axis), cutoff (largest value fitted),
        fitted_rows, row_key, run_id, horizon (the row's value over the cutoff), observed,
        predicted, relative_error (predicted / observed - 1), converged, identified (a law of size
        and data is not where the fitted rows do not vary the two apart). Cutoffs that leave no
        more rows than free parameters are left out: such a fit predicts nothing.

    Raises
    ------
    TableError
        When a column of `by` is not there or not known in every row.
    """
    law = get_law(entry.law)
    objective = entry.objective_or(law.objective)
    settings = {"fixed": entry.fixed, "shared": entry.shared, "bounds": entry.bounds}
    # The optimum at each cutoff is searched globally; a second optimiser need not be asked.
    options = {"confirm": False, **entry.options, **settings}
    if entry.weights:
        options["weights"] = "weight"
    options["delta"] = objective.delta or 1e-3
    needed = free_parameters(entry) + 1
    tables = []
    for axis, column in by.items():
        frame = {name: points[name].to_numpy() for name in law.axis_names}
        frame |= {"response": points["observed"].to_numpy(), "weight": points["weight"].to_numpy()}
        size = frame["rollout_size"] = _sizes(points, column, study)
        cutoffs = [cut for cut in _cutoffs(size) if (size <= cut).sum() >= needed]
        try:
            found = backtest(
                law.name,
                frame,
                "rollout_size",
                cutoffs=cutoffs,
                response="response",
                objective=objective.name,
                **options,
            ).predictions
        except FitError:
            # No cutoff leaves enough rows on both sides: nothing can be said along this axis.
            continue
        if found.empty:
            continue
        rows = points.iloc[found["row"].to_numpy(dtype=int)]
        apart = {cut: varies_apart(law.axis_names, frame, size <= cut) for cut in cutoffs}
        tables.append(
            pd.DataFrame(
                {
                    "study": study,
                    "fit": fit_id,
                    "law": law.name,
                    "by": axis,
                    "cutoff": found["cutoff"],
                    "fitted_rows": found["fitted_rows"],
                    "row_key": rows["row_key"].astype(str).to_numpy(),
                    "run_id": rows["run_id"].astype(str).to_numpy(),
                    "horizon": found["horizon"],
                    "observed": found["response"],
                    "predicted": found["prediction"],
                    "relative_error": found["relative_error"],
                    "converged": found["converged"],
                    "identified": found["identified"] & found["cutoff"].map(apart),
                }
            )
        )
    return _typed(pd.concat(tables, ignore_index=True) if tables else pd.DataFrame())


def varies_apart(axes: tuple[str, ...], frame: Mapping[str, np.ndarray], kept: np.ndarray) -> bool:
    """Whether the rows can determine a law: one of size and data needs both to vary apart."""
    if not {"params", "tokens"} <= set(axes):
        return True
    return not why_dependent(frame["params"][kept], frame["tokens"][kept])


def _cutoffs(size: np.ndarray) -> np.ndarray:
    """Sizes that runs have, at most ten of them, the largest left out."""
    sizes = np.unique(size)[:-1]
    if len(sizes) <= MOST_CUTOFFS:
        return sizes
    places = np.linspace(0, len(sizes) - 1, MOST_CUTOFFS).round().astype(int)
    return sizes[np.unique(places)]


#: Cutoffs along one axis.
MOST_CUTOFFS = 10


def _sizes(points: pd.DataFrame, column: str, study: str) -> np.ndarray:
    place = {"study": study, "column": column}
    if column not in points:
        fix = f"name another column under `ranking.by`: {', '.join(map(str, points.columns))}"
        raise TableError("the rollout needs this column", fix=fix, **place)
    size = points[column].to_numpy(dtype=float)
    unknown = ~(np.isfinite(size) & (size > 0))
    if unknown.any():
        row = points["row_key"].iloc[int(unknown.argmax())]
        fix = "fill it, or leave this axis out of `ranking.by`"
        raise TableError("the rollout needs a value above zero", row=row, fix=fix, **place)
    return size


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    columns = [*WORDS[:4], "cutoff", "fitted_rows", *WORDS[4:], *NUMBERS[1:]]
    columns += ["converged", "identified"]
    frame = frame.reindex(columns=columns)
    kinds = dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64")
    kinds |= {"fitted_rows": "int64", "converged": "bool", "identified": "bool"}
    return frame.astype(kinds)
