"""The environments agree: environment.yml pins what requirements.lock pins."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
#: Name, version and marker of a line of the lock.
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: ; ([^\\]+?))?(?: \\)?$")
PYTHON_311 = {"python_full_version": "3.11.0", "python_version": "3.11", "sys_platform": "linux"}


def locked() -> dict[str, str]:
    """Versions of the lock that apply to Python 3.11 on Linux."""
    pins = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        found = re.match(
            r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: ; ([^\\]+?))?(?: \\)?$", line
        )
        if found and (not found[3] or Marker(found[3]).evaluate(PYTHON_311)):
            pins[found[1].lower()] = found[2]
    return pins


def declared() -> set[str]:
    """Direct dependencies, those for development and clusters included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    return {Requirement(item).name.lower() for item in wanted}


def conda() -> dict[str, str]:
    """Pins of environment.yml."""
    pins = {}
    for item in yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]:
        for line in item["pip"] if isinstance(item, dict) else [item]:
            name, _, version = line.replace("==", "=").partition("=")
            pins[name] = version
    return pins


def test_lock_pins_every_dependency_with_a_hash():
    assert declared() <= set(locked())
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[A-Za-z])", text.strip())
    assert len(entries) >= len(locked())
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_lock_holds_no_address():
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index" not in text


def test_environment_pins_what_the_lock_pins():
    pins = conda()
    assert pins.pop("python") == "3.11"
    pins.pop("pip")
    assert set(pins) == declared()
    assert {name: locked()[name] for name in pins} == pins


def test_locked_versions_satisfy_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pins = locked()
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", "CITATION.cff", "CHANGELOG.md", "CONTRIBUTING.md"]
)
def test_project_has_its_documents(name: str):
    assert (ROOT / name).stat().st_size > 200


def test_the_lock_names_the_extras_that_its_packages_ask_for():
    """Without them pip takes the newest release of such a package, and refuses it as unpinned."""
    text = (ROOT / "requirements.lock").read_text()
    named = dict(re.findall(r"^([A-Za-z0-9._-]+)\[([^]]+)\]==", text, re.MULTILINE))
    for package in locked():
        try:
            wanted = requires(package) or []
        except PackageNotFoundError:
            continue
        for item in map(Requirement, wanted):
            if item.extras and (item.marker is None or item.marker.evaluate({"extra": ""})):
                assert item.extras <= set(named.get(item.name, "").split(",")), f"{package}: {item}"


def test_an_environment_that_is_only_linked_to_is_not_emptied(tmp_path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    kept = tmp_path / "shared" / "kept.txt"
    kept.parent.mkdir()
    kept.touch()
    (tmp_path / ".venv").symlink_to(kept.parent)
    make = ["make", "--no-print-directory", "report"]
    done = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    (line,) = done.stdout.splitlines()
    assert line.startswith("Error: .venv is a link") and line.endswith("Fix: rm .venv")
    assert kept.exists()
