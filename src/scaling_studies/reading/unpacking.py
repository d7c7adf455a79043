"""Bytes of a file that someone gives, unpacked, and no more of them than a table of runs has."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from scaling_studies.artefacts.given import CHUNK, LONGEST_LINE, why_not_plain
from scaling_studies.errors import TableError
from scaling_studies.reading.questions import typed

#: Bytes, lines and columns that a table of runs may have; JSON takes more room than it has bytes.
MOST_BYTES, MOST_BYTES_OF_JSON = 200_000_000, 64_000_000
MOST_LINES, MOST_COLUMNS = 5_000_000, 10_000
#: Characters of a cell, and cells of a Parquet file.
LONGEST_CELL, MOST_CELLS = 100_000, 50_000_000
#: Bytes that a workbook unpacks to, in all and for each of its own; ten is usual.
MOST_OF_WORKBOOK, MOST_UNPACKED = 50_000_000, 100
PARQUET, EXCEL = b"PAR1", b"PK\x03\x04"
#: First bytes of forms that are not read -> what they are.
_OTHERS = {
    b"SQLite format 3\x00": "a database of SQLite",
    b"\x93NUMPY": "a file of one numpy array",
    b"\x89HDF\r\n": "a file of HDF5",
    b"ARROW1": "a file of Feather",
    b"ORC": "a file of ORC",
    b"<stata_dta>": "a file of Stata",
    b"\xd0\xcf\x11\xe0": "an old or locked workbook of Excel",
    b"%PDF-": "a PDF",
    b"\x89PNG\r\n": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"7z\xbc\xaf\x27\x1c": "an archive of 7-Zip",
    b"Rar!\x1a\x07": "an archive of RAR",
    b"\x7fELF": "a program",
}
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
#: Where a tar archive says what it is.
_TAR_AT, _TAR = 257, b"ustar"


def begins_as_another(content: bytes) -> str | None:
    """What a file is by its first bytes, where it is of a form that is not read.

    Examples
    --------
    >>> begins_as_another(b"SQLite format 3" + bytes(1)), begins_as_another(b"params,loss")
    ('a database of SQLite', None)
    """
    if _PICKLE.match(content):
        return "a pickle of Python"
    if content[_TAR_AT:].startswith(_TAR):
        return "an archive of tar"
    # ORC and GIF8 may begin a heading of a text, which has no zeros.
    binary = b"\x00" in content[:4096]
    found = (what for start, what in _OTHERS.items() if content.startswith(start))
    return next(found, None) if binary or not content[:4].isalnum() else None


def content_of(path: Path) -> bytes:
    """Bytes of a file, unpacked where it is compressed.

    Raises
    ------
    TableError
        It is no plain file, is damaged, or has more bytes or longer lines than a table has.
    """
    if reason := why_not_plain(path):
        fix = "give a plain file"
        if reason == "it is a pipe":
            fix = "save what it gives as a file, and give that file"
        raise TableError(f"{path.name} cannot be read: {reason}", table=path.name, fix=fix)
    try:
        with path.open("rb") as file, _unpacked(file) as stream:
            return _read(stream, path.name)
    except PermissionError:
        raise TableError(
            f"{path.name} may not be read",
            table=path.name,
            fix=f"allow it with {typed('chmod u+r', str(path))}",
        ) from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise TableError(
            f"{path.name} cannot be unpacked ({error})", table=path.name, fix="copy it again"
        ) from None


def check_workbook(content: bytes, name: str) -> None:
    """Refuse a workbook that unpacks to far more than it has bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            size = sum(part.file_size for part in book.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # What reads it says what is wrong.
    if size > MOST_OF_WORKBOOK or size > max(CHUNK, MOST_UNPACKED * len(content)):
        raise _too_large(name, f"unpacks to {size:,} bytes")


def check_width(columns: int, name: str) -> None:
    """Refuse more columns than a table of runs has."""
    if columns > MOST_COLUMNS:
        raise _too_large(name, f"has {columns:,} columns")


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if start.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(file)
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        # pyarrow takes long to load, and few tables need it.
        import pyarrow as pa

        return pa.CompressedInputStream(file, "zstd")
    return file


def _read(stream: IO[bytes], name: str) -> bytes:
    parts: list[bytes] = []
    size = lines = since_break = 0
    in_lines, most = True, MOST_BYTES
    while chunk := stream.read(CHUNK):
        if not parts:
            start = chunk.lstrip()[:4]
            is_json = start[:1] in (b"{", b"[")
            in_lines = not is_json and not start.startswith((PARQUET, EXCEL))
            # What it is says more than that it has no lines.
            in_lines = in_lines and begins_as_another(chunk) is None
            most = MOST_BYTES_OF_JSON if is_json else MOST_BYTES
        parts.append(chunk)
        size += len(chunk)
        lines += chunk.count(b"\n")
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        since_break = len(chunk) - last - 1 + (since_break if last < 0 else 0)
        if size > most:
            raise _too_large(name, f"has more than {most:,} bytes")
        if lines > MOST_LINES:
            raise _too_large(name, f"has more than {MOST_LINES:,} lines")
        if in_lines and since_break > LONGEST_LINE:
            raise TableError(
                f"the line has more than {LONGEST_LINE:,} bytes",
                table=name,
                row=lines + 1,
                fix="give a table with a row a line",
            )
    return b"".join(parts)


def _too_large(name: str, what: str) -> TableError:
    return TableError(
        f"{name} {what}, more than a table of runs",
        table=name,
        fix="keep the rows and columns that the question needs",
    )
