"""The shape of the house: its rooms, their sizes, and doors that are seen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "src" / "scaling_studies"
MODULES = {path.relative_to(LIBRARY).as_posix(): path for path in sorted(LIBRARY.rglob("*.py"))}

#: Most lines of all of ``src``, of one file, and most modules that lie in no room.
LINES, LINES_OF_A_FILE, AT_THE_TOP = 53_727, 350, 5
#: Stages: their rule file, their folder of the library and that of their results have one name.
STAGES = {
    "sources",
    "runs",
    "fits",
    "choices",
    "forecasts",
    "verdicts",
    "checks",
    "comparisons",
    "figures",
    "pages",
}
#: Rooms that are no stage: mathematics, cards, what a run writes, own tables, and the commands.
OTHER_ROOMS = {"models", "laws", "engine", "cards", "artefacts", "reading", "answers", "cli"}
#: Rule files of no stage: what all share.
SHARED_RULES = {"common", "inputs", "artefacts"}
#: Stages whose rules stand with those of another.
RULES_WITH = {"checks": "verdicts"}


def test_rooms_are_the_stages_and_a_few_more():
    rooms = {path.name for path in LIBRARY.iterdir() if (path / "__init__.py").is_file()}
    assert rooms == STAGES | OTHER_ROOMS
    rules = {path.stem for path in (ROOT / "workflow/rules").glob("*.smk")}
    assert rules == STAGES - set(RULES_WITH) | SHARED_RULES
    for stage in STAGES:
        text = (ROOT / f"workflow/rules/{RULES_WITH.get(stage, stage)}.smk").read_text()
        assert text.startswith("# ") and "# Reads: " in text and "# Writes: " in text


def test_few_modules_lie_in_no_room():
    top = {path.stem for path in LIBRARY.glob("*.py")}
    assert len(top) <= AT_THE_TOP
    assert {path.name for path in LIBRARY.iterdir() if path.is_file()} == {
        "py.typed",
        *(f"{name}.py" for name in top),
    }


def test_each_rule_calls_a_script_of_its_name():
    scripts = {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")}
    named = {
        line.split("/")[-1].removesuffix('.py"')
        for path in (ROOT / "workflow/rules").glob("*.smk")
        for line in path.read_text().splitlines()
        if line.strip().startswith('"../scripts/')
    }
    assert named == scripts


def test_no_name_hides():
    assert [name for name in MODULES if Path(name).stem.strip("_") != Path(name).stem] == [
        name for name in MODULES if name.endswith(("__init__.py", "__main__.py"))
    ]


def test_a_file_is_read_in_one_sitting():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert [name for name, count in lines.items() if count > LINES_OF_A_FILE] == []


def test_the_library_is_no_larger_than_it_must_be():
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values())
    assert lines <= LINES


def test_tests_mirror_the_library():
    folders = {path.name for path in (ROOT / "tests/unit").iterdir() if any(path.glob("*.py"))}
    assert folders == STAGES | OTHER_ROOMS


def late_imports(tree: ast.AST, *, inside: bool = False) -> Iterator[ast.stmt]:
    """Imports of the library that stand inside a function."""
    for node in ast.iter_child_nodes(tree):
        if inside and isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            if any(name.split(".")[0] == "scaling_studies" for name in names):
                yield node
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from late_imports(node, inside=inside or is_function)


@pytest.mark.parametrize("name", MODULES)
def test_an_import_inside_a_function_says_what_it_saves(name):
    """On its line or in a comment shortly above; a circle is no reason."""
    source = MODULES[name].read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in late_imports(ast.parse(source)):
        said = "\n".join(lines[max(node.lineno - 6, 0) : node.lineno])
        assert "# " in said, f"{name}:{node.lineno}: move it up, or say what it saves"
