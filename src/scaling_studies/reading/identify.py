"""Which laws a design can determine, before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scaling_studies.laws import get_law
from scaling_studies.models.law import Law
from scaling_studies.words import count_of, percent, rough

#: Values that differ by less are one level.
SAME_LEVEL = 0.02
#: Ratio of the ends of a range below which it says nothing about an exponent.
NARROWEST = 1.5
#: Correlation of the logarithms of size and data from which they are one axis.
ONE_AXIS = 0.98
#: Levels of size, and of data, that a law over both needs: two exponents share one offset.
LEVELS = 3
_WORDS = {"params": "size", "tokens": "amount of data", "samples": "amount of data",
          "flops": "amount of compute", "x": "value"}  # fmt: skip
_SPREADS = {"params": "sizes", "tokens": "amounts of data", "samples": "amounts of data",
            "flops": "amounts of compute", "x": "values"}  # fmt: skip


@dataclass(frozen=True)
class Identifiable:
    """Whether a design can determine a law.

    Attributes
    ----------
    law
        Name of the law.
    axes
        Axis of the law -> column of the frame.
    ok
        Whether it can.
    sentence
        Why not; empty when it can.
    """

    law: str
    axes: Mapping[str, str]
    ok: bool
    sentence: str = ""

    def __bool__(self) -> bool:
        return self.ok


def identifiable(
    frame: pd.DataFrame, law: str | Law, axes: Mapping[str, str] | None = None
) -> Identifiable:
    """Say whether runs can determine a law at all, whatever their noise.

    Parameters
    ----------
    frame
        Runs in base units, as `OwnRuns.frame`: ``params``, ``tokens`` or ``samples``, ``flops``.
    law
        Name of a law, or a law.
    axes
        Axis of the law -> column. When None, axes of one name are taken, ``samples`` for
        ``tokens`` where there are no tokens, and for a law over one axis the first of
        ``flops``, ``tokens``, ``samples`` and ``params`` along which it can be determined.

    Returns
    -------
    Identifiable
        Its truth is the answer; its sentence says why not.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"params": [1e8] * 5, "tokens": [1e9, 2e9, 4e9, 8e9, 2e10]})
    >>> identifiable(runs, "additive").sentence
    'All runs have one size, so nothing is known about how loss falls with it.'
    >>> bool(identifiable(runs, "power_offset", {"x": "tokens"}))
    True
    """
    law = law if isinstance(law, Law) else get_law(law)
    if axes is None and law.axis_names == ("x",):
        return _first_axis(frame, law)
    named = dict(axes or {})
    for axis in law.axis_names:
        other = "samples" if axis == "tokens" and "tokens" not in frame else axis
        named.setdefault(axis, other)
    if absent := [column for column in named.values() if column not in frame]:
        return Identifiable(law.name, named, False, f"The runs have no {absent[0]}.")
    # Numbers beyond all runs, whose products overflow, are told as any others.
    with np.errstate(all="ignore"):
        problem = _problem(frame, law, named)
    return Identifiable(law.name, named, not problem, problem)


def _first_axis(frame: pd.DataFrame, law: Law) -> Identifiable:
    found = [
        identifiable(frame, law, {"x": column})
        for column in ("flops", "tokens", "samples", "params")
        if column in frame
    ]
    if not found:
        return Identifiable(law.name, {}, False, "The runs have no size, data or compute.")
    return next((each for each in found if each), found[-1])


def _problem(frame: pd.DataFrame, law: Law, axes: Mapping[str, str]) -> str:
    columns = {axis: frame[column].to_numpy(float) for axis, column in axes.items()}
    wanted = len(law.parameters)
    known = {axis: axes[axis] for axis in columns}
    for axis, values in columns.items():
        if problem := _narrow(values, known[axis]):
            return problem
        least = wanted + 1 if len(columns) == 1 else LEVELS
        if (found := levels(values)) < least:
            word = _WORDS.get(known[axis], known[axis])
            return (
                (
                    f"{count_of(found, f'different {word}', f'different {word}s')}, and "
                    f"{law.name} needs {least}."
                )
                .replace("amount of datas", "amounts of data")
                .replace("amount of computes", "amounts of compute")
            )
    if len(columns) == 1:
        return _other_axis(frame, *known.values())
    rows = np.column_stack([np.round(np.log(values) / SAME_LEVEL) for values in columns.values()])
    distinct = len(np.unique(rows, axis=0))
    if distinct <= wanted:
        return (
            f"{count_of(distinct, 'different run')} cannot determine the {wanted} parameters of "
            f"{law.name} and their errors."
        )
    if {"params", "tokens"} <= set(columns):
        return _together(columns["params"], columns["tokens"])
    return ""


def levels(values: np.ndarray) -> int:
    """Count different values; those within two per cent of their neighbour are one."""
    logs = np.sort(np.log(values))
    return int(1 + (np.diff(logs) > SAME_LEVEL).sum()) if len(logs) else 0


def _narrow(values: np.ndarray, column: str) -> str:
    spread = float(values.max() / values.min())
    if spread == 1.0:
        word = _WORDS.get(column, column)
        return f"All runs have one {word}, so nothing is known about how loss falls with it."
    if spread < NARROWEST:
        word = _SPREADS.get(column, column)
        return (
            f"The {word} span only {percent(spread - 1.0, 2)}, so nothing is known about how loss "
            "falls with them."
        )
    return ""


def _together(params: np.ndarray, tokens: np.ndarray) -> str:
    sizes, data = np.log(params), np.log(tokens)
    correlation = float(np.corrcoef(sizes, data)[0, 1])
    if abs(correlation) < ONE_AXIS:
        return ""
    ratio = tokens / params
    if ratio.max() / ratio.min() < 1.2:
        return (
            f"All runs have one ratio of {rough(float(np.median(ratio)))} tokens a parameter, so "
            "size and data cannot be told apart."
        )
    way = "rise together" if correlation > 0 else "are traded for one another at one compute"
    return (
        f"Sizes and data {way} (correlation {correlation:.3f}), so their effects cannot be told "
        "apart."
    ).replace("-", "−" if correlation < 0 else "-")


def _other_axis(frame: pd.DataFrame, column: str) -> str:
    """Why a law along one axis means nothing where another axis varies by itself."""
    if column == "flops":
        return ""
    others = [name for name in ("params", "tokens", "samples") if name in frame and name != column]
    values = np.log(frame[column].to_numpy(float))
    for name in others:
        other = np.log(frame[name].to_numpy(float))
        if np.ptp(other) <= SAME_LEVEL:
            continue
        if abs(float(np.corrcoef(values, other)[0, 1])) < ONE_AXIS:
            return (
                f"The {_SPREADS[name]} of the runs differ, so a law in {_SPREADS[column]} alone "
                "mixes both."
            )
    return ""


def laws_that_can_be_fitted(frame: pd.DataFrame) -> list[Identifiable]:
    """Laws of the usual kinds that runs can determine, with their axes.

    Parameters
    ----------
    frame
        As for `identifiable`.

    Returns
    -------
    list
        Those over size and data first, then those over one axis; empty when there is none.
    """
    both = [identifiable(frame, law) for law in ("additive", "kaplan", "overtrained")]
    one = [
        identifiable(frame, law, {"x": column})
        for law in ("power_offset", "power")
        for column in ("flops", "tokens", "samples", "params")
        if column in frame
    ]
    return [found for found in (*both, *one) if found]
