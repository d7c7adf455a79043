"""Damage, kills, full disks, locks: noticed, said in one line, mended by the same command."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from projects import BIN, Project, lay_out, made

from scaling_studies.artefacts import files, verify
from scaling_studies.errors import ArtefactError
from scaling_studies.runs import run_files

#: Small enough to be killed thirty times.
SMALL = ("hestness_2019",)
PAGE = "reports/studies/hestness_2019.html"
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")


# --- damage -----------------------------------------------------------------------------------


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
        # A figure's files go by its description.
        assert name in named or Path(name).with_suffix(".json").as_posix() in named, (number, name)
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


# --- kills ------------------------------------------------------------------------------------


@contextmanager
def started(project: Project, *arguments: str):
    """A run in a session of its own, ended with all its jobs when the block ends."""
    run = subprocess.Popen(
        [BIN / "snakemake", *project.config, "--cores", "2", *arguments],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield run
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def recover(project: Project, *arguments: str) -> None:
    """What the README says after a crash."""
    done = project.run(*arguments, check=False)
    if done.returncode != 0:
        output = done.stdout + done.stderr
        assert "--unlock" in output, output
        assert "Traceback" not in output
        project.run("--unlock")
        project.run(*arguments)


def stop_in_some_way(run: subprocess.Popen, project: Project, number: int) -> str:
    """End a run and, mostly, its jobs: each way in turn."""
    ways = (
        "main alone",
        "process group",
        "job alone",
        "terminated",
        "stopped and killed",
        "paused",
    )
    way = ways[number % len(ways)]
    with suppress(ProcessLookupError):
        match way:
            case "main alone":
                run.kill()
            case "process group":
                os.killpg(run.pid, signal.SIGKILL)
            case "job alone":
                for job in children_of(run.pid):
                    os.kill(job, signal.SIGKILL)
            case "terminated":
                run.terminate()
            case "stopped and killed":
                os.killpg(run.pid, signal.SIGSTOP)
                os.killpg(run.pid, signal.SIGKILL)
            case "paused":
                os.killpg(run.pid, signal.SIGSTOP)
                time.sleep(0.3)
                os.killpg(run.pid, signal.SIGCONT)
    run.wait(600)
    return way


def children_of(process: int) -> list[int]:
    """Processes that a process has started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True)
    return [int(line) for line in listed.stdout.split()]


def kill_and_recover(folder: Path, times: int, seed: int, shards: int = 1) -> None:
    """Kill fresh runs at random moments; after recovery the bytes are those of a quiet run."""
    chance = random.Random(seed)
    quiet = Project(lay_out(folder / "quiet"), SMALL)
    (quiet.folder / "config/config.yaml").write_text(f"studies: all\nshards: {shards}\n")
    begin = time.monotonic()
    quiet.run("--", PAGE)
    length = time.monotonic() - begin
    expected = made(quiet.folder)
    for number in range(times):
        project = quiet.copy(folder / f"killed_{number}", results=False)
        with started(project, "--", PAGE) as run:
            with suppress(subprocess.TimeoutExpired):
                run.wait(chance.uniform(0.0, length))
            way = stop_in_some_way(run, project, number)
            recover(project, "--", PAGE)
            found = made(project.folder)
        assert sorted(found) == sorted(expected), (number, way)
        assert [name for name in expected if found[name] != expected[name]] == [], (number, way)
        _, problems = verify.verify(project.folder, [PAGE])
        assert problems == []
        shutil.rmtree(project.folder)


def test_recovery_from_kills_gives_the_same_bytes(tmp_path):
    kill_and_recover(tmp_path, 3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize(("shards", "seed"), [(1, 2), (1, 3), (3, 4), (3, 5)])
def test_recovery_from_fifteen_kills_gives_the_same_bytes(tmp_path, shards, seed):
    kill_and_recover(tmp_path, 15, seed, shards)


# --- disks and locks --------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, megabytes: int):
    """A file system of its own in a folder."""
    folder.mkdir()
    options = f"size={megabytes}m,nr_inodes=100k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(path: Path) -> None:
    """Take all the space of a disk."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(2**16)):
            pass


def one_line_with_a_fix(output: str, words: str) -> str:
    lines = [line for line in output.splitlines() if words in line and "Fix:" in line]
    assert lines, output
    return lines[0]


@needs_root
def test_disk_that_fills_up_in_the_middle_is_named_and_a_rerun_is_clean(tmp_path):
    quiet = Project(lay_out(tmp_path / "quiet"), SMALL)
    quiet.run("--", PAGE)
    with small_disk(tmp_path / "disk", 60) as disk:
        project = quiet.copy(disk / "project", results=False)
        with (tmp_path / "output.txt").open("wb") as stream:
            run = subprocess.Popen(
                [BIN / "snakemake", *project.config, "--cores", "2", "--", PAGE],
                cwd=project.folder,
                env=project.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
                stdout=stream,
                stderr=stream,
            )
        try:
            while not [*project.folder.glob("results/runs/*.parquet")]:
                assert run.poll() is None, (tmp_path / "output.txt").read_text()
                time.sleep(0.02)
            fill(disk / "filler")
            assert run.wait(300) != 0
        finally:
            run.kill()
            run.wait()
        one_line_with_a_fix((tmp_path / "output.txt").read_text(), "is full: 0 MB are free")
        full = project.run("--", PAGE, check=False)
        one_line_with_a_fix(full.stdout + full.stderr, "is full: 0 MB are free")
        assert "Traceback" not in full.stdout + full.stderr
        (disk / "filler").unlink()
        recover(project, "--", PAGE)
        assert made(project.folder) == made(quiet.folder)


@needs_root
def test_read_only_folder_is_refused_in_one_line(tmp_path):
    with small_disk(tmp_path / "disk", 60) as disk:
        project = Project(lay_out(disk / "project"), SMALL)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = project.run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "make the folder writable" in one_line_with_a_fix(output, "cannot be written to")
    assert "Traceback" not in output


def test_second_run_on_a_locked_folder_is_refused_with_the_way_out(fresh):
    project = Project(fresh.folder, SMALL)
    # A run that holds the lock until it is killed: its job waits for a word that nobody says.
    os.mkfifo(project.folder / "gate")
    (project.folder / "waiting.smk").write_text(
        'rule wait:\n    output: "results/runs/hestness_2019.parquet"\n    shell: "cat gate"\n'
    )
    with started(project, "--snakefile", "waiting.smk") as run:
        locks = project.folder / ".snakemake/locks"
        while not (locks.is_dir() and len([*locks.iterdir()]) >= 1):
            assert run.poll() is None
            time.sleep(0.02)
        done = project.run("--", PAGE, check=False)
        assert run.poll() is None
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Directory cannot be locked" in output
    assert "--unlock" in output
    assert "Traceback" not in output
    recover(project, "--", "results/runs/hestness_2019.parquet")


def test_missing_package_is_named(fresh):
    broken = fresh.folder / "src/scaling_studies/cli/preflight.py"
    broken.write_text(
        broken.read_text().replace('"jinja2": "jinja2"', '"no_such_package": "no-such-package"')
    )
    done = fresh.run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "make report" in one_line_with_a_fix(output, "missing: no-such-package")
    assert "Traceback" not in output
