"""Upstream files: found in a mirror or the cache, else downloaded, and always verified.

Nothing is fetched but ``https`` addresses of one host with a pinned size and SHA-256. What is not
verified never gets its final name.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from scaling_studies.errors import SourceError

HOST = "raw.githubusercontent.com"
ATTEMPTS = 4
_TIMEOUT_SECONDS = (10, 60)
_CHUNK_BYTES = 1 << 13

#: Told what happens: ``progress(file, bytes so far)``, called as a download goes on.
Progress = Callable[["SourceFile", int], None]


@dataclass(frozen=True)
class SourceFile:
    """One published file, pinned.

    Attributes
    ----------
    study
        The study it belongs to, for errors.
    repository
        ``owner/name`` on GitHub.
    commit
        Full commit hash.
    path
        Path in the repository.
    bytes
        Size.
    sha256
        SHA-256 in lower-case hexadecimal digits.
    """

    study: str
    repository: str
    commit: str
    path: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        parts = PurePosixPath(self.path).parts
        if (
            not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", self.repository)
            or {".", ".."} & {*self.repository.split("/"), *parts}
            or not parts
            or parts[0] == "/"
            or "\\" in self.path
        ):
            raise self.error("is not a path inside a repository", fix="correct source.yaml")
        if not re.fullmatch(r"[0-9a-f]{40}", self.commit):
            raise self.error("has no full commit hash", fix="pin the commit in source.yaml")
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise self.error("has no sha256", fix="pin the sha256 in source.yaml")

    @property
    def relative(self) -> PurePosixPath:
        """Where the file lies under a mirror or a cache directory."""
        return PurePosixPath(self.repository) / self.commit / self.path

    @property
    def address(self) -> str:
        """The ``https`` address of the file."""
        return f"https://{HOST}/{quote(str(self.relative))}"

    def error(self, problem: str, *, fix: str) -> SourceError:
        """Return the one-line error that names this file."""
        return SourceError(
            problem, study=self.study, table=f"{self.repository}/{self.path}", fix=fix
        )


def default_cache() -> Path:
    """Return the cache directory: ``$SCALING_STUDIES_CACHE`` or ``.cache/upstream``."""
    return Path(os.environ.get("SCALING_STUDIES_CACHE") or Path(".cache") / "upstream")


def fetch(
    source: SourceFile,
    *,
    mirror: Path | None,
    cache: Path,
    offline: bool = False,
    progress: Progress | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Path:
    """Return a verified local copy of an upstream file.

    Parameters
    ----------
    source
        The file.
    mirror
        A directory with ``<repository>/<commit>/<path>``, looked at first; it is never written.
    cache
        Directory of downloaded files, same layout.
    offline
        Do not use the network.
    progress
        Called as a download goes on.
    pause
        Waits the given number of seconds before another attempt.

    Returns
    -------
    pathlib.Path
        A file whose size and SHA-256 are the pinned ones.

    Raises
    ------
    SourceError
        When the file is nowhere to be had, or what is there is not the pinned file. A damaged
        download is kept out of the cache; a damaged mirror is reported, never passed over.
    """
    if mirror is not None and (copy := mirror / source.relative).is_file():
        return _verified(source, copy, fix="restore that mirror, or leave it out")
    copy = cache / source.relative
    if copy.is_file():
        return _verified(source, copy, fix=f"delete it ({copy}) and try again")
    if offline:
        raise source.error(
            "is in neither the mirror nor the cache, and the network is not to be used",
            fix="name a mirror directory, or allow the network",
        )
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        _download(source, copy, progress=progress, pause=pause)
    except OSError as error:
        raise source.error(
            f"cannot be stored in the cache ({error.strerror or error})",
            fix="make room there or name another cache directory",
        ) from None
    return copy


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _verified(source: SourceFile, path: Path, *, fix: str) -> Path:
    size = path.stat().st_size
    if size < source.bytes:
        raise source.error(f"is truncated: {size} of {source.bytes} bytes", fix=fix)
    if size > source.bytes:
        raise source.error(f"has {size} bytes, not the pinned {source.bytes}", fix=fix)
    if (found := digest(path)) != source.sha256:
        raise source.error(f"has sha256 {found}, not the pinned {source.sha256}", fix=fix)
    return path


def _download(
    source: SourceFile,
    target: Path,
    *,
    progress: Progress | None,
    pause: Callable[[float], None],
) -> None:
    """Download to a partial file that the next attempt resumes; rename it when verified."""
    import requests

    partial = target.with_name(f"{target.name}.part")
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(2.0**attempt)
        had = _size(partial)
        try:
            _append(source, partial, progress=progress)
        except requests.RequestException as error:
            reason = _reason(error)
            # A host that does not answer at all is asked twice, one that breaks off four times.
            unreachable = error.response is None and _size(partial) <= had
            if _final(error) or (unreachable and attempt):
                break
            continue
        if _size(partial) < source.bytes:
            reason = f"the connection ended after {_size(partial)} bytes"
            continue
        try:
            _verified(source, partial, fix="pin the right file in source.yaml, then try again")
        except SourceError:
            partial.unlink()
            if not had:
                raise
            # What an earlier attempt left may be to blame: start again.
            reason = "what was left of an earlier download was damaged"
            continue
        partial.replace(target)
        return
    raise source.error(
        f"cannot be downloaded from {HOST} ({reason})",
        fix="try again when the network is there, or name a mirror directory",
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _append(source: SourceFile, partial: Path, *, progress: Progress | None) -> None:
    """Append what is missing to the partial file, or start it anew where the host cannot."""
    import requests

    have = _size(partial)
    if have >= source.bytes:
        partial.unlink()
        have = 0
    # Stored bytes must be the file's own: a compressed transfer cannot be resumed or counted.
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(
        source.address,
        headers=headers,
        stream=True,
        timeout=_TIMEOUT_SECONDS,
        allow_redirects=False,
    ) as response:
        response.raise_for_status()
        if response.status_code not in (200, 206):
            raise requests.HTTPError(response=response)
        resumed = response.status_code == 206
        have = have if resumed else 0
        with partial.open("ab" if resumed else "wb") as stream:
            for chunk in response.iter_content(_CHUNK_BYTES):
                stream.write(chunk)
                have += len(chunk)
                if progress is not None:
                    progress(source, have)
                if have > source.bytes:
                    return


def _final(error: Exception) -> bool:
    """Return whether another attempt would meet the same answer (a redirect, most 4xx)."""
    response = getattr(error, "response", None)
    return (
        response is not None
        and 300 <= response.status_code < 500
        and response.status_code not in (408, 425, 429)
    )


def _reason(error: Exception) -> str:
    """Return a network error in a few words: the class, or the HTTP status."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()
    return words.replace("h t t p", "http")
