"""What must be true before a run begins: each thing that is not is one line with its fix.

Snakemake meets a read-only or full folder with a traceback; the Snakefile asks here first, and so
does ``python -m scaling_studies.cli.preflight``. Only the standard library is used, so that a
missing package can be named.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import shlex
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.errors import PreflightError, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = (3, 11)
#: Import name -> name to install.
PACKAGES = {
    "altair": "altair",
    "jinja2": "jinja2",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pandas": "pandas",
    "pandera": "pandera",
    "pyarrow": "pyarrow",
    "pydantic": "pydantic",
    "yaml": "pyyaml",
    "pooch": "pooch",
    "scipy": "scipy",
    "seaborn": "seaborn",
    "vl_convert": "vl-convert-python",
}
#: A run of one study writes a few megabytes, Snakemake's own records included.
MINIMUM_FREE = 20 * 2**20
#: Folders that a run writes into; they may be mounts or links of their own.
FOLDERS = ("", "results", "reports", "logs", ".snakemake")
PROBE = 64 * 2**10
#: Seconds that the clock of a file server may be ahead.
AHEAD = 60
#: Folders whose files are held against each other's times, by their usual names.
TIMED = ("data", "results", "reports", "workflow")


def check(folder: str | Path = ".") -> None:
    """Check everything.

    Parameters
    ----------
    folder
        Working folder of the run.

    Raises
    ------
    PreflightError
        For the first thing that is wrong.
    """
    check_python()
    check_packages()
    check_name(folder)
    check_folder(folder)
    check_times(*(Path(folder) / name for name in TIMED))
    check_writing(folder)


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> None:
    """Refuse a Python that is too old.

    Raises
    ------
    PreflightError
    """
    if version[:2] < PYTHON:
        wanted = ".".join(map(str, PYTHON))
        raise PreflightError(
            f"Python {'.'.join(map(str, version))} is too old",
            fix=f"install Python {wanted} or newer, or name one with: make PYTHON=python{wanted}",
        )


def check_packages(packages: dict[str, str] | None = None) -> None:
    """Refuse an environment in which a package is missing.

    Raises
    ------
    PreflightError
    """
    wanted = PACKAGES if packages is None else packages
    missing = [name for module, name in wanted.items() if importlib.util.find_spec(module) is None]
    if missing:
        plural = "s are" if len(missing) > 1 else " is"
        raise PreflightError(
            f"the package{plural} missing: {', '.join(missing)}",
            fix="`make report` sets up .venv; then `. .venv/bin/activate` and the same command",
        )


def check_name(folder: str | Path) -> None:
    """Refuse a folder whose path has braces: Snakemake takes them for wildcards in its own paths.

    Raises
    ------
    PreflightError
    """
    path = str(Path(folder).resolve())
    if "{" in path or "}" in path:
        raise PreflightError(
            f"the path {one_line(path, 500)} has braces, which Snakemake takes for wildcards",
            fix="rename the folder, or move the project into one without braces in its path",
        )


def check_folder(folder: str | Path = ".") -> None:
    """Refuse a working folder that is full or may not be written to; writes nothing.

    Raises
    ------
    PreflightError
    """
    for path in _folders(folder):
        if not os.access(path, os.W_OK):
            reason = errno.EROFS if os.statvfs(path).f_flag & os.ST_RDONLY else errno.EACCES
            raise _unwritable(path, OSError(reason, os.strerror(reason)))
        space = os.statvfs(path)
        free = space.f_bavail * space.f_frsize
        if free < MINIMUM_FREE:
            raise PreflightError(
                f"the disk of {path.resolve()} is full: {free / 2**20:.0f} MB are free, a run "
                f"needs at least {MINIMUM_FREE / 2**20:.0f} MB",
                fix="free disk space, then run the same command again",
            )
        if space.f_files and not space.f_favail:
            raise PreflightError(
                f"the disk of {path.resolve()} has no room for another file",
                fix="delete files, then run the same command again",
            )


def check_writing(folder: str | Path = ".") -> None:
    """Refuse a working folder in which a small file cannot be written: only trying tells of quotas.

    Raises
    ------
    PreflightError
    """
    for path in _folders(folder):
        try:
            with tempfile.TemporaryFile(dir=path) as probe:
                probe.write(bytes(PROBE))
                probe.flush()
                os.fsync(probe.fileno())
        except OSError as error:
            raise _unwritable(path, error) from error


def _folders(folder: str | Path) -> list[Path]:
    return [path for part in FOLDERS if (path := Path(folder) / part).is_dir()]


def _unwritable(path: Path, error: OSError) -> PreflightError:
    return PreflightError(
        f"the folder {path.resolve()} cannot be written to: {error.strerror}", fix=_fix_of(error)
    )


def _fix_of(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free disk space or raise the quota, then run the same command again"
    return "make the folder writable, or work in a copy of the project that is"


def check_times(*folders: str | Path) -> None:
    """Refuse files that are dated in the future: what is made from them would be older than they.

    Snakemake stops there, or makes everything anew each time.

    Raises
    ------
    PreflightError
    """
    now = time.time()
    later = {
        path: seconds
        for folder in folders
        for path in map(Path, _files_below(folder))
        if (seconds := _changed(path)) > now + AHEAD
    }
    if later:
        first = min(later)
        others = f" and {len(later) - 1:,} more files are" if later.keys() - {first} else " is"
        below = [str(folder) for folder in folders if any(p.is_relative_to(folder) for p in later)]
        raise PreflightError(
            f"{first}{others} dated in the future ({_written(later[first])}; the clock says "
            f"{_written(now)})",
            fix=f"`find -L {shlex.join(below)} -newermt now -exec touch {{}} +`, or set the clock",
        )


def _files_below(folder: str | Path) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        yield from (os.path.join(parent, name) for name in names)  # noqa: PTH118


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _written(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return "a date beyond all calendars"


def explain_full_disk(folder: str | Path = ".") -> None:
    """Say in one line that a folder can no longer be written to, if that is so.

    For the end of a run: where the disk fills up in the middle, Snakemake's own records fail too,
    and what it says of them does not name the fix.
    """
    try:
        check_folder(folder)
    except PreflightError as error:
        print(f"Error: {error}", file=sys.stderr)
    except OSError:
        return


def main() -> int:
    """Run all checks on the current folder; return the exit status."""
    try:
        check()
    except PreflightError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
