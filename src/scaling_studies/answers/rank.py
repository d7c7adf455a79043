"""Which law predicts larger runs from smaller ones best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import WORDS, Axes, as_runs
from scaling_studies.answers.beside import with_other_rows
from scaling_studies.answers.fitted import RESAMPLES_BESIDE, FittedLaw, fit_one, require
from scaling_studies.answers.picture import Picture, Series
from scaling_studies.engine.planning.rank import Ranking, rank
from scaling_studies.errors import MustBeSaid
from scaling_studies.laws import get_law


@with_other_rows
def rank_runs(
    runs: Any, laws: Sequence[str] | None = None, *, by: str | None = None, **reading: Any
) -> Answer:
    """Rank laws by extrapolation: fitted to the smaller runs, held against the larger ones.

    Parameters
    ----------
    runs
        Path, frame or `reading.OwnRuns`.
    laws
        Names or aliases; None for all that the columns and the design of the runs allow.
    by
        Axis along which runs grow: ``flops``, ``tokens``, ``samples`` or ``params``; the first
        that is known when None.
    **reading
        Passed to `read_runs`.

    Returns
    -------
    Answer
        Of the law that ranks first, fitted to all runs. Its object adds ``laws`` (in order, each
        with ``error``, ``rank`` and their intervals), ``by``, ``runs`` (how many were predicted),
        ``noise`` and ``not_tried``.

    Raises
    ------
    ScalingStudiesError
        An axis is not known, or the runs determine none of the laws.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from scaling_studies.answers.rank import rank_runs
    >>> flops = np.geomspace(1e17, 1e21, 14)
    >>> wave = np.exp(0.002 * np.sin(7 * np.arange(14.0)))
    >>> frame = pd.DataFrame({"flops": flops, "loss": wave * (1.7 + 900 * flops**-0.15)})
    >>> answer = rank_runs(frame, unit="nats_per_token")
    >>> answer.law, answer.n, answer.part["by"]
    ('power_offset', 14, 'flops')
    """
    own = as_runs(runs, **reading)
    axes = Axes(own)
    axis = by or axes.main
    if axis not in axes.columns:
        raise MustBeSaid(
            f"the runs cannot grow by {axis}, which {own.name} does not give",
            fix=f"use --by {axes.main}",
        )
    tried, not_tried = _laws_to_try(axes, laws, axis)
    columns = dict(axes.columns)
    if axes.data == "samples":
        columns["tokens"] = columns["samples"]
    found = rank(columns, tried, by="tokens" if axis == "samples" else axis, run=axes.groups())
    not_tried |= found.not_tried
    ranked = [one for one in found.laws if np.isfinite(one.rank)]
    if not ranked:
        why = next(iter(not_tried.values())) if not found.laws else "too few runs are left to fit"
        raise MustBeSaid(
            f"no law can be ranked, as {why}",
            table=own.name,
            fix="add runs of other sizes or amounts of data",
        )
    best = FittedLaw(axes, fit_one(axes, ranked[0].law, confirm=False).fit, RESAMPLES_BESIDE)
    return Answer(
        title=found.lines()[0],
        source=own.name,
        law=best.law.name,
        n=best.fit.n,
        parameters=best.parameters(),
        objective_value=best.fit.objective_value,
        converged=best.fit.converged,
        identified=best.fit.identified,
        warnings=(*own.warnings, *axes.of_compute, *_remarks(found, not_tried), *best.messages()),
        notes=own.notes,
        tables=(_table(found),),
        part={**found.to_dict(), "by": axis, "not_tried": not_tried},
        draws=lambda: _picture(best, axis),
    )


def _laws_to_try(
    axes: Axes, laws: Sequence[str] | None, axis: str
) -> tuple[list[str], dict[str, str]]:
    """Laws that the design can determine, and why not the others; one that is named must be."""
    if laws is not None:
        named = list(dict.fromkeys(get_law(name).name for name in laws))
        for name in named:
            require(axes, name, axis)
        return named, {}
    reasons = {name: axes.why_not(name, axis) for name in axes.candidates()}
    return [name for name, why in reasons.items() if not why], {
        name: why for name, why in reasons.items() if why
    }


def _remarks(found: Ranking, not_tried: dict[str, str]) -> list[str]:
    """What a reader must see of laws without a rank."""
    left_out = [f"Law {name} was not tried: {why}." for name, why in not_tried.items()]
    without = [one.law for one in found.laws if not np.isfinite(one.rank)]
    return left_out + [
        f"Law {name} has no rank: the smaller runs do not determine it." for name in without
    ]


def _table(found: Ranking) -> Table:
    rows = [
        (
            words.span([one.rank_low, one.rank_high], 2) if np.isfinite(one.rank) else "none",
            one.law,
            words.percent(one.error, 2) if np.isfinite(one.error) else "",
            words.number(one.error_in_noise, 2) if np.isfinite(one.error_in_noise) else "",
            words.percent(one.unusable, 2),
            words.joined(one.tied),
        )
        for one in found.laws
    ]
    heads = ("rank", "law", "error", "in noise", "not determined", "not told apart from")
    caption = (
        f"Error of predictions of {words.count_of(found.runs, 'larger run')}, in the loss and in "
        "multiples of the noise of single runs"
    )
    return Table(caption, heads, rows)


def _picture(best: FittedLaw, axis: str) -> Picture:
    """Loss of the runs over the axis along which they grow, and what the first law gives them."""
    columns = best.axes.columns
    fitted = best.fit.predict(best.axes.table(best.law))
    series = (
        Series("points", columns[axis], columns["loss"], "runs", "runs"),
        Series("points", columns[axis], fitted, "law", f"law {best.law.name} for the same runs"),
    )
    described = f"Dots are runs, and in the other colour what law {best.law.name} gives them."
    unit = best.axes.runs.unit.replace("_", " ")
    return Picture(WORDS[axis], f"Loss ({unit})", described, series)
