"""A fit as its section of a page shows it."""

from __future__ import annotations

from typing import Any

from scaling_studies import words
from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import GROUP_NAMES, Interval, Uncertainty, intervals_path
from scaling_studies.laws import get_law
from scaling_studies.pages import wording
from scaling_studies.pages.box import quantity
from scaling_studies.pages.formulas import formula

NO_INTERVAL = Interval(None, None)


def fit_view(entry: FitEntry, fit: FitArtefact, known: Uncertainty) -> dict[str, Any]:
    """One fit as its section shows it."""
    further = {name: value for name, value in fit.quantities.items() if name not in fit.parameters}
    return {
        "fit": fit,
        "formula": formula(fit.formula or get_law(fit.law).formula),
        "law": get_law(fit.law).title,
        "parameters": [_quantity(fit, known, *item) for item in fit.parameters.items()],
        "further": [_quantity(fit, known, *item) for item in further.items()],
        "objective": wording.objective(fit.objective),
        "estimator": wording.ESTIMATORS.get(fit.estimator, fit.estimator),
        "evidence": wording.evidence(fit),
        "level": f"{100 * known.level:g} %",
        "resampling": _resampling(known),
        "reading": entry.reading or "",
        "artefact": f"results/fits/{fit.study}/{fit.fit}",
        "intervals": intervals_path(fit.study, fit.fit, resampled=not fit.uncertainty),
    }


def _quantity(fit: FitArtefact, known: Uncertainty, name: str, value: float) -> dict[str, Any]:
    interval = known.intervals.get(name, NO_INTERVAL)
    return {
        "name": name,
        "called": quantity(name, fit.law, fit.quantity_descriptions),
        "value": value,
        "text": words.estimate(value, interval.low, interval.high),
        "interval": words.interval(interval.low, interval.high, value),
        "standard_error": words.number(interval.standard_error, 2),
        "as_stated": words.interval(*known.as_stated[name]) if name in known.as_stated else "",
        "note": interval.note,
        "open": interval.is_open,
        "fixed": name in fit.fixed,
    }


def _resampling(known: Uncertainty) -> str:
    reason = known.reason or ""
    if not known.resamples:
        return reason
    how = wording.RESAMPLING.get(known.kind, known.kind)
    text = f"{how}, {words.count_of(known.resamples, 'resample')}"
    if known.groups:
        of = f"{words.count_of(known.group_count, 'group')} by " if known.group_count else ""
        text += f", {of}{GROUP_NAMES.get(known.groups, known.groups)}"
    if known.freedom is not None:
        text += f", {words.count_of(known.freedom, 'degree')} of freedom"
    if known.converged_share is not None and known.converged_share < 1:
        text += f", {100 * known.converged_share:.1f} % of them converged"
    return f"{text}. {reason} {_found_groups(known)}".rstrip()


def _found_groups(known: Uncertainty) -> str:
    """Why rows were drawn in groups that the card does not name."""
    if known.dependence is None or not known.groups:
        return ""
    label = GROUP_NAMES.get(known.groups, known.groups)
    return (
        f"Rows that share a {label} miss the law together (permutation test, p ="
        f" {words.number(known.dependence['probability'], 2)}; the variance of the parameters is"
        f" {words.number(known.dependence['inflation'], 2)} times that of independent rows), so"
        " that they are redrawn together."
    )
