"""A table that the project carries is the one that its source record tells of."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from scaling_studies.cards import load
from scaling_studies.errors import SourceError
from scaling_studies.runs.normalize import read_run_table

ROOT = Path(__file__).resolve().parents[3]
STUDY = "hestness_2019"
TABLE = f"{STUDY}/table1.csv"
CARD = load.load_card(ROOT / f"config/studies/{STUDY}.yaml")


@pytest.fixture
def data(tmp_path):
    shutil.copytree(ROOT / "data" / STUDY, tmp_path / STUDY)
    return tmp_path


def refused(data: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_run_table(STUDY, CARD.tables, data)
    line = str(caught.value)
    assert line.startswith(f"study {STUDY}, table ") and "\n" not in line
    return line


def test_a_table_as_recorded_is_read(data):
    assert read_run_table(STUDY, CARD.tables, data).num_rows == 10


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"3.37", b"3.38"),
        (b"768000000", b"768000001"),
        (b"\n", b"\r\n"),
        (b"domain", b"\xef\xbb\xbfdomain"),
        (b"3.37", b"3.370"),
    ],
)
def test_any_change_of_a_table_is_refused_and_can_be_accepted_as_the_line_says(data, old, new):
    path = data / TABLE
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    line = refused(data)
    assert f"git checkout -- {path}" in line
    accepted = re.search(r"write `(sha256: [0-9a-f]{64})` into its entry in (\S+)", line)
    record = Path(accepted[2])
    was = re.search(r"- file: table1\.csv.*?(sha256: [0-9a-f]{64})", record.read_text(), re.DOTALL)
    record.write_text(record.read_text().replace(was[1], accepted[1]))
    assert read_run_table(STUDY, CARD.tables, data).num_rows == 10


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_a_truncated_table_is_refused(data, rows):
    path = data / TABLE
    path.write_text("".join(path.read_text().splitlines(keepends=True)[: rows + 1]))
    assert "sha256 is not the recorded one" in refused(data)


@pytest.mark.parametrize("text", ["", "tables: [", "a: 1\n", "[]", "\x00"])
def test_a_broken_record_is_named(data, text):
    (data / STUDY / "source.yaml").write_text(text)
    assert "source.yaml" in refused(data)


def test_a_table_of_ones_own_needs_no_record(data):
    (data / STUDY / "source.yaml").unlink()
    path = data / TABLE
    path.write_bytes(path.read_bytes().replace(b"3.37", b"3.38"))
    assert read_run_table(STUDY, CARD.tables, data).num_rows == 10
