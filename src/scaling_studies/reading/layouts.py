"""Tables that papers print: losses spread over columns, and cells merged over rows."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from scaling_studies.reading.delimited import LARGE
from scaling_studies.reading.guesses import guess
from scaling_studies.reading.names import TABLE, name_of
from scaling_studies.reading.numbers import numbers_of
from scaling_studies.words import count_of, joined

#: Fewest columns of losses that are read as a matrix.
FEWEST = 3
#: Least tokens or parameters of a heading.
LEAST = LARGE
#: A heading that is an amount: ``2B``, ``loss@2B``, ``D = 2B``, ``2B tokens``.
_AMOUNT = re.compile(
    r"(?:(?P<what>[^\d]*?)[\s@_:=([-]*)?"
    r"(?P<amount>\d+(?:\.\d+)?\s*[KMBTkmbt]|(?<![^\s])\d+(?:\.\d+)?(?:[eE]\+?\d+)?)"
    r"[\s_-]*(?P<unit>tok(?:en)?s?|params?|parameters?)?[)\]]?"
)
_AXIS_WORDS = {"n": "params", "params": "params", "d": "tokens", "tokens": "tokens"}
#: Roles whose cells may be merged, and the lists of names that tell rows apart.
_MERGED = ("params", "tokens", "samples", "flops", "size")
_LABELS = frozenset(TABLE["kinds"].split()) | frozenset(TABLE["columns"]["run"].split())


def from_matrix(cells: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Rows of a matrix of losses with sizes down and amounts of data across, or the reverse.

    The table itself when it is no such matrix, or does not say what its headings count.
    """
    across = {str(name): found for name in cells if (found := _AMOUNT.fullmatch(str(name).strip()))}
    labels = [str(name) for name in cells if str(name) not in across]
    words = {(found["what"] or "").strip().lower() for found in across.values()}
    if len(across) < FEWEST or len(words) != 1 or not labels:
        return cells
    (word,) = words
    units = {(found["unit"] or "")[:3].lower() for found in across.values()}
    axis = _axis(word, units, labels)
    measured = word == "" or word in _AXIS_WORDS or _is_loss(word)
    losses = [numbers_of(cells[name]) for name in across]
    if axis is None or not measured or any(found.wrong.any() for found in losses):
        return cells
    amounts = numbers_of(pd.Series([found["amount"] for found in across.values()])).floats
    if amounts.min() < LEAST or len(set(amounts)) < len(amounts):
        return cells
    loss = word if _is_loss(word) else "loss"
    parts = [
        pd.concat(
            [
                cells[labels],
                pd.Series(f"{amount:.15g}", cells.index, name=axis),
                cells[name].rename(loss),
            ],
            axis=1,
        )
        for name, amount in zip(across, amounts, strict=True)
    ]
    notes.append(f"The {len(across)} columns {joined([*across][:3])}... are {axis}, their cells "
                 "losses.")  # fmt: skip
    result = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return result[result[loss] != ""].reset_index(drop=True)


def _axis(word: str, units: set[str], labels: list[str]) -> str | None:
    """What headings of a matrix count: as they say, or what its rows do not say."""
    if len(units) == 1 and (unit := next(iter(units))):
        return "tokens" if unit == "tok" else "params"
    if word in _AXIS_WORDS:
        return _AXIS_WORDS[word]
    roles = {found.role for name in labels if (found := guess(name_of(name)))}
    known = {"params" if role == "size" else role for role in roles} & {"params", "tokens"}
    if {"model", "model size"} & {name.strip().lower() for name in labels}:
        known.add("params")
    others = {"params", "tokens"} - known
    return others.pop() if len(others) == 1 else None


def _is_loss(word: str) -> bool:
    found = guess(name_of(word)) if word else None
    return found is not None and found.role == "loss"


def with_merged_cells(cells: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Write cells that stand once for a block of rows into each row of it.

    Such a column begins with a value, has none twice, and each is followed by empty cells; another
    axis goes through the rows of a block. A log with steps has no blocks.
    """
    roles = {str(name): found.role for name in cells if (found := guess(name_of(str(name))))}
    if "step" in roles.values():
        return cells
    whole = [name for name, role in roles.items() if role in _MERGED and (cells[name] != "").all()]
    merged = [
        str(name)
        for name in cells
        if (roles.get(str(name)) in _MERGED or {*name_of(str(name)).names} & _LABELS)
        and _stands_for_blocks(cells[name])
    ]
    merged = [
        name
        for name in merged
        if any(_goes_through(cells[other], cells[name]) for other in whole if other != name)
    ]
    if not merged:
        return cells
    filled = cells.copy()
    for name in merged:
        filled[name] = cells[name].where(cells[name] != "").ffill()
        empty = int((cells[name] == "").sum())
        notes.append(f"{count_of(empty, 'empty cell')} of {name} taken from the one above.")
    return filled


def _stands_for_blocks(cells: pd.Series) -> bool:
    there = (cells != "").to_numpy()
    if there.all() or not there[0] or cells[there].duplicated().any() or there.sum() < 2:
        return False
    return bool(~(there[:-1] & there[1:]).any() and not there[-1])


def _goes_through(axis: pd.Series, blocks: pd.Series) -> bool:
    """Whether an axis differs among all rows of each block."""
    block = np.cumsum((blocks != "").to_numpy())
    return not pd.DataFrame({"block": block, "axis": axis.to_numpy()}).duplicated().any()
