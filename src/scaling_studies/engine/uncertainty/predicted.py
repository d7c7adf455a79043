"""Predictions of a fit as a frame: where the law lies, and where a new run will."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scaling_studies.engine.result import Fit
from scaling_studies.engine.uncertainty.bands import LEVEL, percentile_interval
from scaling_studies.engine.uncertainty.distance import new_runs
from scaling_studies.engine.uncertainty.draws import model_responses
from scaling_studies.engine.uncertainty.identified import moves
from scaling_studies.engine.uncertainty.likelihood import error_model
from scaling_studies.engine.uncertainty.result import Bootstrap
from scaling_studies.errors import FitError
from scaling_studies.models.law import predict

KINDS = ("law", "run")
#: Seed of the noise of new runs, another than that of the resamples.
NOISE_SEED = 1


def predictions(
    fit: Fit,
    draws: Bootstrap,
    at: Mapping[str, np.ndarray],
    kind: str = "law",
    level: float = LEVEL,
) -> pd.DataFrame:
    """Predictions with intervals.

    Parameters
    ----------
    fit, draws
        A fit and its resamples.
    at
        Axes of the law, each of shape (m,).
    kind
        ``law`` for the interval of the law, ``run`` for that of a new run: among the fitted runs it
        scatters around the law as they do; beyond them it misses as new runs of other studies did
        at that distance (see `engine.uncertainty.distance`).
    level
        Of the interval.

    Returns
    -------
    pandas.DataFrame
        The axes, the response, ``low`` and ``high``: infinite where the rows do not determine it.
        For new runs also ``distance``, compute (or size) over the largest fitted, and ``basis``,
        what the interval rests on.

    Raises
    ------
    FitError
        Another kind, or a fit whose residuals have weights of their own.
    """
    if kind not in KINDS:
        raise FitError(f"unknown kind of prediction {kind!r}", fix="use 'law' or 'run'")
    law = fit.law
    values = np.stack([draws.parameters[name] for name in law.parameter_names])
    sets = dict(zip(law.parameter_names, values[:, np.isfinite(values).all(axis=0)], strict=True))
    drawn = predict(law, sets, at)
    of_law = drawn
    if kind == "run":
        spread, residuals = error_model(fit)
        if np.ndim(spread):
            raise FitError("rows of unequal weight do not say how a new run scatters", fix="fit "
                           "without weights, or ask for kind='law'")  # fmt: skip
        scale = fit.objective.residual
        drawn = np.stack(
            [
                model_responses(NOISE_SEED, number, row, scale, spread, residuals)
                for number, row in enumerate(drawn)
            ]
        )
    centre = law.value(fit.parameters, at)
    # As `Bootstrap.interval`: responses are drawn around the estimate, rows are not.
    middle = None if draws.kind == "parametric" or kind == "run" else centre
    low, high = percentile_interval(drawn, level, estimate=middle, infinite=True).ends
    distant = new_runs(fit, at, level) if kind == "run" else None
    if distant is not None:
        # A new run is no surer than the law that it scatters around.
        least, most = percentile_interval(of_law, level, infinite=True).ends
        learned = np.isfinite(distant.half)
        low = np.where(learned, np.fmin(centre * np.exp(-distant.half), least), low)
        high = np.where(learned, np.fmax(centre * np.exp(distant.half), most), high)
    for column in range(len(centre)):
        one = {name: np.asarray(item)[column : column + 1] for name, item in at.items()}

        def there(sets: Mapping[str, np.ndarray], one: dict = one) -> np.ndarray:
            return predict(law, sets, one)[:, 0]

        lacking = draws.freedom is not None and draws.freedom < 1
        if lacking or moves(law, fit.parameters, draws.undetermined, there):
            low[column], high[column] = -np.inf, np.inf
    table = pd.DataFrame({**at, law.response: centre, "low": low, "high": high})
    if distant is not None:
        table = table.assign(distance=distant.horizon, basis=distant.basis)
    return table
