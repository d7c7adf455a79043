"""Do the intervals of a fit hold the truth? Tables of its own design, simulated and fitted again.

The law at its fitted parameters is the truth. Noise is the fit's own: its residuals at their own
rows, with a random sign for each row or for each group that is drawn together, so that unequal
scatter and what groups have in common stay; of few rows without groups, normal noise of the
residuals' spread. Every table goes the way of the jobs, from the fit to the interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.engine.objectives import shift_by_residual
from scaling_studies.engine.uncertainty.dependence import components
from scaling_studies.engine.uncertainty.draws import group_codes
from scaling_studies.engine.uncertainty.likelihood import error_model
from scaling_studies.errors import FitError
from scaling_studies.fits.refit import artefact_of, fit_points
from scaling_studies.fits.resampling import draw_resamples, resample_study
from scaling_studies.fits.schemes import Scheme, scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.engine.result import Fit
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Interval


#: Where the measured coverage of all cards' fits stands; ``make calibrate`` writes it.
COVERAGE = "config/coverage.csv"
#: Share of the tables below which an interval of 95 % is none.
LEAST = 0.9


def coverage(
    study: str,
    fit_id: str,
    entry: ResolvedFit,
    artefact: FitArtefact,
    points: pd.DataFrame,
    *,
    tables: Iterable[int],
    resamples: int,
) -> dict[str, list[bool]]:
    """Whether the interval of each parameter and headline quantity holds the truth, by table.

    Parameters
    ----------
    study, fit_id, entry
        As in :func:`scaling_studies.fits.refit.fit_study`; `chain` is left out.
    artefact, points
        The fit's results: the truth, and the design.
    tables
        Numbers of the simulated tables; a table depends on its number alone.
    resamples
        Refits for the intervals of each.

    Returns
    -------
    dict
        Quantity -> one value a table. A side that is open holds everything; a quantity without an
        interval for another reason counts as missed.

    Notes
    -----
    Whether resamples of such a design leave the basin of their fit is asked of the first table;
    where none does, those of the others are followed from their fits alone.
    """
    entry = entry.model_copy(update={"chain": {}, "quantities": {}, "held_out": None})
    points = points[points["role"] == "fit"].reset_index(drop=True)
    truth = fit_points(study, fit_id, entry, points, start=artefact.parameters)
    scheme = scheme_of(entry, artefact, points)
    free = [name for name in truth.parameters if name not in truth.problem.fixed]
    names = dict.fromkeys([*free, *(set(truth.law.derived) & {*artefact.headline, "a_opt"})])
    held: dict[str, list[bool]] = {name: [] for name in names}
    search = True
    for table in tables:
        simulated = points.assign(observed=simulated_responses(truth, scheme, table))
        fit = fit_points(study, fit_id, entry, simulated, start=truth.parameters)
        again = artefact_of(study, fit_id, entry, fit, simulated, {})
        draws = draw_resamples(
            study,
            fit_id,
            entry,
            again,
            simulated,
            numbers=range(resamples),
            seed=table,
            search=search,
        )
        search = search and bool(draws["found_elsewhere"].any())
        _, found = resample_study(study, fit_id, entry, again, simulated, {}, draws)
        for name in names:
            held[name].append(_holds(found.intervals.get(name), truth.quantity(name)))
    return held


def _holds(interval: Interval | None, value: float) -> bool:
    """Whether an interval holds a value; a side that is open holds everything."""
    if interval is None or not (interval.is_open or {interval.low, interval.high} != {None}):
        return False
    low = -np.inf if interval.low is None else interval.low
    high = np.inf if interval.high is None else interval.high
    return bool(low <= value <= high)


def simulated_responses(truth: Fit, scheme: Scheme, table: int) -> np.ndarray:
    """Responses of one simulated table, shape (n,)."""
    rng = np.random.Generator(np.random.Philox(key=[20_240_415, table]))
    if truth.optimum is None:
        raise FitError("a line through optima has no residuals", fix="calibrate another fit")
    residuals, size = -truth.residuals(), truth.n
    if scheme.labels is not None:
        codes, count = group_codes(scheme.labels, size)
        if scheme.kind == "parametric":
            between, within, _ = components(truth, codes, count)
            noise = between * rng.normal(size=count)[codes] + within * rng.normal(size=size)
        else:
            signs = rng.choice([-1.0, 1.0], count)[codes]
            noise = residuals * signs * np.sqrt(count / (count - 1.0))
    elif scheme.kind == "parametric" and not truth.objective.is_huber:
        spread, _ = error_model(truth)
        noise = spread * rng.normal(size=size)
    else:
        freedom = max(size - truth.problem.width, 1)
        noise = residuals * rng.choice([-1.0, 1.0], size) * np.sqrt(size / freedom)
    return shift_by_residual(truth.fitted(), noise, truth.objective.residual)
