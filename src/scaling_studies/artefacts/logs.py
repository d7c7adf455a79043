"""Logging of a job: everything goes to the rule's log, the user sees one line."""

from __future__ import annotations

import errno
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.errors import UNWRITABLE_FIX, ScalingStudiesError

if TYPE_CHECKING:
    from types import TracebackType

#: Errors of the system that mean: nothing can be written here.
UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})


def start(log: str | Path | None) -> logging.Logger:
    """Log to a file; an uncaught exception is one line for the user and a traceback in the log.

    Parameters
    ----------
    log
        The rule's log file; nothing is logged to a file when it is None.

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
        if log is not None:
            logger.error("stopped", exc_info=(kind, error, traceback))
        if isinstance(error, ScalingStudiesError):
            line = str(error)
        elif isinstance(error, OSError) and error.errno in UNWRITABLE:
            file = f" {error.filename}" if error.filename else ""
            line = f"cannot write{file}: {error.strerror}. Fix: {UNWRITABLE_FIX}"
        else:
            line = f"internal error, {kind.__name__}: {' '.join(str(error).split())}"
        place = f" (traceback: {log})" if log is not None else ""
        print(f"Error: {line}{place}", file=sys.stderr)

    sys.excepthook = report
    if log is not None:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log, mode="w", encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logging.captureWarnings(True)
        logging.getLogger("py.warnings").addHandler(handler)
    return logger
