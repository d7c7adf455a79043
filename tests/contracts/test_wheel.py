"""The wheel brings the library and its commands, without Snakemake or the workflow's packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What the extra ``workflow`` brings.
OF_THE_WORKFLOW = ("pandera", "pooch", "seaborn", "snakemake", "snakemake_interface_common")
#: Runs a command in an interpreter in which those packages are not there.
BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Blocked())
from scaling_studies.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
#: Megabytes that the wheel may have.
LARGEST = 1.5


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of what belongs to it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "src"):
        (source / name).symlink_to(ROOT / name)
    command = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    environment = os.environ | {"PYTHONPATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([sys.executable, *command, str(source)], check=True, env=environment)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Folder with the content of the wheel, which stands before the project on the path."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    draw = np.random.default_rng(0)
    params = 10 ** draw.uniform(7, 9, 30)
    tokens = params * 10 ** draw.uniform(0.5, 2.5, 30)
    loss = (1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37) * np.exp(0.004 * draw.normal(size=30))
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    pd.DataFrame({"params": params, "tokens": tokens, "val_loss": loss}).to_csv(path, index=False)
    return path


def test_it_holds_the_library_its_types_and_what_its_commands_read(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    there = {
        path.relative_to(source).as_posix() for path in source.rglob("scaling_studies/**/*.py")
    }
    assert there <= names
    assert "scaling_studies/py.typed" in names
    for folder in ("answers/templates", "cli/own_runs", "reading", "figures/styles"):
        read = {
            path.relative_to(source).as_posix()
            for path in (source / "scaling_studies" / folder).iterdir()
            if path.suffix in (".j2", ".jinja", ".yaml", ".mplstyle")
        }
        assert read and read <= names, folder
    assert wheel.stat().st_size < LARGEST * 1e6


CALLS = [
    ("fit",),
    ("predict", "--params", "7e9", "--tokens", "2e12"),
    ("allocate", "--flops", "1e22"),
    ("compare", "TABLE"),
    ("design", "--budget", "1e20"),
]


@pytest.mark.parametrize("words", CALLS, ids=lambda words: words[0])
def test_every_answer_is_given_without_the_workflow(words, installed, table, tmp_path):
    command, *flags = [str(table) if word == "TABLE" else word for word in words]
    done = call(installed, command, str(table), *flags, "--yes", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["law"]


def test_a_card_is_written_and_checked_without_the_workflow(installed, table, tmp_path):
    (tmp_path / "cards").mkdir()
    (tmp_path / "data").mkdir()
    folders = ["--cards", "cards", "--data", "data"]
    done = call(installed, "new", str(table), "--yes", "--study", "mine", *folders, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = call(installed, "check", "mine", *folders, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def call(installed: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command of the wheel where the workflow's packages are not there."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKED.format(names=OF_THE_WORKFLOW), *words],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


def test_importing_it_is_quick(installed):
    code = (
        "import time; begin = time.process_time(); import scaling_studies;"
        f"assert scaling_studies.__file__.startswith({str(installed)!r});"
        "print(time.process_time() - begin)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 0.5
