"""Parameters and headline quantities of all fits, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from scaling_studies.engine.uncertainty.bands import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty


def gather_parameters(
    fits: Iterable[FitArtefact], intervals: Iterable[Uncertainty]
) -> pd.DataFrame:
    """All parameters of all fits.

    Parameters
    ----------
    fits, intervals
        See `comparisons`.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, objective, n, parameter, value, standard_error, ci_low, ci_high, freedom
        (degrees of freedom behind the interval); one row a parameter. Intervals hold 95 %: one that
        a paper prints at another level is left out.
    """
    rows = []
    for artefact, uncertainty in zip(fits, intervals, strict=True):
        for name, value in artefact.parameters.items():
            interval = uncertainty.intervals.get(name) if uncertainty.level == LEVEL else None
            rows.append(
                {
                    "study": artefact.study,
                    "fit": artefact.fit,
                    "law": artefact.law,
                    "objective": objective_text(artefact.objective),
                    "n": artefact.n,
                    "parameter": name,
                    "value": value,
                    "standard_error": interval.standard_error if interval else None,
                    "ci_low": interval.low if interval else None,
                    "ci_high": interval.high if interval else None,
                    "freedom": uncertainty.freedom if interval else None,
                }
            )
    return _typed(
        rows,
        ["study", "fit", "law", "objective", "parameter"],
        ["value", "standard_error", "ci_low", "ci_high", "freedom"],
    )


def objective_text(objective: Mapping[str, Any] | None) -> str:
    """Objective and its constants as one word, for example ``huber_log(delta=0.001)``."""
    if objective is None:
        return "none"
    constants = ", ".join(
        f"{name}={value:g}" for name, value in objective.items() if name != "name"
    )
    return f"{objective['name']}({constants})" if constants else objective["name"]


def exponents(fits: Iterable[FitArtefact], intervals: Iterable[Uncertainty]) -> pd.DataFrame:
    """Headline quantities of all studies.

    Parameters
    ----------
    fits, intervals
        See `comparisons`; of fits with a `headline`.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, quantity, source, value, ci_low, ci_high, level (coverage of the interval:
        0.95, or what the paper says of one that it prints), freedom (degrees of freedom behind it),
        n.
    """
    rows = []
    for artefact, uncertainty in zip(fits, intervals, strict=True):
        for name in artefact.headline:
            interval = uncertainty.intervals.get(name)
            rows.append(
                {
                    "study": artefact.study,
                    "fit": artefact.fit,
                    "law": artefact.law,
                    "quantity": name,
                    "source": artefact.source,
                    "value": artefact.quantities[name],
                    "ci_low": interval.low if interval else None,
                    "ci_high": interval.high if interval else None,
                    "level": uncertainty.level if interval else None,
                    "freedom": uncertainty.freedom if interval else None,
                    "n": artefact.n,
                }
            )
    return _typed(
        rows,
        ["study", "fit", "law", "quantity", "source"],
        ["value", "ci_low", "ci_high", "level", "freedom"],
    )


def _typed(rows: list[dict[str, Any]], words: list[str], numbers: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else [*words, *numbers, "n"])
    frame[numbers] = frame[numbers].astype("float64")
    frame[words] = frame[words].astype("str")
    return frame.assign(n=frame["n"].astype("int64"))
