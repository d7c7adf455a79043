"""The last lines of a run."""

from __future__ import annotations

import pandas as pd

from scaling_studies.artefacts import files
from scaling_studies.cli.summary import summary


def test_reference_values_of_our_own_are_no_published_numbers(tmp_path):
    verdicts = pd.DataFrame(
        {
            "verdict": ["reproduced", "not_reproduced", "within_interval", "reproduced"],
            "confirmation": ["two_sources", None, "one_source", "own_refit"],
        }
    )
    files.write_parquet(tmp_path / "verdicts.parquet", verdicts)
    first, second = summary(tmp_path / "verdicts.parquet", tmp_path / "index.html").splitlines()
    assert first == (
        "1 of 3 published numbers came back from their own data "
        "(1 not reproduced, 1 within interval), 1 reference values of our own not counted."
    )
    assert second == f"Report: {tmp_path / 'index.html'}"
