"""Axis labels with units, from the study card when it says what N, D and L mean there."""

from __future__ import annotations

from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.rows import Measured
from scaling_studies.cards.names import QUANTITIES, quantity_name
from scaling_studies.figures.context import FigureContext
from scaling_studies.laws import get_law

LABELS = {
    "params": "Parameters N",
    "tokens": "Training tokens D",
    "unique_tokens": "Unique training tokens",
    "flops": "Training compute C (FLOP)",
    "flops_6nd": "Training compute C (FLOP, 6ND)",
    "tokens_per_parameter": "Tokens per parameter D/N",
    "loss": "Loss (nats per token)",
    "samples": "Training samples",
    "experts": "Experts",
    "parallel": "Parallel streams P",
    "samples_drawn": "Samples drawn k",
    "step": "Training step",
    "epochs": "Epochs",
    "learning_rate": "Learning rate",
    "problem_size": "Problem size",
}
MEANING_OF_N = {
    "params_total": "",
    "params_non_embedding": " (non-embedding)",
    "params_active": " (active)",
}
#: Axes whose meaning differs between studies, and the columns that may stand behind them.
AMBIGUOUS = {
    "params": tuple(MEANING_OF_N),
    "x": ("samples", "tokens", *MEANING_OF_N, "flops", "flops_6nd", "step", "samples_drawn"),
}
UNITS = {
    "nats_per_token": "nats per token",
    "bits_per_token": "bits per token",
    "bits_per_byte": "bits per byte",
    "bits_per_char": "bits per character",
    "nats_per_word": "nats per word",
    "nats_per_char": "nats per character",
    "fraction": "fraction",
    "percent": "%",
    "as_plotted": "as plotted",
}


def column_of(context: FigureContext, axis: str, fit: str | None = None) -> str:
    """Column of the run table that stands behind an axis of a law.

    Rows carry the run table's columns beside the law's axes; the one with the same values is the
    one that the card maps the axis to.
    """
    rows = context.points.get(fit or next(iter(context.fits), ""))
    if axis in AMBIGUOUS and rows is not None and axis in rows:
        for column in AMBIGUOUS[axis]:
            if column in rows and rows[column].equals(rows[axis].rename(column)):
                return column
    return axis


def axis_label(context: FigureContext, axis: str, fit: str | None = None) -> str:
    """Label of an axis with the meaning and unit that the study gives it."""
    entry = _fit_entry(context, fit)
    mapped = (entry.axes or {}).get(axis) if entry else None
    if isinstance(mapped, Measured):
        return response_label(context, fit, mapped)
    column = column_of(context, axis, fit)
    if column == "flops" and (mapped == "flops_6nd" or _has_sizes(context, entry, fit)):
        column = "flops_6nd"
    if column in MEANING_OF_N:
        return LABELS["params"] + MEANING_OF_N[column]
    if column == "samples":
        unit = _sample_unit(context, fit)
        words = unit.replace("_", " ")
        if words.endswith("samples"):
            return words.capitalize()
        return f"Training samples ({words})" if words else LABELS["samples"]
    return LABELS.get(column, column.replace("_", " ").capitalize())


def _has_sizes(context: FigureContext, entry: FitEntry | None, fit: str | None) -> bool:
    """Whether compute is 6ND here: where N and D are known, it is made of them."""
    rows = context.points.get(fit or next(iter(context.fits), ""))
    named = get_law(entry.law).axis_names if entry else ()
    return {"params", "tokens"} <= set(named) | set(() if rows is None else rows.columns)


def quantity_label(context: FigureContext, quantity: str, fit: str | None = None) -> str:
    """What a quantity is called: ``options.quantity_labels``, else its symbol, else words."""
    fits = context.fits if fit is None else {fit: context.fits[fit]}
    laws = [get_law(artefact.law) for artefact in fits.values()]
    meanings = {item.name: item.meaning for law in laws for item in law.parameters}
    said = {
        name: item.description
        for entry in map(context.fit_entry, fits)
        for name, item in (entry.quantities if entry else {}).items()
        if item.description
    }
    name = quantity_name(quantity, meanings, said)
    shown = name.plain if quantity in QUANTITIES else name.drawn
    return str((context.option("quantity_labels") or {}).get(quantity) or shown)


def response_label(
    context: FigureContext, fit: str | None = None, measurement: Measured | None = None
) -> str:
    """Label of the response of a fit: metric and unit as the card declares them."""
    metric = _metric(measurement, _fit_entry(context, fit))
    unit = response_unit(context, fit, measurement)
    text = metric.replace("_", " ")
    text = text[:1].upper() + text[1:]
    if unit is None:
        return text if metric != "loss" or context.card else LABELS["loss"]
    words = UNITS.get(unit, unit.replace("_", " "))
    return text if words in ("fraction", metric) else f"{text} ({words})"


def response_unit(
    context: FigureContext, fit: str | None = None, measurement: Measured | None = None
) -> str | None:
    """Unit of the response of a fit as the card declares it; None when it says nothing."""
    entry = _fit_entry(context, fit)
    metric = _metric(measurement, entry)
    tables = context.card.tables if context.card else {}
    own = [tables[entry.table]] if entry and entry.table in tables else []
    for table in (*own, *tables.values()):
        for item in table.measurements:
            if item.metric == metric or not isinstance(item.metric, str):
                return item.unit if isinstance(item.unit, str) else f"{item.unit.as_dict()}"
    return None


def _metric(measurement: Measured | None, entry: FitEntry | None) -> str:
    wanted = measurement or (entry.response if entry else None)
    return wanted.metric if wanted else "loss"


def _fit_entry(context: FigureContext, fit: str | None) -> FitEntry | None:
    return context.fit_entry(next(iter(context.fits), "") if fit is None else fit)


def _sample_unit(context: FigureContext, fit: str | None) -> str:
    rows = context.points.get(fit or next(iter(context.fits), ""))
    if rows is None or "sample_unit" not in rows:
        return ""
    units = set(rows["sample_unit"].dropna().astype(str)) - {""}
    return units.pop() if len(units) == 1 else ""
