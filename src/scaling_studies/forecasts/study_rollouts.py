"""Every run table rolled out: fit up to a size, predict beyond, by every law that applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.engine.uncertainty.bands import LEVEL
from scaling_studies.engine.uncertainty.distance import GROWING, LOSSES
from scaling_studies.forecasts.contenders import (
    LARGEST_AGAIN,
    LAST_TWO,
    OF_ONE_AXIS,
    OF_SIZE_AND_DATA,
    STACKED,
    Forecast,
    of_largest,
    of_last_two,
    of_law,
)
from scaling_studies.forecasts.rollouts import varies_apart
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaling_studies.cards.models.fit import FitEntry

#: Cutoffs of a roll-out, and the shares of the sizes between which they lie.
CUTOFFS, FIRST_SHARE, LAST_SHARE = 6, 0.2, 0.9
#: Fewest distinct sizes, and rows, that can be rolled out.
FEWEST_SIZES, FEWEST_ROWS = 4, 6
#: Logarithms beyond it have no number.
LARGEST_LOG = 700.0
WORDS = ("study", "fit", "points", "law", "by", "run_id", "row_key")
FLAGS = ("usable",)
NUMBERS = (
    "cutoff",
    "horizon",
    "observed",
    "predicted",
    "log_error",
    "law_error",
    "noise",
    "law_half",
    "run_half",
    "in_sample",
)
COUNTS = ("fitted_rows", "freedom")


def roll_out_study(
    study: str, entries: Mapping[str, FitEntry], points: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Roll out the rows of some fits of a study.

    Parameters
    ----------
    study
        Its id.
    entries, points
        Fits in its card, and their rows, fitted and held out, by fit.

    Returns
    -------
    pandas.DataFrame
        One row a prediction: study, fit, points (what was measured: fits and studies of the same
        points share it), law, by (axis along which runs grow), run_id, row_key, fitted_rows,
        freedom, cutoff (largest value fitted), horizon (the row's value over it), observed,
        predicted, log_error, the standard error of the law and the scatter of the fitted rows (of
        logarithms), half of the 95 % interval of the law and of a new run as these say
        (`law_half`, `run_half`), in_sample (root mean square of the fitted rows' log errors) and
        usable. Fits whose responses are not above zero, or of too few sizes, give no row.
    """
    rows = []
    seen = set()
    for fit_id, entry in entries.items():
        frame = points[fit_id]
        key = _key(frame)
        if key not in seen:
            seen.add(key)
            rows += [*_of_fit(study, fit_id, entry, frame)]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=[*WORDS])
    table = table.reindex(columns=[*WORDS, *COUNTS, *NUMBERS, *FLAGS])
    kinds = dict.fromkeys(WORDS, "str") | dict.fromkeys(COUNTS, "int64")
    return table.astype(kinds | dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(FLAGS, "bool"))


def _key(frame: pd.DataFrame) -> tuple[bytes, ...]:
    """What two fits of the same rows share."""
    return (
        frame["row_key"].astype(str).str.cat(sep="\n").encode(),
        frame["observed"].to_numpy().tobytes(),
    )


def _is_a_loss(entry: FitEntry) -> bool:
    """Whether the response is a loss or an error: what falls as runs grow, and what plans ask."""
    response = entry.response
    if response is None or response.column is not None:
        return False
    return response.complement or response.metric in LOSSES


def _growing(entry: FitEntry, frame: pd.DataFrame) -> tuple[str, np.ndarray] | None:
    axes = get_law(entry.law).axis_names
    if {"params", "tokens"} <= set(axes):
        return "flops", 6.0 * frame["params"].to_numpy(float) * frame["tokens"].to_numpy(float)
    name = next((name for name in GROWING if name in axes), None)
    return None if name is None else (name, frame[name].to_numpy(dtype=float))


def _of_fit(
    study: str, fit_id: str, entry: FitEntry, frame: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    law = get_law(entry.law)
    found = _growing(entry, frame)
    observed = frame["observed"].to_numpy(dtype=float)
    if found is None or not _is_a_loss(entry) or not (observed > 0).all():
        return
    by, size = found
    cutoffs = _cutoffs(size)
    two = {"params", "tokens"} <= set(law.axis_names)
    axes = {name: frame[name].to_numpy() for name in law.axis_names}
    table = {**axes, "x": size, "response": observed}
    laws = dict.fromkeys([law.name, *(OF_SIZE_AND_DATA if two else ()), *OF_ONE_AXIS])
    past: list[tuple[str, np.ndarray, np.ndarray]] = []
    provenance = frame.get("provenance_group")
    group = "" if provenance is None else str(provenance.iloc[0])
    for cutoff in cutoffs:
        kept = size <= cutoff
        small = {name: values[kept] for name, values in table.items()}
        large = {name: values[~kept] for name, values in table.items()}
        forecasts = {}
        for name in laws:
            forecast = of_law(name, small, large)
            if forecast is not None:
                apart = varies_apart(get_law(name).axis_names, table, kept)
                forecasts[name] = (forecast, forecast.usable and apart)
        stacked = _stacked(forecasts, past, kept)
        past += [
            (name, np.flatnonzero(~kept), forecast.logs - np.log(observed[~kept]))
            for name, (forecast, usable) in forecasts.items()
            if usable
        ]
        for name, logs in (
            (LAST_TWO, of_last_two(size[kept], observed[kept], size[~kept])),
            (LARGEST_AGAIN, of_largest(size[kept], observed[kept], size[~kept])),
        ):
            if logs is not None:
                forecasts[name] = (_naive(logs), True)
        if stacked is not None:
            forecasts[STACKED] = (stacked, True)
        rows = frame[~kept]
        common = {
            "study": study,
            "fit": fit_id,
            "points": group if group not in ("", "nan", "None") else f"{study}/{fit_id}",
            "by": by,
            "run_id": rows["run_id"].astype(str).to_numpy(),
            "row_key": rows["row_key"].astype(str).to_numpy(),
            "fitted_rows": int(kept.sum()),
            "cutoff": cutoff,
            "horizon": size[~kept] / cutoff,
            "observed": observed[~kept],
        }
        for name, (forecast, usable) in forecasts.items():
            yield pd.DataFrame(
                {"law": name, **common, **_columns(forecast, observed[~kept], usable)}
            )


def _columns(forecast: Forecast, observed: np.ndarray, usable: bool) -> dict[str, Any]:
    return {
        "predicted": np.exp(np.minimum(forecast.logs, LARGEST_LOG)),
        "log_error": forecast.logs - np.log(observed),
        "law_error": forecast.law_error,
        "noise": forecast.noise,
        "freedom": forecast.freedom,
        "law_half": forecast.half_width(LEVEL, new_run=False),
        "run_half": forecast.half_width(LEVEL, new_run=True),
        "in_sample": forecast.in_sample,
        "usable": usable & np.isfinite(forecast.logs),
    }


def _naive(logs: np.ndarray) -> Forecast:
    nothing = np.full(len(logs), np.nan)
    return Forecast(logs, nothing, np.nan, 0, np.nan, usable=True)


def _stacked(
    forecasts: Mapping[str, tuple[Forecast, bool]],
    past: Sequence[tuple[str, np.ndarray, np.ndarray]],
    kept: np.ndarray,
) -> Forecast | None:
    """Laws combined by how well they predicted, at earlier cutoffs, the rows fitted now.

    Weights are inverse mean squares of the log errors; without an earlier roll-out all laws weigh
    the same.
    """
    usable = {name: forecast for name, (forecast, sound) in forecasts.items() if sound}
    if not usable:
        return None
    squares = {}
    for name in usable:
        known = [errors[kept[rows]] for law, rows, errors in past if law == name]
        every = np.concatenate(known) if known else np.zeros(0)
        squares[name] = float((every**2).mean()) if len(every) else np.nan
    known_squares = [value for value in squares.values() if np.isfinite(value)]
    floor = max(min(known_squares, default=1.0), 1e-12)
    # A law that predicted nothing before weighs as the worst of those that did.
    worst = max(known_squares, default=1.0)
    weights = np.array(
        [1.0 / max(squares[n] if np.isfinite(squares[n]) else worst, floor) for n in usable]
    )
    weights /= weights.sum()
    parts = list(usable.values())
    logs = weights @ np.array([part.logs for part in parts])
    law_error = np.sqrt(weights @ np.array([part.law_error**2 for part in parts]))
    noise = float(np.sqrt(weights @ np.array([part.noise**2 for part in parts])))
    in_sample = float(np.sqrt(weights @ np.array([part.in_sample**2 for part in parts])))
    return Forecast(logs, law_error, noise, min(p.freedom for p in parts), in_sample, usable=True)


def _cutoffs(size: np.ndarray) -> np.ndarray:
    """Values of the axis up to which rows are fitted: of those that runs have, spread evenly."""
    sizes = np.unique(size)
    if len(sizes) < FEWEST_SIZES or len(size) < FEWEST_ROWS or not np.isfinite(sizes).all():
        return np.zeros(0)
    places = np.linspace(FIRST_SHARE, LAST_SHARE, CUTOFFS) * (len(sizes) - 1)
    # Budgets read from a plot differ in every row: rows count, not values.
    chosen = np.unique(np.quantile(size, places / (len(sizes) - 1), method="lower"))
    return chosen[chosen < sizes[-1]]
