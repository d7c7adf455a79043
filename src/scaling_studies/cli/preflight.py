"""What must be true before a run begins: each thing that is not is one line with its fix.

Snakemake meets a read-only or full folder with a traceback and a locked one with a paragraph; the
Snakefile asks here first, and so does ``python -m scaling_studies.cli.preflight``. Only the
standard library is used, so that a missing package can be named.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.errors import PreflightError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PYTHON = (3, 11)
#: Import name -> name to install.
PACKAGES = {
    "jinja2": "jinja2",
    "jsonschema": "jsonschema",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "yaml": "pyyaml",
    "pooch": "pooch",
    "scipy": "scipy",
}
#: A run of one study writes a few megabytes, Snakemake's own records included.
MINIMUM_FREE = 20 * 2**20
#: Folders that a run writes into; they may be mounts or links of their own.
FOLDERS = ("", "results", "reports", "logs", ".snakemake")
PROBE = 64 * 2**10
#: Options of ``snakemake`` with which it only tells or tidies up; nothing need be writable then.
ONLY_TELLS = frozenset(
    {
        "-n",
        "--dry-run",
        "--dryrun",
        "--unlock",
        "--lint",
        "--list",
        "--list-rules",
        "-l",
        "--list-target-rules",
        "--lt",
        "--dag",
        "--rulegraph",
        "--filegraph",
        "--d3dag",
        "--summary",
        "-S",
        "--detailed-summary",
        "-D",
        "--report",
        "--nolock",
        "--cleanup-metadata",
        "--list-changes",
        "--list-input-changes",
        "--list-params-changes",
        "--generate-unit-tests",
        "--containerize",
        "--archive",
        "--delete-all-output",
        "--print-compilation",
        "--help",
        "-h",
        "--version",
        "-v",
    }
)


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
    check_folder(folder)
    check_lock(folder)


def is_run(arguments: Iterable[str]) -> bool:
    """Whether a command line of ``snakemake`` makes something.

    Parameters
    ----------
    arguments
        The options and targets, without the program.

    Returns
    -------
    bool
    """
    options = set()
    for argument in arguments:
        options.add(argument.split("=")[0])
        if argument[:1] == "-" and argument[1:2] != "-":
            # Short options may be joined, as in -np.
            options |= {f"-{letter}" for letter in argument[1:] if letter in "nlSDhv"}
    return not options & ONLY_TELLS


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


def check_folder(folder: str | Path = ".") -> None:
    """Refuse a working folder that is read-only or full, by writing a small file into it.

    Raises
    ------
    PreflightError
    """
    for part in FOLDERS:
        path = Path(folder) / part
        if path.is_dir():
            _check_space(path)
            _check_writing(path)


def _check_space(path: Path) -> None:
    space = os.statvfs(path)
    free = space.f_bavail * space.f_frsize
    if free < MINIMUM_FREE:
        raise PreflightError(
            f"the disk of {path.resolve()} is full: {free / 2**20:.0f} MB are free, a run needs at "
            f"least {MINIMUM_FREE / 2**20:.0f} MB",
            fix="free disk space, then run the same command again",
        )
    if space.f_files and not space.f_favail:
        raise PreflightError(
            f"the disk of {path.resolve()} has no room for another file",
            fix="delete files, then run the same command again",
        )


def _check_writing(path: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise PreflightError(
            f"the folder {path.resolve()} cannot be written to: {error.strerror}",
            fix=_fix_of(error),
        ) from error


def _fix_of(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free disk space or raise the quota, then run the same command again"
    return "make the folder writable, or work in a copy of the project that is"


def check_lock(folder: str | Path = ".") -> None:
    """Refuse a folder in which another run is going on, or was killed.

    Raises
    ------
    PreflightError
        Names the process of the other run if it is on this machine.
    """
    locks = Path(folder) / ".snakemake" / "locks"
    if not locks.is_dir() or not any(locks.iterdir()):
        return
    others = sorted(_other_runs(Path(folder).resolve()))
    if others:
        raise PreflightError(
            f"another run is going on in {Path(folder).resolve()} (process {others[0]})",
            fix="wait until it has ended, or stop it with Ctrl-C where it was started",
        )
    raise PreflightError(
        f"{Path(folder).resolve()} is locked: an earlier run was killed, or one is going on on "
        "another machine",
        fix="when no other run is going on: snakemake --unlock, then the same command again",
    )


def _other_runs(folder: Path) -> Iterator[int]:
    """Processes of ``snakemake`` in a folder, other than this one and those that started it."""
    own = {os.getpid(), *_ancestors(os.getpid())}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) in own or (process / "cwd").resolve(strict=True) != folder:
                continue
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(Path(os.fsdecode(word)).name == "snakemake" for word in words[:2]):
            yield int(process.name)


def _ancestors(process: int) -> Iterator[int]:
    while process > 1:
        try:
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        process = int(stat.rpartition(")")[2].split()[1])
        yield process


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
