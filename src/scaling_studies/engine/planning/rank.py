"""Laws ranked by how well they predict larger runs from smaller ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies import words
from scaling_studies.engine.planning.independence import why_dependent
from scaling_studies.engine.planning.plain import json_safe
from scaling_studies.engine.planning.scores import score
from scaling_studies.engine.validation.backtest import backtest
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law
from scaling_studies.models.columns import read_column

#: Laws that are tried, of size and data and of one axis, and what that axis is, the surest first.
TWO_AXES, ONE_AXIS = ("additive", "kaplan", "overtrained"), ("power", "power_offset")
MAIN = ("flops", "tokens", "params")
#: Most sizes up to which laws are fitted, and the least share of the rows that lie below one:
#: fits to a handful of many rows say little of a law, and their searches are the longest.
CUTOFFS, LEAST_SHARE = 3, 0.2
#: Starts of a search. Two must agree whatever their number, and more are tried until they do; that
#: half of them agree is not asked for, as it takes longest where a law is not determined.
SEARCH = {"count": 12, "enough": 0.0}


@dataclass(frozen=True)
class RankedLaw:
    """One law: mean error of predictions, rank, and what chance makes of both.

    ``error`` is relative to the loss, ``error_in_noise`` in standard deviations of the noise of
    single runs. ``tied`` names the laws that these runs do not tell it apart from; ``unusable`` is
    the share of its predictions whose fit was not determined or did not converge.
    """

    law: str
    error: float
    error_low: float
    error_high: float
    error_in_noise: float
    rank: float
    rank_low: float
    rank_high: float
    tied: tuple[str, ...]
    unusable: float


@dataclass(frozen=True)
class Ranking:
    """Laws by extrapolation, the best first.

    Attributes
    ----------
    laws
        Ranked laws, then those without a rank.
    by
        Axis along which runs grow.
    runs
        How many runs all ranked laws predicted, each once.
    noise
        Relative noise of single runs: the least residual spread of the laws.
    not_tried
        Law -> why it was not tried.

    Examples
    --------
    >>> flops = np.geomspace(1e17, 1e21, 14)
    >>> wave = np.exp(0.002 * np.sin(7 * np.arange(14.0)))
    >>> answer = rank({"flops": flops, "loss": wave * (1.7 + 900 * flops**-0.15)})
    >>> answer.laws[0].law
    'power_offset'
    """

    laws: tuple[RankedLaw, ...]
    by: str
    runs: int
    noise: float
    not_tried: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return json_safe(asdict(self))

    def lines(self) -> list[str]:
        """Sentences for people."""
        ranked = [one for one in self.laws if np.isfinite(one.rank)]
        said = []
        if not ranked:
            said.append("No law could be ranked: too few runs of different sizes are left to fit.")
        else:
            best = ranked[0]
            said.append(
                f"{best.law} predicts larger runs best: {words.percent(best.error, 2)} off on "
                f"average over {words.count_of(self.runs, 'run')}"
                + (
                    f"; these runs do not tell it apart from {words.joined(best.tied)}."
                    if best.tied
                    else "."
                )
            )
        for place, one in enumerate(ranked):
            said.append(
                f"{place + 1}. {one.law}: {words.percent(one.error, 2)} of the loss, "
                f"{words.number(one.error_in_noise, 2)} times the noise (rank "
                f"{words.span([one.rank_low, one.rank_high], 2)})"
            )
        for one in self.laws:
            if not np.isfinite(one.rank):
                said.append(f"{one.law} has no rank: the smaller runs do not determine it.")
        return [*said, *(f"{law} was not tried: {why}." for law, why in self.not_tried.items())]


def rank(
    frame: Mapping[str, np.ndarray],
    laws: Sequence[str] | None = None,
    *,
    response: str = "loss",
    by: str | None = None,
    run: np.ndarray | None = None,
) -> Ranking:
    """Rank laws by extrapolation: fit the runs up to some size, predict those beyond.

    Parameters
    ----------
    frame
        Columns of ``params``, ``tokens``, ``flops`` as far as they are known, and the response.
    laws
        Names; None for those that the columns and the design of the runs allow.
    response
        Column of the loss.
    by
        Axis along which runs grow: ``flops``, ``tokens`` or ``params``; the first that is known.
    run
        Run of each row where runs have several, shape (n,).

    Returns
    -------
    Ranking

    Raises
    ------
    FitError
        No axis or response, or an axis that is not known.

    Notes
    -----
    See `scores.score` for what counts. Laws of size and data are tried only where the runs vary
    the two apart, and their fits count only where the rows that they saw do.

    Examples
    --------
    >>> params = np.geomspace(1e7, 1e9, 8)
    >>> runs = {"params": params, "tokens": 20 * params, "loss": 1.7 + 30 * params**-0.2}
    >>> rank(runs).not_tried["additive"]
    'all runs have about 20 tokens per parameter'
    """
    table = {
        name: read_column(frame, name, positive=True)
        for name in ("params", "tokens", "flops", response)
        if name in frame
    }
    if response not in table:
        raise FitError("the frame has no such column", column=response, fix="map one to it")
    if "params" in table and "tokens" in table and "flops" not in table:
        table["flops"] = 6.0 * table["params"] * table["tokens"]
    known = [name for name in MAIN if name in table]
    if not known:
        raise FitError("the runs have no size, data or compute", fix="map a column to one of them")
    axis = by or known[0]
    if axis not in known:
        raise FitError(f"the runs cannot grow by {axis}", fix=f"use one of {', '.join(known)}")
    table["x"] = table[axis]
    candidates, not_tried = laws_to_try(table, laws)
    length = len(table[response])
    runs = np.arange(length).astype(str) if run is None else np.asarray(run).astype(str)
    cutoffs = common_cutoffs(table[axis], candidates)
    rolled = [roll_out(name, table, axis, response, runs, cutoffs) for name in candidates]
    made = [one for one, _ in rolled]
    predictions = pd.concat(made, ignore_index=True) if made else pd.DataFrame()
    spreads = {name: spread for name, (_, spread) in zip(candidates, rolled, strict=True)}
    noise = min((x for x in spreads.values() if np.isfinite(x)), default=float("nan"))
    scores, tied = score(predictions) if len(predictions) else (None, {})
    by_law = {} if scores is None else scores.to_dict("index")
    found = []
    for name in candidates:
        row = by_law.get(name)
        values = {
            key: float(row[key]) if row is not None else float("nan")
            for key in ("error", "error_low", "error_high", "rank", "rank_low", "rank_high")
        }
        found.append(
            RankedLaw(
                law=name,
                **values,
                error_in_noise=values["error"] / noise if noise > 1e-9 else float("nan"),
                tied=tuple(tied.get(name, ())),
                unusable=float(row["unusable"]) if row is not None else 1.0,
            )
        )
    found.sort(key=lambda one: (np.nan_to_num(one.rank, nan=np.inf), candidates.index(one.law)))
    count = 0 if scores is None else int(scores["runs"].max())
    return Ranking(tuple(found), axis, count, noise, not_tried)


def laws_to_try(
    table: Mapping[str, np.ndarray], laws: Sequence[str] | None
) -> tuple[list[str], dict[str, str]]:
    """Laws whose axes are known and vary apart, and why others are not tried."""
    candidates, not_tried = [], {}
    for name in TWO_AXES + ONE_AXIS if laws is None else laws:
        missing = [axis for axis in get_law(name).axis_names if axis not in table]
        if missing and laws is None:
            continue
        if missing:
            raise FitError(f"law {name} needs {words.joined(missing)}", fix="leave it out")
        why = why_not_apart(name, table)
        if why:
            not_tried[name] = why
        else:
            candidates.append(name)
    return candidates, not_tried


def why_not_apart(law: str, table: Mapping[str, np.ndarray]) -> str:
    """Why the rows cannot determine a law of size and data; empty when they may."""
    if not {"params", "tokens"} <= set(get_law(law).axis_names):
        return ""
    return why_dependent(table["params"], table["tokens"])


def common_cutoffs(size: np.ndarray, laws: Sequence[str]) -> np.ndarray:
    """Sizes up to which all laws are fitted, evenly spaced among those that leave rows enough.

    None lies in the last part, where little is left to predict, and that little is near.
    """
    least = max((len(get_law(law).parameter_names) + 1 for law in laws), default=0)
    needed = max(float(least), LEAST_SHARE * len(size))
    sizes = np.unique(size)[:-1]
    enough = sizes[[(size <= cut).sum() >= needed for cut in sizes]] if len(sizes) else sizes
    if not len(enough):
        return enough
    places = np.linspace(0, len(enough) - 1, CUTOFFS + 1)[:-1].round().astype(int)
    return enough[np.unique(places)]


def roll_out(
    law: str,
    table: Mapping[str, np.ndarray],
    axis: str,
    response: str,
    runs: np.ndarray,
    cutoffs: np.ndarray,
) -> tuple[pd.DataFrame, float]:
    """Predictions of a law for `score`, and its residual spread where it was fitted to most."""
    if not len(cutoffs):
        return pd.DataFrame(), float("nan")
    size = table[axis]
    found = backtest(law, table, axis, cutoffs=cutoffs, response=response, confirm=False, **SEARCH)
    rows = found.predictions
    if rows.empty or "cutoff" not in rows:
        return pd.DataFrame(), float("nan")
    apart = {
        cut: not why_not_apart(law, {name: x[size <= cut] for name, x in table.items()})
        for cut in rows["cutoff"].unique()
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.log(rows["prediction"] / rows["response"])
    return (
        pd.DataFrame(
            {
                "law": law,
                "by": axis,
                "cutoff": rows["cutoff"],
                "row": rows["row"],
                "run": runs[rows["row"].to_numpy(int)],
                "horizon": rows["horizon"],
                "log_error": errors,
                "usable": rows["converged"] & rows["identified"] & rows["cutoff"].map(apart),
            }
        ),
        float(rows["spread"].iloc[-1]),
    )
