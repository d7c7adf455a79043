"""Read a pickled DataFrame without trusting it.

A pickle is a program. This reader runs it with the few pandas and numpy classes that a DataFrame
needs and nothing else: any other name is refused before it is looked up. It bounds what a pickle
can call, not how much memory it can ask for, so it is still only given files whose SHA-256 is
pinned.
"""

from __future__ import annotations

import gzip
import importlib
import lzma
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from scaling_studies.errors import TableError

#: Name in a pickle to the module that holds it in the installed pandas and numpy.
_ADMITTED = {
    ("builtins", "slice"): "builtins",
    ("numpy", "dtype"): "numpy",
    ("numpy", "ndarray"): "numpy",
    ("numpy.core.multiarray", "_reconstruct"): "numpy._core.multiarray",
    ("numpy.core.multiarray", "scalar"): "numpy._core.multiarray",
    ("numpy.core.numeric", "_frombuffer"): "numpy._core.numeric",
    ("numpy._core.multiarray", "_reconstruct"): "numpy._core.multiarray",
    ("numpy._core.multiarray", "scalar"): "numpy._core.multiarray",
    ("numpy._core.numeric", "_frombuffer"): "numpy._core.numeric",
    ("pandas", "DataFrame"): "pandas",
    ("pandas", "Index"): "pandas",
    ("pandas", "RangeIndex"): "pandas",
    ("pandas", "Series"): "pandas",
    ("pandas._libs.internals", "_unpickle_block"): "pandas._libs.internals",
    ("pandas.core.frame", "DataFrame"): "pandas",
    ("pandas.core.series", "Series"): "pandas",
    ("pandas.core.indexes.base", "Index"): "pandas",
    ("pandas.core.indexes.base", "_new_Index"): "pandas.core.indexes.base",
    ("pandas.core.indexes.range", "RangeIndex"): "pandas",
    ("pandas.core.internals.managers", "BlockManager"): "pandas.core.internals.managers",
    ("pandas.core.internals.managers", "SingleBlockManager"): "pandas.core.internals.managers",
}
_OPENERS: dict[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open}


class _Refused(pickle.UnpicklingError):
    """A pickle asks for something that it is not given."""


class _Unpickler(pickle.Unpickler):
    """An unpickler that knows the admitted names only."""

    def find_class(self, module: str, name: str) -> Any:
        """Return an admitted class or function; refuse every other name unseen."""
        home = _ADMITTED.get((module, name))
        if home is None:
            raise _Refused(f"it asks for {module}.{name}")
        return getattr(importlib.import_module(home), name)

    def persistent_load(self, _pid: Any) -> Any:
        """Refuse references to objects outside the pickle."""
        raise _Refused("it refers to objects outside itself")


def read_frame(path: Path, *, table: str) -> pd.DataFrame:
    """Return the DataFrame in a pickle file.

    Returns
    -------
    pandas.DataFrame
        Cells may hold arrays, Series or DataFrames, nothing else beyond plain values.

    Raises
    ------
    TableError
        When the pickle asks for anything but the classes of a DataFrame, changes one of them, is
        damaged, or holds something else.
    """
    before = _classes()
    try:
        with _OPENERS.get(path.suffix, Path.open)(path, "rb") as stream:
            result = _Unpickler(stream).load()
    except _Refused as refusal:
        raise TableError(
            f"the pickle is refused: {refusal}",
            table=table,
            fix="do not use this file; only pickled DataFrames of numbers and text are read",
        ) from None
    except Exception as error:  # a damaged pickle can fail in any constructor
        raise TableError(
            f"the pickle cannot be read ({type(error).__name__}: {error})",
            table=table,
            fix="check that the file is the pinned one",
        ) from None
    finally:
        changed = _restore(before)
    if changed:
        raise TableError(
            f"the pickle is refused: it changes {changed}", table=table, fix="do not use this file"
        )
    if not isinstance(result, pd.DataFrame):
        raise TableError(
            f"the pickle holds a {type(result).__name__}, not a DataFrame",
            table=table,
            fix="check that the file is the pinned one",
        )
    return result


def _classes() -> dict[type, dict[str, Any]]:
    """Return the attributes of the admitted classes; a pickle can set attributes of a class."""
    found = {getattr(importlib.import_module(home), name) for (_, name), home in _ADMITTED.items()}
    return {item: dict(vars(item)) for item in found if isinstance(item, type)}


def _restore(before: dict[type, dict[str, Any]]) -> str:
    """Undo what was set on a class; return the name of a changed class, or an empty string."""
    changed = ""
    for item, attributes in before.items():
        now = dict(vars(item))
        for name in now.keys() | attributes.keys():
            if name in attributes and now.get(name) is attributes[name]:
                continue
            if name.startswith("__abc") or name == "_abc_impl":
                continue
            changed = item.__name__
            if name in attributes:
                setattr(item, name, attributes[name])
            else:
                delattr(item, name)
    return changed
