"""JSON Schema of cards, comparisons, configuration and source records, for editors.

`python -m scaling_studies.cards.schema config/schemas` writes them; so does `make schema`. They
describe the files as they are written, with the short forms that `expand` writes out.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from scaling_studies.cards.models.base import Entry
from scaling_studies.cards.models.config import Config
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import Comparisons, StudyCard

MODELS: dict[str, Any] = {
    "card": StudyCard,
    "comparisons": Comparisons,
    "config": Config,
    "source": SourceRecord,
}
#: Entries that may start from others, so that no key of them must be written.
INHERITING = ("TableEntry", "Measurement", "FitEntry", "Target", "Quantity", "FigureEntry")


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema of one kind of file, one of `MODELS`."""
    _complete(Entry)
    schema = TypeAdapter(MODELS[name]).json_schema(by_alias=True)
    parts = schema.get("$defs", {})
    if name == "card":
        # Names with a star are groups of fits.
        schema["properties"]["fits"].pop("propertyNames", None)
        _allow_short_forms(parts)
        for part in ("Ranking", "Plan", "LawEntry", "FigureEntry"):
            _allow_patterns(parts[part]["properties"]["fits"])
    for part in (schema, *parts.values()):
        for entry in part.get("properties", {}).values():
            # Says nothing to an editor: a title made of the key, a default that is no value.
            entry.pop("title", None)
            if entry.get("default", 0) is None:
                del entry["default"]
    return schema


def _complete(model: type[BaseModel]) -> None:
    """Build what models build late: pydantic before 2.13 cannot write defaults without it."""
    model.model_rebuild()
    for below in model.__subclasses__():
        _complete(below)


def _allow_short_forms(parts: dict[str, Any]) -> None:
    condition = parts["Rows"]["properties"]["where"]["additionalProperties"]
    parts["Rows"]["additionalProperties"] = {"anyOf": [condition, {"type": "null"}]}
    column = parts["TableEntry"]["properties"]["columns"]
    words = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    column["additionalProperties"] = {"anyOf": [column["additionalProperties"], *words["anyOf"]]}
    fit = parts["FitEntry"]["properties"]
    fit["like"] = {
        "type": "string",
        "description": "Fit of this card that this one starts from, but for what is said of it.",
    }
    _also(fit, "confirmation", fit["confirmation"]["additionalProperties"])
    target = {"anyOf": [{"$ref": "#/$defs/Target"}, {"type": ["number", "string", "null"]}]}
    _also(fit, "targets", {"type": "object", "additionalProperties": target})
    # An empty value takes away what an entry would start from.
    empty = {"type": "null"}
    for part in parts.values():
        for key, entry in list(part.get("properties", {}).items()):
            if isinstance(entry.get("additionalProperties"), dict):
                either = {"anyOf": [entry["additionalProperties"], empty]}
                entry["additionalProperties"] = either
            _also(part["properties"], key, empty)
        part.pop("required", None) if part.get("title") in INHERITING else None
    _also(parts["Target"]["properties"], "tolerance", {"type": "string"})
    for part in ("Response", "Measured", "Chain", "Extreme", "Objective", "Growth", "Weights"):
        parts[part].pop("required", None)


def _also(entries: dict[str, Any], key: str, other: dict[str, Any]) -> None:
    """Allow another form of a key."""
    entry = entries[key]
    described = {name: entry.pop(name) for name in ("description", "default") if name in entry}
    entries[key] = described | {"anyOf": [entry, other]}


def _allow_patterns(entry: dict[str, Any]) -> None:
    described = {"description": entry["description"]}
    words = {"type": "string"}
    entry.clear()
    entry.update(described | {"anyOf": [words, {"type": "array", "items": words, "minItems": 1}]})


def settings_table() -> str:
    """Keys of the configuration as a table for people."""
    rows = [
        f"| `{name}` | `{json.dumps(field.default)}` | {field.description} |".replace('"', "")
        for name, field in Config.model_fields.items()
    ]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows])


def main(folder: str) -> None:
    """Write all schemas into a folder."""
    for name in MODELS:
        text = json.dumps(json_schema(name), indent=1, ensure_ascii=False) + "\n"
        path = Path(folder) / f"{name}.schema.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
