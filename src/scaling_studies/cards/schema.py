"""JSON Schema of cards, comparisons, configuration and source records, for editors.

`python -m scaling_studies.cards.schema config/schemas` writes them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from scaling_studies.cards.models.config import Config
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import Comparisons, StudyCard

MODELS = {"card": StudyCard, "comparisons": Comparisons, "config": Config, "source": SourceRecord}


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema of one kind of file."""
    return TypeAdapter(MODELS[name]).json_schema(by_alias=True)


def main(folder: str) -> None:
    """Write all schemas into a folder."""
    for name in MODELS:
        text = json.dumps(json_schema(name), indent=1, ensure_ascii=False) + "\n"
        path = Path(folder) / f"{name}.schema.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
