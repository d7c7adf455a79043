"""Files are written whole, always the same, and damage is noticed."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies.artefacts import files
from scaling_studies.errors import ArtefactError

FRAME = pd.DataFrame({"study": ["a", "b"], "value": [0.1, np.nan], "n": [1, 2]})


def test_json_keeps_every_digit(tmp_path):
    path = tmp_path / "fit.json"
    value = 0.1 + 0.2
    files.write_json(path, {"value": value, "array": np.array([1.5, np.nan]), "path": tmp_path})
    assert files.read_json(path)["value"] == value
    assert files.read_json(path)["array"] == [1.5, None]


def test_parquet_is_the_same_bytes_every_time(tmp_path):
    for name in ("one", "two"):
        files.write_parquet(tmp_path / name, FRAME, {"rule": "x", "inputs": {}})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    pd.testing.assert_frame_equal(files.read_parquet(tmp_path / "one"), FRAME)
    path = (tmp_path / "one").rename(tmp_path / "one.parquet")
    files.checksum_path(tmp_path / "one").rename(files.checksum_path(path))
    assert files.read_provenance(path)["rule"] == "x"


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(tmp_path_factory, position, bit):
    path = tmp_path_factory.mktemp("flip") / "fit.json"
    files.write_json(path, {"alpha": 0.34731, "message": "converged"})
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 1 << bit
    path.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"is damaged.*snakemake --force .*fit\.json"):
        files.read_json(path)


def test_missing_checksum_is_noticed(tmp_path):
    files.write_json(tmp_path / "fit.json", {})
    files.checksum_path(tmp_path / "fit.json").unlink()
    with pytest.raises(ArtefactError, match="no recorded checksum"):
        files.read_json(tmp_path / "fit.json")


def test_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "fit.json"
    files.write_json(path, {"version": 1})

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtefactError, match="No space left on device"):
        files.write_json(path, {"version": 2})
    assert files.read_json(path) == {"version": 1}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["fit.json", "fit.json.sha256"]
