"""Columns of sizes, data and compute that cannot all be right, whatever their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.errors import one_line
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions, mapped
from scaling_studies.reading.roles import Candidates
from scaling_studies.words import rough

if TYPE_CHECKING:
    from scaling_studies.reading.axes import Axes

#: How many times as large compute over 6ND may be in one row as in another.
APART = 3.0
#: Distance from the usual ratio at which a row is named, and most rows that are.
NAMED_FROM, MOST_NAMED = 1.5, 6


def contradict(axes: Axes, candidates: Candidates, questions: Questions) -> bool:
    """Ask which of data and compute is wrong where their ratio differs from row to row.

    Parameters
    ----------
    axes
        With sizes, data and compute; what is wrong is taken out of it, and a warning put in where
        the user said both columns.
    candidates
        What was said, and the table.
    questions
        Asks, or stops.

    Returns
    -------
    bool
        Whether they contradict each other.

    Raises
    ------
    MustBeSaid
        When no one is there to ask.
    """
    data, compute = axes.roles["tokens"], axes.roles["flops"]
    with np.errstate(all="ignore"):
        ratio = axes.numbers["flops"] / (6.0 * axes.numbers["params"] * axes.numbers["tokens"])
    known = np.isfinite(ratio) & (ratio > 0) & ~candidates.table.aside
    if not known.any() or ratio[known].max() <= APART * ratio[known].min():
        return False
    middle = float(np.median(ratio[known]))
    away = np.abs(np.log(np.where(known, ratio, middle) / middle))
    rows = [str(row + 1) for row in np.flatnonzero(away > np.log(NAMED_FROM))]
    named = ", ".join(rows[:MOST_NAMED]) + (", ..." if rows[MOST_NAMED:] else "")
    text = (
        f"compute in {one_line(compute.column, 60)!r} is {rough(float(ratio[known].min()))} to "
        f"{rough(float(ratio[known].max()))} times 6 x parameters x tokens, {rough(middle)} in the "
        f"middle and unlike it in rows {named}, so it, the tokens in {one_line(data.column, 60)!r} "
        "or the sizes are wrong there"
    )
    if {"tokens", "flops"} <= {what for what, role in candidates.said.items() if role}:
        axes.warnings.append(f"{text[0].upper()}{text[1:]}.")
        return True
    answer = questions.decide(
        text,
        {
            "compute alone": "--map tokens=none",
            "tokens alone": "--map flops=none",
            "both as they are": f"{_said('tokens', data)} {_said('flops', compute)}",
        },
        place={"row": int(away.argmax()) + 1, "column": compute.column},
    )
    for what in {"compute alone": ["tokens"], "tokens alone": ["flops"]}.get(answer, []):
        axes.roles.pop(what)
        axes.numbers.pop(what)
    return True


def _said(what: str, role: Role) -> str:
    unit = "" if role.unit in (None, "tokens", "FLOP") else f":{role.unit}"
    return mapped(f"{what}={role.column}{unit}")
