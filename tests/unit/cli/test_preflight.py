"""What is wrong before a run begins is said in one line with its fix."""

from __future__ import annotations

import os
import re
import subprocess
import time
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


@pytest.mark.parametrize("name", ["a{b}", "{", "}", "{9}", "x{study}y"])
def test_a_folder_with_braces_is_refused(tmp_path, name):
    folder = tmp_path / name / "project"
    folder.mkdir(parents=True)
    with pytest.raises(PreflightError) as error:
        preflight.check(folder)
    assert "has braces" in line_of(error)


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
    project = tomllib.loads(text)["project"]
    packages = [*project["dependencies"], *project["optional-dependencies"]["workflow"]]
    wanted = {name.split(">")[0] for name in packages}
    wanted -= {"snakemake", "snakemake-logger-plugin-rich"}
    assert set(preflight.PACKAGES.values()) == wanted


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
        preflight.check_writing(tmp_path)
    assert fix in line_of(error)


@pytest.fixture
def timed(tmp_path, monkeypatch):
    """A project of a few files, from within."""
    for path in ("data/a/t.csv", "results/runs/a.parquet", "reports/a.svg", "workflow/s.py"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("ahead", [120, 86400, 4e9, 2e11])
@pytest.mark.parametrize(
    "path",
    [
        "data/a/t.csv",
        "data/it's a file {9}.csv",
        "data/-rf",
        "results/runs/a.parquet",
        "reports/a.svg",
        "workflow/s.py",
        "data/link.csv",
    ],
)
def test_a_future_time_is_named_and_the_command_mends_it(timed, path, ahead):
    if path == "data/link.csv":
        (timed / "elsewhere.csv").write_text("")
        (timed / path).symlink_to(timed / "elsewhere.csv")
    (timed / path).touch()
    os.utime(timed / path, (0, time.time() + ahead))
    with pytest.raises(PreflightError) as error:
        preflight.check_times(*preflight.TIMED)
    line = line_of(error)
    assert path in line and "is dated in the future" in line
    command = re.search(r"`(find .*?)`", line)[1]
    assert command.count("-newermt") == 1 and path.split("/")[0] in command
    subprocess.run(["bash", "-c", command], check=True)
    preflight.check_times(*preflight.TIMED)


def test_many_future_times_are_one_line(timed):
    for path in (path for path in timed.rglob("*") if path.is_file()):
        os.utime(path, (0, 4e9))
    with pytest.raises(PreflightError) as error:
        preflight.check_times(*preflight.TIMED)
    assert "and 3 more files are dated in the future (2096" in line_of(error)


def test_other_times_are_no_matter(timed):
    for name, seconds in {"zero": 0, "negative": -1e9, "old": 1e6, "now": time.time()}.items():
        (timed / "data" / name).touch()
        os.utime(timed / "data" / name, (seconds, seconds))
    os.utime(timed / "data", (0, 4e9))
    (timed / "data/dangling").symlink_to("nowhere")
    (timed / "data/loop").symlink_to("loop")
    (timed / "data/round").symlink_to(timed / "data", target_is_directory=True)
    preflight.check_times(*preflight.TIMED, "not_there")


def test_a_folder_of_another_name_is_named_as_the_shell_takes_it(timed):
    folder = timed / "my data"
    folder.mkdir()
    (folder / "t.csv").touch()
    os.utime(folder / "t.csv", (0, 4e9))
    with pytest.raises(PreflightError, match=r"find -L '[^']*my data' -newermt now"):
        preflight.check_times(folder)
