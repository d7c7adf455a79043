"""Hash of the code that a rule's script uses: what it imports, loads by name, and reads as data.

Snakemake does not see that a module of the library changed. This hash among a rule's ``params``
makes it rerun exactly the rules that use the module.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scaling_studies import registry

PACKAGE = "scaling_studies"
SOURCE = registry.LIBRARY
#: Calls that load a plug-in by name, and what stands before the name: a kind, or nothing.
LOADERS = {"registry.load": (), "get_law": ("laws",)}


@dataclass(frozen=True)
class Used:
    """What one source uses of this package.

    Attributes
    ----------
    imports
        Names that it imports anywhere, late imports included, those for types alone left out.
    loads
        Kind and name of plug-ins that it loads; None for a name that is known at run time only.
    """

    imports: tuple[str, ...]
    loads: tuple[tuple[str, str | None], ...]


def code_hash(script: str | Path, **chosen: Iterable[str]) -> str:
    """Hash of everything of this package that a script uses.

    Parameters
    ----------
    script
        Script.
    **chosen
        Kind of plug-in -> names of those that the script loads, for example ``laws=["power"]``. All
        of a kind count where nothing is said; what the script cannot load never does.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a sha256 over names and contents.
    """
    return _hash(
        Path(script), tuple((kind, tuple(sorted(chosen[kind]))) for kind in sorted(chosen))
    )


@cache
def _hash(script: Path, chosen: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    # Planning asks for the same hash for every job of a rule, and whenever it looks for jobs.
    digest = hashlib.sha256()
    for name, path in sorted(files_used(script, **dict(chosen)).items()):
        digest.update(f"{name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def files_used(script: str | Path, **chosen: Iterable[str]) -> dict[str, Path]:
    """Modules and data files of this package that a script uses; see `code_hash`.

    Returns
    -------
    dict
        Name of the module, or path within the package of a data file -> file. The script itself is
        ``__main__``.
    """
    waiting = {"__main__": Path(script)}
    files: dict[str, Path] = {}
    while waiting:
        name, path = waiting.popitem()
        if name in files:
            continue
        files[name] = path
        used = _used(path)
        names = [*used.imports]
        for kind, plug_in in used.loads:
            wanted = chosen.get(kind, registry.names(kind)) if plug_in is None else [plug_in]
            names += [module for each in wanted for module in registry.modules(kind, each)]
        waiting |= {
            each: found for name in names for each in _runs(name) if (found := _module_path(each))
        }
        files |= _data_files(path)
    return files


def _runs(name: str) -> Iterator[str]:
    """A module and the packages it lies in, whose own files run when it is imported.

    The top-level one is left out: it only hands out names.
    """
    parts = name.split(".")
    if parts[0] == PACKAGE:
        yield from (".".join(parts[:length]) for length in range(2, len(parts) + 1))


@cache
def _used(path: Path) -> Used:
    source = path.read_bytes()
    tree = ast.parse(source)
    # Expressions are far more than statements: they are looked through only where need be.
    calls = any(f"{loader}(".encode() in source for loader in LOADERS)
    return Used(tuple(_imports(tree)), tuple(_loads(tree)) if calls else ())


@cache
def _module_path(name: str) -> Path | None:
    """File of a module of this package; None for names that are no module of their own."""
    base = SOURCE.joinpath(*name.split(".")[1:])
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement that may run."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for statement in getattr(node, field, ()):
            yield statement
            if not (isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test)):
                yield from _statements(statement)


def _loads(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in LOADERS:
            written = [getattr(argument, "value", None) for argument in node.args]
            kind, name = [*LOADERS[called], *written][:2]
            yield str(kind), name if isinstance(name, str) else None


@cache
def _data_files(path: Path) -> dict[str, Path]:
    """Data files of a module's package that it names, by their own or by their folder's name."""
    source = path.read_bytes()
    return {
        file.relative_to(SOURCE).as_posix(): file
        for package, file in _all_data_files()
        if path.is_relative_to(package)
        and any(f'"{name}"'.encode() in source for name in (file.name, file.parent.name))
    }


@cache
def _all_data_files() -> tuple[tuple[Path, Path], ...]:
    """Data files of the library with the package that they belong to."""
    # Compiled modules and templates are no data.
    files = [path for path in SOURCE.rglob("*.*") if path.parent.name != "__pycache__"]
    return tuple(
        (next(folder for folder in path.parents if (folder / "__init__.py").is_file()), path)
        for path in sorted(files)
        if path.is_file() and path.suffix != ".py" and path.parent != SOURCE
    )
