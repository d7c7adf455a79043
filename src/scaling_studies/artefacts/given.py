"""Files that people give: opened only where they are plain files, read only up to a limit."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

#: Controls but tabs and breaks, halves of pairs, what turns the text around it, no characters.
UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069"
    + "".join(chr(plane + end) for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF))
    + "]"
)
#: Bytes of a line of a table, and of what is read of a file at once.
LONGEST_LINE, CHUNK = 1 << 20, 1 << 19
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def why_not_plain(path: str | Path) -> str | None:
    """Why a path cannot be read as a plain file, None where it can; opens nothing.

    Examples
    --------
    >>> why_not_plain("/")
    'it is a folder'
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return next((f"it is {what}" for test, what in KINDS if test(mode)), None)


def long_line(path: Path, *, header: bool = False) -> int | None:
    """Number of the first line longer than `LONGEST_LINE`, None without one; keeps none of them.

    Parameters
    ----------
    path
        A plain file.
    header
        Whether only the first line is looked at.
    """
    lines = since_break = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            first, last = chunk.find(b"\n"), max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            if since_break + (len(chunk) if first < 0 else first) > LONGEST_LINE and last < 0:
                return lines + 1
            if header and first >= 0:
                return None
            since_break = len(chunk) - last - 1 + (since_break if last < 0 else 0)
            lines += chunk.count(b"\n")
    return None


def unwritable_sign(text: str) -> str | None:
    r"""First character of a text that no page or figure can hold, as an escape; None without one.

    Control characters other than tabs and line breaks, halves of surrogate pairs, characters that
    Unicode gives no meaning, and those that turn the direction of the text around them.

    Examples
    --------
    >>> unwritable_sign("a\x1b[2J"), unwritable_sign("50 µs\n")
    ('\\x1b', None)
    """
    found = UNWRITABLE.search(text)
    return found[0].encode("unicode_escape").decode("ascii") if found else None
