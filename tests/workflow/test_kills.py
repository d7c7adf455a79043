"""Runs that are killed or stopped at any moment: the same command gives the same bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from projects import Project, lay_out, made, recover, started

from scaling_studies.artefacts import verify
from scaling_studies.fits.shards import ALIGNMENT

#: Small enough to be killed thirty times: a study, what is made of it, and its resamples. The first
#: has none, the second are divided among as many jobs as may be.
WHOLE = ("hestness_2019", "reports/studies/hestness_2019.html", 40)
DIVIDED = ("hestness_2017", "results/resamples/hestness_2017/nmt_best_fit.parquet", 3 * ALIGNMENT)


WAYS = (
    "main alone",
    "process group",
    "job alone",
    "terminated",
    "stopped and killed",
    "paused",
)


def stop(run: subprocess.Popen, way: str) -> None:
    """End a run and, mostly, its jobs."""
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


def children_of(process: int) -> list[int]:
    """Processes that a process has started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True)
    return [int(line) for line in listed.stdout.split()]


def stopped_while_it_runs(project: Project, target: str, way: str, seconds: float) -> bool:
    """Whether a run was still going when it was to be stopped; it is, and recovered from, then."""
    with started(project, "--", target) as run:
        with suppress(subprocess.TimeoutExpired):
            run.wait(seconds)
        if run.poll() is not None:
            return False
        stop(run, way)
        # Before jobs that outlive their run are ended: recovery has to cope with them.
        recover(project, "--", target)
    return True


def kill_and_recover(folder: Path, times: int, seed: int, shards: int = 1) -> Counter[str]:
    """Kill fresh runs at random moments; after recovery the bytes are those of a quiet run."""
    chance = random.Random(seed)
    study, target, resamples = WHOLE if shards == 1 else DIVIDED
    quiet = Project(lay_out(folder / "quiet"), (study,), resamples)
    (quiet.folder / "config/config.yaml").write_text(f"studies: all\nshards: {shards}\n")
    begin = time.monotonic()
    quiet.run("--", target)
    length = time.monotonic() - begin
    expected = made(quiet.folder)
    logs = [*quiet.folder.glob("logs/resample_shard/*/*.log")]
    assert len(logs) == (0 if shards == 1 else shards)
    ways: Counter[str] = Counter()
    while ways.total() < times:
        number = ways.total()
        way = WAYS[(number + seed) % len(WAYS)]
        project = quiet.copy(folder / f"killed_{number}", results=False)
        if stopped_while_it_runs(project, target, way, chance.uniform(0.0, length)):
            found = made(project.folder)
            assert sorted(found) == sorted(expected), (number, way)
            assert [name for name in expected if found[name] != expected[name]] == [], (number, way)
            _, problems = verify.verify(project.folder, [target])
            assert problems == []
            ways[way] += 1
        else:
            # The machine is less busy than it was.
            length *= 0.8
        shutil.rmtree(project.folder)
    return ways


def test_recovery_from_kills_gives_the_same_bytes(tmp_path):
    kill_and_recover(tmp_path, 3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize(("shards", "seed"), [(1, 2), (1, 5), (3, 8), (3, 11)])
def test_recovery_from_fifteen_kills_gives_the_same_bytes(tmp_path, capsys, shards, seed):
    ways = kill_and_recover(tmp_path, 15, seed, shards)
    with capsys.disabled():
        print(f"\n{shards} shards: the same bytes after {dict(ways)}")
