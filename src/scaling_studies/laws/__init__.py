"""Scaling laws: one file a law, found by its name (`scaling_studies.registry`).

A file ``<name>.py`` in this folder defines ``LAW``, a `models.law.Law` whose name is the file's.
There is no central list, and asking for one law imports no other.
"""

from __future__ import annotations

import functools
import sys
import types

from scaling_studies import registry
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law
from scaling_studies.words import suggest

#: Names that people use -> law.
ALIASES = {"chinchilla": "additive", "hoffmann": "additive"}


@functools.cache
def get_law(name: str) -> Law:
    """Load one law by name or alias: ``chinchilla`` is ``additive``.

    Raises
    ------
    FitError
        There is no such law; lists the known ones.

    Examples
    --------
    >>> law = get_law("power")
    >>> law.formula, law.parameter_names
    ('L = A x^-alpha', ('A', 'alpha'))
    """
    name = ALIASES.get(str(name).lower(), name)
    if name not in registry.names("laws"):
        known = registry.names("laws")
        near = suggest(name, [*known, *ALIASES], "")
        raise FitError(
            f"unknown law {name!r}", fix=f"{near} known laws: {', '.join(known)}".lstrip()
        )
    law: Law = registry.load("laws", name)
    if law.name != name:
        raise FitError(f"the file of law {name!r} defines a law named {law.name!r}")
    return law


def laws() -> dict[str, Law]:
    """All laws by name, loaded.

    Examples
    --------
    >>> laws()["power_offset"].formula
    'L = E + A x^-alpha'
    """
    return {name: get_law(name) for name in registry.names("laws")}


class _CallableModule(types.ModuleType):
    """Lets ``scaling_studies.laws()`` list the laws although the name is also this package's."""

    def __call__(self) -> dict[str, Law]:
        return laws()


sys.modules[__name__].__class__ = _CallableModule
