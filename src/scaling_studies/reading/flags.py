"""Rows that a column of yes and no, or a remark, calls bad: asked about before they are fitted."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from scaling_studies.errors import one_line
from scaling_studies.reading.kinds import shown_values
from scaling_studies.reading.names import word_list
from scaling_studies.reading.questions import typed
from scaling_studies.reading.selection import Selection, is_run
from scaling_studies.words import count_of

_YES = {"true", "yes", "y", "t", "1", "1.0", "x", "✓", "✔"}
_NO = {"false", "no", "n", "f", "0", "0.0"}
_NEGATIONS = {"not", "no", "non", "never"}
_WORD = re.compile(r"[a-z]+")
#: What remarks call a run that no law is meant for.
_BAD = re.compile(
    r"\b(?:diverg\w*|fail(?:s|ed|ure|ures)?|crash(?:ed|es)?|nans?|explod\w+|exploding|blew up|oom"
    r"|out[ -]of[ -]memory|killed|abort(?:ed|s)?|broken|corrupt(?:ed)?|invalid|discard(?:ed)?"
    r"|exclud(?:e|ed)|unusable|do(?:n'?t| not) use|ignore(?: this)?|outliers?|unstable|incomplete"
    r"|unfinished|(?:not|never|did not|didn'?t) (?:finish|converge)(?:ed|d)?)\b",
    re.IGNORECASE,
)
#: What takes it back, before a word or anywhere.
_DENIED = re.compile(r"\b(?:no|not|never|without|non|didn'?t|isn'?t)[\s-]+(?:an?\s+)?$", re.I)
_MENDED = re.compile(r"\b(?:resum|restart|recover|rerun|re-run|fixed|repaired)", re.IGNORECASE)
#: Most values that a fix names.
_MOST_NAMED = 12


def ask_of_flagged(chosen: Selection) -> None:
    """Ask whether rows that the table calls bad are meant to be fitted.

    Raises
    ------
    MustBeSaid
        When no one is there to ask, and it was not said.
    """
    kept = {said.partition("=")[0] for said in chosen.rows_said}
    for column in chosen.table.columns:
        if column in chosen.used | kept or is_run(column, chosen):
            continue
        cells = chosen.table.cells.loc[chosen.frame.index, column]
        bad = _flagged(column, cells)
        if bad.any() and not bad.all():
            _ask(column, cells, bad, chosen)


def _ask(column: str, cells: pd.Series, bad: np.ndarray, chosen: Selection) -> None:
    values = [*dict.fromkeys(cells[bad])]
    drop = " ".join(typed("--drop", f"{column}={value}") for value in values[:_MOST_NAMED])
    text = (
        f"{count_of(int(bad.sum()), 'row')} of {len(cells)} may be of runs that went wrong "
        f"({one_line(column, 60)}: {shown_values(values)})"
    )
    if "all" in chosen.rows:
        chosen.warnings.append(f"{text[0].upper()}{text[1:]}; {drop} leaves them out.")
        return
    answer = chosen.questions.decide(
        text,
        {"leave them out": drop, "fit them, too": "--rows all"},
        place={"row": int(cells.index[bad][0]) + 1, "column": column},
    )
    if answer == "leave them out":
        chosen.keep(~bad, f"{one_line(column, 60)} says that they went wrong")


def _flagged(column: str, cells: pd.Series) -> np.ndarray:
    """Where the cells of a column call their row bad."""
    words = set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower()))
    lower = cells.str.strip().str.lower()
    if {*lower} - {""} <= _YES | _NO:
        rest = words - word_list("flags", "fillers") - _NEGATIONS
        good, bad = word_list("flags", "good"), word_list("flags", "bad")
        if not rest or not rest <= good | bad or (rest & good and rest & bad):
            return np.zeros(len(cells), bool)
        wrong_if_yes = bool(rest & bad) != bool(words & _NEGATIONS)
        return lower.isin(_YES if wrong_if_yes else _NO).to_numpy(bool)
    if not words & word_list("flags", "remarks"):
        return np.zeros(len(cells), bool)
    return cells.map(_is_bad).to_numpy(bool)


def _is_bad(remark: str) -> bool:
    """Whether a remark says that a run went wrong.

    Examples
    --------
    >>> [_is_bad(text) for text in ("diverged at 3k", "did not crash", "resumed after a crash")]
    [True, False, False]
    """
    if _MENDED.search(remark):
        return False
    return any(not _DENIED.search(remark[: word.start()]) for word in _BAD.finditer(remark))
