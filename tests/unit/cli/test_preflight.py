"""What is wrong before a run begins is said in one line with its fix."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from scaling_studies.cli import preflight
from scaling_studies.errors import PreflightError


def line_of(error: pytest.ExceptionInfo) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert "Fix: " in text
    return text


def test_a_good_place_is_accepted(tmp_path):
    preflight.check(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_old_python_is_refused():
    preflight.check_python((3, 11, 0))
    preflight.check_python((4, 0, 0))
    with pytest.raises(PreflightError) as error:
        preflight.check_python((3, 10, 14))
    assert "Python 3.10.14 is too old" in line_of(error)


def test_missing_packages_are_named_as_they_are_installed():
    with pytest.raises(PreflightError) as error:
        preflight.check_packages({"numpy": "numpy", "no_such_yaml": "pyyaml"})
    assert "package is missing: pyyaml." in line_of(error)


def test_every_package_of_the_project_is_asked_for():
    import tomllib
    from pathlib import Path

    text = (Path(__file__).resolve().parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {name.split(">")[0] for name in tomllib.loads(text)["project"]["dependencies"]}
    assert set(preflight.PACKAGES.values()) == wanted - {"snakemake"}


def test_full_disk_is_refused(tmp_path, monkeypatch):
    space = SimpleNamespace(f_bavail=3, f_frsize=2**20, f_files=10, f_favail=10)
    monkeypatch.setattr(preflight.os, "statvfs", lambda _: space)
    with pytest.raises(PreflightError) as error:
        preflight.check_folder(tmp_path)
    assert "is full: 3 MB are free" in line_of(error)
    space.f_bavail, space.f_favail = 10**6, 0
    with pytest.raises(PreflightError) as error:
        preflight.check_folder(tmp_path)
    assert "no room for another file" in line_of(error)


@pytest.mark.parametrize(
    ("number", "fix"), [(30, "make the folder writable"), (28, "free disk"), (122, "quota")]
)
def test_folder_that_cannot_be_written_to_is_refused(tmp_path, monkeypatch, number, fix):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "results").mkdir()
    monkeypatch.setattr(preflight.tempfile, "TemporaryFile", refuse)
    with pytest.raises(PreflightError) as error:
        preflight.check_folder(tmp_path)
    assert fix in line_of(error)


def test_stale_lock_is_refused_with_the_way_to_unlock(tmp_path):
    locks = tmp_path / ".snakemake/locks"
    locks.mkdir(parents=True)
    preflight.check_lock(tmp_path)
    (locks / "0.output.lock").write_text("a\n")
    with pytest.raises(PreflightError) as error:
        preflight.check_lock(tmp_path)
    assert "snakemake --unlock" in line_of(error)


def test_running_run_is_named(tmp_path):
    (tmp_path / ".snakemake/locks").mkdir(parents=True)
    (tmp_path / ".snakemake/locks/0.output.lock").write_text("a\n")
    program = tmp_path / "snakemake"
    program.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    other = subprocess.Popen([sys.executable, program], cwd=tmp_path, stdout=subprocess.PIPE)
    try:
        other.stdout.readline()
        with pytest.raises(PreflightError) as error:
            preflight.check_lock(tmp_path)
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    assert f"(process {other.pid})" in line_of(error)


@pytest.mark.parametrize(
    ("line", "makes"),
    [
        ("", True),
        ("--cores 2 results/fits.parquet", True),
        ("--config resamples=40", True),
        ("-c2 --keep-going", True),
        ("-n", False),
        ("-np", False),
        ("--cores 2 --dry-run", False),
        ("--unlock", False),
        ("--report=report.html", False),
        ("--lint", False),
    ],
)
def test_only_runs_that_make_something_are_checked(line, makes):
    assert preflight.is_run(line.split()) is makes
