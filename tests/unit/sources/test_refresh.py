"""Source records, extraction, refresh and check, on a small study of their own."""

from __future__ import annotations

import hashlib
import pickle
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from scaling_studies import registry
from scaling_studies.errors import ArtefactError, ScalingStudiesError, SourceError, TableError
from scaling_studies.sources import records, refresh
from scaling_studies.sources.fact_tables import to_csv_bytes
from scaling_studies.sources.files import Upstream, default_mirror

UPSTREAM = b"size,flop,other,loss\n1e6,1e15,x,4.5\n2500000.5,2e15,y,4.25\n"
TABLE = b"point,params,training_flops,loss\n0,1000000.0,1000000000000000.0,4.5\n"
TABLE += b"1,2500000.5,2000000000000000.0,4.25\n"
RECORD = """\
# Kept: a comment at the top.
study: someone_2020
citation: Someone. A paper. 2020.
licence: {spdx: none stated, terms: Unknown.}
upstream:
  - repository: owner/name
    commit: COMMIT
    retrieved: 2026-01-02
    files:
      - {path: data/points.csv, bytes: BYTES, sha256: UPSTREAM}
tables:
  - file: points.csv
    how: extracted
    adapter: plotted_points
    options: {columns: {params: size, training_flops: flop, loss: loss}}
    rows: 2
    sha256: TABLE
    columns:
      point: {unit: "1", description: Number.}
      params: {unit: parameters, description: N.}
      training_flops: {unit: FLOP, description: C.}
      loss: {unit: nats_per_token, description: L.}
  # Kept: a comment between tables.
  - file: notes.csv
    how: transcribed
    transcribed: 2026-01-02
    transcribed_from: Page 3.
    rows: 1
    sha256: NOTES
    columns:
      a: {unit: "1", description: A number.}
"""
NOTES = b"a\n7\n"
COMMIT = "b" * 40


def sha256(content):
    return hashlib.sha256(content).hexdigest()


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


def edit(study, old, new):
    path = study / "source.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def upstream_of(options, content):
    """Change the upstream file and pin what it now is."""
    path = options["upstream"].mirror / "owner" / "name" / COMMIT / "data" / "points.csv"
    path.write_bytes(content)
    study = options["data_dir"] / "someone_2020"
    edit(study, str(len(UPSTREAM)), str(len(content)))
    edit(study, sha256(UPSTREAM), sha256(content))


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


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


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("points.csv", TABLE.replace(b"4.25", b"4.26"), ("points.csv", "sha256", "refresh")),
        ("points.csv", TABLE[:-20], ("points.csv", "sha256")),
        ("points.csv", TABLE.replace(b"loss", b"los"), ("points.csv", "columns")),
        ("points.csv", TABLE + b"2,1.0,1.0,1.0\n", ("points.csv", "3 rows")),
        ("points.csv", b"", ("points.csv", "columns")),
        ("points.csv", None, ("points.csv", "cannot be read")),
        ("notes.csv", b"a\n8\n", ("notes.csv", "sha256", "record its rows")),
    ],
)
def test_a_committed_table_that_is_not_the_recorded_one_is_named(
    study, options, name, content, words
):
    path = study / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        refresh.verify("someone_2020", data_dir=options["data_dir"], upstream=None)
    line = str(caught.value)
    assert "\n" not in line
    for word in ("study someone_2020", "Fix:", *words):
        assert word in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"size,flop,loss\n1e6,1e15,n/a\n", ("row 1", "column loss", "'n/a' is not a number")),
        (b"size,flop,loss\n1e6,1e15,4\n1e6,nan,4\n", ("row 2", "column flop", "not a finite")),
        (b"size,flop,loss\n1e6,1e15,inf\n", ("row 1", "column loss", "not a finite number")),
        (b"size,flop,loss\n1e6,1e15,\n", ("row 1", "column loss", "'' is not a number")),
        (b"size,flop,loss\n1e6,1e15,-4\n", ("row 1", "column loss", "not positive")),
        (b"size,flop,loss\n0,1e15,4\n", ("row 1", "column size", "not positive")),
        (b"size,flop\n1e6,1e15\n", ("column loss", "missing")),
        (b"size,flop,loss\n", ("no rows",)),
        (b"\n", ("cannot be read",)),
        (b"size,flop,loss\n1,2,3\n1,2,3,4,5\n", ("cannot be read",)),
    ],
)
def test_bad_upstream_values_are_named_and_nothing_is_written(study, options, content, words):
    upstream_of(options, content)
    before = snapshot(study)
    with pytest.raises(TableError) as caught:
        refresh.refresh("someone_2020", **options)
    line = str(caught.value)
    assert "\n" not in line
    for word in ("study someone_2020", "data/points.csv", "Fix:", *words):
        assert word in line, line
    assert snapshot(study) == before


def test_a_pickle_that_wants_to_run_code_is_refused_on_refresh(study, options, tmp_path):
    proof = tmp_path / "it-ran"

    class Payload:
        def __reduce__(self):
            return open, (str(proof), "w")

    upstream_of(options, pickle.dumps(Payload()))
    edit(study, "adapter: plotted_points", "adapter: isoflop_summaries")
    edit(
        study,
        "{columns: {params: size, training_flops: flop, loss: loss}}",
        "{datasets: {}, experiments: {}}",
    )
    before = snapshot(study)
    with pytest.raises(TableError, match=r"someone_2020.*refused"):
        refresh.refresh("someone_2020", **options)
    assert not proof.exists()
    assert snapshot(study) == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("study: someone_2020", "study: other_2020", ("other_2020",)),
        ("citation:", "citatoin:", ("citatoin",)),
        ("    adapter: plotted_points\n", "", ("adapter",)),
        ("how: transcribed", "how: guessed", ("guessed", "tables.1.how")),
        ("    transcribed_from: Page 3.\n", "", ("transcribed_from",)),
        ("path: data/points.csv", "path: ../points.csv", ("../points.csv",)),
        ("repository: owner/name", "repository: owner", ("repository",)),
        (COMMIT, "main", ("main", "commit")),
        (sha256(TABLE), "abc", ("abc", "sha256")),
        ("rows: 2", "rows: two", ("two", "rows")),
        ("file: notes.csv", "file: ../notes.csv", ("../notes.csv",)),
        ("file: notes.csv", "file: points.csv", ("points.csv twice",)),
        ("citation:", "study: someone_2020\ncitation:", ("'study' is given twice", "line 3")),
        ("licence: {", "licence: {{", ("not valid YAML",)),
        ("adapter: plotted_points", "adapter: os", ("unknown adapter 'os'",)),
        ("adapter: plotted_points", "adapter: _checks", ("_checks",)),
        (
            "adapter: plotted_points",
            "inputs: [no/*.csv]\n    adapter: plotted_points",
            ("no/*.csv",),
        ),
        ("      loss: {unit: nats_per_token, description: L.}\n", "", ("columns", "describe")),
        ("file: points.csv", "file: dots.csv", ("makes points only",)),
    ],
)
def test_a_bad_record_is_one_line(study, options, old, new, words):
    edit(study, old, new)
    with pytest.raises(ScalingStudiesError) as caught:
        refresh.refresh("someone_2020", **options)
    line = str(caught.value)
    assert "\n" not in line
    for word in ("study someone_2020", "Fix:", *words):
        assert word in line, line
    assert (study / "points.csv").read_bytes() == TABLE


def test_a_study_without_a_record_is_named(options):
    with pytest.raises(SourceError, match=r"study nobody_1999.*cannot be read"):
        records.load("nobody_1999", data_dir=options["data_dir"])


def test_a_record_that_refresh_cannot_edit_is_named(study, options):
    edit(study, "    rows: 2\n", "    'rows': 2\n")
    with pytest.raises(SourceError, match="rows"):
        refresh.refresh("someone_2020", **options)


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


def test_adapters_are_found_by_file_name():
    names = registry.names("adapters")
    assert "plotted_points" in names and "_checks" not in names
    for name in names:
        assert callable(registry.load("adapters", name))


def test_csv_is_the_shortest_that_reads_back_exactly():
    values = [0.1 + 0.2, 1e-320, 1.7976931348623157e308, 5e15, 2.0]
    frame = pd.DataFrame({"a": values, "b": [1, 2, 3, 4, 5], "c": [True, False] * 2 + [True]})
    frame["d"] = pd.Series(["x,y", 'q"', "", None, "é"], dtype=object)
    content = to_csv_bytes(frame, table="t")
    lines = content.decode().split("\n")
    assert lines[0] == "a,b,c,d" and lines[1] == '0.30000000000000004,1,true,"x,y"'
    assert lines[4] == "5000000000000000.0,4,false," and lines[-1] == ""
    assert [float(line.split(",")[0]) for line in lines[1:-1]] == values


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], 1j])
def test_what_is_no_fact_is_not_written(value):
    frame = pd.DataFrame({"a": pd.Series([1.0, value], dtype=object)})
    with pytest.raises(TableError, match="table t, row 2, column a"):
        to_csv_bytes(frame, table="t")
