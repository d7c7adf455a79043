"""Copies of the project in temporary folders, in which the workflow has run on a few studies."""

from __future__ import annotations

from pathlib import Path

import pytest
from own_runs import own_project
from projects import Project, lay_out, made_once


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy in which the workflow has run; tests must not change it."""

    def make(folder: Path) -> None:
        Project(lay_out(folder)).traced()

    return Project(made_once(tmp_path_factory, "finished", make))


@pytest.fixture(scope="session")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with runs of one's own and a published study; tests must not change it."""
    folder = made_once(tmp_path_factory, "own", lambda at: own_project(at).traced())
    return Project(folder, ("hoffmann_2022", "my_runs"), resamples=60)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project that a test may change."""
    return finished.copy(tmp_path / "project")


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A copy of the project in which nothing has run."""
    return Project(lay_out(tmp_path / "fresh"), choices=False)
