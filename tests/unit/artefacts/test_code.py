"""The hash of the code follows what a script imports, loads by name, and reads as data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scaling_studies import registry
from scaling_studies.artefacts import code
from scaling_studies.pages import render

SCRIPTS = Path(__file__).resolve().parents[3] / "workflow" / "scripts"
NONE = dict.fromkeys(registry.KINDS, ())


def used(script: str, **chosen: tuple[str, ...]) -> set[str]:
    """Files of the library that a script uses, by their path in it."""
    files = code.files_used(SCRIPTS / f"{script}.py", **chosen).values()
    return {path.relative_to(code.SOURCE).as_posix() for path in files if path.parent != SCRIPTS}


def test_late_and_indirect_imports_count():
    files = used("fit_laws")
    assert {
        "fits/refit.py",
        "engine/fit.py",
        "engine/search/solve.py",
        "artefacts/files.py",
    } <= files
    assert not {file for file in files if file.startswith(("pages/", "figures/", "cli/"))}


LAW = "scaling_studies.models.law"
AUTODIFF = "scaling_studies.models.autodiff"
POWER = "scaling_studies.laws.power"
PACKAGES = {"scaling_studies.models", "scaling_studies.laws"}


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("from scaling_studies.models.law import Law, Axis", {LAW}),
        ("from scaling_studies.models import (\n    autodiff as ad,\n    law,\n)", {LAW, AUTODIFF}),
        ("import scaling_studies.models.law as law", {LAW}),
        ("import json, scaling_studies.models.law", {LAW}),
        ("if fast:\n    from scaling_studies.models.law import Law", {LAW}),
        ("x = 1; from scaling_studies.models.law import Law", {LAW}),
        ("def f():\n    from scaling_studies.models.law import Law", {LAW}),
        (
            "if TYPE_CHECKING:\n    import json\n\n    from scaling_studies.models.law import Law",
            set(),
        ),
        (
            "if TYPE_CHECKING:\n    import json\nfrom scaling_studies.models import autodiff",
            {AUTODIFF},
        ),
        ('"""Say.\n\n>>> from scaling_studies.models.law import Law\n"""', set()),
        ('registry.load("laws", "power")', {POWER}),
        ('registry.load(\n    "laws", "power"\n)', {POWER}),
        ('registry.load("laws", name)', {"scaling_studies.laws.kaplan"}),
        ('law = get_law("power")', {POWER}),
        ('"""Say.\n\n    >>> get_law("power")\n"""', set()),
    ],
)
def test_what_a_source_uses(tmp_path, source, modules):
    script = tmp_path / "script.py"
    script.write_text(f"{source}\n")
    assert code._used(script).modules.keys() - PACKAGES == modules - {"scaling_studies.laws.kaplan"}
    assert modules <= code.files_used(script, laws=["kaplan"]).keys()


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("fit_laws", "laws"),
        ("fit_laws", "estimators"),
        ("judge_targets", "checks"),
        ("plot_figures", "figures"),
        ("retrieve_table", "adapters"),
    ],
)
def test_what_is_loaded_by_name_counts(script, kind):
    folder = registry.KINDS[kind].folder.replace(".", "/")
    every = {f"{folder}/{name}.py" for name in registry.names(kind)}
    assert every <= used(script)
    assert not every & used(script, **NONE)
    one = registry.names(kind)[-1]
    chosen = used(script, **NONE | {kind: (one,)})
    assert every & chosen == {f"{folder}/{one}.py"}
    assert f"{folder}/__init__.py" in chosen


@pytest.mark.parametrize("name", registry.names("estimators"))
def test_everything_that_an_estimator_imports_counts(name):
    command = (
        f"import sys; from scaling_studies import registry; registry.load('estimators', {name!r});"
        "print(*(m for m in sys.modules if m.startswith('scaling_studies.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    files = code.files_used(SCRIPTS / "fit_laws.py", **NONE | {"estimators": (name,)})
    assert set(done.stdout.split()) <= set(files)


def test_a_law_that_code_asks_for_by_its_name_counts():
    assert "laws/compute_optimal.py" in used("fit_laws", **NONE | {"estimators": ("isoflop",)})


def test_data_files_count_for_the_modules_that_read_them():
    assert "pages/templates/base.html.j2" in used("render_index")
    assert "figures/styles/scaling_studies.mplstyle" in used("plot_figures")
    assert not {file for file in used("fit_laws", **NONE) if not file.endswith(".py")}


def test_compiled_templates_and_modules_do_not_count():
    render._environment().get_template("base.html.j2")
    files = used("render_index")
    data = {file for file in files if not file.endswith(".py")}
    assert data - {"engine/uncertainty/new_runs.csv"} == {
        file for file in data if Path(file).parent.name == "templates"
    }


def test_the_hash_changes_with_a_byte_of_what_is_used(tmp_path, monkeypatch):
    script = tmp_path / "script.py"
    script.write_text("x = 1\n")
    before = code.code_hash(script)
    script.write_text("x = 2\n")
    assert code.code_hash(script) == before, "planning asks again and again: read once a process"
    code._hash.cache_clear()
    code._content_hash.cache_clear()
    assert code.code_hash(script) != before


def test_what_python_and_jinja_keep_beside_the_sources_does_not_count():
    assert code._all_data_files()
    assert not [path for _, path in code._all_data_files() if "__pycache__" in path.parts]
