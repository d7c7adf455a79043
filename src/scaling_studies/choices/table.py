"""All universes of a study as one table, with what follows from each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.cards.models.fit import WITHOUT_ROWS
from scaling_studies.choices.other_estimators import other_estimators, published_constants
from scaling_studies.choices.universes import universes
from scaling_studies.engine.objectives import get_objective
from scaling_studies.fits.allocations import optima
from scaling_studies.fits.quantities import derived
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.study import LawEntry
    from scaling_studies.fits.artefact import FitArtefact

#: What may be chosen, in the order of a specification curve.
CHOICES = ("estimator", "objective", "outliers", "rows", "size", "exponents", "constants")
WORDS = ("study", "fit", "law", *CHOICES, "published_fit", "failure")
FLAGS = ("as_the_card", "converged", "identified", "usable")
#: What follows from the parameters of laws that divide compute between size and data.
ALLOCATION = ("params_opt", "tokens_opt", "tokens_per_parameter")
NUMBERS = ("objective_value", "at_flops", "a_opt", *ALLOCATION)
#: Compute at which allocations are stated when the card names none: so many times the largest.
BEYOND = 10.0


def chosen_fits(entries: Mapping[str, FitEntry], laws: Mapping[str, LawEntry]) -> list[str]:
    """Fits of a study whose choices are varied.

    Those with a headline, and for each law of the card without one the first that it fits to rows.
    """
    with_rows = [fit for fit, entry in entries.items() if entry.estimator not in WITHOUT_ROWS]
    named = {fit for fit in with_rows if entries[fit].headline is not None}
    for law in laws.values():
        if not named & {*law.fits}:
            fitted = [fit for fit in law.fits if fit in with_rows and entries[fit].is_fitted]
            named |= {*fitted[:1]}
    usable = ("parametric", "evaluate", "variable_projection")
    # Reduced rows are made of others: which of these are left out is no choice of theirs.
    return [
        fit
        for fit in with_rows
        if fit in named and entries[fit].estimator in usable and entries[fit].reduce is None
    ]


def choices_of(
    study: str,
    entries: Mapping[str, FitEntry],
    fits: Mapping[str, FitArtefact],
    points: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Fit the chosen laws of a study under combinations of choices; see `universes`.

    Parameters
    ----------
    study
        Id of the study.
    entries
        The chosen fits in its card.
    fits
        All its fits.
    points
        Rows of the chosen fits.

    Returns
    -------
    pandas.DataFrame
        One row a universe: `WORDS`, `n`, `FLAGS`, `NUMBERS`, and the parameters and derived
        quantities of the laws, missing where the law of a row has none of that name. A universe
        without an answer says why under `failure`.
    """
    tables = []
    for fit_id, entry in entries.items():
        law = get_law(entry.law)
        rows = points[fit_id]
        table = universes(entry, rows).assign(law=law.name, estimator="minimisation")
        more = [*other_estimators(entry, rows), *published_constants(entry, fits.values())]
        table = pd.concat([table, pd.DataFrame(more)] if more else [table], ignore_index=True)
        table["as_the_card"] = _is_the_card(entry, table)
        table["at_flops"] = _stated_flops(entry, rows)
        tables.append(_with_quantities(table.assign(study=study, fit=fit_id)))
    return _typed(tables)


def _is_the_card(entry: FitEntry, table: pd.DataFrame) -> np.ndarray:
    if entry.estimator == "evaluate":
        return np.zeros(len(table), dtype=bool)
    asked = entry.objective_or(get_law(entry.law).objective)
    own = str(get_objective(asked.name, asked.delta or 1e-3))
    alike = (table["objective"] == own) & (table["estimator"] == "minimisation")
    for column in ("outliers", "size", "exponents"):
        alike &= table[column] == "as the card"
    return (alike & (table["rows"] == "every")).to_numpy()


def _stated_flops(entry: FitEntry, points: pd.DataFrame) -> float:
    """Compute at which the card states an allocation, or ten times the largest of its rows."""
    stated = [item.at_flops for item in entry.quantities.values() if item.at_flops is not None]
    if stated:
        return float(stated[0])
    if not {"params", "tokens"} <= {*get_law(entry.law).axis_names}:
        return np.nan
    fitted = points[points["role"] == "fit"]
    return float(f"{BEYOND * (6.0 * fitted['params'] * fitted['tokens']).max():.2g}")


def _with_quantities(table: pd.DataFrame) -> pd.DataFrame:
    """Add what follows from the parameters, by the law that each row is of."""
    table = table.assign(**dict.fromkeys(("a_opt", *ALLOCATION), np.nan))
    for name in table["law"].unique():
        law = get_law(name)
        rows = table.index[(table["law"] == name) & (table["failure"] == "")]
        if rows.empty:  # Then the table may have no columns for its parameters.
            continue
        sets = table.loc[rows, list(law.parameter_names)].to_numpy(dtype=float)
        batch = dict(zip(law.parameter_names, sets.T, strict=True))
        for quantity, values in derived(law, batch).items():
            table.loc[rows, quantity] = values
        flops = table["at_flops"].iloc[0]
        if not np.isfinite(flops):
            continue
        if name == "compute_optimal":
            size = batch["G"] * flops ** batch["a"]
            found = {"params_opt": size, "tokens_opt": flops / 6.0 / size}
            found["tokens_per_parameter"] = found["tokens_opt"] / size
        elif set(law.axis_names) == {"params", "tokens"}:
            grid = optima(law, sets, np.array([flops]))
            found = {quantity: grid[quantity][:, 0] for quantity in ALLOCATION}
        else:
            continue
        for quantity, values in found.items():
            table.loc[rows, quantity] = values
    finite = np.isfinite(table["objective_value"]) | (table["estimator"] == "published")
    sound = table["converged"] & table["identified"]
    return table.assign(usable=(table["failure"] == "") & finite & sound)


def _typed(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in WORDS}).assign(
            n=pd.Series(dtype="int64"),
            **{name: pd.Series(dtype="bool") for name in FLAGS},
            **{name: pd.Series(dtype="float64") for name in NUMBERS},
        )
    table = pd.concat(tables, ignore_index=True)
    named = [*WORDS, "n", *FLAGS, *NUMBERS]
    own = sorted({*map(str, table)} - {*named})
    table = table.reindex(columns=[*named, *own])
    table[list(WORDS)] = table[list(WORDS)].fillna("").astype("str")
    table[list(FLAGS)] = table[list(FLAGS)].fillna(value=False).astype("bool")
    table = table.astype(dict.fromkeys([*NUMBERS, *own], "float64"))
    return table.assign(n=table["n"].astype("int64"))
