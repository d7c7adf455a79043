"""Upstream files and records that refresh refuses, in one line each."""

from __future__ import annotations

import pickle

import pytest
from refreshed_study import (
    COMMIT,
    TABLE,
    edit,
    sha256,
    snapshot,
    upstream_of,
)

from scaling_studies.errors import ScalingStudiesError, SourceError, TableError
from scaling_studies.sources import records, refresh


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
