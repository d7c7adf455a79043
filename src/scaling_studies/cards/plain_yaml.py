"""YAML files of plain values: read without running code, guessing or unfolding without end."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from scaling_studies.artefacts.given import unwritable_sign, why_not_plain
from scaling_studies.errors import CardError

#: libyaml's, which is fast, where it is there.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Values that a file may have, aliases unfolded: far more than the longest card.
MOST_VALUES = 100_000
#: Levels of nesting that a file may have.
DEEPEST = 50
#: Bytes that a file may have.
MOST_BYTES = 4_000_000
#: Characters of a text, and of a number, in a file.
LONGEST_TEXT, LONGEST_NUMBER = 20_000, 400
LARGEST = 10**300


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

    def get_single_node(self) -> yaml.Node | None:
        # Before anything is constructed: merges and aliases unfold there.
        node = super().get_single_node()
        if node is not None:
            _check_size(node, {}, set(), 0)
        return node

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
    if reason := why_not_plain(path):
        raise CardError(
            f"cannot read {path.name}: {reason}", study=study, fix="give a plain UTF-8 text file"
        )
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise CardError(
                f"{path.name} has more than {MOST_BYTES:,} bytes",
                study=study,
                fix="put long lists into a table",
            )
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(
            f"cannot read {path.name}: {error}",
            study=study,
            fix="save the card as a UTF-8 text file",
        ) from error
    try:
        document = yaml.load(text, Loader=_PlainLoader)
        check_plain(document)
    except CardError as error:
        place = {"study": study} | error.place
        raise CardError(error.problem, fix=error.fix, **place) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise CardError(
            f"{path.name} is not valid YAML: {error}",
            study=study,
            fix="mend the line that is named",
        ) from error
    return document


def _check_size(node: yaml.Node, known: dict[int, int], above: set[int], depth: int) -> int:
    """Count the values below a node, those of an alias each time it stands for them."""
    if depth > DEEPEST:
        raise CardError(f"values are nested more than {DEEPEST} deep", fix="flatten them")
    if id(node) in above:
        raise CardError("an alias contains itself", fix="write the value out")
    if id(node) not in known:
        count = 1
        parts = () if isinstance(node, yaml.ScalarNode) else node.value
        for part in parts:
            for each in part if isinstance(part, tuple) else (part,):
                count += _check_size(each, known, above | {id(node)}, depth + 1)
                if count > MOST_VALUES:
                    raise CardError(
                        f"the card has more than {MOST_VALUES:,} values",
                        fix="put long lists into a table; aliases count each time they are used",
                    )
        number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if number and len(node.value) > LONGEST_NUMBER:
            raise CardError(
                f"a number has more than {LONGEST_NUMBER} characters (line "
                f"{node.start_mark.line + 1})",
                fix="write it as for example 1.5e9",
            )
        known[id(node)] = count
    return known[id(node)]


def check_plain(document: Any) -> None:
    """Refuse what YAML can say and a card cannot.

    Keys that are no text, binaries and sets, numbers that are not finite, aliases that lead back to
    themselves or that would unfold to more than any card needs.
    """

    def check_text(text: str, key: str | None) -> None:
        if len(text) > LONGEST_TEXT:
            raise CardError(
                f"a text has more than {LONGEST_TEXT:,} characters", key=key, fix="shorten it"
            )
        if sign := unwritable_sign(text):
            raise CardError(
                f"the text {text[:40]!r} has the character {sign}, which no page can show",
                key=key,
                fix="delete that character",
            )

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
                if isinstance(name, str):
                    check_text(name, key)
                visit(item, str(name) if key is None else f"{key}.{name}")
            open_nodes.remove(id(value))
        elif isinstance(value, str):
            check_text(value, key)
        elif isinstance(value, int) and abs(value) > LARGEST:
            raise CardError("the number is too large", key=key, fix="write a smaller number")
        elif isinstance(value, float) and not math.isfinite(value):
            raise CardError(f"{value!r} is not a finite number", key=key, fix="write a number")
        elif value is not None and not isinstance(value, (int, float, bool)):
            raise CardError(
                f"{value} is read as a {type(value).__name__}", key=key, fix="write it in quotes"
            )

    visit(document, None)
