"""What a run has made is verified: damage, gaps and strangers are named, with the way out."""

from __future__ import annotations

import itertools
import os
import shutil

import pandas as pd
import pytest

from scaling_studies.artefacts import files, provenance, verify
from scaling_studies.errors import ArtefactError


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


@pytest.mark.parametrize("gone", ["results/fits.parquet", "reports/page.html"])
def test_a_file_that_nothing_else_needs_is_missed_for_its_checksum(made, gone):
    files.write_bytes("reports/page.html", b"<p>")
    (made / gone).unlink()
    _, (problem,) = lines(made)
    assert problem.startswith(f"{gone} is missing, and its checksum lies there still")
    assert problem.endswith(f"snakemake {gone}")


def test_what_was_meant_to_live_shortly_is_not_missed(made):
    files.write_json("results/shards/a.json", {})
    (made / "results/shards/a.json").unlink()
    assert lines(made) == (4, [])


def replace(made, target: str, source: str) -> None:
    """Put one artefact in the place of another, with its checksum."""
    for ending in ("", ".sha256"):
        (made / f"{target}{ending}").write_bytes((made / f"{source}{ending}").read_bytes())


@pytest.fixture
def two(made):
    """As before, with a second fit, made by the same rule from the same rows."""
    (made / "data.csv").write_text("x\n1\n")
    for name, alpha in (("b", 0.4), ("c", 0.5)):
        record = provenance.record("fit_laws", ["data.csv"], "abc")
        content = {"alpha": alpha, "provenance": record}
        files.write_json(f"results/fits/{name}.json", content)
        rows = pd.DataFrame({"alpha": [alpha]})
        record = provenance.record("plot", [f"results/fits/{name}.json"], "abc")
        files.write_parquet(f"results/{name}.parquet", rows, record)
    assert lines(made) == (8, [])
    return made


def test_a_replaced_pair_is_found_and_refused_by_its_reader(two):
    replace(two, "results/fits/b.json", "results/fits/c.json")
    _, (problem,) = lines(two)
    assert problem.startswith("results/fits/b.json was replaced, with its checksum")
    assert "snakemake --force results/fits/b.json" in problem
    with pytest.raises(ArtefactError, match="was replaced, with its checksum"):
        files.read_json("results/fits/b.json")


def test_a_swapped_pair_is_found_by_its_name_even_where_nothing_noted_what_was_written(two):
    replace(two, "results/b.parquet", "results/c.parquet")
    files.written_path(two / "results/b.parquet").write_bytes(
        files.written_path(two / "results/c.parquet").read_bytes()
    )
    _, (problem,) = lines(two)
    assert "results/b.parquet is another file put in its place" in problem
    assert "it was written as results/c.parquet" in problem
    with pytest.raises(ArtefactError, match="put in its place"):
        files.read_parquet("results/b.parquet")


def test_an_artefact_of_an_earlier_run_is_found_by_what_was_made_from_it(two):
    kept = (two / "results/fits/b.json").stat()
    record = provenance.record("fit_laws", ["data.csv"], "abc")
    files.write_json("results/fits/b.json", {"alpha": 9.0, "provenance": record})
    os.utime(two / "results/fits/b.json", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    _, (problem,) = lines(two)
    assert "results/b.parquet was made from another results/fits/b.json" in problem
    assert problem.endswith("snakemake --forcerun results/fits/b.json")
    with pytest.raises(ArtefactError, match="was made from another"):
        files.read_parquet("results/b.parquet")


def test_changed_data_are_found_by_what_was_made_from_them(two):
    kept = (two / "data.csv").stat()
    (two / "data.csv").write_text("x\n2\n")
    os.utime(two / "data.csv", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    _, problems = lines(two)
    assert [problem.split()[0] for problem in problems] == [
        "results/fits/b.json",
        "results/fits/c.json",
    ]
    assert problems[0].endswith("snakemake --forcerun results/fits/b.json")
    with pytest.raises(ArtefactError, match=r"was made from another data\.csv"):
        files.read_json("results/fits/b.json")


@pytest.mark.parametrize(
    "gone", ["results/fits/b.json", "results/b.parquet", "reports/figures/one.json"]
)
@pytest.mark.parametrize("which", [files.checksum_path, files.written_path])
def test_a_deleted_record_of_a_file_is_named_with_the_command_that_mends_it(two, gone, which):
    which(two / gone).unlink()
    _, (problem,) = lines(two)
    assert problem.startswith(f"{gone} has no record")
    assert problem.endswith(f"snakemake --force {gone}")


def test_a_moved_project_is_verified(two, tmp_path_factory, monkeypatch):
    moved = tmp_path_factory.mktemp("moved") / "project"
    shutil.copytree(two, moved)
    monkeypatch.chdir(moved.parent)
    assert lines(moved) == (8, [])
    assert files.read_json(moved / "results/fits/b.json")["alpha"] == 0.4


@pytest.mark.parametrize("ending", ["", ".sha256"])
def test_any_files_swapped_among_those_of_a_run_are_found(two, ending):
    names = sorted(
        path.relative_to(two).as_posix()
        for top in ("results", "reports")
        for path in (two / top).rglob("*")
        if path.is_file() and path.suffix in (".json", ".parquet", ".svg")
    )
    for target, source in itertools.permutations(names, 2):
        before = {path: path.read_bytes() for path in two.rglob("*") if path.is_file()}
        for tail in {"", ending}:
            if (two / f"{source}{tail}").is_file():
                (two / f"{target}{tail}").write_bytes((two / f"{source}{tail}").read_bytes())
        _, problems = lines(two)
        assert any(problem.startswith(target) for problem in problems), (target, source)
        for path in [path for path in two.rglob("*") if path.is_file()]:
            path.write_bytes(before[path]) if path in before else path.unlink()
    assert lines(two) == (8, [])


def test_a_missing_description_of_a_figure_is_named(made):
    (made / "reports/figures/one.json").unlink()
    _, (problem,) = lines(made)
    assert problem.startswith("reports/figures/one.json is missing")
    assert problem.endswith("snakemake reports/figures/one.json")
