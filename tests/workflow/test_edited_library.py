"""An edit of any file of the library runs again the rules that use it, and no others.

What a rule uses is not asked of the code that computes the hash: it is what its jobs did import and
read in two traced runs (`projects.Project.traced`).
"""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from projects import ROOT

from scaling_studies.artefacts import code

#: Written at the end of a Snakefile: edits every file of the library in turn, and notes which jobs
#: get another hash of their code.
EDIT_ALL = """
import json, pathlib
from types import SimpleNamespace
from scaling_studies.artefacts import code as hashing

JOBS = json.loads(pathlib.Path("jobs.json").read_text())
BY_NAME = {rule.name: rule for rule in workflow.rules}

def hashes():
    hashing._hash.cache_clear()
    hashing._content_hash.cache_clear()
    return [
        BY_NAME[job["rule"]].params.code(SimpleNamespace(**job["wildcards"])) for job in JOBS
    ]

before, changed = hashes(), {}
for path in sorted(hashing.SOURCE.rglob("*.*")):
    if path.is_file() and path.parent.name != "__pycache__":
        content = path.read_bytes()
        path.write_bytes(content + b"\\n# edited\\n")
        after = hashes()
        name = path.relative_to(hashing.SOURCE).as_posix()
        changed[name] = [one != two for one, two in zip(before, after)]
        path.write_bytes(content)
pathlib.Path("changed.json").write_text(json.dumps(changed))
"""
#: What a rule may use without having used it in these runs, and why.
MAY_BE_USED = {
    "laws/": "the laws of a study's fits, of which a check or figure asks some",
    "models/": "what these laws are made of",
    "engine/": "searches and resampling that other estimators, objectives and figures need",
    "runs/contract.py": "says what is wrong with a table that a quick look finds at fault",
    "pages/templates/": "templates that include one another by a name computed late",
}
#: Only hands out names: an edit changes no result.
HANDS_OUT = "__init__.py"


@pytest.fixture(scope="module", params=["finished", "mine"])
def edited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Jobs of a traced run, and by file which of them its edit runs again."""
    project = request.getfixturevalue(request.param)
    copy = project.copy(tmp_path_factory.mktemp("edited") / "project", results=False)
    jobs = [json.loads(path.read_text()) for path in sorted((copy.folder / "traces").glob("*"))]
    (copy.folder / "jobs.json").write_text(json.dumps(jobs))
    snakefile = copy.folder / "Snakefile"
    snakefile.write_text(snakefile.read_text() + EDIT_ALL)
    copy.run("--list-rules")
    return jobs, json.loads((copy.folder / "changed.json").read_text())


def test_what_a_job_used_runs_it_again(edited):
    jobs, changed = edited
    assert len(jobs) > 15
    for number, job in enumerate(jobs):
        for file in set(job["used"]) - {HANDS_OUT}:
            assert changed[file][number], f"{job['rule']} uses {file}, whose edit it does not see"


def test_what_no_job_of_a_rule_used_runs_it_again_only_for_a_reason(edited):
    jobs, changed = edited
    used, again = defaultdict(set), defaultdict(set)
    for number, job in enumerate(jobs):
        used[job["rule"]] |= set(job["used"])
        again[job["rule"]] |= {file for file, is_changed in changed.items() if is_changed[number]}
    for rule, files in again.items():
        for file in files - used[rule]:
            assert file.startswith(tuple(MAY_BE_USED)), f"{rule} does not use {file}"


#: The public call `rank`, and what `make calibrate` calls.
CALLED_FROM_PYTHON = {"engine/planning/rank.py", "fits/calibration.py"}


def test_every_file_of_the_library_is_used(tmp_path):
    rules = tmp_path / "rules.py"
    rules.write_text(
        "\n".join(
            line.strip()
            for path in (ROOT / "workflow/rules").glob("*.smk")
            for line in path.read_text().splitlines()
            if line.strip().startswith("from scaling_studies")
        )
    )
    programs = [
        path
        for path in code.SOURCE.rglob("*.py")
        if path.name == "__main__.py" or "\nif __name__ ==" in path.read_text()
    ]
    scripts = [*(ROOT / "workflow/scripts").glob("*.py"), *programs, rules]
    used = {path for script in scripts for path in code.files_used(script).values()}
    every = {path for path in code.SOURCE.rglob("*.*") if path.parent.name != "__pycache__"}
    left = {path.relative_to(code.SOURCE).as_posix() for path in every - used if path.is_file()}
    assert left - CALLED_FROM_PYTHON == {HANDS_OUT, "py.typed"}
