"""Cells as numbers: suffixes, separators of thousands, decimal commas, units, NaN of lost runs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scaling_studies.reading.marks import without_marks

#: Letters and words behind a number -> factor.
SUFFIXES = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3,
    "m": 1e6, "mio": 1e6, "mil": 1e6, "mn": 1e6, "mm": 1e6,
    "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9, "g": 1e9, "mrd": 1e9, "bil": 1e9,
    "billion": 1e9, "billions": 1e9, "bt": 1e9, "gt": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12, "trillions": 1e12,
}  # fmt: skip
#: Words behind a number that say what was counted, not how many.
COUNTED = re.compile(
    r"\b(params?|parameters?|tokens?|toks?|samples?|examples?|images?|steps?|nats?)\b"
)
_FLOP_PREFIXES = "k m g t p e z y", "kilo mega giga tera peta exa zetta yotta"
#: What stands before FLOP -> factor.
FLOP = {"": 1.0} | {
    prefix: 1e3 ** (place + 1)
    for prefixes in _FLOP_PREFIXES
    for place, prefix in enumerate(prefixes.split())
}
_FLOP_CELL = re.compile(rf"({'|'.join(sorted(FLOP, key=len, reverse=True))})\s*flop'?s?")
#: FLOP a second kept up for a day, in FLOP, by the prefix.
DAYS = {
    "t": 8.64e16,
    "tera": 8.64e16,
    "p": 8.64e19,
    "peta": 8.64e19,
    "e": 8.64e22,
    "exa": 8.64e22,
    "z": 8.64e25,
    "zetta": 8.64e25,
}
#: Remarks in brackets behind compute and counts, that change no number.
_REMARK = re.compile(
    r"\s*[(\[]\s*[~≈=]?\s*(?:6\s*[*·×]?\s*n\s*[*·×]?\s*d|est(?:\.|imated?)?|approx(?:\.|imately)?"
    r"|about|ca\.?|circa|measured|counted|exact)\s*[)\]]$"
)
_DAYS_CELL = re.compile(r"(tera|peta|exa|zetta|[tpez])f(?:lop)?s?/?s?[\s/-]*(?:s[\s-]*)?days?")
_ANY = r"\d*[\d.,]*\d(?:e[+-]?\d+)?"
_OFF = r"(?:±|\+/-|\+-|\\pm)"
_NAMED = r"(?:s\.?e\.?m?|s\.?d|std|stderr|std\.? ?err|std\.? ?dev|stdev|ci|σ|se|sem)\.?\s*[=:]?"
#: Errors behind a number: ± 0.003, (SE 0.003), _{±0.003}, +0.003/-0.002, digits in brackets.
ERROR = re.compile(
    rf"(?<=[\d.%])\s*(?:{_OFF}\s*[\d.,]+(?:e[+-]?\d+)?\s*%?|(?<=\d)\(\d+\)"
    rf"|[(\[{{]?\s*(?:{_OFF}|{_NAMED}\s*(?:{_OFF})?)\s*{_ANY}\s*%?\s*[)\]}}]?"
    rf"|(?:[_^]\{{?(?:{_OFF}|[+-])\s*{_ANY}\}}?){{1,2}}|_\{{{_ANY}\}}"
    rf"|[(\[]?\s*\+\s*{_ANY}\s*[/,]?\s*[-−–]\s*{_ANY}\s*[)\]]?)\s*(?=$|[a-z])",
    re.IGNORECASE,
)
#: What may be an error or an interval, by its size: (0.003), [5.57, 5.59], (5.57-5.59).
_BRACKETED = re.compile(
    rf"(?<=\d)\s*[(\[]\s*({_ANY})\s*%?(?:\s*(?:[,;–−-]|to|\.\.)\s*({_ANY})\s*%?)?\s*[)\]]\s*$",
    re.IGNORECASE,
)
#: Most of a value that a number in brackets behind it is as its error.
MOST_OF_VALUE = 0.2
#: What cells of runs that were lost say.
LOST = {"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "diverged", "div",
        "failed", "crashed", "oom", "+nan", "-nan", "∞"}  # fmt: skip
#: What empty cells say.
EMPTY = {"", "na", "n/a", "n.a.", "#n/a", "none", "null", "-", "--", "–", "—", "?", "<na>", ".",
         "#div/0!", "#value!"}  # fmt: skip
#: Most characters of a number with its error.
LONGEST = 80
_SPACES = "\u00a0\u2007\u2009\u202f\u2008\u200a"
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*)")
_TIMES_TEN = re.compile(r"\s*(?:[x×·*∙⋅]|\\times|\\cdot)\s*10\s*(?:\^|\*\*)?\s*\{?([+-]?\d+)\}?")
_POWER = re.compile(r"^10\s*(?:\^|\*\*)\s*\{?([+-]?\d+(?:\.\d+)?)\}?")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_PLAIN = r"[+-]?[\d.,'’ \u00a0\u202f]+(?:[eE][+-]?\d+)?\s*%?"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+$")
#: How spreadsheets and programs write that a number is text, or an array of one.
_WRAPPED = re.compile(
    r"^(?:=?[\"'](?=[^\"']*[\"']$)|'|\[|tensor\(\[?)"
    r"([^\"'\[\]()]+)[\"'\])]*$"
)
_HIGH = re.compile(r"(?<=10)([⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)")


@dataclass(frozen=True)
class Numbers:
    """A column as numbers.

    Attributes
    ----------
    floats
        One a row; NaN where the cell is empty, lost or no number.
    empty, lost, wrong
        Where the cell is empty, says that the run was lost, or is none of these and no number.
    suffixed
        Where a cell carries a multiple or a unit of its own, so that its value is in ones.
    marked
        Where a footnote mark or emphasis was taken off.
    """

    floats: np.ndarray
    empty: np.ndarray
    lost: np.ndarray
    wrong: np.ndarray
    suffixed: np.ndarray
    marked: np.ndarray


def numbers_of(cells: pd.Series, *, decimal_comma: bool | None = None) -> Numbers:
    """Read a column of text as numbers.

    Parameters
    ----------
    cells
        Text.
    decimal_comma
        Whether other columns of the table write decimal commas; decides what ``1,234`` is where the
        column itself does not. None when they do not tell.
    """
    texts = [str(cell).strip().lower() for cell in cells]
    empty = np.array([text in EMPTY for text in texts], bool)
    lost = np.array([text in LOST for text in texts], bool)
    values = np.array([_plain(text) for text in texts], float)
    lost = lost | np.isinf(values)
    values = np.where(np.isinf(values) | lost | empty, np.nan, values)
    rest = np.isnan(values) & ~empty & ~lost
    suffixed, marked = np.zeros(len(values), bool), np.zeros(len(values), bool)
    if rest.any():
        filled = pd.Series(texts, dtype=object)[~(empty | lost)]
        commas = _decimal_commas(filled, decimal_comma)
        if commas:
            # Points are thousands then, also where a cell by itself reads as a number.
            rest = rest | np.array([bool(_THOUSANDS.match(text)) for text in texts], bool)
        for row in np.flatnonzero(rest):
            found = _number(texts[row], decimal_comma=commas)
            if found is None and (bare := without_marks(texts[row])) is not None:
                found = _number(bare, decimal_comma=commas)
                marked[row] = found is not None
            values[row], suffixed[row] = found if found is not None else (np.nan, False)
    wrong = np.isnan(values) & ~empty & ~lost
    return Numbers(values, empty, lost, wrong, suffixed, marked)


def without_error(text: str) -> str:
    """Take the error or interval behind a number off.

    Examples
    --------
    >>> [without_error(cell) for cell in ("5.58 ± 0.003", "5.58 (0.003)", "5.58 [5.57, 5.59]")]
    ['5.58', '5.58', '5.58']
    >>> without_error("1.3 (6.9)")
    '1.3 (6.9)'
    """
    if len(text) > LONGEST or text.isalnum():
        return text
    bare = text.rstrip("$ ")
    shorter = ERROR.sub("", bare, count=1)
    if shorter != bare:
        return shorter.rstrip()
    found = _BRACKETED.search(bare)
    if found is None:
        return text
    before = bare[: found.start()]
    parts = [_plain(part.replace(",", ".")) for part in (before, found[1], found[2] or found[1])]
    value, low, high = parts
    interval = found[2] is not None and (low <= value <= high or 0 <= low <= MOST_OF_VALUE * value)
    error = found[2] is None and bool(re.search(r"[.,]|e-", found[1])) and (
        0 <= low <= MOST_OF_VALUE * abs(value)
    )  # fmt: skip
    return before.rstrip() if interval or error else text


def _plain(text: str) -> float:
    """Number of a cell that is written as programs write it; NaN for others."""
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def writes_decimal_commas(cells: pd.Series) -> bool | None:
    """Whether a column shows that commas are decimal; None when it does not tell."""
    if not any("," in cell for cell in cells):
        return None
    filled = cells[cells != ""].map(without_error)
    if filled.empty or not filled.str.contains(",").any():
        return None
    plain = filled.str.fullmatch(_PLAIN)
    if not plain.all():
        filled = filled.map(lambda cell: without_marks(cell.lower()) or cell)
        plain = filled.str.fullmatch(_PLAIN)
    if not plain.all():
        return None
    thousands = r"[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|[+-]?\d{1,3}(?:,\d{3})+\.\d+"
    if filled.str.fullmatch(thousands).any():
        return False
    odd = filled.str.fullmatch(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d*(?:[eE][+-]?\d+)?")
    three = filled.str.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}")
    return True if (odd & ~three).any() else None


def _decimal_commas(cells: pd.Series, told: bool | None) -> bool:
    own = writes_decimal_commas(cells)
    if own is not None:
        return own
    if not any("," in cell for cell in cells):
        return bool(told)
    with_suffix = cells.str.extract(r"^([+-]?\d+,\d+)\s*[a-zA-Z]")[0].dropna()
    if len(with_suffix) and not with_suffix.str.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+").all():
        return True
    return bool(told)


def _number(text: str, *, decimal_comma: bool) -> tuple[float, bool] | None:
    """Value of a cell in ones, and whether it carries a multiple or unit; None when it is none."""
    text = text.translate({ord(sign): " " for sign in _SPACES})
    text = _HIGH.sub(lambda high: "^" + high[1].translate(_SUPERSCRIPTS), text)
    text = _WRAPPED.sub(r"\1", text.replace("−", "-").strip())
    text = without_error(text.lstrip("~≈≅$ ").strip())
    if power := _POWER.match(text):
        text = f"1e{power[1]}{text[power.end() :]}" if "." not in power[1] else (
            f"{10.0 ** float(power[1])!r}{text[power.end() :]}"
        )  # fmt: skip
    text = _TIMES_TEN.sub(lambda times: f"e{times[1]}", text)
    text = _without_groups(text, decimal_comma=decimal_comma)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    factor = _factor(match[2].strip())
    suffixed = match[2].strip() not in ("", "nat", "nats")
    return None if factor is None else (float(match[1]) * factor, suffixed)


def _without_groups(text: str, *, decimal_comma: bool) -> str:
    """Take out what separates thousands, and write the decimal sign as a point."""
    text = re.sub(r"(?<=\d)['’_`](?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)
    if decimal_comma:
        text = re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", "", text)
        return re.sub(r"(?<=\d),(?=\d)", ".", text, count=1)
    # Several points cannot all be decimal: 500.000.000; Indian groups have two digits.
    if re.match(r"[+-]?\d{1,3}(?:\.\d{3}){2,}(?!\d)", text):
        text = text.replace(".", "")
    return re.sub(r"(?<=\d),(?=(?:\d{2},)*\d{3}(?!\d))", "", text)


def _factor(rest: str) -> float | None:
    """Factor that the words behind a number stand for."""
    rest = _REMARK.sub("", rest)
    if not rest:
        return 1.0
    if days := _DAYS_CELL.fullmatch(rest):
        return DAYS[days[1]]
    if flop := _FLOP_CELL.fullmatch(rest):
        return FLOP[flop[1]]
    if rest in ("%", "percent", "pct"):
        return 0.01
    words = COUNTED.sub(" ", rest).strip(" .-_()")
    if not words:
        return 1.0
    return SUFFIXES.get(words)
