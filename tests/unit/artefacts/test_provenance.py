"""The hash of the code follows exactly the modules that a script uses."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from scaling_studies.artefacts import provenance

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A copy of the library's sources whose files may be edited."""
    source = tmp_path / "scaling_studies"
    shutil.copytree(provenance.SOURCE, source)
    monkeypatch.setattr(provenance, "SOURCE", source)
    provenance._module.cache_clear()
    provenance.code_hash.cache_clear()
    provenance._module_path.cache_clear()
    yield source
    provenance._module.cache_clear()
    provenance.code_hash.cache_clear()
    provenance._module_path.cache_clear()


def script_hash(name: str, *modules: str) -> str:
    provenance._module.cache_clear()
    provenance.code_hash.cache_clear()
    provenance._module_path.cache_clear()
    return provenance.code_hash(ROOT / "workflow/scripts" / f"{name}.py", *modules)


def test_hash_follows_late_and_indirect_imports(library):
    used = provenance.modules_used(ROOT / "workflow/scripts/fit_laws.py")
    for module in (
        "fits.refit",
        "engine.fit",
        "engine.search.solve",
        "artefacts.files",
        "laws",
        "engine.request",
    ):
        assert f"scaling_studies.{module}" in used
    before = script_hash("fit_laws")
    (library / "engine/search/solve.py").write_text(
        (library / "engine/search/solve.py").read_text() + "\n"
    )
    assert script_hash("fit_laws") != before


def test_hash_does_not_follow_what_is_not_used(library):
    before = script_hash("fit_laws"), script_hash("normalize_runs")
    (library / "pages/render.py").write_text("")
    assert (script_hash("fit_laws"), script_hash("normalize_runs")) == before


def test_law_counts_for_the_fits_that_use_it(library):
    law = "scaling_studies.laws.power"
    before = script_hash("fit_laws"), script_hash("fit_laws", law)
    path = library / "laws/power.py"
    path.write_text(path.read_text() + "\n")
    assert script_hash("fit_laws") == before[0]
    assert script_hash("fit_laws", law) != before[1]


def test_record_names_inputs_by_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("input.csv").write_text("x\n1\n")
    record = provenance.record("fit_laws", ["input.csv"], "abc", seed=3)
    assert record["inputs"] == {"input.csv": hashlib.sha256(b"x\n1\n").hexdigest()}
    assert record["seed"] == 3
    assert str(tmp_path) not in str(record)


def test_seed_depends_on_names_only():
    assert provenance.seed_from_name("a", "b") == provenance.seed_from_name("a", "b")
    assert provenance.seed_from_name("a", "b") != provenance.seed_from_name("a", "c")
    assert 0 <= provenance.seed_from_name("a") < 2**32
