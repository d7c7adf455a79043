"""What is wrong with a card, in one line each: place, problem, and a fix that works when typed."""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from scaling_studies.cards.models.base import shown
from scaling_studies.words import suggest

#: What a value of the wrong type should be, by pydantic's name of the problem.
KINDS = {
    "string_type": "string",
    "bool_type": "boolean",
    "int_type": "integer",
    "int_from_float": "integer",
    "float_type": "number",
    "model_type": "mapping",
    "dict_type": "mapping",
    "tuple_type": "list",
    "list_type": "list",
}


class Problem(NamedTuple):
    """A problem of form; `key` is one below the path that should not be there."""

    path: tuple[str | int, ...]
    problem: str
    fix: str
    key: str = ""


def problems_of(error: ValidationError, model: type[BaseModel], document: Any) -> list[Problem]:
    """All problems that pydantic found in a document, in the order of their places."""
    details = error.errors(include_url=False)
    places = [item["loc"] for item in details]
    # Of a list with a bad entry pydantic says that it is too short as well.
    details = [
        item
        for item in details
        if item["type"] != "too_short"
        or not any(len(place) > len(item["loc"]) and _below(place, item["loc"]) for place in places)
    ]
    # What is misspelt before what is missing for it.
    details.sort(key=lambda item: item["type"] != "extra_forbidden")
    found = [_problem(item, model, _place(item, document)) for item in details]
    return sorted(found, key=lambda problem: [str(part) for part in problem.path])


def _below(place: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    return place[: len(other)] == other


def _place(error: ErrorDetails, document: Any) -> tuple[str | int, ...]:
    """Keys and numbers on the way to a problem, without what pydantic adds to them.

    It tags alternatives <...> and keys of mappings [key]; keys of a card may look like that, too.
    """
    path: list[str | int] = []
    last = len(error["loc"]) - 1
    for number, part in enumerate(error["loc"]):
        is_key = isinstance(document, dict) and part in document
        if is_key or not _is_tag(part) or (error["type"] == "extra_forbidden" and number == last):
            path.append(part)
            is_item = isinstance(document, (list, tuple)) and part in range(len(document))
            document = document[part] if is_key or is_item else None
    return tuple(path)


def _problem(error: ErrorDetails, model: type[BaseModel], path: tuple[str | int, ...]) -> Problem:
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    if kind == "extra_forbidden":
        key, known = str(path[-1]), _keys_at(model, path[:-1])
        fix = suggest(key, known, f"remove it; known are {', '.join(known)}")
        return Problem(path[:-1], f"unknown key {key!r}", fix, key)
    described = _described(model, path)
    if kind == "missing" and isinstance(path[-1], int):
        return Problem(path[:-1], "the list is too short", described or "write all its values")
    if kind == "missing":
        add = f"add it: {described}" if described else "add it"
        return Problem(path[:-1], f"key {path[-1]!r} is missing", add)
    if kind == "refused":
        return Problem(path, context["problem"], context["fix"])
    if kind in KINDS or kind == "kind":
        wanted = error["msg"] if kind == "kind" else KINDS[kind]
        return Problem(
            path, f"{shown(value)} is not of type {wanted}", f"write a value of type {wanted}"
        )
    if kind == "literal_error":
        allowed = context["expected"].replace("'", "").replace(" or ", ", ")
        return Problem(path, f"{shown(value)} is not allowed", f"use one of {allowed}")
    if kind == "string_pattern_mismatch":
        problem = f"{shown(value)} does not have the form {context['pattern']}"
        return Problem(path, problem, described or "write it in that form")
    return Problem(path, *_about_size(error, value, described))


def _about_size(error: ErrorDetails, value: Any, described: str) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind.startswith(("greater", "less")):
        words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
        limits = [f"{word} {context[key]:g}" for key, word in words.items() if key in context]
        return f"{shown(value)} is out of range", f"give a number {' and '.join(limits)}"
    if kind == "too_short":
        wanted = f"it needs {context['min_length']} or more"
        return f"{shown(value)} has too few entries", described or wanted
    if kind == "too_long":
        return f"{shown(value)} has too many entries", f"give at most {context['max_length']}"
    if kind == "string_too_short":
        return "the text is empty", described or "write something, or remove the key"
    if kind == "string_too_long":
        return (
            f"the text has more than {context['max_length']} characters",
            f"write at most {context['max_length']}",
        )
    if kind.startswith("union_tag"):
        return f"{shown(value)} is not allowed here", described or "write it in another form"
    return f"{shown(value)} is not allowed ({error['msg']})", described or "write another value"


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and (part[:1] == "<" or part == "[key]")


def _keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Keys that a mapping at a place of a document may have."""
    return [
        field.alias or name
        for place in _at(model, path)
        for name, field in place.model_fields.items()
    ]


def _described(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    """What the model says of the nearest key on the way to a place."""
    for end in range(len(path), 0, -1):
        for place in _at(model, path[: end - 1]):
            field = _field(place, path[end - 1])
            if field is not None and field.description:
                return field.description
    return ""


def _at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[type[BaseModel]]:
    """Models that may stand at a place of a document."""
    places: list[Any] = [model]
    for part in path:
        places = [inner for place in places for inner in _step(place, part)]
    return [one for place in places for one in _models(place)]


def _step(annotation: Any, part: str | int) -> Iterator[Any]:
    """What may stand one key further."""
    for place in _models(annotation):
        field = _field(place, part)
        if field is not None:
            yield field.annotation
    origin = getattr(annotation, "__origin__", None)
    arguments = get_args(annotation)
    if origin is dict:
        yield arguments[1]
    elif origin in (tuple, list):
        yield arguments[0]
    else:
        for member in arguments:
            if not isinstance(member, str):
                yield from _step(member, part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models among the alternatives of a type, not those within its lists and mappings."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif getattr(annotation, "__origin__", None) not in (dict, tuple, list):
        for member in get_args(annotation):
            yield from _models(member)


def _field(model: type[BaseModel], key: str | int) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if key == (field.alias or name):
            return field
    return None
