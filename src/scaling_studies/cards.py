"""Study cards and the workflow's configuration: load, validate, explain in one line."""

from __future__ import annotations

import difflib
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scaling_studies.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SCHEMAS = Path(__file__).resolve().parent / "schemas"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Estimators that need no rows of a run table.
WITHOUT_ROWS = frozenset({"printed"})


class _UniqueKeyLoader(Loader):
    """YAML loader that refuses a key given twice, where the plain one silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        plain = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=True) for key in plain]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                line = plain[number].start_mark.line + 1
                raise CardError(f"key {key!r} is given twice (line {line})", fix="keep one of them")
        return super().construct_mapping(node, deep)


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
    path = Path(path)
    study = path.stem
    card = _read_yaml(path, study)
    _check_schema(card, "card", study)
    _check_meaning(card, study)
    return card


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
                fix=_suggest(study, paths, "use the id of a study that has a card"),
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
    document = _read_yaml(Path(path), None)
    _check_schema(document, "comparisons", None)
    return document


def files_hash(folder: str | Path) -> str:
    """Hash of the names and contents of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def read_yaml(path: str | Path) -> Any:
    """Read a YAML file, refusing keys given twice.

    Raises
    ------
    CardError
        When the file cannot be read or is not YAML.
    """
    return _read_yaml(Path(path), None)


def _read_yaml(path: Path, study: str | None) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(
            f"cannot read {path.name}: {error}",
            study=study,
            fix="save the card as a UTF-8 text file",
        ) from error
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except CardError as error:
        raise CardError(error.problem, study=study, fix=error.fix) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise CardError(
            f"{path.name} is not valid YAML: {error}",
            study=study,
            fix="mend the line that is named",
        ) from error


@cache
def _schema(name: str) -> dict[str, Any]:
    return yaml.load((SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"), Loader=Loader)


@cache
def _validator(name: str) -> Any:
    import jsonschema

    if name == "comparisons":
        card = _schema("card")
        return jsonschema.Draft202012Validator(
            card["properties"]["figures"] | {"$defs": card["$defs"]}
        )
    return jsonschema.Draft202012Validator(_schema(name))


def _check_schema(document: Any, schema: str, study: str | None) -> None:
    import jsonschema

    errors = list(_validator(schema).iter_errors(document))
    if not errors:
        return
    error = jsonschema.exceptions.best_match(errors)
    key = ".".join(str(part) for part in error.absolute_path) or None
    problem, fix = _explain(error)
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise CardError(f"{problem}{more}", study=study, key=key, fix=fix)


def _explain(error: Any) -> tuple[str, str]:
    """Problem and fix of a schema error, in plain words."""
    value, rule = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            unknown = [key for key in value if key not in known]
            return f"unknown key {unknown[0]!r}", _suggest(str(unknown[0]), known, "remove it")
        case "required":
            missing = next(key for key in rule if key not in value)
            meaning = error.schema.get("properties", {}).get(missing, {}).get("description", "")
            return f"key {missing!r} is missing", f"add it: {meaning}" if meaning else "add it"
        case "enum":
            return f"{value!r} is not allowed", f"use one of {', '.join(map(str, rule))}"
        case "type":
            kinds = rule if isinstance(rule, str) else " or ".join(rule)
            return f"{value!r} is not of type {kinds}", f"write a value of type {kinds}"
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
            shown = repr(value)
            shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
            return f"{shown} does not satisfy `{error.validator}`", error.schema.get(
                "description", "see the schema of the card"
            )


def _suggest(name: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, [str(key) for key in known], n=1)
    return f"did you mean {near[0]!r}?" if near else otherwise


def _check_meaning(card: dict[str, Any], study: str) -> None:
    """What a schema cannot say: names that must exist elsewhere in the card or the registry."""
    if card["study"] != study:
        raise CardError(
            f"the card calls itself {card['study']!r} but its file is {study}.yaml",
            study=study,
            key="study",
            fix="give both the same name",
        )
    for name, table in card["tables"].items():
        files = [table["file"], *(joined["file"] for joined in table.get("join", []))]
        if any(".." in Path(file).parts for file in files):
            raise CardError(
                "a file may not lie outside its folder",
                study=study,
                table=name,
                key="file",
                fix="remove `..` from the path",
            )
    if len({bool(table.get("retrieved")) for table in card["tables"].values()}) > 1:
        raise CardError(
            "some tables are retrieved and some carried",
            study=study,
            key="tables",
            fix="make them all retrieved, or split the study",
        )
    for fit_id, fit in card["fits"].items():
        _check_fit(card, study, fit_id, fit)
    for name, figure in card.get("figures", {}).items():
        for fit_id in figure.get("fits", []):
            if fit_id not in card["fits"]:
                raise CardError(
                    f"unknown fit {fit_id!r}",
                    study=study,
                    key=f"figures.{name}.fits",
                    fix=_suggest(fit_id, card["fits"], "name a fit of this card"),
                )


def _check_fit(card: dict[str, Any], study: str, fit_id: str, fit: dict[str, Any]) -> None:
    from scaling_studies.laws import get_law, law_names

    def wrong(problem: str, key: str, fix: str) -> CardError:
        return CardError(problem, study=study, key=f"fits.{fit_id}.{key}", fix=fix)

    if fit["law"] not in law_names():
        raise wrong(
            f"unknown law {fit['law']!r}",
            "law",
            _suggest(fit["law"], law_names(), f"use one of {', '.join(sorted(law_names()))}"),
        )
    law = get_law(fit["law"])
    parameters = set(law.parameter_names)
    with_rows = fit.get("estimator", "parametric") not in WITHOUT_ROWS
    if with_rows and "source_study" not in fit and not card["tables"]:
        raise wrong(
            "there is no run table to fit", "table", "declare a table, or use `estimator: printed`"
        )
    if with_rows:
        for key in ("response", "axes"):
            if key not in fit:
                raise wrong(
                    f"key {key!r} is missing", key, f"say which columns are the {key} of the law"
                )
        missing = [axis for axis in law.axis_names if axis not in fit["axes"]]
        unknown = [axis for axis in fit["axes"] if axis not in law.axis_names]
        if missing or unknown:
            name = (missing or unknown)[0]
            raise wrong(
                f"axis {name!r} is {'missing' if missing else 'unknown'}",
                "axes",
                f"the axes of {fit['law']} are {', '.join(law.axis_names)}",
            )
    table = fit.get("table")
    if table is not None and "source_study" not in fit and table not in card["tables"]:
        raise wrong(
            f"unknown table {table!r}",
            "table",
            _suggest(table, card["tables"], "name a table of this card"),
        )
    for key in ("fixed", "bounds"):
        for name in fit.get(key, {}):
            if name not in parameters:
                raise wrong(
                    f"unknown parameter {name!r}",
                    key,
                    f"the parameters of {fit['law']} are {', '.join(law.parameter_names)}",
                )
    for name, chain in fit.get("chain", {}).items():
        if chain["fit"] not in card["fits"]:
            raise wrong(
                f"unknown fit {chain['fit']!r}", f"chain.{name}.fit", "name a fit of this card"
            )
        if chain["axis"] not in get_law(card["fits"][chain["fit"]]["law"]).axis_names:
            raise wrong(
                f"unknown axis {chain['axis']!r}",
                f"chain.{name}.axis",
                "name an axis of that fit's law",
            )
    for name, value in fit.get("fixed", {}).items():
        if isinstance(value, str):
            _check_arithmetic(value, set(), lambda p, f, name=name: wrong(p, f"fixed.{name}", f))
    for name in fit.get("confirmation", {}):
        if name not in fit.get("fixed", {}):
            raise wrong(
                f"{name!r} is not a printed constant",
                "confirmation",
                _suggest(name, fit.get("fixed", {}), "name a parameter of `fixed`"),
            )
    known = quantity_names(fit)
    for name, quantity in fit.get("quantities", {}).items():
        if "expression" in quantity:
            _check_arithmetic(
                quantity["expression"],
                known,
                lambda p, f, name=name: wrong(p, f"quantities.{name}.expression", f),
            )
        if "of" in quantity and quantity["of"] not in known and quantity["of"] not in ALLOCATION:
            raise wrong(
                f"unknown quantity {quantity['of']!r}",
                f"quantities.{name}.of",
                _suggest(quantity["of"], known, f"the fit has {', '.join(sorted(known))}"),
            )
        if quantity.get("covariance_of", fit_id) not in card["fits"]:
            raise wrong(
                f"unknown fit {quantity['covariance_of']!r}",
                f"quantities.{name}.covariance_of",
                _suggest(quantity["covariance_of"], card["fits"], "name a fit of this card"),
            )
        if "growth" in quantity and fit["law"] != "power":
            raise wrong(
                "only the law `power` has a growth factor", f"quantities.{name}.growth", "remove it"
            )
        if "chain" in quantity and quantity["chain"] not in fit.get("chain", {}):
            raise wrong(
                f"unknown chain {quantity['chain']!r}",
                f"quantities.{name}.chain",
                "name a chain of this fit",
            )
    for name in fit.get("headline", []):
        if name not in known:
            raise wrong(
                f"unknown quantity {name!r}",
                "headline",
                _suggest(name, known, f"the fit has {', '.join(sorted(known))}"),
            )
    for number, target in enumerate(fit.get("targets", [])):
        judged = target.get("compare_with", fit_id)
        if judged not in card["fits"]:
            raise wrong(
                f"unknown fit {judged!r}",
                f"targets.{number}.compare_with",
                "name a fit of this card",
            )
        names = quantity_names(card["fits"][judged])
        key = "ours" if "ours" in target else "quantity"
        if target[key] not in names:
            raise wrong(
                f"the fit {judged} has no quantity {target[key]!r}",
                f"targets.{number}.{key}",
                _suggest(target[key], names, f"it has {', '.join(sorted(names))}"),
            )


def _check_arithmetic(text: str, known: set[str], wrong: Callable[[str, str], CardError]) -> None:
    """Refuse text that is not arithmetic of known names."""
    from scaling_studies.expressions import names_in

    try:
        names = names_in(text)
    except CardError as error:
        raise wrong(error.problem, error.fix) from None
    for name in sorted(names - known):
        raise wrong(
            f"unknown quantity {name!r}",
            _suggest(name, known, "use parameters and quantities of this fit"),
        )


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
    from scaling_studies.laws import get_law
    from scaling_studies.statistics import STATISTICS

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
        from scaling_studies.expressions import evaluate

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


def each_fit(cards: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All fits of all cards as (study, fit id, entry)."""
    for study, card in cards.items():
        for fit_id, fit in card["fits"].items():
            yield study, fit_id, fit
