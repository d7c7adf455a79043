"""What all tests share: which outside programs must be there, and where the repository is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: Programs that tests of a mark need, by mark.
PROGRAMS = {"browser": "chromium", "cluster": "slurmctld"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
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
