"""Commands that answer a question: exit status, standard output, and one line on errors."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from scaling_studies import registry
from scaling_studies.cli.main import main


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    draw = np.random.default_rng(0)
    params = 10 ** draw.uniform(7, 9.5, 40)
    tokens = params * 10 ** draw.uniform(0.5, 2.5, 40)
    loss = 1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37
    loss *= np.exp(0.004 * draw.normal(size=40))
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    frame = pd.DataFrame({"params": params, "tokens": tokens, "val_loss": loss})
    frame.to_csv(path, index=False)
    frame.assign(params=params / 0.8).to_csv(path.with_name("other.csv"), index=False)
    return path


def called(words, table):
    """Command, table and flags."""
    command, *flags = words
    others = [str(table.with_name("other.csv")) if word == "OTHER" else word for word in flags]
    return [command, str(table), *others, "--yes"]


ANSWERED = [
    ("fit",),
    ("fit", "--law", "power"),
    ("predict", "--params", "7B", "--tokens", "2T"),
    ("allocate", "--flops", "10^22"),
    ("allocate", "--loss", "2.1"),
    ("allocate", "--gpu-hours", "1e4", "--gpu", "h100", "--inference-tokens", "1e12"),
    ("compare", "OTHER"),
    ("design", "--budget", "1e21", "--for", "loss"),
    ("rank",),
    ("rank", "--law", "chinchilla", "--law", "overtrained", "--by", "tokens"),
]


@pytest.mark.parametrize("words", ANSWERED, ids=" ".join)
def test_json_is_one_object_and_nothing_else(words, table, capsys, tmp_path):
    page = tmp_path / "page.html"
    assert main([*called(words, table), "--json", "--html", str(page)]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["n"] == (80 if "OTHER" in words else 40)
    assert shown.out.count("\n") == 1
    assert page.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    "words", {words[0]: words for words in reversed(ANSWERED)}.values(), ids=" ".join
)
def test_text_says_first_what_was_read(words, table, capsys):
    assert main(called(words, table)) == 0
    assert " was read\n" in capsys.readouterr().out


REFUSED = [
    ("fit", "nothing.csv"),
    ("fit", "TABLE", "--law", "nothing"),
    ("predict", "TABLE"),
    ("predict", "TABLE", "--params", "seven"),
    ("predict", "TABLE", "--params", "1e999", "--tokens", "1"),
    ("allocate", "TABLE"),
    ("allocate", "TABLE", "--flops", "1e22", "--law", "power"),
    ("allocate", "TABLE", "--loss", "0.1"),
    ("allocate", "TABLE", "--inference-tokens", "1e12"),
    ("compare", "TABLE"),
    ("compare", "TABLE", "nothing.csv"),
    ("design", "TABLE"),
    ("design", "TABLE", "--budget", "0"),
    ("rank", "TABLE", "--law", "nothing"),
    ("rank", "TABLE", "--by", "samples"),
    ("rank", "TABLE", "--by", "nothing"),
    ("fit",),
    ("nothing",),
    (),
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_must_be_said_first_is_one_line_and_status_2(words, table, capsys):
    given = [str(table) if word == "TABLE" else word for word in words]
    flags = ["--yes", "--json"] if len(words) > 1 else []
    try:
        status = main([*given, *flags])
    except SystemExit as left:
        status = left.code
    shown = capsys.readouterr()
    assert status == 2 and shown.out == ""
    assert shown.err.startswith("Error: ") and shown.err.count("\n") == 1
    assert ". Fix: " in shown.err


def test_every_command_explains_itself(capsys):
    for name in registry.names("commands"):
        with pytest.raises(SystemExit) as left:
            main([name, "--help"])
        assert left.value.code == 0
        assert registry.load("commands", name).HELP.split()[0] in capsys.readouterr().out


def seconds(*words: str) -> float:
    """CPU time of a process, so that a busy machine does not count."""
    begin = time.process_time(), sum(_children())
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    return sum(_children()) - begin[1]


def _children() -> tuple[float, float]:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime, used.ru_stime


def test_the_package_is_a_command_too():
    said = subprocess.run(
        [sys.executable, "-m", "scaling_studies", "--version"], capture_output=True, text=True
    )
    assert said.returncode == 0 and said.stdout.startswith("scaling-studies ")


def test_the_version_is_there_at_once():
    assert seconds("-m", "scaling_studies.cli.main", "--version") < 0.3
