"""What all tests share: which outside programs must be there, and where the repository is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from projects import made_once

from scaling_studies.sources.files import default_mirror

# For the processes that pytest starts, before they import numpy: as in jobs, whose small matrices
# gain nothing by threads, which would fight the other tests for the cores.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# How long an example takes depends on what else the machine does; times are measured in bench/.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
#: Programs that tests of a mark need, by mark.
PROGRAMS = {"browser": "chromium", "cluster": "slurmctld"}


#: Files whose tests take minutes: they begin first, so that no process waits for them at the end.
LONG_FILES = (
    "test_damages",
    "test_kills",
    "test_faults",
    "test_own_runs",
    "test_run",
    "test_shards",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark, skip what cannot run, and order the files, which pytest-xdist hands out."""
    for item in items:
        if "whole_run" in item.fixturenames:
            item.add_marker("library")
        if item.path.parent.name == "workflow":
            item.add_marker("workflow")
    skip_what_cannot_run(config, items)
    items.sort(key=place_of_file)


def place_of_file(item: pytest.Item) -> int:
    """Place of a test's file: the long ones first."""
    return LONG_FILES.index(item.path.stem) if item.path.stem in LONG_FILES else len(LONG_FILES)


def skip_what_cannot_run(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip tests whose program is absent, unless the environment says that it must be there."""
    required = os.environ.get("SCALING_STUDIES_REQUIRE", "").split(",")
    for mark, program in PROGRAMS.items():
        if shutil.which(program) or program in required:
            continue
        skip = pytest.mark.skip(reason=f"{program} is not installed (apt-get install {program})")
        for item in items:
            if mark in item.keywords:
                item.add_marker(skip)
    if "slow" not in (config.option.markexpr or ""):
        slow = pytest.mark.skip(reason="takes minutes: run with -m slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(slow)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """Folder in which the workflow has run on all studies, with few resamples and no choices.

    Choices and forecasts of all studies would take longer than all else; tests of a few studies
    run these stages.

    ``SCALING_STUDIES_RUN`` names a folder with a finished run to use instead.
    """
    if "not library" in pytestconfig.option.markexpr:
        pytest.fail("a test that asks for `whole_run` while it runs needs pytest.mark.library")
    if named := os.environ.get("SCALING_STUDIES_RUN"):
        return Path(named).resolve()
    return made_once(tmp_path_factory, "whole_run", run_all_studies)


def run_all_studies(folder: Path) -> None:
    """Run the workflow on all studies in a folder."""
    folder.mkdir()
    for name in ("Snakefile", "workflow", "config", "data", "profiles", "environment.yml"):
        (folder / name).symlink_to(ROOT / name)
    program = Path(sys.executable).with_name("snakemake")
    mirror = default_mirror(ROOT)
    done = subprocess.run(
        [program, "--cores", "2", "--config", "resamples=64", "choices=false"],
        cwd=folder,
        env=os.environ | ({"SCALING_STUDIES_MIRROR": str(mirror.resolve())} if mirror else {}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
