"""What an artefact was made from: checksums of inputs, hash of the code, versions, seed."""

from __future__ import annotations

import ast
import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE = "scaling_studies"
SOURCE = Path(__file__).resolve().parents[1]
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
        Hash of the code, from :func:`code_hash`.
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

    Parameters
    ----------
    names
        For example study and fit.

    Returns
    -------
    int
        Between 0 and 2**32 - 1.
    """
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return int.from_bytes(digest[:4], "big")


@cache
def code_hash(entry: str | Path, *modules: str) -> str:
    """Hash of a script and of every module of this package that it imports, directly or not.

    Parameters
    ----------
    entry
        Script.
    modules
        Further modules that are chosen at run time, for example ``scaling_studies.laws.additive``.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a sha256 over names and sources.

    Notes
    -----
    Snakemake does not see that an imported module changed; this hash among a rule's ``params``
    makes it rerun exactly the rules that use the module. Sources are read once a process: planning
    asks for the same hash for every job of a rule, and again whenever it looks for jobs to start.
    """
    digest = hashlib.sha256()
    for name, source in sorted(modules_used(entry, *modules).items()):
        digest.update(f"{name}\0".encode())
        digest.update(source)
    return digest.hexdigest()[:16]


def modules_used(entry: str | Path, *modules: str) -> dict[str, bytes]:
    """Sources of the script and of the package's modules it uses, by module name."""
    entry = Path(entry)
    found = {"__main__": entry.read_bytes()}
    waiting = [*_imports(found["__main__"]), *modules]
    while waiting:
        name = waiting.pop()
        path = _module_path(name)
        if name in found or path is None:
            continue
        source, imports = _module(path)
        found[name] = source
        waiting.extend(imports)
    return found


@cache
def _module(path: Path) -> tuple[bytes, tuple[str, ...]]:
    source = path.read_bytes()
    return source, tuple(_imports(source))


@cache
def _module_path(name: str) -> Path | None:
    """File of a module of this package; None for names that are no module of their own."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    base = SOURCE.joinpath(*parts[1:])
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _imports(source: bytes) -> list[str]:
    """Names in this package that a source imports anywhere, late imports included."""
    names = []
    for node in _statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.append(node.module)
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    # A package's own file runs when one of its modules is imported; the top-level one only hands
    # out names.
    for name in tuple(names):
        parts = name.split(".")
        names += [".".join(parts[:length]) for length in range(2, len(parts))]
    return [name for name in names if name.startswith(f"{PACKAGE}.")]


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement of some code; expressions, of which there are far more, are passed by."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for statement in getattr(node, field, ()):
            yield statement
            yield from _statements(statement)
