"""A job that stops says one line; its log says it too, and a traceback lies beside it."""

from __future__ import annotations

import subprocess
import sys

import pytest

STOPS = """
import errno, sys
from scaling_studies.artefacts import logs
from scaling_studies.errors import TableError

logger = logs.start({log!r})
logger.info("begun")
raise {error}
"""


def stopped(log: str | None, error: str) -> subprocess.CompletedProcess[str]:
    program = STOPS.format(log=log, error=error)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    return done


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            'TableError("no rows", table="runs", fix="add some")',
            "table runs: no rows. Fix: add some",
        ),
        (
            'OSError(errno.ENOSPC, "No space left", "x.json")',
            "cannot write x.json: No space left. Fix",
        ),
        ('OSError(errno.ENOENT, "No such file", "x")', "internal error, FileNotFoundError: "),
        ('ValueError("one\\ntwo")', "internal error, ValueError: one two"),
    ],
)
def test_one_line_and_a_traceback(tmp_path, error, line):
    log = tmp_path / "logs" / "fit.log"
    done = stopped(str(log), error)
    assert done.stderr.startswith(f"Error: {line}")
    assert done.stderr.endswith(f"(traceback: {log.with_suffix('.traceback')})\n")
    assert log.read_text().startswith("INFO begun\nERROR ") and line in log.read_text()
    assert log.with_suffix(".traceback").read_text().startswith("Traceback")


def test_without_a_log_the_line_is_all():
    assert stopped(None, 'ValueError("no")').stderr == "Error: internal error, ValueError: no\n"
