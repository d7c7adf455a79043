"""Study cards and the workflow's configuration: load, validate, explain in one line."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.cards.plain_yaml import read_yaml
from scaling_studies.errors import CardError
from scaling_studies.words import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCHEMAS = Path(__file__).resolve().parent / "schemas"
#: Estimators that need no rows of a run table.
WITHOUT_ROWS = frozenset({"printed"})


def load_card(path: str | Path) -> dict[str, Any]:
    """Read and validate a study card.

    Parameters
    ----------
    path
        YAML file named after its study.

    Returns
    -------
    dict
        The card as written; nothing is filled in.

    Raises
    ------
    CardError
        When the file is not YAML, breaks the schema, or contradicts itself or the registry of
        laws. One line, naming study, key and fix.
    """
    from scaling_studies.cards.meaning import meaning_problems

    path = Path(path)
    study = path.stem
    card = read_yaml(path, study)
    _check_schema(card, "card", study)
    for problem in meaning_problems(card, study):
        raise problem
    return card


def card_problems(path: str | Path) -> list[CardError]:
    """Everything that is wrong with a card, where `load_card` stops at the first.

    Parameters
    ----------
    path
        YAML file named after its study.

    Returns
    -------
    list of CardError
        Problems of form; when there are none, contradictions.
    """
    from scaling_studies.cards.meaning import meaning_problems

    path = Path(path)
    study = path.stem
    try:
        card = read_yaml(path, study)
    except CardError as error:
        return [error]
    problems = list(_schema_problems(card, "card", study))
    return problems or list(meaning_problems(card, study))


def load_cards(
    folder: str | Path, studies: str | Iterable[str] = "all"
) -> dict[str, dict[str, Any]]:
    """Read all cards of a folder, or the named ones.

    Parameters
    ----------
    folder
        Folder with one `<study>.yaml` a study.
    studies
        ``"all"`` or the ids wanted.

    Returns
    -------
    dict
        Card by study id, sorted by id.

    Raises
    ------
    CardError
        As :func:`load_card`, and when a named study has no card.
    """
    paths = {path.stem: path for path in sorted(Path(folder).glob("*.yaml"))}
    if not paths:
        raise CardError(
            f"there is no card in {folder}",
            fix="set `cards` in the configuration to the folder with the cards",
        )
    wanted = sorted(paths) if studies == "all" else sorted(studies)
    for study in wanted:
        if study not in paths:
            raise CardError(
                f"there is no card {folder}/{study}.yaml",
                key="studies",
                fix=suggest(study, paths, "use the id of a study that has a card"),
            )
    cards = {study: load_card(paths[study]) for study in wanted}
    for study, card in cards.items():
        for fit_id, fit in card["fits"].items():
            source = fit.get("source_study")
            if source is not None and source not in cards:
                raise CardError(
                    f"the run table of {source} is not part of this run",
                    study=study,
                    key=f"fits.{fit_id}.source_study",
                    fix=f"add {source} to `studies` in the configuration",
                )
    return cards


def load_config(config: dict[str, Any]) -> dict[str, Any]:
    """Validate the workflow's configuration and fill in the defaults.

    Parameters
    ----------
    config
        The mapping as Snakemake read it.

    Returns
    -------
    dict
        All settings.

    Raises
    ------
    CardError
        For an unknown key or a value that is not allowed.
    """
    _check_schema(config, "config", None)
    properties = _schema("config")["properties"]
    defaults = {name: entry["default"] for name, entry in properties.items()}
    return defaults | config


def load_comparisons(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read and validate the figures of the comparison page.

    Parameters
    ----------
    path
        YAML file with figure entries by name, as under `figures` in a card.

    Returns
    -------
    dict
        Entry by figure name.

    Raises
    ------
    CardError
        As :func:`load_card`.
    """
    document = read_yaml(Path(path), None)
    _check_schema(document, "comparisons", None)
    return document


def files_hash(folder: str | Path) -> str:
    """Hash of the names and contents of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _schema(name: str) -> dict[str, Any]:
    return read_yaml(SCHEMAS / f"{name}.schema.yaml")


@cache
def _validator(name: str) -> Any:
    import jsonschema

    validator = jsonschema.validators.extend(
        jsonschema.Draft202012Validator, {"pattern": _whole_line_pattern}
    )
    if name == "comparisons":
        card = _schema("card")
        return validator(card["properties"]["figures"] | {"$defs": card["$defs"]})
    return validator(_schema(name))


def _whole_line_pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    """Pattern rule for names: Python's `$` would let a line break at the end pass."""
    import jsonschema

    if isinstance(value, str) and ("\n" in value or not re.search(pattern, value)):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def _schema_problems(document: Any, schema: str, study: str | None) -> Iterator[CardError]:
    """Problems of form, in the order of the document; of alternatives the nearest is explained."""
    import jsonschema

    errors = sorted(
        _validator(schema).iter_errors(document),
        key=lambda error: [str(part) for part in error.absolute_path],
    )
    for error in errors:
        nearest = jsonschema.exceptions.best_match([error])
        key = ".".join(str(part) for part in nearest.absolute_path) or None
        for problem, fix in _explain(nearest):
            yield CardError(problem, study=study, key=key, fix=fix)


def _check_schema(document: Any, schema: str, study: str | None) -> None:
    problems = list(_schema_problems(document, schema, study))
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CardError(
            f"{first.problem}{more}", study=study, key=first.place.get("key"), fix=first.fix
        )


def _explain(error: Any) -> list[tuple[str, str]]:
    """Problems and fixes of a schema error, in plain words."""
    if error.validator == "additionalProperties" and isinstance(error.validator_value, bool):
        known = error.schema.get("properties", {})
        unknown = [key for key in error.instance if key not in known]
        return [(f"unknown key {key!r}", suggest(key, known, "remove it")) for key in unknown]
    return [_explain_one(error)]


def _explain_one(error: Any) -> tuple[str, str]:
    value, rule = error.instance, error.validator_value
    match error.validator:
        case "required":
            # One error names one key; the validator's message begins with it.
            missing = next(key for key in rule if error.message.startswith(repr(key)))
            meaning = error.schema.get("properties", {}).get(missing, {}).get("description", "")
            return f"key {missing!r} is missing", f"add it: {meaning}" if meaning else "add it"
        case "enum":
            return f"{value!r} is not allowed", f"use one of {', '.join(map(str, rule))}"
        case "type":
            kinds = rule if isinstance(rule, str) else " or ".join(rule)
            return f"{_shown(value)} is not of type {kinds}", f"write a value of type {kinds}"
        case "pattern":
            return f"{value!r} does not have the form {rule}", error.schema.get(
                "description", "write it in that form"
            )
        case "dependentRequired":
            needed = [
                name
                for key, names in rule.items()
                if key in value
                for name in names
                if name not in value
            ]
            return f"key {needed[0]!r} is missing", "add it; another key that is given needs it"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"{value!r} is out of range", f"{error.validator} is {rule}"
        case _:
            return f"{_shown(value)} does not satisfy `{error.validator}`", error.schema.get(
                "description", "see the schema of the card"
            )


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


#: Quantities that need a training compute (`at_flops`).
ALLOCATION = frozenset({"params_opt", "tokens_opt", "tokens_per_parameter", "loss_opt"})


def quantity_names(fit: dict[str, Any]) -> set[str]:
    """Names of everything that a fit reports: parameters, derived quantities, statistics, its own.

    Parameters
    ----------
    fit
        Entry of a card under ``fits``.

    Returns
    -------
    set of str
    """
    from scaling_studies.engine.statistics import STATISTICS
    from scaling_studies.laws import get_law

    law = get_law(fit["law"])
    return {*law.parameter_names, *law.derived, *STATISTICS, *fit.get("quantities", {})}


def resolve_fit(card: dict[str, Any], fit_id: str) -> dict[str, Any]:
    """A fit's entry with everything a job needs that stands elsewhere in the card.

    Parameters
    ----------
    card
        Valid card.
    fit_id
        Id of the fit.

    Returns
    -------
    dict
        The entry without its targets; each chain also holds the `law` and the `response` of the
        fit it names. Arithmetic in `fixed` is done.
    """
    entry = {
        key: value
        for key, value in card["fits"][fit_id].items()
        if key not in ("targets", "reading")
    }
    if any(isinstance(value, str) for value in entry.get("fixed", {}).values()):
        from scaling_studies.cards.expressions import evaluate

        entry["fixed"] = {
            name: float(evaluate(value, {})[0]) if isinstance(value, str) else value
            for name, value in entry["fixed"].items()
        }
    if "chain" in entry:
        entry["chain"] = {
            name: chain | {key: card["fits"][chain["fit"]][key] for key in ("law", "response")}
            for name, chain in entry["chain"].items()
        }
    return entry


def source_study(study: str, fit: dict[str, Any]) -> str:
    """Study whose run table a fit reads."""
    return fit.get("source_study", study)


def has_allocation(fit: dict[str, Any]) -> bool:
    """Whether a fit's law divides training compute between size and data, as 6ND."""
    from scaling_studies.laws import get_law

    names = set(get_law(fit["law"]).axis_names)
    return names == {"params", "tokens"} and fit.get("allocation", True)


def each_fit(cards: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All fits of all cards as (study, fit id, entry)."""
    for study, card in cards.items():
        for fit_id, fit in card["fits"].items():
            yield study, fit_id, fit
