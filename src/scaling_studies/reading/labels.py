"""Sizes in labels: two of a mixture of experts, and one in the name of a run."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from scaling_studies.reading.marks import is_mixture
from scaling_studies.reading.names import name_of
from scaling_studies.reading.numbers import numbers_of
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions
from scaling_studies.reading.table import Table

#: A size with its multiple; in a name, apart from other letters.
_SIZE = re.compile(r"\d+(?:\.\d+)?\s*[kmbt](?:(?![a-z])|(?=a\d))")
_IN_NAME = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?[mb](?![a-z0-9.])")
#: Amount of data in a name: ``d2b``, ``2btok``, ``2b-tokens``.
_DATA_IN_NAME = re.compile(
    r"(?<![a-z0-9.])(?:(?:d|tok(?:en)?s?)[-_=]?(\d+(?:\.\d+)?[mbt])(?![a-z0-9.])"
    r"|(\d+(?:\.\d+)?[mbt])[-_ ]?tok(?:en)?s?(?![a-z0-9]))"
)
#: What stands around the two sizes of a mixture of experts.
_AROUND = re.compile(
    r"(?:[\s\-_/(),|:]|(?<![a-z])a(?![a-z])|e\d+|\d+e|active|activated|act\b|total|params?|moe|of)*"
)


def read_labels(
    table: Table,
    said: dict[str, Role | None],
    convention: str | None,
    questions: Questions,
) -> None:
    """Read sizes that stand in labels, into the numbers of their column and into `said`.

    A cell of active and total parameters (``30B-A3B``, ``1.3B/6.9B``) gives the one that the
    convention names. A column of names that was said to be the sizes gives the one of each name.

    Raises
    ------
    MustBeSaid
        When cells hold two sizes, and it was not said which counts.
    """
    data = said.get("tokens")
    if data and data.column in table.columns and not table.is_numeric(data.column):
        found = data_in_names(table.cells[data.column])
        if found is not None:
            # The same names may hold the sizes.
            column = f"tokens in {data.column}"
            table.add(column, found)
            said["tokens"] = Role(column, None, "as you said, from the names")
    role = said.get("params")
    columns = [role.column] if role else [name for name in table.columns if _is_size(name)]
    for column in columns:
        if column not in table.columns or ("params" in said and role is None):
            continue
        numbers = table.numbers(column)
        wrong = numbers.wrong & ~table.aside
        if not wrong.any():
            continue
        pairs = {row: _two_sizes(table.cells[column].iloc[row]) for row in np.flatnonzero(wrong)}
        if all(pairs.values()):
            values = numbers.floats.copy()
            taken = convention if convention in ("active", "total") else None
            if taken is None:
                shown = table.cells[column].iloc[int(wrong.argmax())]
                taken = questions.decide(
                    f"cells hold two sizes ({shown!r}), the smaller being the active parameters",
                    {kind: f"--params-convention {kind}" for kind in ("active", "total")},
                    place={"row": int(wrong.argmax()) + 1, "column": column},
                )
            for row, pair in pairs.items():
                values[row] = min(pair) if taken == "active" else max(pair)
            table.replace_numbers(column, values)
            said["params"] = Role(column, role.unit if role else None, f"the {taken} ones")
            return
        if role is not None and (found := sizes_in_names(table.cells[column])) is not None:
            table.replace_numbers(column, found)
            said["params"] = Role(column, None, "as you said, from the names")


def _is_size(column: str) -> bool:
    name = name_of(column)
    return "params" in name.words or name.plain in ("size", "model_size", "modelsize")


def _two_sizes(cell: str) -> Sequence[float]:
    lower = cell.lower()
    found = _SIZE.findall(lower)
    if len(found) != 2 or not _AROUND.fullmatch(_SIZE.sub(" ", lower)):
        return ()
    return [float(value) for value in numbers_of(pd.Series(found)).floats]


def sizes_in_names(cells: pd.Series) -> np.ndarray | None:
    """Size in each name, where all names have one and they differ; None otherwise.

    Examples
    --------
    >>> sizes_in_names(pd.Series(["run_15M", "run_42M-lr3e-4"])).tolist()
    [15000000.0, 42000000.0]
    """
    found = cells.str.lower().map(lambda name: [] if is_mixture(name) else _IN_NAME.findall(name))
    if not (found.str.len() == 1).all() or len(set(found.str[0])) < 2:
        return None
    return numbers_of(found.str[0]).floats


def data_in_names(cells: pd.Series) -> np.ndarray | None:
    """Tokens in each name, where all names say them once and they differ; None otherwise.

    Examples
    --------
    >>> data_in_names(pd.Series(["gpt_15M_d2B", "gpt_42M_d8B"])).tolist()
    [2000000000.0, 8000000000.0]
    """
    found = cells.str.lower().map(
        lambda name: [first or second for first, second in _DATA_IN_NAME.findall(name)]
    )
    if not (found.str.len() == 1).all() or len(set(found.str[0])) < 2:
        return None
    return numbers_of(found.str[0]).floats
