"""Chained laws: one that takes another's prediction on one of its axes (error from loss)."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.fits.frames import usable_rows
from scaling_studies.fits.measurements import measurement
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from scaling_studies.cards.models.fit import FitEntry, ResolvedFit
    from scaling_studies.models.law import Law


@dataclass(frozen=True)
class Chain:
    """A second law behind a fit.

    Attributes
    ----------
    law
        The second law.
    axis
        The axis that takes the first law's prediction.
    parameters
        Parameters of the second law, name -> array of shape (R,) or (1,).
    observed
        Column of the points with what was observed of its response.
    """

    law: Law
    axis: str
    parameters: Mapping[str, np.ndarray]
    observed: str


def in_order_of_chains(entries: Mapping[str, FitEntry]) -> list[str]:
    """Fit ids of a study in an order in which each comes after those it is chained to."""
    chained = {
        fit_id: [chain.fit for chain in entry.chain.values()] for fit_id, entry in entries.items()
    }
    return list(TopologicalSorter(chained).static_order())


def chains_of(entry: ResolvedFit, chained: Mapping[str, Any]) -> dict[str, Chain]:
    """Chains of a fit, by name.

    Parameters
    ----------
    entry
        The fit's entry in the card.
    chained
        Fit id -> parameters of the fits that its ``chain`` names: numbers, or columns of resamples.
    """
    chains = {}
    for name, chain in entry.chain.items():
        law, found = get_law(chain.law), chained[chain.fit]
        parameters = {
            item: np.atleast_1d(np.asarray(found[item], dtype=float))
            for item in law.parameter_names
        }
        chains[name] = Chain(law, chain.axis, parameters, f"{name}_observed")
    return chains


def predict_chain(chain: Chain, points: pd.DataFrame, predicted: np.ndarray) -> np.ndarray:
    """Predictions of a second law that takes the first law's prediction on one of its axes.

    Parameters
    ----------
    chain
        The second law.
    points
        Frame with its other axes, n rows.
    predicted
        Predictions of the first law, shape (R, n).

    Returns
    -------
    numpy.ndarray, shape (R, n)
        Row r is made with parameter set r of both laws, or with the one set of the second.
    """
    others = {name: points[name].to_numpy() for name in chain.law.axis_names if name != chain.axis}
    own = {name: np.broadcast_to(values, predicted.shape) for name, values in others.items()}
    rows = chain.law.read({chain.axis: predicted.ravel()} | {k: v.ravel() for k, v in own.items()})
    working = np.broadcast_to(
        chain.law.working_sets(chain.parameters),
        (len(predicted), len(chain.law.parameters)),
    )
    return chain.law.model.values(
        working, {name: values.reshape(predicted.shape) for name, values in rows.items()}
    )


def with_chained_observations(
    points: pd.DataFrame, entry: ResolvedFit, runs: pd.DataFrame, study: str
) -> pd.DataFrame:
    """Points with what the chained laws predict, as observed in the same rows."""
    for name, chain in entry.chain.items():
        assert chain.response is not None
        observed = measurement(usable_rows(runs), chain.response, study)
        points[f"{name}_observed"] = (
            observed.set_index("row_key")["value"].reindex(points["row_key"]).to_numpy()
        )
    return points
