"""Plug-ins are found by the names of their files, and named when a name is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scaling_studies import registry
from scaling_studies.errors import CardError, FitError, SourceError

ERRORS = {
    "laws": FitError,
    "estimators": FitError,
    "adapters": SourceError,
    "checks": CardError,
    "figures": CardError,
    "commands": CardError,
}


def test_names_are_those_of_the_files():
    assert set(registry.KINDS) == set(ERRORS)
    for kind, is_called in registry.KINDS.items():
        folder = registry.LIBRARY.joinpath(*is_called.folder.split("."))
        files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
        assert set(registry.names(kind)) == files
        assert list(registry.names(kind)) == sorted(files)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_everything_named_is_loaded_and_offers_what_its_kind_must(kind):
    for name in registry.names(kind):
        loaded = registry.load(kind, name)
        if kind == "laws":
            assert loaded.name == name
        elif kind == "checks":
            assert callable(loaded.find)
        elif kind == "commands":
            assert callable(loaded.run) and callable(loaded.add_options) and loaded.HELP
        else:
            assert callable(loaded)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_a_wrong_name_is_refused_with_the_nearest_and_the_known_ones(kind):
    name = registry.names(kind)[0]
    near = rf"did you mean '{name}'\? known \w+: .*{registry.names(kind)[-1]}"
    with pytest.raises(ERRORS[kind], match=near):
        registry.load(kind, f"{name}x")
    with pytest.raises(ERRORS[kind], match="unknown"):
        registry.load(kind, "../errors")


def test_asking_for_names_and_modules_imports_nothing():
    code = (
        "import sys; from scaling_studies import registry\n"
        "for kind in registry.KINDS: registry.names(kind), registry.modules(kind)\n"
        "print(sorted(m for m in sys.modules if m.startswith('scaling_studies.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(
        ["scaling_studies.errors", "scaling_studies.registry", "scaling_studies.words"]
    )


def test_modules_behind_names():
    assert registry.modules("laws", "power") == ("scaling_studies.laws.power",)
    assert registry.modules("checks") == tuple(
        f"scaling_studies.checks.kinds.{name}" for name in registry.names("checks")
    )
