"""The workflow on a Slurm of one node, through a killed job and a killed node daemon."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from projects import BIN, Project, lay_out, made
from slurm import CONFIG_LINK, MARK, Slurm

pytestmark = pytest.mark.cluster
#: Seconds after which a run is given up.
LIMIT = 400
#: What a small cluster without accounts needs on top of the profile.
OPTIONS = (
    "--profile",
    "profiles/slurm",
    "--slurm-status-command",
    "squeue",
    "--slurm-no-account",
    "--slurm-init-seconds-before-status-checks",
    "1",
    "--seconds-between-status-checks",
    "1",
    "--latency-wait",
    "10",
)
RESAMPLES = 300
PAGES = ("reports/studies/hestness_2019.html", "reports/studies/hoffmann_2022.html")


@pytest.fixture
def slurm():
    if os.getuid() != 0:
        pytest.skip("a Slurm of one's own needs root")
    if CONFIG_LINK.is_symlink() and not CONFIG_LINK.exists():
        CONFIG_LINK.unlink()
    if os.path.lexists(CONFIG_LINK):
        pytest.skip(f"{CONFIG_LINK} belongs to another cluster")
    folder = Path(tempfile.mkdtemp(prefix="slurm", dir="/tmp"))
    try:
        with Slurm(folder) as cluster:
            yield cluster
        assert not os.path.lexists(CONFIG_LINK)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def project_in(folder: Path) -> Project:
    project = Project(lay_out(folder), resamples=RESAMPLES)
    settings = folder / "config/config.yaml"
    settings.write_text("studies: all\nshards: 3\n", encoding="utf-8")
    return project


def wait_for(what: str, condition, run: subprocess.Popen, output: Path):
    deadline = time.monotonic() + LIMIT
    while not (found := condition()):
        text = output.read_text(encoding="utf-8", errors="replace")
        assert run.poll() is None, f"ended before {what}\n{text}"
        assert time.monotonic() < deadline, f"waited in vain for {what}\n{text}"
        time.sleep(0.2)
    return found


def test_same_bytes_as_a_local_run_though_a_job_and_the_node_are_killed(slurm, tmp_path):
    here, there = project_in(tmp_path / "here"), project_in(tmp_path / "there")
    output = tmp_path / "output.txt"
    with output.open("wb") as stream:
        run = subprocess.Popen(
            [BIN / "snakemake", *there.config, *OPTIONS, "--", *PAGES],
            cwd=there.folder,
            env=there.environment | {"SLURM_CONF": str(slurm.config), MARK: str(slurm.folder)},
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        first = wait_for("a running job", slurm.running, run, output)
        slurm.kill_job(first[0])
        wait_for(
            "another running job",
            lambda: [job for job in slurm.running() if job not in first],
            run,
            output,
        )
        slurm.kill_node()
        time.sleep(1)
        slurm.start_node()
        # The local run goes on beside: both share the machine, as on a busy login node.
        here.run("--", *PAGES)
        status = run.wait(LIMIT)
        text = output.read_text(encoding="utf-8", errors="replace")
        assert status == 0, f"{text}\n{slurm.logs()}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    assert "Trying to restart job" in text
    # Groups: fewer Slurm jobs than rules' jobs. Choices and roll-outs are jobs of their own.
    submitted = text.count("has been submitted with SLURM jobid")
    assert 5 <= submitted <= 12, text
    first_run, second_run = made(here.folder), made(there.folder)
    assert sorted(first_run) == sorted(second_run)
    assert [name for name in first_run if first_run[name] != second_run[name]] == []
    assert len(first_run) > 40
