"""Headline quantities of all studies with what their numbers count, and which share their runs."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.cards.resolve import source_study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty

UNKNOWN = "not stated"
#: Column of the run table, or convention of compute -> what N counts.
COUNTED = {
    "params_total": "total",
    "params_non_embedding": "non_embedding",
    "params_active": "active",
    "6ND_total": "total",
    "6ND_non_embedding": "non_embedding",
    "6ND_active": "active",
}
#: Share of the fewer rows from which two fits rest on the same runs.
SHARED = 0.5
WORDS = (
    "study",
    "fit",
    "law",
    "quantity",
    "source",
    "params_count",
    "flops_count",
    "loss_unit",
    "schedule",
    "dataset",
    "runs",
)
NUMBERS = ("value", "low", "high", "level", "standard_error")
FLAGS = ("headline", "allocates")


def estimates(
    cards: Mapping[str, StudyCard],
    fits: Sequence[FitArtefact],
    intervals: Sequence[Uncertainty],
    points: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """Headline quantities with their conventions.

    Parameters
    ----------
    cards, fits, intervals, points
        See `comparisons`.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, quantity, source, what the numbers count (params_count, flops_count,
        loss_unit, schedule, dataset; `not stated` where nothing says it), runs (fits that rest on
        the same training runs share it), value, low, high, level, standard_error (half the interval
        over the normal quantile of its level), n, headline (whether it stands for its study) and
        allocates (whether the card lets it say what to train). Quantities are the headlines, and
        `a_opt` of every fit that a step leads to or from.
    """
    shared = shared_runs(cards, fits, points)
    rows = [
        {
            "study": artefact.study,
            "fit": artefact.fit,
            "law": artefact.law,
            "quantity": quantity,
            "source": artefact.source,
            **conventions(cards[artefact.study], artefact.fit, frame),
            "runs": shared[place],
            **_interval(artefact, uncertainty, quantity),
            "n": artefact.n,
            "headline": quantity in artefact.headline,
            "allocates": artefact.allocation,
        }
        for place, (artefact, uncertainty, frame) in enumerate(
            zip(fits, intervals, points, strict=True)
        )
        for quantity in artefact.headline or _stepped(artefact)
    ]
    frame = pd.DataFrame(rows, columns=[*WORDS, *NUMBERS, "n", *FLAGS])
    types = dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64")
    return frame.astype(types | {"n": "int64"} | dict.fromkeys(FLAGS, "bool"))


def _stepped(artefact: FitArtefact) -> list[str]:
    return ["a_opt"] if "a_opt" in artefact.quantities else []


def _interval(artefact: FitArtefact, known: Uncertainty, quantity: str) -> dict[str, Any]:
    """Value and interval, and the standard error that an interval of its width has."""
    interval = known.intervals.get(quantity)
    ends = interval.ends if interval else None
    low, high = ends or (np.nan, np.nan)
    level = known.level if ends else np.nan
    widths = 2.0 * NormalDist().inv_cdf(0.5 + known.level / 2.0)
    error = (high - low) / widths
    value = artefact.quantities[quantity]
    return {"value": value, "low": low, "high": high, "level": level, "standard_error": error}


def conventions(card: StudyCard, fit_id: str, points: pd.DataFrame) -> dict[str, str]:
    """What the numbers of a fit count: as its card says, else as its rows do."""
    fit = card.fits[fit_id]
    stated = fit.conventions
    axis = (fit.axes or {}).get("params")
    of_rows = _only(points, "flops_convention")
    params = (stated and stated.params) or COUNTED.get(str(axis)) or COUNTED.get(of_rows)
    # A law of size and data has its best sizes along 6ND of the size that it is written in.
    along = f"6ND_{params}" if fit.law != "compute_optimal" and params else of_rows
    return {
        "params_count": params or UNKNOWN,
        "flops_count": (stated and stated.flops) or along or UNKNOWN,
        "loss_unit": (stated and stated.loss) or _unit(card, fit) or UNKNOWN,
        "schedule": (stated and stated.schedule) or UNKNOWN,
        "dataset": _only(points, "dataset") or UNKNOWN,
    }


def _only(points: pd.DataFrame, column: str) -> str:
    """The one value of a column of the points; empty where there is none or several."""
    values = _values(points, column)
    return next(iter(values)) if len(values) == 1 else ""


def _unit(card: StudyCard, fit: FitEntry) -> str:
    """Unit of the response, where all measurements of its name have one."""
    metric = fit.response.metric if fit.response else None
    if metric in ("params_opt", "tokens_opt"):
        return ""
    tables = [table for name, table in card.tables.items() if fit.table in (None, name)]
    units = {each.unit for table in tables for each in table.measurements if each.metric == metric}
    texts = [unit for unit in units if isinstance(unit, str)]
    return texts[0] if len(units) == len(texts) == 1 else ""


def shared_runs(
    cards: Mapping[str, StudyCard], fits: Sequence[FitArtefact], points: Sequence[pd.DataFrame]
) -> list[str]:
    """Name of the runs that each fit rests on; equal where two rest on some of the same runs.

    Two fits do where half of the fewer rows are rows of the other (equal size, data or compute, and
    response; optima on a grid of sizes meet by chance); where
    both are of one study, whose data sets are not known to be others; or where a law of which only
    constants are printed is of a study that also has rows. Names are those of the first such fit.
    """
    roots = list(range(len(fits)))

    def root(place: int) -> int:
        while roots[place] != place:
            place = roots[place]
        return place

    def unite(one: int, other: int) -> None:
        low, high = sorted((root(one), root(other)))
        roots[high] = low

    keys = [_keys(frame) for frame in points]
    for place, own in enumerate(keys):
        for other in range(place):
            fewer = min(len(own), len(keys[other]))
            if fewer and len(own & keys[other]) >= SHARED * fewer:
                unite(other, place)
    owners = [_owner(cards, artefact) for artefact in fits]
    datasets = [_values(frame, "dataset") for frame in points]
    for place, owner in enumerate(owners):
        for other in range(place):
            one, two = datasets[place], datasets[other]
            if owner == owners[other] and (not one or not two or one & two):
                unite(other, place)
    return [f"{fits[root(place)].study}/{fits[root(place)].fit}" for place in range(len(fits))]


def _owner(cards: Mapping[str, StudyCard], artefact: FitArtefact) -> str:
    """Study whose runs a fit rests on, as far as its card says."""
    entry = cards[artefact.study].fits[artefact.fit]
    return entry.published_by or source_study(artefact.study, entry)


def _values(points: pd.DataFrame, column: str) -> set[str]:
    return set(map(str, points[column].dropna().unique())) if column in points else set()


def _keys(points: pd.DataFrame) -> set[tuple[float, ...]]:
    """Rows of a fit by what was trained and measured, twelve digits of each number."""
    columns = [name for name in ("params", "tokens", "flops_6nd", "flops", "x") if name in points]
    known = [name for name in columns if points[name].notna().any()][:2]
    if "observed" not in points or not known:
        return set()
    rows = points[[*known, "observed"]].to_numpy(dtype=float)
    return {tuple(float(f"{number:.12g}") for number in row) for row in rows}
