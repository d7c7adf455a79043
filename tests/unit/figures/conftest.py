"""Artefacts of a simulated study, written once."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulated_artefacts import write_artefacts


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_artefacts(tmp_path_factory.mktemp("figures") / "results")
