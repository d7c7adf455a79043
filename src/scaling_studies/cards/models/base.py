"""What the models of cards, configuration and source records are made of."""

import json
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    Tag,
)
from pydantic_core import CoreSchema, PydanticCustomError

T = TypeVar("T")
#: Magnitudes of a number of a card: far beyond any measurement, and products stay finite.
SMALLEST, LARGEST = 1e-100, 1e100


class Entry(BaseModel):
    """A mapping of a card: only the keys that are described, values as they are written.

    Scalars are strict, so that `"1"` is no number and `true` is none either.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def as_dict(self) -> dict[str, Any]:
        """Plain values by the keys of the card, those that equal a default left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @classmethod
    def rebuilt(cls, values: Mapping[str, Any]) -> Self:
        """The entry that `as_dict` wrote, or a part of it, without validating it once more.

        Jobs get parts of cards that were validated when the workflow was planned.
        """
        fields = ((name, field.alias or name, field) for name, field in cls.model_fields.items())
        return cls.model_construct(
            **{
                name: _rebuilt(field.annotation, values[key])
                for name, key, field in fields
                if key in values
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The entry whose plain values a text holds as JSON."""
        return cls.rebuilt(json.loads(text))

    @classmethod
    def all_from_text(cls, text: str) -> dict[str, Self]:
        """Entries by name from a text that holds their plain values as JSON."""
        return {name: cls.rebuilt(values) for name, values in json.loads(text).items()}

    def given(self, *names: str) -> Self:
        """The same entry with the named parts alone; the others are as if they were not written."""
        kept = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        return type(self).model_construct(**kept)


def _rebuilt(annotation: Any, value: Any) -> Any:
    """A plain value as its annotation wants it: mappings as entries, lists as tuples."""
    wanted = dict if isinstance(value, dict) else tuple if isinstance(value, list) else None
    for kind in _alternatives(annotation) if wanted else ():
        arguments = get_args(kind)
        if wanted is dict and isinstance(kind, type) and issubclass(kind, Entry):
            return kind.rebuilt(value)
        if wanted is dict and get_origin(kind) is dict:
            return {key: _rebuilt(arguments[1], item) for key, item in value.items()}
        if wanted is tuple and get_origin(kind) is tuple:
            types = arguments[:1] * len(value) if arguments[-1] is ... else arguments
            return tuple(map(_rebuilt, types, value))
    return value


def _alternatives(annotation: Any) -> Iterator[Any]:
    """Types that a value may have."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _alternatives(member)
    else:
        yield annotation


class _NotNull:
    """Validates the type without None: a key may be left out, but not be empty."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        members = tuple(member for member in get_args(source) if member is not type(None))
        return handler.generate_schema(Union[members])  # noqa: UP007


#: May be left out (then None), but not be empty.
Maybe = Annotated[T | None, _NotNull()]


class _Either:
    """Gives a union of scalars one error in place of one for each member."""

    def __init__(self, kinds: str) -> None:
        self.kinds = kinds

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        schema["custom_error_type"] = "kind"  # type: ignore[index]
        schema["custom_error_message"] = self.kinds  # type: ignore[index]
        return schema


def shape_of(value: Any) -> str:
    """Which alternative of a union a value is meant as."""
    if isinstance(value, (dict, BaseModel)):
        return "<mapping>"
    return "<list>" if isinstance(value, (list, tuple)) else "<value>"


VALUE, LIST, MAPPING = Tag("<value>"), Tag("<list>"), Tag("<mapping>")
#: Chooses among alternatives tagged VALUE, LIST and MAPPING.
BY_SHAPE = Discriminator(shape_of)


def refuse(problem: str, fix: str) -> PydanticCustomError:
    """Error of a validator; the place is added by pydantic."""
    return PydanticCustomError("refused", "{problem}", {"problem": problem, "fix": fix})


def shown(value: Any, longest: int = 80) -> str:
    """A value as it is written in Python, shortened."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def in_reach(value: T) -> T:
    """The value, unless it is a number so large or small that arithmetic with it ends in nothing.

    Raises
    ------
    PydanticCustomError
        The number is not finite, above `LARGEST`, or below `SMALLEST` and not zero.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or value == 0 or SMALLEST <= abs(value) <= LARGEST:  # type: ignore[arg-type]
        return value
    raise refuse(
        f"{shown(value)} is out of range",
        f"give 0, or a number between {SMALLEST:g} and {LARGEST:g} of either sign",
    )


def _varied(name: str) -> str:
    if found := re.search(r"(.{1,3})\1{19}$", name):
        raise refuse(
            f"{name!r} ends with {found[1]!r} twenty times, which Snakemake takes for a rule that "
            "never ends",
            "give it a shorter name",
        )
    return name


Name = Annotated[str, StringConstraints(strict=True)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000)]
#: Names that become paths.
Id = Annotated[
    str, StringConstraints(strict=True, pattern="^[a-z][a-z0-9_]{0,63}$"), AfterValidator(_varied)
]
FitId = Annotated[
    str,
    StringConstraints(strict=True, pattern="^[a-zA-Z][a-zA-Z0-9_.+-]{0,63}$"),
    AfterValidator(_varied),
]
Sha256 = Annotated[str, StringConstraints(strict=True, pattern="^[0-9a-f]{64}$")]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
_Float = Annotated[float, Field(strict=True)]
Number = Annotated[Whole | _Float, _Either("number"), AfterValidator(in_reach)]
Positive = Annotated[Number, Field(gt=0)]
#: Coverage of an interval.
Level = Annotated[Number, Field(ge=0.01, le=0.9999)]
#: Power that a column or a quantity is raised to.
Power = Annotated[Number, Field(ge=-10, le=10)]
Scalar = Annotated[
    Name | Flag | Whole | _Float, _Either("string, number or boolean"), AfterValidator(in_reach)
]
NumberOrText = Annotated[
    Whole | _Float | Name, _Either("number or string"), AfterValidator(in_reach)
]
Numbers = dict[Name, Number]
SomeNames = Annotated[tuple[Name, ...], Field(min_length=1)]
SomeNumbers = Annotated[tuple[Number, ...], Field(min_length=1)]
Interval = tuple[Number, Number]
