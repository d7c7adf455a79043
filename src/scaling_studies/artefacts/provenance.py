"""What an artefact was made from: checksums of inputs, hash of the code, versions, seed."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORDED_PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "matplotlib", "snakemake")


def record(
    rule: str, inputs: Iterable[str | Path], code: str, seed: int | None = None
) -> dict[str, Any]:
    """Provenance block of an artefact.

    Parameters
    ----------
    rule
        Name of the rule that makes the artefact.
    inputs
        Files it is made from; their paths are recorded as given, so relative ones stay relative.
    code
        Hash of the code, from `scaling_studies.artefacts.code.code_hash`.
    seed
        Seed of the random numbers, if any.

    Returns
    -------
    dict
        JSON-ready; holds no time and no absolute path, so equal work gives equal bytes.
    """
    return {
        "rule": rule,
        "inputs": {Path(path).as_posix(): sha256_of(path) for path in sorted(map(str, inputs))},
        "code": code,
        "seed": seed,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in RECORDED_PACKAGES},
    }


def seed_from_name(*names: str) -> int:
    """Seed that depends on names only: independent of cores, shards and order.

    Returns
    -------
    int
        Between 0 and 2**32 - 1.
    """
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return int.from_bytes(digest[:4], "big")
