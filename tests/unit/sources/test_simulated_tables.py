"""Simulated tables: made by an adapter from its options alone, carried, and made again alike."""

from __future__ import annotations

import pytest
from refreshed_study import edit, snapshot

from scaling_studies.errors import ScalingStudiesError
from scaling_studies.sources import records, refresh
from scaling_studies.sources.files import Upstream
from scaling_studies.sources.simulated import mean_and_error, to_digits

RECORD = """\
study: someone_2020
citation: Someone. A paper. 2020.
licence: {spdx: MIT, terms: Ours.}
tables:
  - file: resolution.csv
    how: simulated
    adapter: random_features
    options:
      seed: 1
      decays: {only: 1.0}
      resolution: {modes: 20, sizes: [4, 8], draws: 2}
      variance: {modes: 10, sizes: [8], draws: 2, held: 2}
    rows: 1
    sha256: HASH
    columns:
      spectrum: {unit: text, description: S.}
      limited_by: {unit: text, description: B.}
      size: {unit: "1", description: N.}
      loss: {unit: "1", description: L.}
      standard_error: {unit: "1", description: E.}
      theory: {unit: "1", description: T.}
"""


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "data/someone_2020"
    folder.mkdir(parents=True)
    (folder / "source.yaml").write_text(RECORD.replace("HASH", "a" * 64))
    return folder


@pytest.fixture
def options(study, tmp_path):
    return {
        "data_dir": study.parent,
        "upstream": Upstream(cache=tmp_path / "cache", offline=True),
    }


def test_refresh_makes_the_table_without_any_upstream_file_and_again_alike(study, options):
    assert [path.name for path in refresh.refresh("someone_2020", **options)] == ["resolution.csv"]
    before = snapshot(study)
    refresh.verify("someone_2020", **options)
    (study / "resolution.csv").unlink()
    refresh.refresh("someone_2020", **options)
    assert snapshot(study) == before
    (table,) = records.load("someone_2020", data_dir=study.parent).tables
    assert table.rows == 4


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    adapter: random_features\n", "", "a table that is simulated needs the key 'adapter'"),
        (
            "    rows: 1\n",
            "    inputs: [x]\n    rows: 1\n",
            "a table that is simulated has no 'inputs'",
        ),
        (
            "    rows: 1\n",
            "    transcribed: 2026-01-02\n    rows: 1\n",
            "a table that is simulated has no 'transcribed'",
        ),
        ("seed: 1", "seed: -1", "option 'seed' takes a whole number"),
        ("only: 1.0", "only: 0", "option 'decays' takes a number"),
        ("draws: 2}", "draws: 1}", r"'resolution.draws' is 1. Fix: give whole numbers from 2"),
        ("sizes: [4, 8]", "sizes: [4, 11]", r"'resolution.sizes' is \[4, 11\]. Fix: .* to 10"),
        ("sizes: [4, 8]", "sizes: []", r"'resolution.sizes' is \[\]"),
        ("modes: 20", "modes: many", r"'resolution.modes' is many"),
        ("sizes: [8]", "sizes: [3]", r"'variance.sizes' is \[3\]. Fix: give whole numbers from 4"),
        (
            ", held: 2",
            "",
            r"option 'variance' gives modes, sizes, draws. Fix: give modes, draws, held",
        ),
    ],
)
def test_a_bad_record_is_one_line(study, options, old, new, words):
    edit(study, old, new)
    with pytest.raises(ScalingStudiesError, match=words) as caught:
        refresh.refresh("someone_2020", **options)
    assert "\n" not in str(caught.value)


def test_numbers_are_rounded_to_five_digits():
    assert to_digits(0.000123456789) == 0.00012346
    assert to_digits(-123456.789) == -123460.0
    assert mean_and_error([1.0, 2.0, 3.0]) == (2.0, 0.57735)
