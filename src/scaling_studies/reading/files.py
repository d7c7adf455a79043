"""Files and folders of runs, of whatever form, as one table of text."""

from __future__ import annotations

import errno
import io
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scaling_studies.artefacts.given import unwritable_sign, why_not_plain
from scaling_studies.errors import TableError
from scaling_studies.reading.charts import from_chart, from_long
from scaling_studies.reading.delimited import Cells, read_delimited
from scaling_studies.reading.foreign import refuse_bytes, refuse_text
from scaling_studies.reading.json_tables import read_json
from scaling_studies.reading.layouts import from_matrix, with_merged_cells
from scaling_studies.reading.tidy import tidied
from scaling_studies.reading.unpacking import (
    EXCEL,
    LONGEST_CELL,
    MOST_CELLS,
    PARQUET,
    check_width,
    check_workbook,
    content_of,
)
from scaling_studies.words import joined

#: Kind of a table -> what it is called.
KINDS = {
    "plain": "a plain table",
    "frame": "a frame",
    "json": "JSON records",
    "chart": "a chart export with a column a run",
    "long": "a table with a row a metric",
    "printed": "a table as papers print them",
    "folder": "a folder with a file a run",
    "joined": "two tables, joined by run",
}
#: Endings of files that a folder is searched for.
ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx")
PACKED = (".gz", ".zst", ".bz2", ".xz")


@dataclass(frozen=True)
class Raw:
    """A table of runs as text.

    Attributes
    ----------
    kind
        A key of `KINDS`.
    path
        File or folder; None when a frame was given.
    cells
        All cells as text, empty ones as ``""``; shape (rows, columns).
    notes
        What was passed over or put together, as sentences.
    separator
        What stands between cells of a text; None where it is white space or there is none.
    """

    kind: str
    path: Path | None
    cells: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    separator: str | None = None

    @property
    def name(self) -> str:
        """Name of the file, or what a frame is called."""
        return self.path.name if self.path is not None else "the frame"

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.cells]


def from_frame(frame: pd.DataFrame) -> Raw:
    """Cells of a frame of pandas."""
    if frame.index.name or not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index() if _holds_names(frame.index) else frame
    return _tidy("frame", None, Cells(_text(frame)), "the frame")


def _holds_names(index: pd.Index) -> bool:
    return bool(index.name) or not pd.api.types.is_numeric_dtype(index.dtype)


def read_file(path: Path) -> Raw:
    """Read one file.

    Parameters
    ----------
    path
        Delimited text, JSON, Excel or Parquet, perhaps compressed; told by what it holds, not by
        its ending.

    Raises
    ------
    TableError
        It is none of these; one line that names the file and the row.
    """
    name = path.name
    reason = why_not_plain(path)
    if str(path) == "-" and reason:
        raise TableError(
            "- stands for a pipe, which is not read",
            table=name,
            fix="save what it gives as a file, and give that file",
        )
    if reason == os.strerror(errno.ENOENT):
        raise TableError(
            f"there is no file {path.name}", table=path.name, fix="correct the name of the table"
        )
    content = content_of(path)
    refuse_bytes(content, path)
    if content.startswith(PARQUET):
        return _tidy("plain", path, Cells(_parquet(content, name)), name)
    if content.startswith(EXCEL):
        return _tidy("plain", path, _excel(content, name), name)
    text, notes = _decoded(content, name)
    # DOS and old Excel end a text with Ctrl-Z.
    text = text.rstrip("\x1a\r\n") if text.rstrip().endswith("\x1a") else text
    refuse_text(text, path)
    if text.lstrip()[:1] in ("{", "["):
        kind = "plain" if path.suffix == ".jsonl" else "json"
        return _tidy(kind, path, Cells(read_json(text, name), notes), name)
    cells = read_delimited(text, name)
    return _tidy("plain", path, replace(cells, notes=notes + cells.notes), name)


def _tidy(kind: str, path: Path | None, cells: Cells, name: str) -> Raw:
    check_width(len(cells.frame.columns), name)
    for label, column in cells.frame.items():
        problem = None
        if max(map(len, column), default=0) > LONGEST_CELL:
            problem = f"a cell has more than {LONGEST_CELL:,} characters"
        elif sign := unwritable_sign(f"{label} {' '.join(column)}"):
            problem = f"a cell has the character {sign}, which no page can show"
        if problem:
            raise TableError(problem, table=name, column=str(label), fix="leave the column out")
    cells = tidied(cells, name)
    for form, convert in (("chart", from_chart), ("long", from_long)):
        if (found := convert(cells.frame)) is not None:
            return Raw(form, path, found, cells.notes)
    frame = with_merged_cells(from_matrix(cells.frame, cells.notes), cells.notes)
    form = kind if frame is cells.frame else "printed"
    return Raw(form, path, frame, cells.notes, cells.separator)


def _decoded(content: bytes, name: str) -> tuple[str, list[str]]:
    """Text of a file, and what was assumed about its letters."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            try:
                return content.decode(encoding), []
            except UnicodeDecodeError:
                break
    head = content[:4096]
    if head[1::2].count(0) > len(head) // 4:
        return content.decode("utf-16-le", "replace"), []
    if head[::2].count(0) > len(head) // 4:
        return content.decode("utf-16-be", "replace"), []
    if b"\x00" in head:
        raise TableError(
            f"{name} is no table that is read",
            table=name,
            fix="give CSV, TSV, JSON, JSON lines, Excel (.xlsx) or Parquet",
        )
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), ["It is no UTF-8; read as Windows-1252."]


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    # pyarrow takes long to load, and few tables need it.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        check_width(file.metadata.num_columns, name)
        if file.metadata.num_rows * file.metadata.num_columns > MOST_CELLS:
            raise TableError(
                f"{name} has {file.metadata.num_rows:,} rows, more than a table of runs",
                table=name,
                fix="keep the rows and columns that the question needs",
            )
        frame = _frame_of(file.read())
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise TableError(
            f"{name} cannot be read as Parquet ({line})",
            table=name,
            fix="restore the file or save it again",
        ) from None
    if not isinstance(frame.index, pd.RangeIndex) and _holds_names(frame.index):
        frame = frame.reset_index()
    return _text(frame)


def _frame_of(table: Any) -> pd.DataFrame:
    try:
        return table.to_pandas()
    except Exception:
        # What pandas noted in the file about its index is a hint, and may be wrong in any way.
        return table.replace_schema_metadata(None).to_pandas()


def _excel(content: bytes, name: str) -> Cells:
    check_workbook(content, name)
    try:
        book = pd.read_excel(
            io.BytesIO(content), sheet_name=None, header=None, dtype=object, na_filter=False
        )
    except ImportError:
        raise TableError(
            f"{name} is an Excel file, which openpyxl reads",
            table=name,
            fix="pip install 'scaling-studies[excel]', or save it as CSV",
        ) from None
    except (ValueError, KeyError, OSError) as error:
        raise TableError(
            f"{name} cannot be read as Excel ({error})", table=name, fix="save it as .xlsx or CSV"
        ) from None
    sheets = {title: sheet for title, sheet in book.items() if (sheet != "").sum().sum() > 1}
    tables = {title: sheet for title, sheet in sheets.items() if _holds_numbers(sheet)}
    others = [str(title) for title in sheets if title not in tables]
    sheets = tables if len(tables) == 1 else sheets
    if len(sheets) != 1:
        titles = ", ".join(map(str, sheets)) or "none"
        raise TableError(
            f"{name} has {len(sheets)} sheets with cells ({titles}), and a table is one",
            table=name,
            fix="keep one sheet, or save it as CSV",
        )
    (sheet,) = sheets.values()
    lines = io.StringIO()
    _text(sheet).to_csv(lines, index=False, header=False, sep="\t")
    cells = read_delimited(lines.getvalue(), name)
    passed = [f"Sheets without numbers passed over: {joined(others)}."] if others else []
    return replace(cells, notes=passed + cells.notes)


def _holds_numbers(sheet: pd.DataFrame) -> bool:
    """Whether several rows of a sheet hold several numbers."""
    numbers = sheet.map(lambda cell: isinstance(cell, (int, float)))
    return bool((numbers.sum(axis=1) > 1).sum() > 1)


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells of a frame as text: numbers with all their digits, what is not there as ``""``."""

    def text(value: object) -> str:
        if isinstance(value, float):
            if value != value:
                return "nan"
            return (
                str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
            )
        if value is None or value is pd.NaT or value is pd.NA:
            return ""
        return str(value).strip()

    columns = {}
    for place, label in enumerate(frame.columns):
        cells = frame.iloc[:, place]
        name = ".".join(map(str, label)) if isinstance(label, tuple) else str(label)
        columns[place] = cells.astype(object).map(text).astype(str), name
    result = pd.DataFrame({place: cells for place, (cells, _) in columns.items()})
    result.columns = pd.Index([name for _, name in columns.values()], dtype=object)
    result = result.reset_index(drop=True)
    # Numbers that are not there are NaN in a frame; a column of text has none.
    if result.empty or not len(result.columns):
        raise TableError("the table has no rows", fix="add the rows")
    return result


def stem_of(path: Path) -> str:
    """Name of a file without its endings."""
    name = path.name
    for endings in (PACKED, ENDINGS):
        for ending in endings:
            if name.lower().endswith(ending):
                name = name[: -len(ending)]
    return re.sub(r"\s+", " ", name)
