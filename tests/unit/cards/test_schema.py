"""The JSON Schema that editors use says what the models say, and allows the project's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaling_studies.cards import schema
from scaling_studies.cards.plain_yaml import read_yaml

jsonschema = pytest.importorskip("jsonschema")

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "card": "config/studies/*.yaml",
    "comparisons": "config/comparisons.yaml",
    "config": "config/*i*.yaml",
    "source": "data/*/source.yaml",
}


@pytest.mark.parametrize("name", schema.MODELS)
def test_the_written_schema_is_that_of_the_models(name, tmp_path):
    schema.main(str(tmp_path))
    written = ROOT / "config/schemas" / f"{name}.schema.json"
    made = (tmp_path / written.name).read_text(encoding="utf-8")
    assert written.read_text(encoding="utf-8") == made, "run `make schema`"


@pytest.mark.parametrize("name", schema.MODELS)
def test_files_of_the_project_satisfy_the_schema(name):
    written = json.loads((ROOT / "config/schemas" / f"{name}.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(written)
    files = [path for path in ROOT.glob(FILES[name]) if "comparisons" not in path.name]
    files = files or [ROOT / FILES[name]]
    for path in files:
        assert [error.message for error in validator.iter_errors(read_yaml(path))] == [], path


def test_a_misspelt_key_does_not_satisfy_it():
    card = read_yaml(ROOT / "config/studies/porian_2024.yaml")
    card["fits"]["refinedweb_tuned"]["titel"] = card["fits"]["refinedweb_tuned"].pop("title")
    validator = jsonschema.Draft202012Validator(schema.json_schema("card"))
    assert list(validator.iter_errors(card))


def test_the_readme_has_the_settings_of_the_model():
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    assert schema.settings_table() in text
