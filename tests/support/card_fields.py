"""Every place of a card that the models describe, and carried cards that have something there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, StringConstraints

from scaling_studies.cards.load import load_cards
from scaling_studies.cards.models.study import StudyCard

ROOT = Path(__file__).resolve().parents[2]
#: Steps of a place: an entry of a list, an entry of a mapping, the name of one.
ITEM, VALUE, KEY = "[]", "{}", "{key}"
Place = tuple[str, ...]


def leaves(
    kind: Any, metadata: tuple = (), place: Place = ()
) -> Iterator[tuple[Place, Any, tuple]]:
    """Places of scalars in a type, with the type of each and what is said of it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from leaves(arguments[0], (*metadata, *kind.__metadata__), place)
    elif origin in (Union, UnionType):
        for member in arguments:
            if member is not type(None):
                yield from leaves(member, metadata, place)
    elif origin is tuple:
        for member in arguments:
            if member is not Ellipsis:
                yield from leaves(member, (), (*place, ITEM))
    elif origin is dict:
        yield from leaves(arguments[0], (), (*place, KEY))
        yield from leaves(arguments[1], (), (*place, VALUE))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from leaves(
                field.annotation, tuple(field.metadata), (*place, field.alias or name)
            )
    else:
        yield place, kind, metadata


LEAVES = list(leaves(StudyCard))
PLACES = sorted({place for place, _, _ in LEAVES})


def _is_prose(kind: Any, metadata: tuple) -> bool:
    rules = [rule for rule in metadata if isinstance(rule, StringConstraints)]
    return kind is str and any(rule.max_length == 2000 and not rule.pattern for rule in rules)


#: Places of sentences and names that people read, which may be any text.
PROSE = sorted({place for place, kind, metadata in LEAVES if _is_prose(kind, metadata)})


@cache
def carried() -> dict[str, dict[str, Any]]:
    """Plain values of the carried cards with their short forms written out, the smallest first."""
    cards = load_cards(ROOT / "config/studies")
    values = {study: card.as_dict() for study, card in cards.items()}
    return dict(sorted(values.items(), key=lambda item: len(str(item[1]))))


def _matching(document: Any, place: Place) -> int:
    """How many steps of a place lead to something in a document."""
    for number, step in enumerate(place):
        wanted = list if step == ITEM else dict
        if not isinstance(document, wanted) or not document or step == KEY:
            return number
        if step in (ITEM, VALUE):
            document = next(iter(document.values())) if step == VALUE else document[0]
        elif step in document:
            document = document[step]
        else:
            return number
    return len(place)


@cache
def nearest(place: Place) -> str:
    """The smallest carried study that has the most of a place."""
    return max(carried(), key=lambda study: _matching(carried()[study], place))


def put(document: Any, place: Place, value: Any) -> Any:
    """The document with a value, or a name, at a place; what leads there is made if need be."""
    if not place:
        return value
    step, below = place[0], place[1:]
    if step == ITEM:
        first, *others = document if isinstance(document, list) and document else [None]
        return [put(first, below, value), *others]
    document = dict(document) if isinstance(document, dict) else {}
    key = next(iter(document), "x") if step in (KEY, VALUE) else step
    if step == KEY:
        return {value if old == key else old: inner for old, inner in ({key: 1} | document).items()}
    return document | {key: put(document.get(key), below, value)}


def with_value(place: Place, value: Any) -> tuple[str, dict[str, Any]]:
    """A carried study and its card with a value at a place."""
    study = nearest(place)
    return study, put(carried()[study], place, value)
