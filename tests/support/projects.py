"""Copies of the project in temporary folders, for tests that run the workflow."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "workflow", "config", "data", "src", "profiles", "environment.yml")
STUDIES = ("hestness_2019", "hoffmann_2022")
FORMATS = (".parquet", ".json", ".csv", ".svg", ".png", ".html")
#: First word of the rules that each study has of its own -> the script they share.
BY_STUDY = {
    "fit": "fit_laws",
    "resample": "resample_fit",
    "plot": "plot_figures",
    "vary": "vary_choices",
    "roll": "roll_out",
}
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Project:
    """A copy of the project.

    Attributes
    ----------
    folder
        Its root.
    studies
        Studies that its runs are limited to.
    resamples
        Bootstrap resamples for each fit.
    choices
        Whether headline fits are tried under other choices and rolled out.
    """

    folder: Path
    studies: tuple[str, ...] = STUDIES
    resamples: int = 40
    choices: bool = True

    @property
    def config(self) -> list[str]:
        """Options of ``snakemake`` that limit its runs."""
        listed = ",".join(f'"{study}"' for study in self.studies)
        settings = [f"studies=[{listed}]", f"resamples={self.resamples}"]
        return ["--config", *settings, *([] if self.choices else ["choices=false"])]

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which programs find the copy's library."""
        return os.environ | {"PYTHONPATH": str(self.folder / "src"), "NO_COLOR": "1"}

    def traced(self) -> Project:
        """Run the workflow, and keep under ``traces/`` what each job used of the library."""
        traces = self.folder / "traces"
        traces.mkdir()
        paths = [str(self.folder / "src"), str(Path(__file__).parent / "tracer")]
        self.run(
            environment={
                "PYTHONPATH": os.pathsep.join(paths),
                "TRACED_LIBRARY": str(self.folder / "src" / "scaling_studies"),
                "TRACES": str(traces),
            }
        )
        return self

    def run(
        self, *arguments: str, check: bool = True, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``snakemake`` in the copy, with the copy's library."""
        options = (*self.config, "--cores", "2", *arguments)
        return self.call("snakemake", *options, check=check, environment=environment)

    def call(
        self,
        program: str,
        *arguments: str,
        check: bool = True,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the copy, with further variables of the environment if any."""
        done = subprocess.run(
            [BIN / program, *arguments],
            cwd=self.folder,
            env=self.environment | (environment or {}),
            capture_output=True,
            text=True,
            timeout=900,
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def planned(self) -> dict[str, list[str]]:
        """Jobs that a run would carry out: rule -> messages (they name study and fit)."""
        text = self.run("-n")
        output = text.stdout + text.stderr
        # A dry run prints its table twice. The rules of each study are counted as one.
        table = dict(re.findall(r"^([a-z_0-9]+) +(\d+)$", output, flags=re.MULTILINE))
        counts = Counter()
        for rule in table.keys() - {"all", "total"}:
            verb = "" if rule == "plot_comparisons" else rule.partition("_")[0]
            counts[BY_STUDY.get(verb, rule)] += int(table[rule])
        messages = re.findall(r"^Job \d+: (.*)$", output, flags=re.MULTILINE)
        verbs = {
            "Fitting": "fit_laws",
            "Resampling": "resample_fit",
            "Normalising": "normalize_runs",
            "Drawing": "plot_figures",
        }
        plan: dict[str, list[str]] = {rule: [] for rule in counts}
        for message in messages:
            rule = verbs.get(message.split()[0])
            if rule and "comparison" not in message:
                plan[rule].append(message)
        for rule in verbs.values():
            assert len(plan.get(rule, [])) == counts[rule]
        return plan

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text that must be there."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def copy(self, folder: Path, *, results: bool = True) -> Project:
        """Copy the project, with what it has made so far if asked for."""
        made = () if results else ("results", "reports", "logs", "benchmarks", ".snakemake")
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(*made))
        return Project(folder, self.studies, self.resamples, self.choices)


def lay_out(folder: Path) -> Path:
    """Copy what the workflow needs of the project."""
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=skip)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    keep_first_comparisons(folder / "config/comparisons.yaml", 2)
    return folder


def keep_first_comparisons(path: Path, count: int) -> None:
    """Drop the other comparison figures: a run of all studies draws them all."""
    entries = re.split(r"^(?=[a-z_]+:$)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text("".join(entries[: count + 1]), encoding="utf-8")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Folder that the first of the testing processes makes, and that the others wait for.

    Parameters
    ----------
    factory
        Of this process.
    name
        Name of the folder, which does not exist before.
    make
        Makes it.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, finished = shared / name, shared / f"{name}.finished"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            finished.touch()
    return folder


def made(folder: Path) -> dict[str, bytes]:
    """Everything that a run has made, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for top in ("results", "reports")
        for path in sorted((folder / top).rglob("*"))
        if path.suffix in FORMATS
    }


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
    """What docs/questions.md says after a crash."""
    done = project.run(*arguments, check=False)
    if done.returncode != 0:
        output = done.stdout + done.stderr
        assert "--unlock" in output, output
        assert "Traceback" not in output
        project.run("--unlock")
        project.run(*arguments)
