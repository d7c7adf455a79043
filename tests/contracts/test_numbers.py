"""Every number of a card, a setting or a flag has limits; the models say which these are."""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import time
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from scaling_studies import registry
from scaling_studies.cards.explain import problems_of
from scaling_studies.cards.models import options
from scaling_studies.cards.models.base import Entry
from scaling_studies.cards.models.config import Config
from scaling_studies.cards.models.fit import MOST_STARTS, FitEntry
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import Comparisons, StudyCard
from scaling_studies.cli import main as command_line
from scaling_studies.cli.answering import amount
from scaling_studies.cli.commands import new

SECONDS = 1.0
LIBRARY = Path(registry.__file__).parent
#: No number of a card is one of these.
ABSURD: tuple[int | float, ...] = (
    float("nan"),
    float("inf"),
    float("-inf"),
    10**400,
    -(10**400),
    10**5000,
    1e308,
    -1e308,
    1e101,
    5e-324,
    -5e-324,
    1e-320,
    1e-101,
)
#: No count of a card is one of these.
ABSURD_COUNTS: tuple[int | float, ...] = (*ABSURD, -1, -(10**9), 10**13, 1.5, 1e3, True)
#: No share or coverage is one of these either.
NO_SHARES: tuple[int | float, ...] = (*ABSURD, 0, -0.5, 1, 1.0, 1 - 1e-17, 1 - 1e-15, 1e-9, 95)


def odd(value: Any) -> str:
    return type(value).__name__


def all_models(model: Any = Entry) -> Iterator[type[BaseModel]]:
    for below in model.__subclasses__():
        if not below.__name__.startswith("Resolved"):
            yield below
        yield from all_models(below)


def numeric(annotation: Any) -> Iterator[tuple[Any, type]]:
    """Each way to lay a number (here ``...``) into a value of a type, and the kind of number."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in (int, float):
        yield ..., annotation
    elif origin is Annotated:
        yield from numeric(arguments[0])
    elif origin in (Union, UnionType):
        for member in arguments:
            yield from numeric(member)
    elif origin is tuple:
        for number, inner in enumerate(arguments):
            for place, kind in numeric(inner) if inner is not Ellipsis else ():
                filled = [1] * (len(arguments) if arguments[-1] is not Ellipsis else 1)
                filled[number] = place
                yield filled, kind
    elif origin is dict:
        for place, kind in numeric(arguments[1]):
            yield {"a": place}, kind


def laid(place: Any, value: Any) -> Any:
    """The way with a number laid into it."""
    if isinstance(place, list):
        return [laid(part, value) for part in place]
    if isinstance(place, dict):
        return {key: laid(part, value) for key, part in place.items()}
    return value if place is ... else place


def fields() -> Iterator[tuple[str, Any, Any, set[type]]]:
    for model in (*dict.fromkeys(all_models()), Comparisons):
        hints = get_type_hints(model, include_extras=True)
        for name, field in model.model_fields.items():
            ways: dict[str, tuple[Any, set[type]]] = {}
            for place, kind in numeric(hints[name]):
                ways.setdefault(repr(place), (place, set()))[1].add(kind)
            for place, kinds in ways.values():
                whole = Annotated[hints[name], "", *field.metadata]
                yield f"{model.__name__}.{field.alias or name} {place}", whole, place, kinds


FIELDS = {name: rest for name, *rest in fields()}


def test_numeric_fields_are_found():
    """A shape of type that `numeric` does not see would hide a number."""
    assert len(FIELDS) > 40
    known = {"Objective.delta Ellipsis", "FitEntry.bounds {'a': [Ellipsis, 1]}"}
    assert known <= FIELDS.keys()
    origins = {Annotated, Union, UnionType, tuple, dict, Literal, None}
    for model in all_models():
        for hint in get_type_hints(model, include_extras=True).values():
            for part in parts(hint):
                is_model = isinstance(part, type) and issubclass(part, BaseModel)
                plain = part in (str, int, float, bool, NoneType, Any) or is_model
                assert plain or get_origin(part) in origins - {None}, (model, part)


def parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        inner = inner[:1]
    if get_origin(annotation) is not Literal:
        for part in inner:
            if part is not Ellipsis:
                yield from parts(part)


@pytest.mark.parametrize("name", FIELDS)
def test_a_numeric_field_has_limits(name):
    annotation, place, kinds = FIELDS[name]
    adapter = TypeAdapter(annotation)
    values = ABSURD_COUNTS if kinds == {int} else ABSURD
    if name.split()[0].endswith(".level"):
        values = NO_SHARES
    for value in values:
        with pytest.raises(ValidationError):
            adapter.validate_python(laid(place, value))


@pytest.mark.parametrize("model", [StudyCard, Config, SourceRecord, Comparisons])
def test_a_number_out_of_range_is_explained_in_a_line(model):
    lines = set()
    for name, (_, place, _) in FIELDS.items():
        owner, key = name.split()[0].split(".")
        found = next(each for each in (*all_models(), Comparisons) if each.__name__ == owner)
        for value in (1e308, 10**5000, float("nan"), -1):
            document = {key: laid(place, value)}
            try:
                found.model_validate(document)
            except ValidationError as error:
                problems = problems_of(error, found, document)
                lines |= {problem.problem for problem in problems} | {p.fix for p in problems}
    assert lines
    assert all(line and line.isprintable() and len(line) < 600 for line in lines)


@pytest.mark.parametrize("limits", [options.OF_ESTIMATORS, options.OF_FIGURES, options.OF_ADAPTERS])
def test_a_numeric_option_has_limits(limits):
    for name, (least, most, fraction) in limits.items():
        assert -1e100 < least < most < 1e100
        beyond = [*ABSURD, least - 1 - abs(least), most * 2 + 1, True, None, "1", "nan", [], [1]]
        for value in beyond if fraction else [*beyond, 1.5]:
            for each in (value, {"a": value}):
                with pytest.raises(ValueError, match=f"option '{name}' takes"):
                    options.within({name: each}, limits)
        options.within({name: least, "other": 3.0}, limits)
        options.within({name: most, "other": [1, {"a": "x"}]}, limits)


@pytest.mark.parametrize(
    "value", [*ABSURD, [1e308], {"a": {"b": [10**400]}}, list(range(2000))], ids=odd
)
def test_an_option_of_any_name_is_a_number_within_reach(value):
    for limits in (options.OF_ESTIMATORS, options.OF_FIGURES, options.OF_ADAPTERS):
        with pytest.raises(ValueError, match=r"out of range|entries"):
            options.within({"anything": value}, limits)


def asked_for(folder: str) -> Iterator[tuple[Path, str]]:
    """Options that the code of figures makes a number of, or gives a number as default."""
    for path in sorted((LIBRARY / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            is_number = getattr(node.func, "id", "") in ("int", "float", "range", "round")
            for call in ast.walk(node) if is_number else [node]:
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "option":
                    first, *default = call.args
                    given = [each.value for each in default if isinstance(each, ast.Constant)]
                    plain = [v for v in given if type(v) in (int, float)]
                    if (is_number or plain) and isinstance(first, ast.Constant):
                        yield path, first.value


def test_options_of_figures_that_are_numbers_are_known():
    found = list(asked_for("figures"))
    assert len(found) >= 6
    for path, name in found:
        assert name in options.OF_FIGURES, f"{path.name}: option {name!r} has no limits"


@pytest.mark.parametrize("name", registry.names("estimators"))
def test_options_of_estimators_that_are_numbers_are_known(name):
    module = importlib.import_module(registry.modules("estimators", name)[0])
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "take_options":
            taken = eval(ast.unparse(node.args[0]), vars(module))
            for option, default in taken.items():
                is_number = type(default) in (int, float)
                is_open = default is None and option not in ("method", "budgets")
                if is_number or is_open:
                    assert option in options.OF_ESTIMATORS, f"option {option!r} has no limits"


@pytest.mark.parametrize("name", registry.names("adapters"))
def test_options_of_adapters_that_are_numbers_are_known(name):
    for option, hint in get_type_hints(registry.load("adapters", name)).items():
        if option != "return" and any(part in (int, float) for part in parts(hint)):
            assert option in options.OF_ADAPTERS, f"option {option!r} has no limits"


FIT = {"title": "A", "law": "additive"}


@pytest.mark.parametrize(
    "key",
    [
        {"objective": {"name": "huber_log", "delta": 1e-320}},
        {"objective": {"name": "huber_log", "delta": 1e30}},
        {"rows": {"lowest": {"bins": {"column": "x", "count": 10**9}}}},
        {"rows": {"drop_largest": {"column": "x", "count": 10**12}}},
        {"starts": {name: [1.0] * 60 for name in ("E", "A", "B", "alpha", "beta")}},
        {"starts": {name: [1.0] * 28 for name in ("E", "A", "B")}},
        {"starts": [{"E": 1.0}] * (MOST_STARTS + 1)},
        {"options": {"count": 7 * 10**8}},
        {"options": {"points": 10**9}},
        {"options": {"budgets": [1e308]}},
        {"bounds": {"alpha": [1e-320, 1.0]}},
        {"bounds": {"alpha": [0.0, 1e308]}},
        {"fixed": {"E": 1e300}},
        {"weights": {"column": "x", "power": 1000}},
        {"quantities": {"q": {"of": "alpha", "power": -400}}},
        {"targets": [{"quantity": "alpha", "value": "1e400", "where": "T"}]},
        {"targets": [{"quantity": "alpha", "value": "0." + "1" * 300, "where": "T"}]},
        {"targets": [{"quantity": "alpha", "value": 1, "level": 1 - 1e-17, "where": "T"}]},
        {"printed_intervals": {"level": 1e-300, "of": {"E": [1, 2]}}},
        {"rows": {"where": {"x": 10**400}}},
        {"rows": {"where": {"x": [1.0, 1e300]}}},
        {"rows": {"where": {"x": {"not": [1e-320]}}}},
    ],
    ids=str,
)
def test_absurd_settings_of_a_fit_are_refused_at_once(key):
    begin = time.process_time()
    with pytest.raises(ValidationError) as caught:
        FitEntry.model_validate(FIT | key)
    lines = [f"{one.problem}. {one.fix}" for one in problems_of(caught.value, FitEntry, FIT | key)]
    assert time.process_time() - begin < SECONDS
    assert len(lines) == 1 and "\n" not in lines[0] and len(lines[0]) < 600


def flags() -> Iterator[tuple[str, str, argparse.Action]]:
    """Flags of commands that take a number."""
    for command in registry.names("commands"):
        parser = command_line._parser([command])
        (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        for action in commands.choices[command]._actions:
            if action.type not in (None, str, Path):
                yield command, action.option_strings[0], action


FLAGS = {f"{command} {flag}": (command, flag, action) for command, flag, action in flags()}
WORDS = (
    "nan", "inf", "-inf", "1e400", "-1e400", "9" * 400, "1e300", "1e-320", "1e-101", "10^999",
    "10^" + "9" * 60, "1e" + "9" * 60, "-1", "0x10", "1e", "", "\x1b[2J", "x" * 5000, "²",
)  # fmt: skip
TABLE = "params,tokens,loss\n" + "".join(
    f"{n:g},{n * ratio:g},{1.7 + 400 * n**-0.34 + 1500 * (n * ratio) ** -0.35:.4f}\n"
    for n in (2e7, 8e7, 3.2e8, 1.28e9)
    for ratio in (5, 20, 80)
)


def test_numeric_flags_are_found():
    assert len(FLAGS) >= 12
    assert {"new --held-out", "new --year", "predict --params", "design --budget"} <= FLAGS.keys()
    assert {action.type for *_, action in FLAGS.values()} <= {float, amount, new._year}


@pytest.mark.parametrize("word", WORDS, ids=[ascii(word)[:12] for word in WORDS])
@pytest.mark.parametrize("name", FLAGS)
def test_an_absurd_number_after_a_flag_is_refused_in_a_line(
    name, word, tmp_path, monkeypatch, capsys
):
    command, flag, _ = FLAGS[name]
    monkeypatch.chdir(tmp_path)
    Path("runs.csv").write_text(TABLE)
    given = [command, "runs.csv", f"{flag}={word}"]
    if command == "new":
        given += ["--cards", "cards", "--data", "data", "--yes", "--unit", "nats_per_token"]
    begin = time.process_time()
    try:
        status = command_line.main(given)
    except SystemExit as left:
        status = left.code
    assert time.process_time() - begin < 3 * SECONDS  # the first one imports what it needs
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert status in (1, 2), said
    assert len(lines) == 1 and lines[0].startswith("Error: ") and "Fix: " in lines[0]
    assert lines[0].isprintable() and len(lines[0]) < 1000
    assert not Path("cards").exists()


@pytest.mark.parametrize("value", ["resamples=1000000000000", "resamples=-1", "shards=1000000000"])
def test_settings_have_limits(value):
    name, _, number = value.partition("=")
    with pytest.raises(ValidationError):
        Config.model_validate({name: int(number)})
