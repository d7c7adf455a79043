"""What other rows a table offers where some were chosen: results are shown beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from scaling_studies.errors import ScalingStudiesError
from scaling_studies.reading.questions import typed
from scaling_studies.reading.selection import Selection

#: Other kinds of rows that are shown where rows of all kinds make no law.
OTHER_KINDS = 3

#: Chooses rows as ``rows`` and ``drop`` say, and asks nothing.
Choose = Callable[[Sequence[str], Sequence[str]], Selection]


def alternatives(chosen: Selection, choose: Choose) -> dict[str, pd.DataFrame]:
    """Rows that the table would give without each thing that was said of rows.

    Where rows of several kinds make no law together, those of the other kinds.

    Parameters
    ----------
    chosen
        The rows that are fitted.
    choose
        Chooses anew.

    Returns
    -------
    dict
        What to type -> rows, those of `chosen.alternatives` among them.
    """
    found = dict(chosen.alternatives)
    for said in chosen.rows_said:
        others = [one for one in chosen.rows_said if one != said]
        if _add(found, f"without {typed('--rows', said)}", choose, others, chosen.drop):
            continue
        column, _, value = said.partition("=")
        kinds = [kind for kind in chosen.table.cells[column].unique() if kind != value]
        for kind in kinds[:OTHER_KINDS]:
            other = f"{column}={kind}"
            _add(found, typed("--rows", other), choose, [*others, other], chosen.drop)
    for said in chosen.drop:
        others = [one for one in chosen.drop if one != said]
        flag = f"without {typed('--drop', said)}"
        # What the table calls bad is asked about, unless all rows are meant.
        if not _add(found, flag, choose, chosen.rows, others):
            _add(found, flag, choose, [*chosen.rows, "all"], others)
    return {flag: rows for flag, rows in found.items() if not rows.equals(chosen.frame)}


def _add(
    found: dict[str, pd.DataFrame],
    flag: str,
    choose: Choose,
    rows: Sequence[str],
    drop: Sequence[str],
) -> bool:
    try:
        found[flag] = choose(rows, drop).frame
    except ScalingStudiesError:  # these rows need something said, and so are no other result
        return False
    return True
