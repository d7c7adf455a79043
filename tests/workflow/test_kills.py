"""Runs that are killed or stopped at any moment: the same command gives the same bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from projects import Project, lay_out, made, recover, started

from scaling_studies.artefacts import verify

#: Small enough to be killed thirty times.
SMALL = ("hestness_2019",)
PAGE = "reports/studies/hestness_2019.html"


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
