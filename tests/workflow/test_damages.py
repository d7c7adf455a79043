"""Damaged, replaced and deleted files: found by readers and by check, mended by the command."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from projects import Project, made

from scaling_studies.artefacts import files, verify
from scaling_studies.errors import ArtefactError
from scaling_studies.runs import run_files


def read(path: Path) -> None:
    """Read a file as the workflow does."""
    if path.suffix == ".json":
        files.read_json(path)
    elif path.parent.name == "runs":
        run_files.read_runs(path)
    else:
        files.read_parquet(path)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """One byte flipped, or the end cut off."""
    place = chance.randrange(len(content))
    if chance.random() < 0.3:
        return content[:place]
    flipped = content[place] ^ chance.randrange(1, 256)
    return content[:place] + bytes([flipped]) + content[place + 1 :]


def artefact_of(path: Path) -> Path:
    """The artefact that a file belongs to: itself, or the one whose checksum it holds."""
    if path.suffix == ".written":
        return path.with_name(path.name.removeprefix(".").removesuffix(".written"))
    return path.with_suffix("") if path.suffix == ".sha256" else path


def test_every_flip_and_truncation_of_an_intermediate_file_is_refused_by_its_reader(project):
    chance = random.Random(0)
    results = [path for path in (project.folder / "results").rglob("*") if path.is_file()]
    described = [*(project.folder / "reports/figures").rglob("*.json*")]
    read_from = {path: artefact_of(path) for path in [*results, *described]}
    made_files = sorted([*results, *described])
    assert {path.suffix for path in made_files} == {".json", ".parquet", ".sha256", ".written"}
    kinds = {path.relative_to(project.folder).parts[1] for path in made_files}
    assert {"runs", "fits", "resamples", "verdicts", "comparisons", "fits.parquet"} <= kinds
    for number in range(1000):
        # Every file in turn, then at random.
        path = made_files[number] if number < len(made_files) else chance.choice(made_files)
        content = path.read_bytes()
        path.write_bytes(damaged(content, chance))
        artefact = read_from[path]
        with pytest.raises(ArtefactError) as error:
            read(artefact)
        assert f"snakemake --force {artefact.as_posix()}" in str(error.value)
        path.write_bytes(content)
    for path in made_files:
        if read_from[path] == path:
            read(path)


def test_check_finds_every_damaged_file_and_nothing_else(project):
    chance = random.Random(1)
    generated = [
        path
        for top in verify.FOLDERS
        for path in sorted((project.folder / top).rglob("*"))
        if path.is_file() and path.name != "README.md"
    ]
    verified, problems = verify.verify(project.folder)
    assert problems == []
    assert verified == len([path for path in generated if artefact_of(path) == path])
    kinds = {path.suffix for path in generated}
    records = {".sha256", ".written"}
    assert kinds == {".json", ".parquet", ".svg", ".png", ".csv", ".html", ".js"} | records
    for kind in sorted(kinds):
        path = chance.choice([path for path in generated if path.suffix == kind])
        content = path.read_bytes()
        path.write_bytes(damaged(content, chance))
        name = artefact_of(path).relative_to(project.folder).as_posix()
        _, problems = verify.verify(project.folder)
        assert [str(problem).split()[0] for problem in problems] == [name]
        assert f"snakemake --force {name}" in str(problems[0])
        path.write_bytes(content)


def replaced_pair(folder: Path, chance: random.Random) -> tuple[str, dict[Path, bytes]]:
    """Put an artefact and its checksum in the place of another, its times as they were.

    Returns the name of the replaced one, and what lay there before.
    """
    checksums = sorted((folder / "results").rglob("*.sha256"))
    checksums += sorted((folder / "reports").rglob("*.sha256"))
    target = chance.choice(checksums)
    source = chance.choice(
        [
            path
            for path in checksums
            if path.suffixes == target.suffixes and path.read_bytes() != target.read_bytes()
        ]
    )
    before = {}
    for new, old in ((source, target), (artefact_of(source), artefact_of(target))):
        times = old.stat()
        before[old] = old.read_bytes()
        old.write_bytes(new.read_bytes())
        os.utime(old, ns=(times.st_atime_ns, times.st_mtime_ns))
    return artefact_of(target).relative_to(folder).as_posix(), before


def find_damages(project: Project, times: int, seed: int) -> None:
    """Damage, replace and delete at random: each time ``check`` names the file."""
    chance = random.Random(seed)
    generated = [
        path
        for top in verify.FOLDERS
        for path in sorted((project.folder / top).rglob("*"))
        if path.is_file() and path.name != "README.md"
    ]
    # As rule check asks: pages, figures and the findings of the checks.
    names = [path.relative_to(project.folder).as_posix() for path in generated]
    ends = (".html", ".svg", ".js")
    wanted = [name for name in names if name.endswith(ends) or "results/checks/" in name]
    wanted = [name for name in wanted if name.endswith((*ends, ".json"))]
    for number in range(times):
        if number % 3 == 0:
            name, before = replaced_pair(project.folder, chance)
        else:
            path = chance.choice(generated)
            before = {path: path.read_bytes()}
            name = artefact_of(path).relative_to(project.folder).as_posix()
            if number % 3 == 1:
                path.write_bytes(damaged(before[path], chance))
            else:
                path.unlink()
        _, problems = verify.verify(project.folder, wanted)
        named = {str(problem).split()[0] for problem in problems}
        # A figure's files, of the light and of the dark scheme, go by its description.
        description = Path(name.replace("-dark.svg", ".svg")).with_suffix(".json").as_posix()
        assert {name, description} & named, (number, name)
        for path, content in before.items():
            path.write_bytes(content)
    assert verify.verify(project.folder)[1] == []


def test_check_finds_damages_replaced_pairs_and_deleted_files(project):
    find_damages(project, 60, seed=3)


@pytest.mark.slow
def test_check_finds_five_hundred_damages(project):
    find_damages(project, 500, seed=4)


def test_replaced_pair_reaches_no_figure_and_is_remade_by_the_command(project):
    before = pages_and_figures(project)
    folder = project.folder / "results/fits/hoffmann_2022"
    for ending in ("json", "json.sha256"):
        shutil.copyfile(
            folder / f"approach_3_published.{ending}", folder / f"approach_3_refit.{ending}"
        )
    name = "results/fits/hoffmann_2022/approach_3_refit.json"
    done = project.run(check=False)
    assert done.returncode == 1 and f"{name} was replaced, with its checksum" in done.stderr
    assert pages_and_figures(project).items() <= before.items()
    project.run("--force", "--", name)
    project.run()
    assert pages_and_figures(project) == before


def test_check_misses_files_that_are_gone(project):
    gone = ("results/runs/hestness_2019.parquet", "reports/comparisons.html")
    for name in gone:
        (project.folder / name).unlink()
    figure = next((project.folder / "reports/figures/hoffmann_2022").glob("*.png"))
    figure.unlink()
    done = project.run("check", check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    for name in (*gone, figure.relative_to(project.folder).as_posix()):
        line = next(line for line in output.splitlines() if f"{name} is missing" in line)
        assert f"Fix: make it again with: snakemake {name}" in line
    # What is in the middle is not missed by a plain run: each needs the command that was printed.
    project.run("--", *gone, figure.relative_to(project.folder).as_posix())
    assert ", 0 are not." in project.run("check").stderr


def pages_and_figures(project: Project) -> dict[str, bytes]:
    return {name: data for name, data in made(project.folder).items() if "reports/" in name}


def test_damage_does_not_reach_the_report(project):
    before = pages_and_figures(project)
    assert {Path(name).suffix for name in before} == {".html", ".svg", ".png", ".csv", ".json"}
    names = ["results/runs/hestness_2019.parquet", "results/verdicts/hoffmann_2022.parquet"]
    for name in names:
        path = project.folder / name
        path.write_bytes(damaged(path.read_bytes(), random.Random(name)))
    done = project.run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert [name for name in names if f"{name} is damaged" not in output] == [], output
    # A page whose job has failed is taken away; what is there is what was there.
    assert pages_and_figures(project).items() <= before.items()
    for name in names:
        project.run("--force", "--", name)
    project.run()
    assert pages_and_figures(project) == before
