"""A copy of the project in a temporary folder, in which the workflow has run on a few studies."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import Project, lay_out, made_once


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy in which the workflow has run; tests must not change it."""
    return Project(made_once(tmp_path_factory, "finished", lambda at: Project(lay_out(at)).run()))


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project that a test may change."""
    return finished.copy(tmp_path / "project")


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A copy of the project in which nothing has run."""
    return Project(lay_out(tmp_path / "fresh"))
