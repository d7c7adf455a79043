"""The same question asked another way: Approaches 1 and 2, projection, and rounded constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scaling_studies.choices.rows import AS_THE_CARD, EVERY, outlier_choices
from scaling_studies.engine.fit import fit
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.fits.schemes import group_labels
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.engine.result import Fit
    from scaling_studies.fits.artefact import FitArtefact

#: Steps a decade of compute that may make isoFLOP budgets; None begins one at every gap.
BUDGETS = (None, 10, 5, 4, 2)
#: Where a loss is compared: as it is, or its logarithm.
SPACES = ("linear", "log")
#: Significant digits to which published constants may be rounded; None leaves them alone.
DIGITS = (None, 4, 3, 2)

Row = dict[str, Any]


def other_estimators(entry: FitEntry, points: pd.DataFrame) -> list[Row]:
    """Universes of other estimators than the minimisation.

    Parameters
    ----------
    entry, points
        As in `universes.universes`.

    Returns
    -------
    list of dict
        One a universe: `estimator` says which and how, `law` what its parameters are of. Approach
        1 takes runs with several rows as training curves, or else models of one size.
    """
    rows: list[Row] = []
    for outliers, kept in outlier_choices(points).items():
        chosen = points[kept & (points["weight"] > 0).to_numpy()]
        for name, law, call in _calls(entry, chosen):
            row = {"law": law, "estimator": name, "outliers": outliers, "n": len(chosen)}
            rows.append(_common() | row | _tried(call))
    return rows


def _calls(entry: FitEntry, rows: pd.DataFrame) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Name of an estimator, the law of its parameters, and arguments of `fit`."""
    law = get_law(entry.law)
    response = rows["observed"].to_numpy(dtype=float)
    frame = {name: rows[name].to_numpy() for name in law.axis_names}
    if any(item.linear for item in law.parameters) and entry.estimator != "evaluate":
        held = {"fixed": dict(entry.fixed), "shared": entry.shared, "bounds": entry.bounds}
        weights = rows["weight"].to_numpy(dtype=float) if entry.weights else None
        for space in SPACES:
            options = {"estimator": "variable_projection", "space": space, "weights": weights}
            call = {"law": law.name, "frame": {**frame, "response": response}, **held, **options}
            yield f"variable projection, {space} loss", law.name, call
    if set(law.axis_names) != {"params", "tokens"} or not (response > 0).all():
        return
    flops = 6.0 * rows["params"].to_numpy(dtype=float) * rows["tokens"].to_numpy(dtype=float)
    table = {"params": frame["params"], "flops": flops, "response": response}
    call = {"law": "compute_optimal", "frame": table}
    for steps in BUDGETS:
        budgets = None if steps is None else np.floor(np.log10(flops) * steps)
        how = "budgets at gaps" if steps is None else f"{steps} budgets a decade"
        for space in SPACES:
            options = {"estimator": "isoflop", "budgets": budgets, "space": space}
            yield f"Approach 2, {how}, {space} loss", "compute_optimal", call | options
    curves, how = rows["run_id"].astype(str).to_numpy(), "training curves"
    if not rows["run_id"].duplicated().any():
        curves, how = group_labels(rows).get("size", curves), "models of one size"
    envelope = {"estimator": "envelope", "groups": curves}
    yield f"Approach 1, {how}", "compute_optimal", call | envelope


def _tried(call: Mapping[str, Any]) -> Row:
    try:
        found: Fit = fit(
            call["law"], response="response", **{k: call[k] for k in call.keys() - {"law"}}
        )
    except ScalingStudiesError as error:
        return {"failure": error.problem}
    return {
        **found.parameters,
        "objective_value": float(found.objective_value),
        "converged": bool(found.converged),
        "identified": bool(found.identified),
    }


def published_constants(entry: FitEntry, fits: Iterable[FitArtefact]) -> list[Row]:
    """Universes of published constants of the same law, as given and rounded further.

    Parameters
    ----------
    entry
        The fit's entry in the card.
    fits
        All fits of its study.
    """
    rows: list[Row] = []
    for artefact in fits:
        if not artefact.is_published or artefact.law != entry.law:
            continue
        for digits in DIGITS:
            values = {
                name: float(value if digits is None else f"{value:.{digits}g}")
                for name, value in artefact.parameters.items()
            }
            how = "as given" if digits is None else f"rounded to {digits} digits"
            row = {"law": entry.law, "estimator": "published", "n": 0, "constants": how}
            known = {"published_fit": artefact.fit, "converged": True, "identified": True}
            rows.append(_common() | row | known | values)
    return rows


def _common() -> Row:
    return {
        "size": AS_THE_CARD,
        "exponents": AS_THE_CARD,
        "objective": "",
        "outliers": AS_THE_CARD,
        "rows": EVERY,
        "constants": "",
        "published_fit": "",
        "objective_value": np.nan,
        "converged": False,
        "identified": False,
        "failure": "",
    }
