"""CSV files in pieces, with errors that name the row."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from scaling_studies.artefacts.given import CHUNK, LONGEST_LINE, long_line
from scaling_studies.errors import TableError

# About 200,000 rows of a per-step table: large enough for speed, small enough for memory.
_BLOCK_BYTES = 1 << 24
#: Columns that a raw table may have.
MOST_COLUMNS = 10_000


def header(path: Path, *, study: str, table: str) -> list[str]:
    """Return the column names.

    Raises
    ------
    TableError
        When the file is empty, is not separated by commas or is not UTF-8.
    """
    place = {"study": study, "table": table}
    if long_line(path, header=True):
        raise _too_long(path, 1, **place)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file, strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise explain(path, error, **place) from None
    if not names:
        raise TableError(f"{path.name} is empty", fix="add a header and the rows", **place)
    for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(names) == 1 and separator in names[0]:
            raise TableError(
                f"the columns of {path.name} are separated by {word}",
                fix="save it with commas between the columns and points in the numbers",
                **place,
            )
    return names


def pieces(path: Path, *, columns: Sequence[str], study: str, table: str) -> Iterator[pa.Table]:
    """Yield the rows in order, all cells as text, in pieces of about 16 MiB of the file.

    Raises
    ------
    TableError
        When the file is not a table.
    """
    from pyarrow import csv as arrow_csv

    # Older releases of Arrow end the process at such a line.
    if line := long_line(path):
        raise _too_long(path, line, study=study, table=table)
    try:
        reader = arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                include_columns=list(columns),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        for batch in reader:
            if batch.num_rows:
                yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        raise explain(path, error, study=study, table=table) from None


def explain(path: Path, error: Exception, *, study: str, table: str) -> TableError:
    """Return the error for a file that is not a table, naming its first bad row if there is one."""
    place = {"study": study, "table": table}
    if line := long_line(path):
        return _too_long(path, line, **place)
    row = _first_undecodable_line(path)
    if row is not None:
        return TableError(
            f"line {row} of {path.name} is not UTF-8 text", fix="save the file as UTF-8", **place
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = (cells for cells in csv.reader(file, strict=True) if cells)
            wanted = len(next(lines, []))
            for row, cells in enumerate(lines, start=1):
                if len(cells) != wanted:
                    return TableError(
                        f"the row has {len(cells)} cells, the header of {path.name} has {wanted}",
                        row=row,
                        fix="complete the row, or put quotes around cells that contain commas",
                        **place,
                    )
    except csv.Error as problem:
        error = problem
    return TableError(
        f"{path.name} cannot be read as CSV ({first_line(error)})",
        fix="save it as plain CSV: UTF-8, commas between cells, one line a row",
        **place,
    )


def _too_long(path: Path, line: int, *, study: str, table: str) -> TableError:
    return TableError(
        f"line {line} of {path.name} has more than {LONGEST_LINE:,} bytes",
        study=study,
        table=table,
        fix="save it as plain CSV, one line a row",
    )


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, shortened."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _first_undecodable_line(path: Path) -> int | None:
    decoder, lines = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        chunk = b"first"
        while chunk:
            chunk = file.read(CHUNK)
            try:
                # A sign that the end of the file cuts off shows at the end alone.
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n")
            lines += chunk.count(b"\n")
    return None
