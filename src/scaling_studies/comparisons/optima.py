"""Laws of the best size alone: what they say to train, beside laws of size and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.comparisons.allocation import FLOPS_GRID
from scaling_studies.comparisons.estimates import conventions
from scaling_studies.comparisons.trade_offs import DECADES, PLANS
from scaling_studies.engine.allocation.allocate import FLOPS_PER_PARAMETER_TOKEN
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.runs.units import FLOP_PER_PF_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scaling_studies.cards.models.conventions import Optimum
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.fits.artefact import FitArtefact

#: FLOP in a unit of compute.
UNITS = {"FLOP": 1.0, "PF-days": FLOP_PER_PF_DAY}
#: Purpose of the plans, among those of `trade_offs.PURPOSES`.
PURPOSE = "compute_optimal"
WORDS = (
    *("study", "fit", "law", "source", "gives", "unit", "tokens_of"),
    *("params_count", "flops_count", "note"),
)
NUMBERS = (
    *("params_coefficient", "params_exponent", "tokens_coefficient", "tokens_exponent"),
    *("flops_low", "flops_high"),
)
BANDED = ("params_opt", "tokens_opt", "tokens_per_parameter", "loss_opt")
#: A coefficient and an exponent of compute in FLOP; numbers or arrays.
Line = tuple[Any, Any]


def with_optima(cards: Mapping[str, StudyCard]) -> list[tuple[str, str]]:
    """Study and fit of each law of compute alone that says what is best, and of their tokens."""
    found: dict[tuple[str, str], None] = {}
    for study, card in cards.items():
        for fit in card.fits:
            optimum = _optimum(card, fit)
            if optimum:
                found[study, fit] = None
            if optimum and optimum.tokens:
                found[study, optimum.tokens] = None
    return list(found)


def optima(
    cards: Mapping[str, StudyCard], fits: Sequence[FitArtefact], points: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Best size and data over compute, as each law gives them.

    Parameters
    ----------
    cards, fits, points
        See `comparisons`; of the fits of :func:`with_optima`.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, source, what the law gives and in which unit its compute is, tokens_of (fit
        that its data are from; empty where they follow from C = 6ND, or C = M D of FLOP per token),
        what N and C count, note, and coefficient and exponent of N* and of D* over compute in FLOP;
        flops_low and flops_high of the fitted rows (not-a-number without any).
    """
    known = {(fit.study, fit.fit): fit for fit in fits}
    rows = []
    for artefact, frame in zip(fits, points, strict=True):
        card = cards[artefact.study]
        optimum = _optimum(card, artefact.fit)
        if optimum is None:
            continue
        own = artefact.parameters
        other = None
        if optimum.tokens:
            lent = known[artefact.study, optimum.tokens].parameters
            other = lent["G"], lent["a"]
        size, data = _lines(optimum, (own["G"], own["a"]), other)
        counted = conventions(card, artefact.fit, frame)
        fitted = frame[frame["role"] == "fit"] if len(frame) else frame
        compute = fitted["flops"] if len(fitted) else pd.Series([np.nan])
        rows.append(
            {
                **{name: getattr(artefact, name) for name in ("study", "fit", "law", "source")},
                "gives": optimum.gives,
                "unit": optimum.unit,
                "tokens_of": optimum.tokens or "",
                **{name: counted[name] for name in ("params_count", "flops_count")},
                "note": optimum.note or "",
                "params_coefficient": size[0],
                "params_exponent": size[1],
                "tokens_coefficient": data[0],
                "tokens_exponent": data[1],
                "flops_low": compute.min(),
                "flops_high": compute.max(),
            }
        )
    table = pd.DataFrame(rows, columns=[*WORDS, *NUMBERS])
    return table.astype(dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64"))


def optima_over_compute(
    cards: Mapping[str, StudyCard],
    table: pd.DataFrame,
    resamples: Mapping[tuple[str, str], pd.DataFrame],
) -> pd.DataFrame:
    """The same laws along the grid of compute, in the columns of `comparisons.allocation`.

    Parameters
    ----------
    cards
        See `comparisons`.
    table
        What :func:`optima` returns.
    resamples
        Resampled parameters by study and fit. Data that have a fit of their own have no band: the
        two were not resampled together.
    """
    parts = []
    for law in table.to_dict("records"):
        place = law["study"], law["fit"]
        size, data = (
            law[f"{what}_coefficient"] * FLOPS_GRID ** law[f"{what}_exponent"]
            for what in ("params", "tokens")
        )
        values = dict(zip(BANDED, (size, data, data / size, np.nan * size), strict=True))
        columns = {"study": place[0], "fit": place[1], "source": law["source"], "flops": FLOPS_GRID}
        columns |= values
        bands = _bands(cards[place[0]], place[1], resamples.get(place))
        for name in BANDED:
            columns[f"{name}_low"], columns[f"{name}_high"] = bands.get(name, (np.nan, np.nan))
        columns |= {"new_run_low": np.nan, "new_run_high": np.nan}
        columns["new_run_basis"] = "no interval: a law of the best size gives no loss"
        part = pd.DataFrame(columns)
        inside = part["flops"].between(law["flops_low"], law["flops_high"])
        parts.append(part.assign(extrapolated=~inside))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def plans_of_optima(table: pd.DataFrame) -> pd.DataFrame:
    """What the laws say to train at each decade of compute, in the columns of `plans_for`.

    A law of the best size alone gives no loss and no cost, and has no answer to other questions.
    """
    rows = []
    for law in table.to_dict("records"):
        for flops in DECADES.tolist():
            params = law["params_coefficient"] * flops ** law["params_exponent"]
            tokens = law["tokens_coefficient"] * flops ** law["tokens_exponent"]
            plan = (law["study"], law["fit"], law["source"], PURPOSE, flops, np.nan, flops)
            rows.append(
                {
                    **dict(zip(PLANS, (*plan, params, tokens, np.nan), strict=True)),
                    "tokens_per_parameter": tokens / params,
                    "beyond": flops / law["flops_high"],
                    "size": 1.0,
                    "cost": np.nan,
                }
            )
    return pd.DataFrame(rows)


def joined(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables of the same columns, one below the other, those without rows left out."""
    first, *others = tables
    kept = [table for table in (first, *others) if len(table)]
    return pd.concat(kept, ignore_index=True)[list(first)] if kept else first


def _optimum(card: StudyCard, fit: str) -> Optimum | None:
    stated = card.fits[fit].conventions
    return stated.optimum if stated else None


def _lines(optimum: Optimum, law: Line, tokens: Line | None = None) -> tuple[Line, Line]:
    """Size and data over compute in FLOP, of one law or of arrays of them."""
    per_unit = UNITS[optimum.unit]
    six = FLOPS_PER_PARAMETER_TOKEN
    best = law[0] * per_unit ** -law[1], law[1]
    rest = 1.0 - best[1]
    if optimum.gives == "tokens":
        return (1.0 / (six * best[0]), rest), best
    if optimum.gives == "flops_per_token":
        return (best[0] / six, best[1]), (1.0 / best[0], rest)
    if tokens is not None:
        return best, (tokens[0] * per_unit ** -tokens[1], tokens[1])
    return best, (1.0 / (six * best[0]), rest)


def _bands(card: StudyCard, fit: str, draws: pd.DataFrame | None) -> dict[str, np.ndarray]:
    optimum = _optimum(card, fit)
    if optimum is None or draws is None or draws.empty:
        return {}
    drawn = draws["G"].to_numpy()[:, None], draws["a"].to_numpy()[:, None]
    size, data = (line[0] * FLOPS_GRID ** line[1] for line in _lines(optimum, drawn))
    found = {"params_opt": size}
    if optimum.tokens is None:
        found |= {"tokens_opt": data, "tokens_per_parameter": data / size}
    return {name: percentile_interval(values).ends for name, values in found.items()}
