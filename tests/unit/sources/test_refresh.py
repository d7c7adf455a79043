"""Source records, extraction, refresh and check, on a small study of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from refreshed_study import (
    TABLE,
    UPSTREAM,
    edit,
    sha256,
    snapshot,
    upstream_of,
)

from scaling_studies.errors import ArtefactError, SourceError
from scaling_studies.sources import records, refresh
from scaling_studies.sources.files import default_mirror


def test_the_record_says_what_the_tables_are(options):
    source = records.load("someone_2020", data_dir=options["data_dir"])
    table, notes = source.tables
    assert (table.name, table.how, table.rows) == ("points", "extracted", 2)
    assert table.columns["loss"].unit == "nats_per_token"
    assert notes.adapter is None
    assert source.files[0].path == "data/points.csv"
    assert source.record.upstream[0].retrieved == "2026-01-02"
    assert records.studies(options["data_dir"]) == ["someone_2020"]


def test_committed_tables_are_verified(options):
    refresh.verify("someone_2020", **options)


def test_refresh_changes_nothing_where_nothing_changed(study, options):
    before = snapshot(study)
    stamps = {path: path.stat().st_mtime_ns for path in study.iterdir()}
    assert [path.name for path in refresh.refresh("someone_2020", **options)] == ["points.csv"]
    assert snapshot(study) == before
    assert {path: path.stat().st_mtime_ns for path in study.iterdir()} == stamps


def test_refresh_brings_table_and_record_up_to_date_and_keeps_the_rest(study, options):
    changed = UPSTREAM + b"3e6,3e15,z,4.125\n"
    upstream_of(options, changed)
    text = (study / "source.yaml").read_text()
    with pytest.raises(SourceError, match=r"rows, source\.yaml says 2"):
        refresh.verify("someone_2020", **options)
    refresh.refresh("someone_2020", **options)
    table = TABLE + b"2,3000000.0,3000000000000000.0,4.125\n"
    assert (study / "points.csv").read_bytes() == table
    expected = text.replace("rows: 2", "rows: 3").replace(sha256(TABLE), sha256(table))
    assert (study / "source.yaml").read_text() == expected
    refresh.verify("someone_2020", **options)


def test_refresh_into_another_folder_leaves_the_data_alone(study, options, tmp_path):
    before = snapshot(study)
    (path,) = refresh.refresh("someone_2020", **options, out_dir=tmp_path / "out")
    assert path.read_bytes() == TABLE
    assert snapshot(study) == before
    upstream_of(options, UPSTREAM.replace(b"4.25", b"4.26"))
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(SourceError, match="sha256"):
        refresh.refresh("someone_2020", **options, out_dir=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_retrieved_table_is_extracted_but_not_carried(study, options, tmp_path):
    edit(study, "how: extracted", "how: retrieved")
    (study / "points.csv").unlink()
    refresh.verify("someone_2020", **options)
    assert refresh.refresh("someone_2020", **options) == []
    assert not (study / "points.csv").exists()
    (path,) = refresh.refresh("someone_2020", **options, out_dir=tmp_path / "out")
    assert path.read_bytes() == TABLE


def test_a_full_disk_leaves_the_old_table(study, options, monkeypatch):
    upstream_of(options, UPSTREAM + b"3e6,3e15,z,4.125\n")
    before = snapshot(study)

    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ArtefactError, match="No space left on device"):
        refresh.refresh("someone_2020", **options)
    assert snapshot(study) == before


def test_the_command_checks_and_refreshes(study, options, capsys):
    common = ["--data", str(options["data_dir"]), "--mirror", str(options["upstream"].mirror)]
    common += ["--cache", str(options["upstream"].cache), "--offline"]
    assert refresh.main(["--check", *common]) == 0
    assert capsys.readouterr().out == "someone_2020: as recorded\n"
    (study / "points.csv").write_bytes(b"")
    assert refresh.main(["--check", "--study", "someone_2020", *common]) == 1
    assert capsys.readouterr().err.startswith(
        "study someone_2020, table points.csv: has the columns"
    )
    assert refresh.main(common) == 0
    assert capsys.readouterr().out == "someone_2020: points.csv\n"
    assert (study / "points.csv").read_bytes() == TABLE
    with pytest.raises(SystemExit):
        refresh.main(["--mirror", "/no/such/place"])


def test_the_mirror_is_named_or_found_beside_the_project(tmp_path, monkeypatch):
    monkeypatch.delenv("SCALING_STUDIES_MIRROR", raising=False)
    root = tmp_path / "project"
    root.mkdir()
    assert default_mirror(root) is None
    (tmp_path / "shared" / "mirror").mkdir(parents=True)
    assert default_mirror(root).resolve() == tmp_path / "shared" / "mirror"
    monkeypatch.setenv("SCALING_STUDIES_MIRROR", str(tmp_path / "elsewhere"))
    assert default_mirror(root) is None
    (tmp_path / "elsewhere").mkdir()
    assert default_mirror(root) == tmp_path / "elsewhere"


def test_reading_a_record_imports_nothing_that_takes_long(options):
    code = (
        "import sys, pathlib, scaling_studies.sources.refresh\n"
        "from scaling_studies.sources import records\n"
        f"records.load('someone_2020', data_dir=pathlib.Path({str(options['data_dir'])!r}))\n"
        "print(sorted({'pandas', 'scipy', 'pooch', 'requests'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
