"""What a run has made is verified: damage, gaps and strangers are named, with the way out."""

from __future__ import annotations

import pandas as pd
import pytest

from scaling_studies.artefacts import files, provenance, verify


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A run of two artefacts, one made from the other, and a figure with its image."""
    monkeypatch.chdir(tmp_path)
    files.write_json("results/fits/a.json", {"alpha": 0.3})
    record = provenance.record("collect_fits", ["results/fits/a.json"], "abc")
    files.write_parquet("results/fits.parquet", pd.DataFrame({"value": [0.3]}), record)
    files.write_bytes("reports/figures/one.svg", b"<svg/>", checksum=False)
    listed = {"one.svg": files.sha256_of("reports/figures/one.svg")}
    files.write_json("reports/figures/one.json", {"files": listed})
    return tmp_path


def lines(root, wanted=()) -> tuple[int, list[str]]:
    verified, problems = verify.verify(root, wanted)
    return verified, [str(problem) for problem in problems]


def test_a_whole_run_is_verified(made):
    (made / "reports/README.md").write_text("Carried by the repository.")
    (made / "results/.fits.parquet.x1").write_text("left by a killed job")
    assert lines(made, ["results/fits.parquet"]) == (4, [])


@pytest.mark.parametrize("name", ["results/fits/a.json", "results/fits.parquet"])
def test_a_damaged_artefact_is_named(made, name):
    (made / name).write_bytes((made / name).read_bytes() + b" ")
    verified, problems = lines(made)
    assert verified == 3
    (problem,) = problems
    assert problem.startswith(f"{name} is damaged") and f"snakemake --force {name}" in problem


def test_a_damaged_image_is_named(made):
    (made / "reports/figures/one.svg").write_bytes(b"<svg />")
    verified, (problem,) = lines(made)
    assert verified == 3 and problem.startswith("reports/figures/one.svg is damaged")


def test_files_of_a_damaged_description_are_not_named_too(made):
    (made / "reports/figures/one.json").write_bytes(b"{}")
    verified, (problem,) = lines(made)
    assert verified == 3 and problem.startswith("reports/figures/one.json is damaged")


def test_a_file_that_nothing_recorded_is_named(made):
    (made / "results/stranger.csv").write_text("x")
    verified, (problem,) = lines(made)
    assert verified == 4 and problem.startswith("results/stranger.csv has no recorded checksum")


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        ("results/fits/a.json", "results/fits.parquet was made from it"),
        ("reports/figures/one.svg", "it belongs to a figure"),
        ("results/fits.parquet", "the report needs it"),
    ],
)
def test_a_missing_file_is_named_with_who_needs_it(made, gone, why):
    (made / gone).unlink()
    verified, (problem,) = lines(made, ["results/fits.parquet", "data/elsewhere.csv"])
    assert verified == 3
    assert problem.startswith(f"{gone} is missing, and {why}")
    assert problem.endswith(f"snakemake {gone}")
