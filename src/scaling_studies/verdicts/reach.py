"""How far a law reaches: what its fitted points span, and how well it predicted others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.cards.models.study import LawEntry
from scaling_studies.errors import CardError
from scaling_studies.laws import get_law
from scaling_studies.words import amount, count_of, counted_in, joined

if TYPE_CHECKING:
    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.verdicts.facts import Facts

Columns = Mapping[str, np.ndarray]
#: For each bin of distance: its upper end, runs, and those within the interval of a new run.
Record = Sequence[tuple[float, int, int]]
#: Scatter of the fitted rows within which a held-out row is predicted, and the shares of held-out
#: rows from which a law extrapolates, or does in part.
SCATTERS, MOST, HALF = 2.0, 0.9, 0.5
#: Distance up to which roll-outs say whether a law extrapolates: what plans ask for.
PLANNED = 10.0
AXES = {"params": "parameters", "tokens": "tokens", "flops": "FLOP"}


def rolled_out(fits: Sequence[str], records: Mapping[str, Record]) -> str | None:
    """Whether larger runs lay in the intervals of laws fitted to smaller ones, up to `PLANNED`."""
    runs, inside = _near(fits, records)
    return _mark(inside / runs) if runs else None


def _near(fits: Sequence[str], records: Mapping[str, Record]) -> tuple[int, int]:
    """Predictions up to `PLANNED` times larger, and how many of them lay in their intervals."""
    bins = [entry for fit in fits for entry in records.get(fit, ()) if entry[0] <= PLANNED]
    return sum(runs for _, runs, _ in bins), sum(inside for *_, inside in bins)


def _mark(share: float) -> str:
    return "yes" if share >= MOST else "partly" if share >= HALF else "no"


def with_record(
    reach: str | None, fits: Sequence[str], records: Mapping[str, Record]
) -> str | None:
    """What the rows of a law span, and the counts behind what `rolled_out` says of it."""
    bins = [entry for fit in fits for entry in records.get(fit, ())]
    if reach is None or not bins:
        return reach
    runs, inside = _near(fits, records)
    further = sum(entry[1] for entry in bins) - runs
    held = sum(entry[2] for entry in bins) - inside
    near = f"{inside} of {count_of(runs, 'prediction')} up to {PLANNED:g} times larger"
    far = f"{held} of {further} " if runs else f"{held} of {count_of(further, 'prediction')} "
    said = [near] if runs else []
    if further:
        said.append(far + ("beyond" if runs else f"more than {PLANNED:g} times larger"))
    return f"{reach}; fitted to smaller ones, its 95 % intervals held {joined(said)}"


def extrapolates(fits: Sequence[str], facts: Facts, points: Mapping[str, Columns]) -> str | None:
    """Whether rows that were not fitted are predicted as well as those that were."""
    inside: list[bool] = []
    for fit in fits:
        rows = points.get(fit)
        if rows is None or not len(rows["role"]):
            continue
        fitted, held_out = rows["role"] == "fit", rows["role"] == "held_out"
        artefact = facts.fits[fit]
        spare = int(fitted.sum()) - (len(artefact.parameters) - len(artefact.fixed))
        if spare < 1:
            continue
        errors = np.asarray(rows["relative_residual"], dtype=float)
        scatter = float(np.sqrt(np.nansum(errors[fitted] ** 2) / spare))
        inside += [bool(abs(error) <= SCATTERS * scatter) for error in errors[held_out]]
    if not inside:
        return None
    return _mark(sum(inside) / len(inside))


def reach_of(
    law: LawEntry, entries: Mapping[str, FitEntry], points: Mapping[str, Columns]
) -> str | None:
    """What the fitted rows of a law span."""
    for fit in law.fits:
        rows = points.get(fit)
        if rows is None or not np.any(rows["role"] == "fit"):
            continue
        fitted = rows["role"] == "fit"
        spans = []
        axes = entries[fit].axes or {}
        for axis in get_law(entries[fit].law).axis_names:
            values = np.asarray(rows[axis])[fitted] if axis in rows else np.array([])
            if values.dtype.kind not in "fi" or not np.isfinite(values.astype(float)).any():
                continue
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            source = axes.get(axis, axis)
            column = source if isinstance(source, str) else source.metric
            named = law.axes.get(axis) or AXES.get(axis) or AXES.get(column)
            say = amount if (AXES.get(axis) or AXES.get(column)) == AXES["flops"] else counted_in
            ends = say(low, 2) if low == high else f"{say(low, 2)} to {say(high, 2)}"
            spans.append(f"{ends} {named or column.replace('_', ' ')}")
        return f"{int(fitted.sum()):,} {law.points}: {', '.join(spans)}" if spans else None
    return None


def check_axes(study: str, law_id: str, law: LawEntry, form: str) -> None:
    """Refuse words for an axis that the law has not."""
    known = get_law(form).axis_names
    for axis in law.axes:
        if axis not in known:
            raise CardError(
                f"the law {form} has no axis {axis!r}",
                study=study,
                key=f"laws.{law_id}.axes",
                fix=f"use {', '.join(known)}",
            )
