"""Adapters: one small module for each upstream format.

An adapter is a module of this package with one public function::

    extract(paths: dict[str, pathlib.Path], **options) -> dict[str, pandas.DataFrame]

``paths`` maps the path that a file has in its upstream repository to a local, verified copy;
``options`` are the plain values written in ``data/<study>/source.yaml``. The result maps the name
of a fact table (its file name without ``.csv``) to its rows, in the order in which they are to be
written. An adapter reads what it is given and nothing else, checks every value it takes, and
raises :class:`scaling_studies.errors.TableError` naming the upstream file, row and column.

A module is found by its file name: adding a format is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from typing import Any

from scaling_studies.errors import SourceError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def adapter_names() -> list[str]:
    """Return the names of all adapters, sorted."""
    modules = pkgutil.iter_modules(__path__)
    return sorted(module.name for module in modules)


def get_adapter(name: str) -> Callable[..., dict[str, Any]]:
    """Return the ``extract`` function of an adapter.

    Parameters
    ----------
    name
        The adapter's module name, as written in a ``source.yaml``.

    Returns
    -------
    callable
        ``extract(paths, **options)``.

    Raises
    ------
    SourceError
        When no adapter has that name.
    """
    known = adapter_names()
    if not _NAME.fullmatch(name) or name not in known:
        raise SourceError(f"there is no adapter {name!r}", fix=f"use one of {', '.join(known)}")
    return importlib.import_module(f"{__name__}.{name}").extract
