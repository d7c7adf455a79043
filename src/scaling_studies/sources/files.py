"""Upstream files: found in a mirror or the cache, else downloaded by pooch, and always verified.

Nothing is fetched but ``https`` addresses of one host with a pinned size and SHA-256. What is not
verified never gets its final name.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from scaling_studies.artefacts.files import sha256_of
from scaling_studies.errors import SourceError

HOST = "raw.githubusercontent.com"
RETRIES = 2
TIMEOUT_SECONDS = (10, 60)
CHUNK_BYTES = 1 << 16


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


def default_mirror(root: Path) -> Path | None:
    """Return ``$SCALING_STUDIES_MIRROR``, else ``../shared/mirror`` seen from ``root``, or None."""
    named = os.environ.get("SCALING_STUDIES_MIRROR")
    mirror = Path(named) if named else root / ".." / "shared" / "mirror"
    return mirror if mirror.is_dir() else None


@dataclass(frozen=True)
class Upstream:
    """Where upstream files are taken from: a mirror, then the cache, then the network.

    Attributes
    ----------
    mirror
        A directory with ``<repository>/<commit>/<path>``, looked at first; it is never written.
    cache
        Directory of downloaded files, same layout.
    offline
        Do not use the network.
    progress
        Show on the standard error stream how a download goes on.
    """

    mirror: Path | None = None
    cache: Path = field(default_factory=default_cache)
    offline: bool = False
    progress: bool = False

    def fetch(self, source: SourceFile) -> Path:
        """Return a verified local copy of an upstream file.

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
        if self.mirror is not None and (copy := self.mirror / source.relative).is_file():
            return _verified(source, copy, fix="restore that mirror, or leave it out")
        copy = self.cache / source.relative
        if copy.is_file():
            return _verified(source, copy, fix=f"delete it ({copy}) and try again")
        if self.offline:
            raise source.error(
                "is in neither the mirror nor the cache, and the network is not to be used",
                fix="name a mirror directory, or allow the network",
            )
        _download(source, self.cache, progress=self.progress)
        return copy

    def missing(self, files: Iterable[SourceFile]) -> list[str]:
        """Return the files that are in neither the mirror nor the cache, as ``repository/path``."""
        folders = [folder for folder in (self.mirror, self.cache) if folder is not None]
        return [
            f"{file.repository}/{file.path}"
            for file in files
            if not any((folder / file.relative).is_file() for folder in folders)
        ]


def _verified(source: SourceFile, path: Path, *, fix: str) -> Path:
    size = path.stat().st_size
    if size < source.bytes:
        raise source.error(f"is truncated: {size} of {source.bytes} bytes", fix=fix)
    if size > source.bytes:
        raise source.error(f"has {size} bytes, not the pinned {source.bytes}", fix=fix)
    if (digest := sha256_of(path)) != source.sha256:
        raise source.error(f"has sha256 {digest}, not the pinned {source.sha256}", fix=fix)
    return path


class _Meter:
    """Prints how far a download is; pooch sets the total, then counts what arrives."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.total = self.received = 0

    def update(self, count: int) -> None:
        self.received = min(self.received + count, self.source.bytes)
        line = f"\r{self.source.path}: {self.received:,} of {self.source.bytes:,} bytes"
        print(line, end="", file=sys.stderr, flush=True)

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        print(file=sys.stderr)


def _download(source: SourceFile, cache: Path, *, progress: bool) -> None:
    """Let pooch download a file into the cache: a temporary file, renamed when verified."""
    # Imported where the network is used: planning a run asks this module what is at hand.
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")
    name = str(source.relative)
    store = pooch.create(
        path=cache,
        base_url="",
        registry={name: f"sha256:{source.sha256}"},
        urls={name: source.address},
        retry_if_failed=RETRIES,
    )
    downloader = pooch.HTTPDownloader(
        progressbar=_Meter(source) if progress else False,
        chunk_size=CHUNK_BYTES,
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
        # Stored bytes are the file's own: a compressed transfer could not be counted.
        headers={"Accept-Encoding": "identity"},
    )
    try:
        store.fetch(name, downloader=downloader)
    except requests.RequestException as error:
        raise source.error(
            f"cannot be downloaded from {HOST} ({_reason(error)})",
            fix="try again when the network is there, or name a mirror directory",
        ) from None
    except ValueError:
        raise source.error(
            f"what {HOST} sends is not the pinned file",
            fix="pin the right file in source.yaml, then try again",
        ) from None
    except OSError as error:
        raise source.error(
            f"cannot be stored in the cache ({error.strerror or error})",
            fix="make room there or name another cache directory",
        ) from None


def _reason(error: Exception) -> str:
    """Return a network error in a few words: the class, or the HTTP status."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()
    return words.replace("h t t p", "http")
