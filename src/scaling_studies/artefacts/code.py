"""Hash of the code that a rule's script uses: what it imports, loads by name, and reads as data.

Snakemake does not see that a module of the library changed. This hash among a rule's ``params``
makes it rerun exactly the rules that use the module.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scaling_studies import registry

PACKAGE = "scaling_studies"
SOURCE = registry.LIBRARY

#: Never runs in a job: what is imported for types alone, the examples of docstrings, and imports
#: within functions that no script calls, which say so (a traced run would show a job that does).
NOT_RUN = re.compile(
    r"^if TYPE_CHECKING:\n(?:[ \t].*\n|\n)+|^ *(?:>>>|\.\.\.) .*\n|^ +from .*  # in no job\n",
    re.MULTILINE,
)
#: An import anywhere, late ones included: a module and names of it, or modules.
IMPORT = re.compile(
    rf"(?:^|[:;])[ \t]*(?:from[ ]+({PACKAGE}[\w.]*)[ ]+import[ ]+(\([^)]*\)|[^\n;]+)"
    rf"|import[ ]+([^\n;]*\b{PACKAGE}\b[^\n;]*))",
    re.MULTILINE,
)
#: A plug-in is loaded by name; the name is known here only where it stands between quotes.
LOAD = re.compile(r'registry\.load\(\s*"(\w+)",\s*("?)(\w+)')
LOAD_OF_LAW = re.compile(r'\bget_law\(\s*"(\w+)"')


@dataclass(frozen=True)
class Used:
    """What one source uses of this package.

    Attributes
    ----------
    modules
        Files by name: what it imports, the packages that these lie in, and what it loads by a name
        that stands in it.
    kinds
        Kinds of plug-ins that it loads by names known at run time only.
    data
        Data files by their path within the package.
    """

    modules: dict[str, Path]
    kinds: frozenset[str]
    data: dict[str, Path]


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
    names = ((kind, tuple(sorted(chosen[kind]))) for kind in sorted(chosen))
    return _hash(Path(script), tuple(names))


@cache
def _hash(script: Path, chosen: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    # Planning asks for the same hash for every job of a rule, and whenever it looks for jobs.
    digest = hashlib.sha256()
    for name, path in sorted(files_used(script, **dict(chosen)).items()):
        digest.update(f"{name}\0{_content_hash(path)}\n".encode())
    return digest.hexdigest()[:16]


@cache
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
        files[name] = path
        used = _used(path)
        waiting |= used.modules
        for kind in used.kinds:
            names = registry.names(kind) if chosen.get(kind) is None else chosen[kind]
            waiting |= _files([module for each in names for module in registry.modules(kind, each)])
        files |= used.data
        waiting = {each: file for each, file in waiting.items() if each not in files}
    return files


@cache
def _used(path: Path) -> Used:
    source = path.read_text(encoding="utf-8")
    text = NOT_RUN.sub("", source)
    names, kinds = [*_imports(text)], set()
    for kind, quote, name in LOAD.findall(text):
        if quote:
            names += registry.modules(kind, name)
        else:
            kinds.add(kind)
    for name in LOAD_OF_LAW.findall(text):
        names += registry.modules("laws", name)
    return Used(_files(names), frozenset(kinds), _data_files(path, source))


def _imports(text: str) -> Iterator[str]:
    for module, names, modules in IMPORT.findall(text):
        if module:
            yield from (f"{module}.{each}" for each in re.findall(r"(?:^|[(,])\s*(\w+)", names))
        else:
            yield from (each.split()[0] for each in modules.split(","))


def _files(names: Iterable[str]) -> dict[str, Path]:
    """Files of modules and of the packages they lie in, whose own files run at the import.

    The file of the top-level package is left out: it only hands out names.
    """
    files = {}
    for name in names:
        parts = name.split(".")
        for length in range(2, len(parts) + 1):
            module = ".".join(parts[:length])
            if path := _module_path(module):
                files[module] = path
    return files


@cache
def _module_path(name: str) -> Path | None:
    """File of a module of this package; None for names that are no module of their own."""
    package, *parts = name.split(".")
    base = SOURCE.joinpath(*parts)
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if package == PACKAGE and path.is_file():
            return path
    return None


def _data_files(path: Path, source: str) -> dict[str, Path]:
    """Data files of a module's package that it names, by their own or by their folder's name."""
    return {
        file.relative_to(SOURCE).as_posix(): file
        for package, file in _all_data_files()
        if path.is_relative_to(package)
        and any(f'"{name}"' in source for name in (file.name, file.parent.name))
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
