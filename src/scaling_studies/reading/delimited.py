"""Text with a row a line, in any form that people and spreadsheets write, as cells."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from scaling_studies.errors import TableError
from scaling_studies.reading.guesses import guess
from scaling_studies.reading.headings import upright, with_one_heading
from scaling_studies.reading.names import name_of
from scaling_studies.reading.numbers import numbers_of
from scaling_studies.reading.unpacking import check_width
from scaling_studies.words import count_of

#: Least parameters or tokens of a run.
LARGE = 1e4
#: Characters by which the separator is guessed.
SAMPLE = 1_000_000
_SEPARATORS = (",", ";", "\t", "|")
_SAYS_SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_COMMENT = re.compile(r"\s*(?:#|%|//)")
_RULE = re.compile(r"[\s|:+=-]+")
_LATEX_ROW = re.compile(r"(.*?)\\\\(?:\[[^]]*\])?\s*(?:\\[a-z]+(?:\{[^}]*\})?\s*)*(?:%.*)?")
#: What LaTeX writes -> what it shows.
_LATEX = [
    (re.compile(r"^(?:\s*\\(?:[a-z]*rule|hline)(?:\{[^}]*\})?)+"), ""),
    (re.compile(r"\\(?:textbf|textit|mathbf|mathrm|text|emph|underline|num)\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\([%_#$])"), r"\1"),
    (re.compile(r"\\[,;! ]|~|\{,\}(?=\d)|(?<!\\)\$"), ""),
]
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,'’ ]*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Cells:
    """A table as text.

    Attributes
    ----------
    frame
        Cells, empty ones as ``""``; shape (rows, columns).
    notes
        What was passed over, as sentences.
    separator
        What stands between cells; None when it is white space, or the table is no text.
    """

    frame: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    separator: str | None = None


def read_delimited(text: str, name: str) -> Cells:
    """Cut text into cells.

    Parameters
    ----------
    text
        Content of a file.
    name
        File, named in errors.

    Raises
    ------
    TableError
        There is no header, no row, or a row has more cells than the header.
    """
    notes: list[str] = []
    lines = text.splitlines()
    said = _SAYS_SEPARATOR.fullmatch(lines[0].strip()) if lines else None
    if said:
        lines = lines[1:]
    top = list(itertools.takewhile(_is_no_row, lines))
    comments = [line for line in top if line.strip()]
    lines = lines[len(top) :]
    latex = _latex(lines)
    lines = latex or lines
    if not lines:
        raise TableError(f"{name} is empty", table=name, fix="add a header and the rows")
    separator = said[1] if said else "&" if latex else _separator("\n".join(lines[:200])[:SAMPLE])
    rows = _rows("\n".join(lines), separator, name)
    if separator == "|":
        rows = _without_frame(rows)
    rows = with_one_heading(rows, notes)
    rows, passed = _from_header(rows)
    rows = upright(rows, notes)
    if passed:
        notes.append(f"{count_of(passed, 'line')} before the header passed over.")
    header = [cell.strip() for cell in rows[0]]
    if _is_data(header):
        named = _header_in_comment(comments, separator, len(header))
        crossed = bool(header[0]) and not _is_data(header[:1])
        if named is None and crossed and _is_axis(header):
            named, rows = header, rows[1:]
        if named is None:
            raise TableError(
                "the first line holds numbers, not names of columns",
                table=name,
                row=1,
                fix="write a row a run with the columns params,tokens,loss, if rows are sizes and "
                "columns are data, or runs stand side by side"
                if crossed
                else "add a first line with the names, for example params,tokens,loss",
            )
        comments = comments if named is header else comments[:-1]
        header, rows = named, [named, *rows]
    if comments:
        notes.append(f"{count_of(len(comments), 'comment line')} at the top passed over.")
    body = [row for row in rows[1:] if not (row and _COMMENT.match(row[0]) and len(row) == 1)]
    return Cells(_frame(header, body, name), notes, separator)


def _latex(lines: list[str]) -> list[str]:
    """Rows of a table as LaTeX writes it, without its commands; none when it is no such table."""
    if not any("\\\\" in line for line in lines[:50]):
        return []
    found = [match[1] for line in lines if (match := _LATEX_ROW.fullmatch(line.strip()))]
    rows = [row for row in found if "&" in row]
    if len(rows) < 2:
        return []
    for pattern, text in _LATEX:
        rows = [pattern.sub(text, row) for row in rows]
    return rows


def _is_no_row(line: str) -> bool:
    return not line.strip() or bool(_COMMENT.match(line))


def _separator(text: str) -> str | None:
    """Separator under which most rows have as many cells as the header; None is white space."""
    best: tuple[float, bool, int] = (0.0, False, 1)
    found: str | None = None
    for separator in _SEPARATORS:
        try:
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
        except csv.Error:
            continue
        usual, agreeing = Counter(len(row) for row in rows).most_common(1)[0]
        if usual < 2:
            continue
        named = any(len(row) == usual and not _begins_with_digit(row) for row in rows[:10])
        score = (round(agreeing / len(rows), 1), named, usual)
        if score > best:
            best, found = score, separator
    return found


def _begins_with_digit(row: list[str]) -> bool:
    return any(re.match(r"\s*[+-]?\d", cell) for cell in row)


def _rows(text: str, separator: str | None, name: str) -> list[list[str]]:
    if separator is None:
        rows = [re.split(r"\s{2,}|\t", line.strip()) for line in text.splitlines()]
        if any(len(row) == 1 for row in rows):
            rows = [line.split() for line in text.splitlines()]
        return [row for row in rows if row and row != [""]]
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise TableError(
            f"{name} cannot be cut into cells ({error})",
            table=name,
            fix="save it again as CSV, with quotes closed",
        ) from None
    return [row for row in rows if any(cell.strip() for cell in row)]


def _without_frame(rows: list[list[str]]) -> list[list[str]]:
    """Take bars at both ends and rules off a table in Markdown."""
    rows = [row for row in rows if not _RULE.fullmatch("|".join(row))]
    if all(row and not row[0].strip() and not row[-1].strip() for row in rows):
        rows = [row[1:-1] for row in rows]
    return rows


def _from_header(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """Rows from the header on: titles that stand above it have fewer cells."""
    usual = Counter(len(row) for row in rows).most_common(1)[0][0]
    for place, row in enumerate(rows[:10]):
        if sum(bool(cell.strip()) for cell in row) > max(1, usual // 2) or usual == 1:
            return (rows[place + 1 :], place + 1) if _is_heading(rows[place:]) else (
                rows[place:], place
            )  # fmt: skip
    return rows, 0


def _is_heading(rows: list[list[str]]) -> bool:
    """Whether the first row heads groups of the columns that the second one names."""
    if len(rows) < 3 or all(cell.strip() for cell in rows[0]):
        return False
    names = [cell.strip() for cell in rows[1]]
    return all(names) and len(set(names)) == len(names) and not _begins_with_digit(names)


def _is_data(header: list[str]) -> bool:
    numbers = [bool(_NUMBER.fullmatch(cell)) for cell in header if cell]
    return bool(numbers) and sum(numbers) > len(numbers) / 2


def _is_axis(header: list[str]) -> bool:
    """Whether headings are sizes or amounts of data, as a pivoted table has them."""
    found = guess(name_of(header[0]))
    if found is None or found.role not in ("params", "tokens"):
        return False
    amounts = numbers_of(pd.Series(header[1:])).floats
    return bool((amounts >= LARGE).all()) and len(set(amounts)) == len(amounts)


def _header_in_comment(comments: list[str], separator: str | None, width: int) -> list[str] | None:
    """Names in the last comment line, as numpy writes them."""
    if not comments:
        return None
    text = re.sub(r"^\s*[#%/]+\s*", "", comments[-1])
    names = text.split(separator) if separator else text.split()
    names = [name.strip() for name in names]
    return names if len(names) == width and not _is_data(names) else None


def _names_rows(header: list[str], body: list[list[str]]) -> bool:
    """Whether rows begin with a name that has no header, as R writes them.

    Numbers that do not count the rows may as well be thousands that a comma cuts off.
    """
    if any(len(row) != len(header) + 1 for row in body):
        return False
    numbers = [row[0] for row in body]
    if len(body) > 2 and any(numbers == [str(n + at) for n in range(len(body))] for at in (0, 1)):
        return True
    return not any(map(_NUMBER.fullmatch, numbers)) and (
        header[0].lower() not in ("run", "name", "run_id", "run_name", "id", "model")
    )


def _frame(header: list[str], body: list[list[str]], name: str) -> pd.DataFrame:
    width = len(header)
    check_width(width, name)
    for place, row in enumerate(body, start=1):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            if _names_rows(header, body):
                return _frame(["", *header], body, name)
            raise TableError(
                f"the row has {len(row)} cells, the header {', '.join(header[:6])} has {width}",
                table=name,
                row=place,
                fix="put quotes around cells that hold the separator, or complete the header",
            )
    if not body:
        raise TableError(f"{name} has no rows", table=name, fix="add the rows")
    filled = [[*row[:width], *[""] * (width - len(row))] for row in body]
    frame = pd.DataFrame(filled, dtype=object).astype(str)
    frame = frame.apply(lambda column: column.str.strip())
    frame.columns = pd.Index(header)
    return frame
