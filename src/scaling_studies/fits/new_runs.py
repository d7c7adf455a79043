"""Losses of new runs under the laws of artefacts, with intervals that hold at a distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.engine.uncertainty.bands import LEVEL
from scaling_studies.engine.uncertainty.distance import INSIDE, LOSSES, growth, learned_halves
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from scaling_studies.fits.artefact import FitArtefact

#: Half width of a 95 % interval, in standard errors.
NORMAL = 1.959963984540054
#: Basis of an interval that is none.
NONE = "no interval: nothing says how sure this law is"


def new_run_band(
    artefact: FitArtefact,
    rows: pd.DataFrame,
    flops: np.ndarray,
    loss: np.ndarray,
    band: Sequence[np.ndarray] | np.ndarray,
) -> dict[str, Any]:
    """Interval of the loss of new runs at some compute.

    Parameters
    ----------
    artefact
        A fit of a law over `params` and `tokens`.
    rows
        Its points.
    flops, loss
        Training compute C = 6ND of the runs, and the loss of the law there, shape (m,).
    band
        Ends of the 95 % interval of the law there, each of shape (m,).

    Returns
    -------
    dict
        ``new_run_low``, ``new_run_high`` (not-a-number without resamples or rows), and
        ``new_run_basis``: what they rest on. As `Fit.predict` with ``kind="run"``, but for the
        standard error of the law, which is that of the band.
    """
    from scipy.special import stdtrit  # planning does without

    low, high = (np.asarray(end, dtype=float) for end in band)
    nothing = np.full(len(loss), np.nan)
    none = {"new_run_low": nothing, "new_run_high": nothing, "new_run_basis": [NONE] * len(loss)}
    fitted = rows[rows["role"] == "fit"] if len(rows) else rows
    freedom = len(fitted) - len(artefact.parameters.keys() - artefact.fixed.keys())
    law = get_law(artefact.law)
    if freedom < 1 or law.response not in LOSSES or not np.isfinite([low, high]).any():
        return none
    axes = {name: fitted[name].to_numpy(dtype=float) for name in law.axis_names}
    observed, size = fitted["observed"].to_numpy(float), growth(axes)
    predicted = law.value(artefact.parameters, axes)
    if size is None or not ((observed > 0).all() and (predicted > 0).all()):
        return none
    residuals = np.log(observed / predicted)
    noise = float(np.sqrt((residuals**2).sum() / freedom))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.log(high / low) / (2.0 * NORMAL)
        change = np.abs(np.log(loss / observed[size == size.max()].min()))
    found = learned_halves(artefact.law, flops / size.max(), error, noise, change, LEVEL)
    among = stdtrit(freedom, 0.5 + LEVEL / 2.0) * np.sqrt(error**2 + noise**2)
    half = np.where(found.horizon <= INSIDE, among, found.half)
    with np.errstate(over="ignore"):
        run = [np.fmin(loss * np.exp(-half), low), np.fmax(loss * np.exp(half), high)]
    ends = [np.where(np.isfinite(half), end, np.nan) for end in run]
    return {"new_run_low": ends[0], "new_run_high": ends[1], "new_run_basis": found.basis}
