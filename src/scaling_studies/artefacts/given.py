"""Files that people give: opened only where they are plain files, read only up to a limit."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path

#: What turns the direction of the text around it.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
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


def unwritable_sign(text: str) -> str | None:
    r"""First character of a text that no page or figure can hold, as an escape; None without one.

    Control characters other than tabs and line breaks, halves of surrogate pairs, characters that
    Unicode gives no meaning, and those that turn the direction of the text around them.

    Examples
    --------
    >>> unwritable_sign("a\x1b[2J"), unwritable_sign("50 µs\n")
    ('\\x1b', None)
    """
    if text.isprintable():
        return None
    for sign in text:
        odd = unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\n\r"
        if odd or sign in TURNING or ord(sign) & 0xFFFE == 0xFFFE:
            return sign.encode("unicode_escape").decode("ascii")
    return None
