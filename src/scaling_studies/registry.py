"""What is found by its file name: laws, checks, kinds of figures, estimators, adapters, commands.

Each of them is one file in the folder of its kind. There is no central list: adding one is adding a
file. Listing names imports none of them, asking for one imports no other, and the hash of the code
asks here which modules stand behind a name (`scaling_studies.artefacts.provenance`).
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaling_studies.errors import CardError, FitError, ScalingStudiesError, SourceError
from scaling_studies.words import suggest

LIBRARY = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Kind:
    """A kind of plug-in.

    Attributes
    ----------
    folder
        Of its files, from the package on, with dots.
    offers
        What a file must define; None when the module itself is what is asked for.
    noun, nouns
        What messages call one, and several.
    error
        Raised for an unknown name.
    """

    folder: str
    offers: str | None
    noun: str
    nouns: str
    error: type[ScalingStudiesError]


KINDS = {
    "laws": Kind("laws", "LAW", "law", "laws", FitError),
    "estimators": Kind("engine.estimators", "estimate", "estimator", "estimators", FitError),
    "adapters": Kind("sources.adapters", "extract", "adapter", "adapters", SourceError),
    "checks": Kind("checks.kinds", None, "check", "checks", CardError),
    "figures": Kind("figures.kinds", "draw", "kind of figure", "kinds", CardError),
    "commands": Kind("cli.commands", None, "command", "commands", CardError),
}


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """Names of everything of a kind, sorted; imports none of it.

    Parameters
    ----------
    kind
        One of `KINDS`: ``"laws"``, ``"estimators"``, ``"adapters"``, ``"checks"``, ``"figures"``,
        ``"commands"``.

    Examples
    --------
    >>> "additive" in names("laws")
    True
    """
    folder = LIBRARY.joinpath(*KINDS[kind].folder.split("."))
    return tuple(sorted(module.name for module in pkgutil.iter_modules([str(folder)])))


def unknown(kind: str, name: object) -> tuple[str, str]:
    """Problem and fix for a name that nothing has; the fix names the nearest and all of them."""
    is_called = KINDS[kind]
    near = suggest(name, names(kind), "")
    known = f"known {is_called.nouns}: {', '.join(names(kind))}"
    return f"unknown {is_called.noun} {name!r}", f"{near} {known}".lstrip()


def load(kind: str, name: str) -> Any:
    """Import one plug-in and return what it offers: a law, a function, or for checks the module.

    Parameters
    ----------
    kind
        One of `KINDS`.
    name
        Name of its file.

    Raises
    ------
    ScalingStudiesError
        Of the kind's own sort (`Kind.error`) when there is no such name; lists the known ones.
    """
    if name not in names(kind):
        problem, fix = unknown(kind, name)
        raise KINDS[kind].error(problem, fix=fix)
    (module,) = modules(kind, name)
    offers = KINDS[kind].offers
    loaded = importlib.import_module(module)
    return loaded if offers is None else getattr(loaded, offers)


def trait(kind: str, name: str, what: str, default: Any = None) -> Any:
    """Return something more that a plug-in's file says about it, or a default where it does not.

    Parameters
    ----------
    kind, name
        As in `load`; the default also stands for a name that nothing has.
    what
        Name of a constant, for example ``"AXES"`` of estimators that read columns of their own.
    """
    if name not in names(kind):
        return default
    (module,) = modules(kind, name)
    return getattr(importlib.import_module(module), what, default)


def modules(kind: str, *chosen: str) -> tuple[str, ...]:
    """Modules behind names, or behind all names of the kind when none is given."""
    folder = f"{__package__}.{KINDS[kind].folder}"
    return tuple(f"{folder}.{name}" for name in chosen or names(kind))
