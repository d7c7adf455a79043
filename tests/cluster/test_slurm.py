"""The workflow on a Slurm of one node: killed jobs, a killed node daemon, and all studies."""

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
from projects import BIN, ROOT, Project, lay_out, made
from slurm import CONFIG_LINK, MARK, OUTAGE, Slurm

from scaling_studies.sources.files import default_mirror

pytestmark = pytest.mark.cluster
#: Seconds after which a run is given up, of two studies and of all.
LIMIT, LIMIT_OF_ALL = 400, 5400
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


def submitted(project: Project, slurm: Slurm, output: Path, *targets: str) -> subprocess.Popen:
    """Run of the workflow that submits its jobs."""
    with output.open("wb") as stream:
        return subprocess.Popen(
            [BIN / "snakemake", *project.config, *OPTIONS, *(["--", *targets] if targets else [])],
            cwd=project.folder,
            env=project.environment | {"SLURM_CONF": str(slurm.config), MARK: str(slurm.folder)},
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )


def finished(run: subprocess.Popen, limit: float, slurm: Slurm, output: Path) -> str:
    """Output of a run that has to end well within `limit` seconds."""
    try:
        status = str(run.wait(limit))
    except subprocess.TimeoutExpired:
        status = f"not ended after {limit} s; jobs:\n{slurm.call('squeue', '-t', 'all')}"
    text = output.read_text(encoding="utf-8", errors="replace")
    assert status == "0", f"{status}\n{text}\n{slurm.logs()}"
    return text


def end(run: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_same_bytes_as_a_local_run_though_a_job_and_the_node_are_killed(slurm, tmp_path):
    here, there = project_in(tmp_path / "here"), project_in(tmp_path / "there")
    output = tmp_path / "output.txt"
    run = submitted(there, slurm, output, *PAGES)
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
        time.sleep(OUTAGE)
        slurm.start_node()
        # The local run goes on beside: both share the machine, as on a busy login node.
        here.run("--", *PAGES)
        text = finished(run, LIMIT, slurm, output)
    finally:
        end(run)
    restarts = text.count("Trying to restart job")
    assert restarts >= 1, text
    # Groups: fewer Slurm jobs than rules' jobs. Choices and roll-outs are jobs of their own.
    jobs = text.count("has been submitted with SLURM jobid") - restarts
    assert 5 <= jobs <= 12, text
    first_run, second_run = made(here.folder), made(there.folder)
    assert sorted(first_run) == sorted(second_run)
    assert [name for name in first_run if first_run[name] != second_run[name]] == []
    assert len(first_run) > 40


@pytest.mark.slow
def test_every_stage_over_all_studies_gives_the_same_bytes_as_a_local_run(
    slurm, tmp_path, monkeypatch
):
    if mirror := default_mirror(ROOT):
        monkeypatch.setenv("SCALING_STUDIES_MIRROR", str(mirror.resolve()))
    studies = tuple(path.stem for path in sorted((ROOT / "config/studies").glob("*.yaml")))
    here, there = (
        Project(lay_out(tmp_path / name), studies, resamples=64) for name in ("here", "there")
    )
    local = subprocess.run(
        [BIN / "snakemake", *here.config, "--cores", "2"],
        cwd=here.folder,
        env=here.environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_OF_ALL,
    )
    assert local.returncode == 0, local.stderr
    output = tmp_path / "output.txt"
    run = submitted(there, slurm, output)
    try:
        finished(run, LIMIT_OF_ALL, slurm, output)
    finally:
        end(run)
    first_run, second_run = made(here.folder), made(there.folder)
    assert sorted(first_run) == sorted(second_run)
    assert [name for name in first_run if first_run[name] != second_run[name]] == []
    for stage in ("choices", "forecasts", "comparisons"):
        assert any(name.startswith(f"results/{stage}/") for name in first_run), stage
    assert len(list((there.folder / "reports/studies").glob("*.html"))) == len(studies)
