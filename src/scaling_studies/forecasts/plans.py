"""What fitted laws imply for the next run: size and data at multiples of the largest compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.fits.allocations import ALLOCATION_FIELDS, allocation_at, allocation_bands
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_studies.fits.artefact import FitArtefact

#: Resamples for the bands of laws whose optimum has no closed form.
SEARCHED_DRAWS = 200
MULTIPLES = (1.0, 10.0, 100.0)


def plan_runs(
    fits: Sequence[FitArtefact],
    points: Sequence[pd.DataFrame],
    resamples: Sequence[pd.DataFrame],
    ranking: pd.DataFrame | None = None,
    others: Sequence[FitArtefact] = (),
    other_resamples: Sequence[pd.DataFrame] = (),
    *,
    multiples: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Compute-optimal size and data under each law at multiples of the largest compute.

    Parameters
    ----------
    fits, points, resamples
        Artefacts of the study's own fits, in the same order; laws over `params` and `tokens`.
    ranking
        Ranking of the study's laws by extrapolation, if there is one.
    others, other_resamples
        Fit artefacts and resamples of other studies, to compare with.
    multiples
        Of the largest 6ND among the study's fitted and held-out rows; `MULTIPLES` when None.

    Returns
    -------
    pandas.DataFrame
        One row a fit and multiple: study, fit, title, law, source (published or refit), own
        (whether the fit is the study's own), multiple, flops; params_opt, tokens_opt,
        tokens_per_parameter, loss_opt with their 95 % intervals (``_low``, ``_high``); best (of the
        own laws, this one ranks highest by extrapolation); message (why a law has no optimum, else
        empty).

    Notes
    -----
    Compute is C = 6ND. Intervals are quantiles over the resamples that have an optimum. Losses of
    other studies are on other data and in other units.
    """
    factors = np.asarray(MULTIPLES if multiples is None else multiples, dtype=float)
    largest = max(float((6.0 * rows["params"] * rows["tokens"]).max()) for rows in points)
    best = _best(fits, ranking)
    own = [(fit, draws, True) for fit, draws in zip(fits, resamples, strict=True)]
    foreign = [(fit, draws, False) for fit, draws in zip(others, other_resamples, strict=True)]
    tables = []
    for artefact, draws, is_own in own + foreign:
        law = get_law(artefact.law)
        flops = largest * factors
        optimum, message = allocation_at(law, artefact.parameters, flops)
        bands = allocation_bands(law, draws, flops, SEARCHED_DRAWS)
        columns = {
            "study": artefact.study,
            "fit": artefact.fit,
            "title": artefact.title,
            "law": law.name,
            "source": artefact.source,
            "own": is_own,
            "multiple": factors,
            "flops": flops,
        }
        for name in ALLOCATION_FIELDS:
            low, high = bands[name]
            columns |= {name: optimum[name], f"{name}_low": low, f"{name}_high": high}
        columns |= {"best": is_own and artefact.fit == best, "message": message}
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _best(fits: Sequence[FitArtefact], ranking: pd.DataFrame | None) -> str | None:
    """The fit whose law ranks highest by extrapolation; None when no law has a rank."""
    if ranking is None:
        return None
    known = ranking.dropna(subset=["extrapolation_rank"])
    ranks = known.groupby("law")["extrapolation_rank"].min().to_dict()
    ranked = [fit for fit in fits if fit.law in ranks]
    return min(ranked, key=lambda fit: ranks[fit.law]).fit if ranked else None
