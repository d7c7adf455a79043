"""Laws of which only the printed constants are known, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.errors import FitError
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.quantities import card_quantities, derived, described, finite_values
from scaling_studies.fits.uncertainty import stated_uncertainty
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.cards.models.fit import FitEntry


def printed_law(study: str, fit_id: str, entry: FitEntry) -> FitArtefact:
    """Artefact of a law of which only the constants are known.

    Parameters
    ----------
    study, fit_id, entry
        As in :func:`scaling_studies.fits.refit.fit_study`; `fixed` has every parameter.

    Returns
    -------
    FitArtefact
        With the quantities that follow from the constants, and how well each is
        confirmed.

    Raises
    ------
    FitError
        When a constant is missing.
    """
    law = get_law(entry.law)
    missing = [name for name in law.parameter_names if name not in entry.fixed]
    if missing:
        raise FitError(
            f"a printed law needs all its constants; {', '.join(missing)} is not given",
            study=study,
            key=f"fits.{fit_id}.fixed",
            fix="add it",
        )
    parameters = {name: float(entry.fixed[name]) for name in law.parameter_names}
    return FitArtefact(
        study=study,
        fit=fit_id,
        title=entry.title,
        law=law.name,
        formula=law.formula,
        estimator="printed",
        objective=None,
        n=0,
        n_held_out=0,
        parameters=parameters,
        fixed=parameters,
        objective_value=None,
        quantities=printed_quantities(study, entry, parameters),
        quantity_descriptions=described(entry),
        confirmation=dict(entry.confirmation),
        messages=[
            "Constants as printed; there is no public run table to fit.",
            *_confirmed(entry.confirmation),
        ],
        uncertainty=stated_uncertainty(study, fit_id, entry),
        headline=list(entry.headline or ()),
        allocation=entry.allocation,
    )


def printed_quantities(
    study: str, entry: FitEntry, parameters: Mapping[str, float]
) -> dict[str, float]:
    """What follows from constants alone: themselves, what the law derives, what the card asks.

    Parameters
    ----------
    study
        Named in errors.
    entry
        The fit's law and `quantities`, none of which needs rows.
    parameters
        Every parameter of the law.

    Returns
    -------
    dict
        Finite values by name.
    """
    law = get_law(entry.law)
    arrays = {name: np.array([float(parameters[name])]) for name in law.parameter_names}
    known = {**arrays, **derived(law, arrays)}
    own = card_quantities(entry, law, arrays, known, no_points(law.axis_names), {}, study)
    return finite_values({**known, **own})


def _confirmed(confirmation: Mapping[str, str]) -> list[str]:
    """How well printed constants are confirmed, a sentence for each degree."""
    sentences = {
        "two_sources": "Confirmed by two sources",
        "one_source": "Printed by one source alone",
        "sources_disagree": "Sources disagree",
    }
    found = {
        word: [name for name, given in confirmation.items() if given == word] for word in sentences
    }
    return [f"{text}: {', '.join(found[word])}." for word, text in sentences.items() if found[word]]


def no_points(axes: tuple[str, ...]) -> pd.DataFrame:
    """The points of a law without rows: none, with the columns that points have."""
    numbers = [*axes, "observed", "predicted", "residual", "relative_residual", "weight"]
    words = ["row_key", "run_id", "group_id", "role"]
    return pd.DataFrame(
        {name: pd.Series(dtype="str") for name in words}
        | {name: pd.Series(dtype="float64") for name in numbers}
    )
