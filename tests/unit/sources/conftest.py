"""A study whose tables can be extracted anew."""

from __future__ import annotations

import pytest
from refreshed_study import (
    COMMIT,
    NOTES,
    RECORD,
    TABLE,
    UPSTREAM,
    sha256,
)

from scaling_studies.sources.files import Upstream


@pytest.fixture
def study(tmp_path):
    """A data folder with one study, and a mirror with its upstream file."""
    folder = tmp_path / "data" / "someone_2020"
    folder.mkdir(parents=True)
    text = RECORD
    for key, value in {
        "COMMIT": COMMIT,
        "BYTES": str(len(UPSTREAM)),
        "UPSTREAM": sha256(UPSTREAM),
        "TABLE": sha256(TABLE),
        "NOTES": sha256(NOTES),
    }.items():
        text = text.replace(key, value)
    (folder / "source.yaml").write_text(text)
    (folder / "points.csv").write_bytes(TABLE)
    (folder / "notes.csv").write_bytes(NOTES)
    upstream = tmp_path / "mirror" / "owner" / "name" / COMMIT / "data" / "points.csv"
    upstream.parent.mkdir(parents=True)
    upstream.write_bytes(UPSTREAM)
    return folder


@pytest.fixture
def options(study, tmp_path):
    return {
        "data_dir": tmp_path / "data",
        "upstream": Upstream(tmp_path / "mirror", tmp_path / "cache", offline=True),
    }
