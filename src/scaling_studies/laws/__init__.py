"""Registry of scaling laws: one file a law, found by listing this folder, loaded by name.

A file ``<name>.py`` in this folder defines ``LAW``, a `models.law.Law` whose name is the file's.
There is no central list, and asking for one law imports no other.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
import sys
import types

from scaling_studies.errors import FitError
from scaling_studies.models.law import Law


@functools.cache
def law_names() -> tuple[str, ...]:
    """Names of all registered laws, sorted; imports none of them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@functools.cache
def get_law(name: str) -> Law:
    """Load one law by name.

    Raises
    ------
    FitError
        There is no such law; lists the known ones.
    """
    if name not in law_names():
        near = difflib.get_close_matches(str(name), law_names(), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise FitError(f"unknown law {name!r}", fix=f"{hint}known laws: {', '.join(law_names())}")
    law = importlib.import_module(f"{__name__}.{name}").LAW
    if law.name != name:
        raise FitError(f"the file of law {name!r} defines a law named {law.name!r}")
    return law


def laws() -> dict[str, Law]:
    """Everything in the registry, loaded."""
    return {name: get_law(name) for name in law_names()}


class _CallableModule(types.ModuleType):
    """Lets ``scaling_studies.laws()`` list the laws although the name is also this package's."""

    def __call__(self) -> dict[str, Law]:
        return laws()


sys.modules[__name__].__class__ = _CallableModule
