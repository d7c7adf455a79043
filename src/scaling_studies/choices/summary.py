"""How far choices move a quantity, against how far the sampling of rows does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.artefacts import files
from scaling_studies.cards.names import COLUMNS
from scaling_studies.choices.table import ALLOCATION, CHOICES
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.fits.uncertainty import Uncertainty

#: Ends between which 95 % of the universes lie.
ENDS = (0.025, 0.975)
#: Share of the universes within the interval of a fit from which it stands other choices, or does
#: in part.
MOST, HALF = 0.9, 0.5
#: Quantities whose answers are kept one by one, and what is kept of each.
CURVES = ("a_opt", "tokens_per_parameter")
OF_EACH = ("study", "fit", *CHOICES, "published_fit", "at_flops", "as_the_card")
WORDS = ("study", "fit", "law", "quantity", "largest_choice", "largest_option")
#: Options whose names say little.
SPOKEN = {
    "tied": "both exponents equal",
    "free": "exponents that may differ",
    "variable projection, linear loss": "coefficients solved for, squared error of the loss",
    "variable projection, log loss": "coefficients solved for, squared error of its logarithm",
}
COUNTS = ("universes", "usable")
NUMBERS = (
    "at_flops",
    "estimate",
    "sampling_low",
    "sampling_high",
    "choices_low",
    "choices_high",
    "lowest",
    "highest",
    "inside",
    "largest_value",
)


def summarise(
    choices: pd.DataFrame, entries: Mapping[str, FitEntry], intervals: Mapping[str, Uncertainty]
) -> pd.DataFrame:
    """Sampling against choice, for each headline quantity of each fit.

    Parameters
    ----------
    choices
        Universes of a study (see `choices.table.choices_of`).
    entries, intervals
        Its fits in the card, and what is known of their uncertainty, by fit.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, quantity, at_flops (of an allocation), universes (how many were tried),
        usable (how many have an answer that converged and that their rows determine), estimate (of
        the card), its 95 % interval from resamples (`sampling_low`, `sampling_high`), the ends
        between which 95 % of the usable universes lie (`choices_low`, `choices_high`), `lowest`
        and `highest`, `inside` (share of the usable universes within the sampling interval), and
        the single choice that moves it furthest from the card's: `largest_choice`,
        `largest_option`, `largest_value`. Published constants, as given or rounded, are shown
        among the universes but are none of these refits.
    """
    rows = []
    for fit, table in choices.groupby("fit", sort=False):
        entry = entries[str(fit)]
        for quantity in _quantities(table, entry):
            known = intervals[str(fit)].intervals.get(_name(entry, table, quantity))
            ends = known.ends if known is not None and intervals[str(fit)].resamples else None
            rows.append(_row(table, quantity, ends or (np.nan, np.nan)))
    return _typed(rows)


def answers(choices: pd.DataFrame) -> pd.DataFrame:
    """Each answer of the universes of a study, lowest first, for specification curves.

    Returns
    -------
    pandas.DataFrame
        `OF_EACH`, quantity (one of `CURVES`), value; of the usable universes, and of published
        constants as they are given.
    """
    choices = choices.reindex(columns=[*OF_EACH, "usable", *CURVES])
    published = choices["estimator"] == "published"
    shown = np.where(published, choices["constants"] == "as given", choices["usable"])
    table = choices[shown.astype(bool)].melt(list(OF_EACH), list(CURVES), "quantity", "value")
    types = dict.fromkeys(map(str, table), "str")
    table = table.astype(types | {"at_flops": "float64", "value": "float64", "as_the_card": "bool"})
    table = table[np.isfinite(table["value"])]
    return table.sort_values(["study", "fit", "quantity", "value"], kind="stable")


def summary_of(
    path: str | Path, entries: Mapping[str, FitEntry], intervals: Mapping[str, Uncertainty]
) -> list[dict[str, Any]]:
    """Rows of the summary of a file of universes; None where a number is missing."""
    table = summarise(files.read_parquet(path), entries, intervals)
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _quantities(table: pd.DataFrame, entry: FitEntry) -> list[str]:
    law = get_law(entry.law)
    wanted = [name for name in entry.headline or () if name in table]
    if not wanted:
        fixed = set() if entry.estimator == "evaluate" else set(entry.fixed)
        wanted = [name for name in law.parameter_names if name not in fixed]
    known = [name for name in ("a_opt", *ALLOCATION) if name in law.derived or name in ALLOCATION]
    names = dict.fromkeys([*wanted, *known])
    return [name for name in names if np.isfinite(table[name]).any()]


def _name(entry: FitEntry, table: pd.DataFrame, quantity: str) -> str:
    """Name that the card gives to an allocation at the stated compute."""
    if quantity not in ALLOCATION:
        return quantity
    flops = table["at_flops"].iloc[0]
    same = (
        name
        for name, item in entry.quantities.items()
        if item.of == quantity and item.at_flops == flops
    )
    return next(same, quantity)


def _row(table: pd.DataFrame, quantity: str, ends: tuple[float, float]) -> dict[str, Any]:
    tried = table[table["estimator"] != "published"]
    tried = tried[np.isfinite(tried[quantity]) | (tried["failure"] != "")]
    usable = tried[tried["usable"] & np.isfinite(tried[quantity])]
    values = usable[quantity].to_numpy(dtype=float)
    first = table.iloc[0]
    estimate = _estimate(table, quantity)
    low, high = ends
    row = {
        **{name: str(first[name]) for name in ("study", "fit", "law")},
        "quantity": quantity,
        "at_flops": float(first["at_flops"]) if quantity in ALLOCATION else np.nan,
        "universes": len(tried),
        "usable": len(usable),
        "estimate": estimate,
        "sampling_low": low,
        "sampling_high": high,
    }
    if len(values):
        # An end is a universe that there is, not a value between two of them.
        row["choices_low"], row["choices_high"] = np.quantile(values, ENDS, method="nearest")
        row |= {"lowest": values.min(), "highest": values.max()}
        if np.isfinite([low, high]).all():
            row["inside"] = float(np.mean((values >= low) & (values <= high)))
    return row | _largest(usable, quantity, estimate)


def _estimate(table: pd.DataFrame, quantity: str) -> float:
    own = table[table["as_the_card"]]
    if own.empty:
        own = table[(table["published_fit"] == table["fit"]) & (table["constants"] == "as given")]
    return float(own[quantity].iloc[0]) if len(own) else np.nan


def _largest(usable: pd.DataFrame, quantity: str, estimate: float) -> dict[str, Any]:
    """The choice that alone moves a quantity furthest from the card's."""
    card = usable[usable["as_the_card"]]
    if card.empty or not np.isfinite(estimate):
        return {"largest_choice": "", "largest_option": "", "largest_value": np.nan}
    own = card.iloc[0]
    best: dict[str, Any] = {"largest_choice": "", "largest_option": "", "largest_value": estimate}
    for choice in CHOICES:
        others = [name for name in CHOICES if name != choice]
        if choice == "estimator":  # another estimator has its own objective
            others = [name for name in others if name != "objective"]
        alone = usable[(usable[others] == own[others]).all(axis=1)]
        if choice == "estimator":  # what the card's does under other objectives is no choice of it
            alone = alone[alone["estimator"] != own["estimator"]]
        moved = (alone[quantity] - estimate).abs()
        if len(moved) and moved.max() > abs(best["largest_value"] - estimate):
            row = alone.iloc[int(moved.to_numpy().argmax())]
            best = {"largest_choice": choice, "largest_option": _said(choice, row[choice])}
            best["largest_value"] = float(row[quantity])
    return best


def _said(choice: str, option: str) -> str:
    """An option in words: of sizes, what N counts."""
    if choice == "size" and option in COLUMNS:
        return f"N counts {COLUMNS[option]}"
    return SPOKEN.get(option, option)


def _typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(
        rows, columns=[*WORDS[:4], *COUNTS, *NUMBERS[:-1], *WORDS[4:], NUMBERS[-1]]
    )
    table[list(WORDS)] = table[list(WORDS)].fillna("").astype("str")
    table[list(COUNTS)] = table[list(COUNTS)].fillna(0).astype("int64")
    return table.astype(dict.fromkeys(NUMBERS, "float64"))


def stands(rows: Iterable[Mapping[str, Any]], fits: Sequence[str]) -> str | None:
    """Whether the headlines of some fits stand other choices.

    Parameters
    ----------
    rows
        Rows of a summary.
    fits
        Fits of one law.

    Returns
    -------
    str or None
        ``yes``, ``partly`` or ``no`` by the quantity that stands them least; None where no interval
        is known.
    """
    shares = [
        row["inside"]
        for row in rows
        if row["fit"] in fits and row["usable"] and row["inside"] is not None
    ]
    shares = [share for share in shares if np.isfinite(share)]
    if not shares:
        return None
    return "yes" if min(shares) >= MOST else "partly" if min(shares) >= HALF else "no"
