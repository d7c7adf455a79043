"""Full disks, read-only folders, locks and missing packages: one line with a way out."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from projects import BIN, Project, lay_out, made, recover, started

#: Small enough to be killed thirty times.
SMALL = ("hestness_2019",)
PAGE = "reports/studies/hestness_2019.html"
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")


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
    quiet = Project(lay_out(tmp_path / "quiet"), SMALL, choices=False)
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
        project = Project(lay_out(disk / "project"), SMALL, choices=False)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = project.run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "make the folder writable" in one_line_with_a_fix(output, "cannot be written to")
    assert "Traceback" not in output


def test_second_run_on_a_locked_folder_is_refused_with_the_way_out(fresh):
    project = Project(fresh.folder, SMALL, choices=False)
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
