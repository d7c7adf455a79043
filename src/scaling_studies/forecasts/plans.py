"""What fitted laws imply for the next run: size and data at multiples of the largest compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies import words
from scaling_studies.engine.planning.independence import repeated_designs, why_dependent
from scaling_studies.fits.allocations import ALLOCATION_FIELDS, allocation_at, allocation_bands
from scaling_studies.fits.new_runs import new_run_band
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_studies.fits.artefact import FitArtefact

#: Resamples for the bands of laws whose optimum has no closed form.
SEARCHED_DRAWS = 200
MULTIPLES = (1.0, 10.0, 100.0)
#: Tokens per parameter outside which a plan is unusual, and the multiple of the largest compute
#: beyond which it says so. A tenth outside the ratios of the runs is no other regime.
FEWEST_TOKENS, MOST_TOKENS = 5.0, 1000.0
FARTHEST, SLACK = 100.0, 0.9


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
        tokens_per_parameter, loss_opt with their 95 % intervals (``_low``, ``_high``);
        new_run_low, new_run_high and new_run_basis (interval of a run that is trained so, and what
        it rests on; see `fits.new_runs`); best (of the
        own laws that give a plan, this one ranks highest by extrapolation); on rows of that law
        also ``_least`` and ``_most``: the ends over it and all laws that it cannot be told apart
        from, which are named in laws; message (why there is no plan, else empty); warning (what
        must be said with it, else empty).

    Notes
    -----
    Compute is C = 6ND. Intervals are quantiles over the resamples that have an optimum. Losses of
    other studies are on other data and in other units. A fit of the study's own has no plan when it
    did not converge, when its rows do not determine it, or when they do not vary size and data
    apart. Without a ranking no law can be told apart from another one.
    """
    factors = np.asarray(MULTIPLES if multiples is None else multiples, dtype=float)
    largest = max(float((6.0 * rows["params"] * rows["tokens"]).max()) for rows in points)
    refusals = [why_no_plan(fit, rows) for fit, rows in zip(fits, points, strict=True)]
    own = list(zip(fits, resamples, refusals, strict=True))
    foreign = [(fit, draws, "") for fit, draws in zip(others, other_resamples, strict=True)]
    tables = []
    for number, (artefact, draws, refused) in enumerate(own + foreign):
        is_own = number < len(own)
        law = get_law(artefact.law)
        flops = largest * factors
        nothing = dict.fromkeys(ALLOCATION_FIELDS, np.full(len(flops), np.nan))
        optimum, message = (
            (nothing, refused) if refused else allocation_at(law, artefact.parameters, flops)
        )
        bands = {} if message else allocation_bands(law, draws, flops, SEARCHED_DRAWS)
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
        for name, value in optimum.items():
            low, high = bands.get(name, (np.nan, np.nan))
            columns |= {name: value, f"{name}_low": low, f"{name}_high": high}
        # Losses of other studies are on other data: no run of this one has them.
        rows = points[number] if is_own else points[0].iloc[:0]
        band = bands.get("loss_opt", np.full((2, len(flops)), np.nan))
        columns |= new_run_band(artefact, rows, flops, optimum["loss_opt"], band)
        warnings = [""] * len(factors)
        if is_own and not message:
            warnings = reservations(points[number], optimum["tokens_per_parameter"], factors)
        columns |= {"message": message, "warning": warnings}
        tables.append(pd.DataFrame(columns))
    table = pd.concat(tables, ignore_index=True)
    planned = [fit for fit, one in zip(fits, tables, strict=False) if not one["message"].any()]
    return _with_best(table, planned, ranking)


def why_no_plan(artefact: FitArtefact, rows: pd.DataFrame) -> str:
    """Why a fit of the study's own gives no plan; empty when it does."""
    why = why_dependent(rows["params"].to_numpy(float), rows["tokens"].to_numpy(float))
    if why:
        return f"{why}, so nothing tells how to divide compute between size and data"
    if "allocation" in artefact.undetermined or artefact.identified is False:
        return "these runs do not determine how this law divides compute between size and data"
    if artefact.converged is False:
        return "the fit did not converge"
    return ""


def reservations(rows: pd.DataFrame, ratios: np.ndarray, multiples: np.ndarray) -> list[str]:
    """What must be said with a plan, one text a multiple of the largest compute."""
    seen = (rows["tokens"] / rows["params"]).to_numpy(float)
    low, high = float(seen.min()), float(seen.max())
    repeated = repeated_designs(rows["params"].to_numpy(), rows["tokens"].to_numpy())
    texts = []
    for ratio, multiple in zip(ratios, multiples, strict=True):
        said = []
        if not SLACK * low <= ratio <= high / SLACK:
            said.append(
                f"outside the {words.span([low, high], 2)} tokens per parameter of the runs"
            )
        if ratio < FEWEST_TOKENS or ratio > MOST_TOKENS:
            said.append(f"{words.rough(float(ratio))} tokens per parameter are unusual")
        if multiple > FARTHEST:
            said.append(f"{words.rough(float(multiple))} times the compute of the largest run")
        if repeated:
            said.append(
                f"{repeated} of {len(rows)} runs share size and data with another one: if they "
                "differ in a setting such as the learning rate, keep the best of each"
            )
        texts.append("; ".join(said))
    return texts


def _with_best(
    table: pd.DataFrame, planned: Sequence[FitArtefact], ranking: pd.DataFrame | None
) -> pd.DataFrame:
    """Mark the best law that gives a plan, and span the laws it cannot be told apart from."""
    best, tied = _best(planned, ranking)
    table["best"] = table["own"] & (table["fit"] == best)
    table["laws"] = ""
    for name in ALLOCATION_FIELDS:
        table[f"{name}_least"] = table[f"{name}_most"] = np.nan
    together = [fit.fit for fit in planned if fit.fit == best or fit.fit in tied]
    for place in table.index[table["best"]]:
        rows = table[
            table["own"]
            & table["fit"].isin(together)
            & (table["multiple"] == table.loc[place, "multiple"])
        ]
        table.loc[place, "laws"] = " ".join(rows["law"])
        for name in ALLOCATION_FIELDS:
            # A law without resamples counts with its estimate.
            low = rows[f"{name}_low"].fillna(rows[name])
            high = rows[f"{name}_high"].fillna(rows[name])
            table.loc[place, f"{name}_least"] = low.min()
            table.loc[place, f"{name}_most"] = high.max()
    return table


def _best(
    planned: Sequence[FitArtefact], ranking: pd.DataFrame | None
) -> tuple[str | None, list[str]]:
    """Of fits that give a plan, the one whose law ranks highest, and those tied with it."""
    if not planned or ranking is None:
        return None, []
    known = ranking.dropna(subset=["extrapolation_rank"]).drop_duplicates("law")
    ranks = known.set_index("law")["extrapolation_rank"].to_dict()
    ranked = [fit for fit in planned if fit.law in ranks]
    if not ranked:
        # Nothing tells them apart; the one that describes the runs best stands for all.
        closeness = ranking.groupby("law")["in_sample_rank"].min().to_dict()
        first = min(planned, key=lambda fit: closeness.get(fit.law, np.inf))
        return first.fit, [fit.fit for fit in planned]
    best = min(ranked, key=lambda fit: ranks[fit.law])
    names = known.set_index("law")["tied"][best.law].split()
    laws = set(ranking.loc[ranking["fit"].isin(names), "law"])
    return best.fit, [fit.fit for fit in ranked if fit.law in laws and fit is not best]
