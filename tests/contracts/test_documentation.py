"""The five-minute start, and what the README says of own runs, work as they are printed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from scaling_studies import registry
from scaling_studies.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = [
    block
    for name in ("docs/index.md", "README.md")
    for block in re.findall(r"```(\w+)\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
]
COMMANDS = [
    line
    for language, block in BLOCKS
    if language == "bash"
    for line in block.splitlines()
    if line.startswith("scaling-studies ")
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "data/hoffmann_2022", tmp_path / "data/hoffmann_2022")
    # What of a project a card is written into.
    for path in (ROOT / "config").glob("*.yaml"):
        (tmp_path / "config" / path.name).parent.mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "config" / path.name)
    draw = np.random.default_rng(0)
    params = 10 ** draw.uniform(7, 9, 30)
    tokens = params * 10 ** draw.uniform(0.5, 2.5, 30)
    loss = (1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37) * np.exp(0.004 * draw.normal(size=30))
    frame = pd.DataFrame({"params": params, "tokens": tokens, "loss": loss})
    for name in ("runs.csv", "my_runs.csv", "a.csv"):
        frame.to_csv(name, index=False)
    frame.assign(tokens=0.8 * tokens).to_csv("b.csv", index=False)


def test_there_is_something_to_type():
    assert {line.split()[1] for line in COMMANDS} == {*registry.names("commands")} - {"check"}


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_answers(line, capsys):
    assert main(shlex.split(line, comments=True)[1:]) == 0
    assert capsys.readouterr().out


def test_the_card_that_is_written_is_in_order(capsys):
    (line,) = {line for line in COMMANDS if line.startswith("scaling-studies new runs.csv")}
    assert main(shlex.split(line)[1:]) == 0
    assert main(["check", "runs"]) == 0
    assert capsys.readouterr().out.endswith("runs: card, tables and fits are in order\n")


def test_the_python_lines_run():
    for language, block in BLOCKS:
        if language == "python":
            exec(compile(block, "docs/index.md", "exec"), {})


def test_the_notebook_runs_and_budgets_drawn_whole_give_the_wider_interval(capsys):
    text = (ROOT / "docs/notebook.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python (.*?)\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```") / 2 and all('exec="on"' in how for how, _ in blocks)
    names: dict[str, object] = {}
    for _, block in blocks:
        exec(compile(block, "docs/notebook.md", "exec"), names)
    printed = capsys.readouterr().out
    bands = re.findall(r"a_opt from ([\d.]+) to ([\d.]+)", printed)
    rows, budgets = (float(high) - float(low) for low, high in bands)
    assert rows < budgets
    assert "converged, identified" in printed and "<svg" in printed


def test_every_page_of_the_site_is_there():
    pages = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = {path for page in pages for path in page.values()}
    assert named == {path.name for path in (ROOT / "docs").glob("*.md")}


def test_the_site_fetches_nothing_from_an_index_of_its_own():
    lock = (ROOT / "docs/requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock and "://" not in lock
