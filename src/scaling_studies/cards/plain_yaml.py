"""YAML files of plain values: read without running code, guessing or unfolding without end."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from scaling_studies.errors import CardError

#: libyaml's, which is fast, where it is there.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Values that a file may have, aliases unfolded: far more than the longest card.
MOST_VALUES = 100_000
#: Levels of nesting that a file may have.
DEEPEST = 50
#: Bytes that a file may have.
MOST_BYTES = 4_000_000


class _PlainLoader(Loader):
    """YAML loader that leaves dates as text and refuses a key given twice.

    The plain one makes dates of text that looks like it and silently keeps the last of two keys.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in pairs if not tag.endswith(":timestamp")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    depth = 0

    def descend_resolver(self, current_node: yaml.Node, current_index: object) -> None:
        # The parser calls this on the way into each node. It recurses in C without a limit, so that
        # a line of brackets would end the process.
        self.depth += 1
        if self.depth > DEEPEST:
            raise CardError(f"values are nested more than {DEEPEST} deep", fix="flatten them")

    def ascend_resolver(self) -> None:
        self.depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        plain = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        seen = set()
        for key in plain:
            name = self.construct_object(key, deep=True)
            if isinstance(name, str) and name in seen:
                line = key.start_mark.line + 1
                raise CardError(
                    f"key {name!r} is given twice (line {line})", fix="keep one of them"
                )
            if isinstance(name, str):
                seen.add(name)
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path, study: str | None = None) -> Any:
    """Read a YAML file of plain values.

    Parameters
    ----------
    path
        UTF-8 text.
    study
        Named in errors.

    Returns
    -------
    dict, list or scalar
        Mappings with keys of text, lists, text, finite numbers, booleans and nulls; nothing else.

    Raises
    ------
    CardError
        When the file cannot be read, is not YAML, has a key twice, or holds anything else.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CardError(
                f"{path.name} has more than {MOST_BYTES:,} bytes",
                study=study,
                fix="put long lists into a table",
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(
            f"cannot read {path.name}: {error}",
            study=study,
            fix="save the card as a UTF-8 text file",
        ) from error
    try:
        document = yaml.load(text, Loader=_PlainLoader)
        _check_plain(document)
    except CardError as error:
        place = {"study": study} | error.place
        raise CardError(error.problem, fix=error.fix, **place) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise CardError(
            f"{path.name} is not valid YAML: {error}",
            study=study,
            fix="mend the line that is named",
        ) from error
    return document


def _check_plain(document: Any) -> None:
    """Refuse what YAML can say and a card cannot.

    Keys that are no text, binaries and sets, numbers that are not finite, aliases that lead back to
    themselves or that would unfold to more than any card needs.
    """
    nodes = 0
    open_nodes: set[int] = set()

    def visit(value: Any, key: str | None) -> None:
        nonlocal nodes
        nodes += 1
        if nodes > MOST_VALUES:
            raise CardError(
                f"the card has more than {MOST_VALUES:,} values",
                fix="put long lists into a table; aliases count each time they are used",
            )
        if isinstance(value, (dict, list)):
            if id(value) in open_nodes:
                raise CardError("an alias contains itself", key=key, fix="write the value out")
            open_nodes.add(id(value))
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for name, item in items:
                if isinstance(value, dict) and not isinstance(name, str):
                    raise CardError(
                        f"the key {name!r} is not text", key=key, fix="write it in quotes"
                    )
                visit(item, str(name) if key is None else f"{key}.{name}")
            open_nodes.remove(id(value))
        elif isinstance(value, float) and not math.isfinite(value):
            raise CardError(f"{value!r} is not a finite number", key=key, fix="write a number")
        elif value is not None and not isinstance(value, (str, int, float, bool)):
            raise CardError(
                f"{value} is read as a {type(value).__name__}", key=key, fix="write it in quotes"
            )

    visit(document, None)
