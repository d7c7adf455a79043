"""Logging of a job: the user sees one line, the log holds it too, a traceback lies beside it."""

from __future__ import annotations

import contextlib
import errno
import logging
import sys
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING

from scaling_studies.errors import UNWRITABLE_FIX, ScalingStudiesError

if TYPE_CHECKING:
    from types import TracebackType

#: Errors of the system that mean: nothing can be written here.
UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})


def start(log: str | Path | None) -> logging.Logger:
    """Log to a file; an uncaught exception is one line, and a traceback in a file beside the log.

    A group of exceptions is a line each.

    Parameters
    ----------
    log
        The rule's log file; nothing is logged to a file when it is None. Snakemake shows the log
        of a job that failed, so the traceback goes to the same name with ``.traceback``.

    Returns
    -------
    logging.Logger
        The package's logger.
    """
    logger = logging.getLogger("scaling_studies")
    logger.setLevel(logging.INFO)
    # A log that cannot be written, on a full disk for example, must not hide what went wrong.
    logging.raiseExceptions = False

    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        lines = [_line(each) for each in getattr(error, "exceptions", [error])]
        if log is not None:
            path = Path(log).with_suffix(".traceback")
            lines = [f"{line} (traceback: {path})" for line in lines]
            logger.error("\n".join(lines))
            with contextlib.suppress(OSError):
                path.write_text("".join(format_exception(kind, error, traceback)), "utf-8")
        for line in lines:
            print(f"Error: {line}", file=sys.stderr)

    sys.excepthook = report
    if log is not None:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log, mode="w", encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logging.captureWarnings(True)
        logging.getLogger("py.warnings").addHandler(handler)
    return logger


def _line(error: BaseException) -> str:
    """What a user reads of an error."""
    if isinstance(error, ScalingStudiesError):
        return str(error)
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        file = f" {error.filename}" if error.filename else ""
        return f"cannot write{file}: {error.strerror}. Fix: {UNWRITABLE_FIX}"
    return f"internal error, {type(error).__name__}: {' '.join(str(error).split())}"
