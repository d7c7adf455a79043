"""Files of studies that are not carried: what is at hand, and a network that is away."""

from __future__ import annotations

import hashlib

import pytest
import requests

from scaling_studies.sources import retrieval
from scaling_studies.sources.files import Upstream

COMMIT = "c" * 40
CONTENT = b"a,b\n1,2\n"
RECORD = """\
study: {study}
citation: Someone. A paper. 2020.
licence: {{spdx: none stated, terms: Unknown.}}
upstream:
  - repository: owner/name
    commit: {commit}
    retrieved: 2026-01-02
    files:
      - {{path: {study}.csv, bytes: {size}, sha256: {sha256}}}
tables:
  - file: points.csv
    how: retrieved
    adapter: plotted_points
    rows: 1
    sha256: {sha256}
    columns:
      a: {{unit: "1", description: A number.}}
"""
STUDIES = ["first_2020", "second_2021", "third_2022"]


@pytest.fixture
def data_dir(tmp_path):
    """Records of three studies; the file of the second is in a mirror."""
    for study in STUDIES:
        folder = tmp_path / "data" / study
        folder.mkdir(parents=True)
        sha256 = hashlib.sha256(CONTENT).hexdigest()
        text = RECORD.format(study=study, commit=COMMIT, size=len(CONTENT), sha256=sha256)
        (folder / "source.yaml").write_text(text)
    copy = tmp_path / "mirror/owner/name" / COMMIT / "second_2021.csv"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(CONTENT)
    return tmp_path / "data"


@pytest.fixture
def upstream(tmp_path):
    return Upstream(tmp_path / "mirror", tmp_path / "cache")


def test_what_is_missing_is_named_without_the_network(data_dir, upstream):
    missing = [
        retrieval.missing_files(study, data_dir=data_dir, upstream=upstream) for study in STUDIES
    ]
    assert missing == [["owner/name/first_2020.csv"], [], ["owner/name/third_2022.csv"]]


def test_a_host_that_is_away_is_not_asked_again_and_the_rest_is_at_hand(
    data_dir, upstream, monkeypatch
):
    asked = []

    def get(address, **_options):
        asked.append(address)
        raise requests.ConnectionError("unreachable")

    monkeypatch.setattr(requests, "get", get)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _seconds: None)
    failures = retrieval.retrieve(STUDIES, data_dir=data_dir, upstream=upstream)
    assert list(failures) == ["first_2020", "third_2022"]
    assert "cannot be downloaded" in failures["first_2020"]
    assert "network is not to be used" in failures["third_2022"]
    assert set(asked) == {f"https://raw.githubusercontent.com/owner/name/{COMMIT}/first_2020.csv"}
