"""Text that says how far a run had come, as numbers: names of checkpoints, dates, durations."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from scaling_studies.reading.numbers import numbers_of

_NUMBER = re.compile(r"\d+(?:[_'’]\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?:[kmbt](?![a-z]))?")
#: What stands before the number of steps or passes in the name of a checkpoint.
STEP = re.compile(
    r"(?<![a-z])(?:global[_-]?)?(?:steps?|iters?|iterations?|it|ckpt|checkpoint|updates?|epochs?|ep)"
    rf"[\s_=:-]*(?P<number>{_NUMBER.pattern})|(?<![\w.])(?P<before>{_NUMBER.pattern})"
    r"[\s_-]*(?:steps?|iters?|iterations?|updates?|epochs?)(?![a-z])"
)
#: Names of the last checkpoint.
_END = re.compile(r"(?:.*[\W_])?(?:final|last|end|main|latest)(?:[\W_].*)?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|"
                   r"nov|dec)[a-z]*\b")  # fmt: skip
_CLOCK = re.compile(r"(?:\d+:)+\d+(?:\.\d+)?")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_PART = r"(\d+(?:\.\d+)?)\s*(d|h|m|s)(?:ay|our|r|in|inute|ec|econd)?s?\.?[\s,]*"
_SPAN = re.compile(f"(?:{_PART})+")


def positions_of(cells: pd.Series) -> np.ndarray | None:
    """Numbers by which text is ordered; None where it has no order that is known.

    Examples
    --------
    >>> positions_of(pd.Series(["step1000-tokens2B", "step500-tokens1B", "final"])).tolist()
    [1000.0, 500.0, inf]
    >>> positions_of(pd.Series(["9:59", "1:00:02"])).tolist()
    [599.0, 3602.0]
    """
    texts = cells.str.strip().str.lower()
    if texts.str.fullmatch(_CLOCK).all():
        return np.array([_seconds(text) for text in texts])
    if texts.str.contains(_DATE).all():
        return _dates(texts)
    if all(map(_SPAN.fullmatch, texts)):
        parts = [re.findall(_PART, text) for text in texts]
        return np.array([sum(float(n) * _SECONDS[unit] for n, unit in each) for each in parts])
    ends = np.array([bool(_END.fullmatch(text)) and not STEP.search(text) for text in texts])
    if ends.all():
        return None
    found = _counted(texts[~ends])
    if found is None:
        return None
    values = np.full(len(texts), np.inf)
    values[~ends] = found
    return values


def names_checkpoints(cells: pd.Series) -> bool:
    """Whether all cells of a column name checkpoints: ``iter_0010000``, ``step1000-tokens2B``."""
    texts = cells.str.lower()
    steps = [bool(STEP.search(text)) for text in texts]
    others = [text for text, told in zip(texts, steps, strict=True) if not told]
    return any(steps) and all(map(_END.fullmatch, others))


def _counted(texts: pd.Series) -> np.ndarray | None:
    """Steps in each name, or where none are named the numbers of names of one shape in turn."""
    steps = [_step(text) for text in texts]
    if all(steps):
        return _floats(steps)
    if len({_NUMBER.sub("#", text) for text in texts}) > 1:
        return None
    parts = [_NUMBER.findall(text) for text in texts]
    if not parts[0]:
        return None
    turns = pd.DataFrame({place: _floats([each[place] for each in parts])
                          for place in range(len(parts[0]))})  # fmt: skip
    ranks = turns.apply(tuple, axis=1).rank(method="dense")
    return ranks.to_numpy(float)


def _step(text: str) -> str:
    """Steps that a name says, or else its passes; empty where it says none."""
    found = sorted(STEP.finditer(text), key=lambda match: "ep" in match[0].replace("step", ""))
    return (found[0]["number"] or found[0]["before"]) if found else ""


def _floats(texts: list[str]) -> np.ndarray:
    return numbers_of(pd.Series([text.replace("_", "") for text in texts])).floats


def _seconds(text: str) -> float:
    parts = [float(part) for part in text.split(":")]
    return sum(part * 60.0**place for place, part in enumerate(reversed(parts)))


def _dates(texts: pd.Series) -> np.ndarray | None:
    """Dates; None where days and months can be exchanged and give another order."""
    read = [
        pd.to_datetime(texts, errors="coerce", format="mixed", dayfirst=first, utc=True)
        for first in (False, True)
    ]
    whole = [each.astype("int64").to_numpy(float) for each in read if not each.isna().any()]
    orders = {tuple(np.argsort(each, kind="stable")) for each in whole}
    return whole[0] if len(orders) == 1 else None
