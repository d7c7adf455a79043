"""Each law predicts the runs of other studies.

Losses of different tokenizers and sets differ in level, so the level is free: the prediction is
shifted by the median of what it misses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.comparisons.agreement import CLASSES
from scaling_studies.comparisons.estimates import conventions, shared_runs
from scaling_studies.fits.frames import axes_of
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.fits.artefact import FitArtefact

#: Units whose sizes differ by a level and a factor near one, per piece of text.
PER_PIECE = ("nats_per_token",)
#: Fewest rows that are predicted.
FEWEST = 6
WORDS = ("study", "fit", "of_study", "of_fit")
NUMBERS = ("shift", "error", "own_error", "spread", "inside")


def cross_predictions(
    cards: Mapping[str, StudyCard], fits: Sequence[FitArtefact], points: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Errors of each law on the fitted runs of each study, a level shift allowed.

    Parameters
    ----------
    cards, fits, points
        See `comparisons`; fits with a headline are compared.

    Returns
    -------
    pandas.DataFrame
        study, fit (the law), of_study, of_fit (the runs), same_runs (the law rests on these), n,
        shift (added to the prediction, in the unit of the loss), error (median absolute relative
        error), own_error (that of the law fitted to these runs), spread (that of their median
        loss, a law that knows nothing) and inside (share of the runs in the range of the law's own,
        in size and data). Laws of size and data of a loss per token, where N counts the same.
    """
    shared = shared_runs(cards, fits, points)
    known = [
        (artefact, frame, runs, convention)
        for artefact, frame, runs in zip(fits, points, shared, strict=True)
        if artefact.headline and (convention := _comparable(cards, artefact, frame))
    ]
    rows = [
        _row(artefact, own, other, frame, same=runs == other_runs)
        for artefact, own, runs, convention in known
        for other, frame, other_runs, of in known
        if convention == of and len(_fitted(frame)) >= FEWEST and not other.is_published
    ]
    table = pd.DataFrame(rows, columns=[*WORDS, *NUMBERS, "same_runs", "n"])
    types = dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64")
    return table.astype(types | {"same_runs": "bool", "n": "int64"})


def _comparable(
    cards: Mapping[str, StudyCard], artefact: FitArtefact, points: pd.DataFrame
) -> tuple[str, str] | None:
    """What N counts and the unit of the loss, of a law that can be held against other runs."""
    entry = cards[artefact.study].fits[artefact.fit]
    counted = conventions(cards[artefact.study], artefact.fit, points)
    params = CLASSES.get(counted["params_count"])
    of_size_and_data = set(get_law(artefact.law).axis_names) == {"params", "tokens"}
    if not (of_size_and_data and params and counted["loss_unit"] in PER_PIECE and entry.allocation):
        return None
    return params, counted["loss_unit"]


def _fitted(points: pd.DataFrame) -> pd.DataFrame:
    return points[points["role"] == "fit"] if "role" in points else points.iloc[:0]


def _row(
    artefact: FitArtefact,
    own: pd.DataFrame,
    other: FitArtefact,
    points: pd.DataFrame,
    *,
    same: bool,
) -> dict[str, Any]:
    rows = _fitted(points)
    observed = rows["observed"].to_numpy(dtype=float)
    law = get_law(artefact.law)
    predicted = np.asarray(law.value(artefact.parameters, axes_of(law, rows)), dtype=float)
    shift = float(np.median(observed - predicted))
    return {
        "study": artefact.study,
        "fit": artefact.fit,
        "of_study": other.study,
        "of_fit": other.fit,
        "shift": shift,
        "error": _error(predicted + shift, observed),
        "own_error": _error(rows["predicted"].to_numpy(dtype=float), observed),
        "spread": _error(np.full(len(rows), np.median(observed)), observed),
        "inside": _inside(_fitted(own), rows),
        "same_runs": same,
        "n": len(rows),
    }


def _error(predicted: np.ndarray, observed: np.ndarray) -> float:
    return float(np.median(np.abs(predicted / observed - 1.0)))


def _inside(own: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Share of rows whose size and data lie in the range of a law's own."""
    if own.empty:
        return float("nan")
    kept = [rows[axis].between(own[axis].min(), own[axis].max()) for axis in ("params", "tokens")]
    return float((kept[0] & kept[1]).mean())
