"""How much compute one recipe needs next to another for the same loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import WORDS, Axes, as_runs
from scaling_studies.answers.beside import beside, of_other_rows, others_of
from scaling_studies.answers.estimate import Estimate
from scaling_studies.answers.picture import Picture, Series
from scaling_studies.engine.planning.compare import Comparison, compare
from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import OwnRuns
from scaling_studies.reading.labels import data_in_names, sizes_in_names
from scaling_studies.reading.questions import mapped

#: Roles of recipes in a figure, in order.
ROLES = ("runs", "asked", "other", "law")


def compare_runs(
    tables: Sequence[Any] | Mapping[str, Any], *, assume_same_shape: bool = False, **reading: Any
) -> Answer:
    """Compute multipliers of recipes over the first of them.

    Parameters
    ----------
    tables
        Paths, frames or `reading.OwnRuns`, one a recipe; a mapping gives them names.
    assume_same_shape
        Whether to go on where the curves differ in shape.
    **reading
        Passed to `read_runs`.

    Returns
    -------
    Answer
        Its object adds ``multipliers``, ``runs``, ``noise``, ``shape_p`` and ``reference``.

    Raises
    ------
    ScalingStudiesError
        Fewer than two tables, losses in different units, or curves of different shapes.
    """
    named = dict(tables) if isinstance(tables, Mapping) else {}
    own = [as_runs(one, **reading) for one in (named.values() if named else tables)]
    if len(own) < 2:
        raise MustBeSaid(
            "a comparison needs two tables of runs",
            fix="name them: scaling-studies compare a.csv b.csv",
        )
    groups = dict(zip(named or _names(own), own, strict=True))
    answer = _compared(groups, assume_same_shape)
    flags = dict.fromkeys(flag for one in own for flag, _ in others_of(one))

    def ask(flag: str) -> Answer:
        others = {
            name: dict(others_of(one)).get(flag) or of_other_rows(one, one.frame)
            for name, one in groups.items()
        }
        return _compared(others, assume_same_shape)

    return beside(answer, {flag: partial(ask, flag) for flag in flags})


def _compared(groups: Mapping[str, OwnRuns], assume_same_shape: bool) -> Answer:
    own = list(groups.values())
    units = {one.unit for one in own}
    if len(units) > 1:
        raise MustBeSaid(
            f"the losses are in {words.joined(sorted(units))}",
            fix="compare losses of one unit, on the same data and tokenizer",
        )
    axes = {name: Axes(one) for name, one in groups.items()}
    columns = {name: one.columns for name, one in axes.items()}
    _require_compute(groups, columns)
    found = compare(columns, assume_same_shape=assume_same_shape)
    payload = found.to_dict()
    return Answer(
        title=" ".join(item.sentence() for item in found.multipliers),
        source=words.joined(groups),
        law=found.law,
        n=sum(found.runs.values()),
        parameters={
            name: Estimate.of(x, *found.intervals[name]) for name, x in found.parameters.items()
        },
        objective_value=found.objective_value,
        converged=found.converged,
        identified=found.identified,
        warnings=(
            *(line for one in own for line in one.warnings),
            *(f"{name}: {line}" for name, one in axes.items() for line in one.of_compute),
            *found.warnings,
        ),
        notes=tuple(line for one in own for line in one.notes),
        tables=(_table(found),),
        part={
            name: payload[name]
            for name in ("reference", "multipliers", "runs", "noise", "level", "shape_p")
        },
        draws=lambda: _picture(groups, columns),
    )


def _require_compute(
    groups: Mapping[str, OwnRuns], columns: Mapping[str, Mapping[str, np.ndarray]]
) -> None:
    """Stop at a recipe whose compute is not known, with what to type or to add."""
    shared = set.intersection(*({*map(str, one.cells)} for one in groups.values()))
    for name, own in groups.items():
        if "flops" in columns[name]:
            continue
        what = "params" if "params" not in columns[name] else "tokens"
        read = sizes_in_names if what == "params" else data_in_names
        found = [
            column
            for column in own.cells
            if column in shared
            and all(read(one.cells[column].astype(str)) is not None for one in groups.values())
        ]
        # Flags are for all tables, so a column that one of them lacks cannot be named.
        hint = f"type {mapped(f'{what}={found[0]}')}, or " if found else ""
        count = "size" if what == "params" else "data in tokens"
        raise MustBeSaid(
            f"recipes are compared by compute, and {own.name} gives no {what} and no flops",
            table=own.name,
            fix=f"{hint}add a column {what} with the {count} of each run to {own.name}, or a "
            "column flops",
        )


def _names(own: Sequence[OwnRuns]) -> list[str]:
    """Names of the files, numbered where two have the same."""
    names = [one.path.stem if one.path is not None else "frame" for one in own]
    if len(set(names)) == len(names):
        return names
    return [f"{name} ({number})" for number, name in enumerate(names, 1)]


def _table(found: Comparison) -> Table:
    rows = [
        (
            item.group,
            Estimate.of(item.value, item.low, item.high).text(),
            words.number(item.params, 3),
            words.number(item.tokens, 3),
            f"{item.runs}",
        )
        for item in found.multipliers
    ]
    heads = ("recipe", "compute", "parameters", "tokens", "runs")
    return Table(f"Times what {found.reference} needs for equal loss", heads, rows)


def _picture(
    groups: Mapping[str, OwnRuns], columns: Mapping[str, Mapping[str, np.ndarray]]
) -> Picture | None:
    shared = set.intersection(*(set(values) for values in columns.values()))
    main = next((name for name in ("flops", "tokens", "params") if name in shared), None)
    if main is None:
        return None
    series = [
        Series("points", values[main], values["loss"], ROLES[number % len(ROLES)], name)
        for number, (name, values) in enumerate(columns.items())
    ]
    unit = next(iter(groups.values())).unit.replace("_", " ")
    return Picture(WORDS[main], f"Loss ({unit})", "Dots are runs, a colour each recipe.", series)
