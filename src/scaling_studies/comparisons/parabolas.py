"""Approach 2 replayed over the runs of each study, on its own surface and on a symmetric one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.engine.allocation.allocate import (
    FLOPS_PER_PARAMETER_TOKEN,
    optimal_allocation,
)
from scaling_studies.engine.estimators.isoflop import check_budgets, group_budgets
from scaling_studies.engine.fit import fit
from scaling_studies.engine.validation.parabola import replay, symmetric
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.fits.artefact import FitArtefact

OWN, SYMMETRIC = "own surface", "symmetric surface"
AS_RUN, CENTRED = "as run", "centred"
#: Steps of a decade that make budgets where no run names its own.
STEPS = 10
WORDS = ("study", "fit", "surface", "grid", "failure")
NUMBERS = ("flops", "exponent", "read_exponent", "size", "read_size", "shift")
#: Fewest rows that carry a surface of five constants and budgets.
FEWEST = 12


def parabolas(
    cards: Mapping[str, StudyCard], fits: Sequence[FitArtefact], points: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """What Approach 2 reads from surfaces without noise, at the sizes and compute that were run.

    Parameters
    ----------
    cards, fits, points
        See `comparisons`; fits by isoFLOP parabolas, and headlines of the additive law, are
        replayed.

    Returns
    -------
    pandas.DataFrame
        study, fit, surface (``own surface``: the additive law of these runs; ``symmetric surface``:
        both exponents at their mean), grid (``as run``, or ``centred``: the sizes of each budget
        moved until its best size is in the middle), flops (middle of the compute), exponent and
        size of the surface there, read_exponent and read_size by parabolas, shift (log of the size
        read over the best), n, and failure: why runs could not be replayed, else empty.
    """
    rows = [
        row
        for artefact, frame in zip(fits, points, strict=True)
        for row in _replayed(cards[artefact.study], artefact, frame)
    ]
    table = pd.DataFrame([{"failure": ""} | row for row in rows], columns=[*WORDS, *NUMBERS, "n"])
    types = dict.fromkeys(WORDS, "str") | dict.fromkeys(NUMBERS, "float64")
    return table.astype(types | {"n": "int64"})


def _replayed(
    card: StudyCard, artefact: FitArtefact, points: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    by_parabolas = artefact.estimator == "isoflop" and bool(artefact.headline)
    of_surface = artefact.law == "additive" and artefact.headline and not artefact.is_published
    if not by_parabolas and not of_surface:
        return
    rows = points[points["role"] == "fit"]
    params = rows["params"].to_numpy(dtype=float)
    if by_parabolas:
        flops = rows["flops"].to_numpy(dtype=float)
        named = card.fits[artefact.fit].options.get("budgets")
        budgets = rows[named].to_numpy() if isinstance(named, str) and named in rows else named
    else:
        flops = FLOPS_PER_PARAMETER_TOKEN * params * rows["tokens"].to_numpy(dtype=float)
        budgets = np.floor(STEPS * np.log10(flops))
    place = {"study": artefact.study, "fit": artefact.fit, "n": len(rows)}
    try:
        if len(rows) < FEWEST:
            raise FitError(f"{len(rows)} rows carry no surface", fix="add runs")
        labels = group_budgets(flops, budgets, {})
        check_budgets(flops, params, labels, named=True)
        surface = artefact.parameters
        if by_parabolas:
            surface = _surface(params, flops, rows["observed"].to_numpy(dtype=float))
        middle = float(np.sqrt(flops.min() * flops.max()))
        for name, known in ((OWN, surface), (SYMMETRIC, symmetric(surface, middle))):
            for grid, runs in (
                (AS_RUN, (params, flops)),
                (CENTRED, _centred(known, params, flops, labels)),
            ):
                found = replay(known, *runs, budgets=labels)
                yield (
                    place
                    | {"surface": name, "grid": grid, "flops": middle}
                    | {
                        **asdict(found),
                        "shift": found.shift,
                    }
                )
    except FitError as error:
        yield place | {"surface": OWN, "grid": AS_RUN, "failure": error.problem}


def _centred(
    surface: Mapping[str, float], params: np.ndarray, flops: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same sizes of each budget, moved until its best size is in the middle, at one compute."""
    law, known = get_law("additive"), {name: np.array([value]) for name, value in surface.items()}
    sizes, compute = params.copy(), flops.copy()
    for label in np.unique(labels):
        own = labels == label
        compute[own] = np.exp(np.log(flops[own]).mean())
        best = optimal_allocation(law, known, compute[own][:1]).params[0, 0]
        sizes[own] *= best / np.sqrt(params[own].min() * params[own].max())
    return sizes, compute


def _surface(params: np.ndarray, flops: np.ndarray, loss: np.ndarray) -> dict[str, float]:
    """Additive law of the same rows."""
    tokens = flops / (FLOPS_PER_PARAMETER_TOKEN * params)
    table = {"params": params, "tokens": tokens, "loss": loss}
    found = fit("additive", table, response="loss")
    return {name: float(value) for name, value in found.parameters.items()}
