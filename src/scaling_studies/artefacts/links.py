"""What an artefact says of itself, held against what lies there: its name, what it was made from.

A file whose checksum agrees may still be the wrong one: another artefact with its checksum put in
its place, or one of an earlier run.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.errors import ArtefactError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Folder of what a run makes, and can make again.
MADE = ("results/", "reports/")


def named(record: Mapping[str, Any], path: str | Path) -> dict[str, Any]:
    """Provenance record with the name of its artefact, where the path is a relative one."""
    is_relative = not Path(path).is_absolute()
    return dict(record) | ({"artefact": Path(path).as_posix()} if is_relative else {})


def check(path: str | Path, record: Mapping[str, Any]) -> None:
    """Refuse an artefact whose record does not hold.

    Parameters
    ----------
    path
        Where it lies.
    record
        Its provenance.

    Raises
    ------
    ArtefactError
        When it was written under another name, or from another file than lies there now. Inputs are
        known by their recorded checksums, which their own readers verify.
    """
    place = Path(path).as_posix()
    name = record.get("artefact", "")
    if name and place != name and not place.endswith(f"/{name}"):
        raise other_name(place, name)
    root = place.removesuffix(name) if name else ""
    for made_from, checksum in record.get("inputs", {}).items():
        found = recorded_checksum(Path(root, made_from))
        if found is not None and found != checksum:
            raise other_input(place, made_from)


def other_name(name: str, written_as: str) -> ArtefactError:
    """Error for an artefact that was put in the place of another."""
    return ArtefactError(
        f"{name} is another file put in its place: it was written as {written_as}",
        fix=f"make it again with: snakemake --force {name}",
    )


def other_input(name: str, made_from: str) -> ArtefactError:
    """Error for an artefact that was made from another file than lies there."""
    again = made_from if made_from.startswith(MADE) else name
    return ArtefactError(
        f"{name} was made from another {made_from} than the one that lies there",
        fix=f"make both again with: snakemake --forcerun {again}",
    )


def recorded_checksum(path: Path) -> str | None:
    """Checksum recorded beside a file, or that of a file without one; None for no file."""
    try:
        return path.with_name(f"{path.name}.sha256").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        pass
    try:
        return file_checksum(path)
    except OSError:
        return None


def file_checksum(path: Path) -> str:
    """Checksum of a file's bytes, which are read once as long as the file stays as it is."""
    state = path.stat()
    return _checksum(path, state.st_ino, state.st_ctime_ns, state.st_size)


@cache
def _checksum(path: Path, *state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
