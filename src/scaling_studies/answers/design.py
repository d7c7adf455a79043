"""Which runs to do next."""

from __future__ import annotations

from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import WORDS, Axes, as_runs, tokens_of_samples
from scaling_studies.answers.beside import with_other_rows
from scaling_studies.answers.fitted import fit_one
from scaling_studies.answers.picture import Picture, Series
from scaling_studies.answers.plan import far_from
from scaling_studies.engine.planning.design import Design, design
from scaling_studies.errors import MustBeSaid


@with_other_rows
def design_runs(
    runs: Any,
    budget: float,
    target: str = "optimum",
    *,
    at_flops: float | None = None,
    max_params: float | None = None,
    **reading: Any,
) -> Answer:
    """Runs that narrow an answer most, within a budget.

    Parameters
    ----------
    runs
        Path, frame or `reading.OwnRuns`.
    budget
        Compute for all new runs together, FLOP.
    target
        ``optimum`` (compute-optimal size) or ``loss`` (lowest loss).
    at_flops
        Compute at which it is wanted; ten times the budget when None.
    max_params
        Largest size that can be trained, or None.
    **reading
        Passed to `read_runs`.

    Returns
    -------
    Answer
        Its object adds ``target``, ``at_flops``, ``budget``, ``runs`` (each with params, tokens,
        flops and the interval's factor after it), ``factor_before`` and ``factor_after``.

    Raises
    ------
    ScalingStudiesError
        The table gives no sizes and data, or the budget buys nothing.
    """
    own = as_runs(runs, **reading)
    missing = [name for name in ("params", "tokens") if name not in own.frame.columns]
    if missing:
        raise MustBeSaid(
            f"a design needs {words.joined(missing)} of the runs so far",
            table=own.name,
            fix=f"say how many tokens a sample holds: {tokens_of_samples(own)}"
            if missing == ["tokens"] and "samples" in own.roles
            else f"say which column it is: --map {missing[0]}=COLUMN",
        )
    table = {name: own.frame[name].to_numpy(float) for name in ("params", "tokens", "loss")}
    found = design(table, budget, target, at_flops=at_flops, max_params=max_params)
    axes = Axes(own)
    one = fit_one(axes, "additive", confirm=False)
    # Of a target far above them the design says so itself.
    compute = axes.columns["flops"]
    below = far_from(min(found.at_flops, compute.max()), compute, "compute")
    payload = found.to_dict()
    return Answer(
        title=found.lines()[0],
        source=own.name,
        law="additive",
        n=one.fit.n,
        parameters=one.parameters(),
        objective_value=one.fit.objective_value,
        converged=one.fit.converged,
        identified=one.fit.identified,
        warnings=(
            *own.warnings,
            *axes.of_compute,
            *found.warnings,
            *(f"The target lies {text}." for text in below),
        ),
        notes=own.notes,
        tables=(_table(found),),
        part={name: payload[name] for name in payload if name != "warnings"},
        draws=lambda: _picture(table, found),
    )


def _table(found: Design) -> Table:
    rows = [
        (
            words.amount(run.params),
            words.amount(run.tokens),
            words.rough(run.tokens / run.params),
            words.amount(run.flops),
            _factor(run.factor),
        )
        for run in found.runs
    ]
    heads = ("parameters", "tokens", "per parameter", "FLOP", "factor after it")
    return Table("Runs to do next, the most telling first", heads, rows)


def _factor(value: float) -> str:
    """A factor with two digits of what it is above one, so that those near one differ."""
    above = abs(value - 1.0)
    places = 1 - int(np.floor(np.log10(above))) if 1e-9 < above < 1.0 else 2
    return words.number(value, 1 + max(places, 2))


def _picture(table: dict[str, np.ndarray], found: Design) -> Picture:
    next_params = np.array([run.params for run in found.runs])
    next_tokens = np.array([run.tokens for run in found.runs])
    series = [
        Series("points", table["tokens"], table["params"], "runs", "runs so far"),
        Series("points", next_tokens, next_params, "asked", "runs to do next"),
    ]
    described = "Sizes and tokens of the runs so far, and of those to do next in colour."
    return Picture(WORDS["tokens"], "Parameters N", described, tuple(series), y_log=True)
