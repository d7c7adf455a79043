"""The five-minute start works as it is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from scaling_studies.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
START = (ROOT / "docs/index.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", START, re.DOTALL)
COMMANDS = [
    line
    for language, block in BLOCKS
    if language == "bash"
    for line in block.splitlines()
    if line.startswith("scaling-studies ") and not line.startswith("scaling-studies new")
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(0)
    params = 10 ** draw.uniform(7, 9, 30)
    tokens = params * 10 ** draw.uniform(0.5, 2.5, 30)
    loss = (1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37) * np.exp(0.004 * draw.normal(size=30))
    frame = pd.DataFrame({"params": params, "tokens": tokens, "loss": loss})
    frame.to_csv("runs.csv", index=False)


def test_there_is_something_to_type():
    assert len(COMMANDS) == 4


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_answers(line, capsys):
    assert main(shlex.split(line)[1:]) == 0
    assert capsys.readouterr().out


def test_the_python_lines_run():
    for language, block in BLOCKS:
        if language == "python":
            exec(compile(block, "docs/index.md", "exec"), {})


def test_every_page_of_the_site_is_there():
    pages = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = {path for page in pages for path in page.values()}
    assert named == {path.name for path in (ROOT / "docs").glob("*.md")}


def test_the_site_fetches_nothing_from_an_index_of_its_own():
    lock = (ROOT / "docs/requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock and "://" not in lock
