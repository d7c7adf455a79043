"""What cards say enters the rules through `text_of`: Snakemake sees no wildcards in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaling_studies.cards.models.config import Config

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
#: Functions whose result Snakemake takes as it is, or is a number.
HELPERS = {"text_of", "code_of", "resamples_of"}
#: Names that are no text of a card: functions of the wildcards, and ids, whose form has no braces.
NAMES = {"data_folder", "_study"}
BLOCK = re.compile(r"^( *)params:\n((?:\1 +.*\n|\n)+)", re.MULTILINE)


def params(text: str) -> Iterator[tuple[str, ast.expr]]:
    """Name and expression of each parameter of the rules of a file."""
    for _, block in BLOCK.findall(text):
        call = ast.parse(f"dict(\n{textwrap.dedent(block)}\n)", mode="eval").body
        assert isinstance(call, ast.Call) and not call.args
        for keyword in call.keywords:
            assert keyword.arg is not None
            yield keyword.arg, keyword.value


def is_left_alone(value: ast.expr) -> bool:
    """Whether Snakemake looks for no wildcards in a parameter, or finds none in any card."""
    match value:
        case ast.Lambda() | ast.Dict() | ast.DictComp() | ast.Constant():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in HELPERS
        case ast.Name(id=name):
            return name in NAMES
        case ast.Attribute(value=ast.Name(id="CONFIG"), attr=name):
            return Config.model_fields[name].annotation in (int, bool)
    return False


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_no_text_of_a_card_is_a_plain_parameter(path):
    found = list(params(path.read_text(encoding="utf-8")))
    assert [name for name, value in found if not is_left_alone(value)] == []


def test_the_rules_have_parameters():
    found = [name for path in RULES for name, _ in params(path.read_text(encoding="utf-8"))]
    assert found.count("code") >= 15 and {"entries", "card", "cards", "skipped"} <= set(found)


@pytest.mark.parametrize(
    "plain",
    ["json_of(CARDS)", "CONFIG.cache", "CARDS[_study].title", 'f"{CONFIG.data}/x"', "[title]"],
)
def test_a_plain_text_would_be_found(plain):
    rule = f"rule a:\n    params:\n        value={plain},\n    script:\n"
    ((_, value),) = params(rule)
    assert not is_left_alone(value)


def test_what_planning_imports_loads_no_scipy():
    """Every call of Snakemake, a dry run too, pays for it; Snakemake itself loads pandas."""
    text = "\n".join(path.read_text("utf-8") for path in RULES)
    imports = re.findall(
        r"^from scaling_studies[\w.]* import (?:\([^)]*\)|.*)$", text, re.MULTILINE
    )
    assert len(imports) > 10
    cards = ["from pathlib import Path", "study_cards.load_cards(Path('config/studies'))"]
    code = "\n".join([*imports, *cards, "import sys", "print('scipy' in sys.modules)"])
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
