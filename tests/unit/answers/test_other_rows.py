"""Where rows are selected, the answer with and without the selection are shown."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from scaling_studies.answers.allocate import allocate
from scaling_studies.answers.beside import CHOSEN
from scaling_studies.answers.compare import compare_runs
from scaling_studies.answers.design import design_runs
from scaling_studies.answers.fit import fit_runs
from scaling_studies.answers.predict import predict
from scaling_studies.answers.rank import rank_runs
from scaling_studies.cli.main import main
from scaling_studies.errors import MustBeSaid, ScalingStudiesError
from scaling_studies.reading import read_runs

SAID = {"unit": "nats_per_token", "params_convention": "total"}
SIZES, DATA = (15e6, 42e6, 110e6, 340e6, 900e6), (1e9, 3e9, 9e9, 27e9)


def grid(factor: float = 1.0, **columns) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    params, tokens = (side.ravel() for side in np.meshgrid(SIZES, DATA))
    loss = 1.9 + 350 * params**-0.34 + 1200 * tokens**-0.31
    loss *= factor * np.exp(0.002 * draw.normal(size=len(params)))
    return pd.DataFrame({"params": params, "tokens": tokens, "loss": loss}).assign(**columns)


def sweep() -> pd.DataFrame:
    return pd.concat([grid(lr=1e-3), grid(1.03, lr=3e-3), grid(1.01, lr=3e-4)], ignore_index=True)


def checkpoints() -> pd.DataFrame:
    ends = grid(run=[f"r{number}" for number in range(20)])
    early = ends.assign(tokens=ends["tokens"] / 4, loss=ends["loss"] + 0.3)
    return pd.concat([early, ends], ignore_index=True)


SELECTIONS = {
    "best of a sweep": (sweep(), {"best_of": "lr"}, "--rows all", 60),
    "last of a run": (checkpoints(), {"rows": "last"}, "--rows all", 40),
    "one seed": (
        pd.concat([grid(seed=1), grid(1.001, seed=2)], ignore_index=True),
        {"drop": "seed=2"},
        "without --drop seed=2",
        40,
    ),
    "one kind": (
        pd.concat([grid(eval_set="web"), grid(1.3, eval_set="books")], ignore_index=True),
        {"rows": "eval_set=web"},
        "--rows eval_set=books",
        20,
    ),
    "diverged": (
        pd.concat([grid(), grid(2.0).iloc[[-1]]], ignore_index=True),
        {"drop": "diverged"},
        "without --drop diverged",
        21,
    ),
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_both_results_of_a_selection_are_there(name):
    frame, said, flag, rows = SELECTIONS[name]
    answer = fit_runs(frame, "additive", **said, **SAID)
    other = answer.to_json()["other_rows"][flag]
    assert answer.n == 20 and other["n"] == rows
    assert other["parameters"]["E"]["value"] != answer.parameters["E"].value
    alone = fit_runs(grid(), "additive", **SAID)
    assert alone.parameters["alpha"].value == pytest.approx(answer.parameters["alpha"].value)
    heads = answer.tables[-1].heads
    assert heads == ("constant", CHOSEN, flag)
    assert flag in answer.text() and flag in answer.html()


def test_without_a_selection_there_is_one_result():
    assert "other_rows" not in fit_runs(grid(), "additive", **SAID).part


@pytest.mark.parametrize(
    "ask",
    [
        lambda runs: predict(runs, 7e9, 2e11, law="additive"),
        lambda runs: allocate(runs, flops=1e21, law="additive"),
        lambda runs: rank_runs(runs, ["additive", "power"]),
        lambda runs: design_runs(runs, 1e20),
        lambda runs: compare_runs({"a": runs, "b": grid(1.02)}, assume_same_shape=True, **SAID),
    ],
    ids=["predict", "allocate", "rank", "design", "compare"],
)
def test_every_question_is_answered_with_both(ask):
    own = read_runs(sweep(), best_of="lr", **SAID)
    answer = ask(own)
    other = answer.to_json()["other_rows"]["--rows all"]
    assert other["n"] == answer.n + 40
    assert any(table.caption.startswith("The answer by") for table in answer.tables)


def test_other_rows_that_give_no_answer_say_why():
    one_size = grid(0.7, kind="small").query("params == 15e6")
    frame = pd.concat([grid(kind="wide"), one_size], ignore_index=True)
    answer = fit_runs(frame, "additive", rows="kind=wide", **SAID)
    refused = answer.to_json()["other_rows"]["--rows kind=small"]["refused"]
    assert "size" in refused


def test_the_command_prints_both(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep().to_csv("runs.csv", index=False)
    words = ["fit", "runs.csv", "--law", "additive", "--best-of", "lr", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["other_rows"]) == {"--rows all"}


def of_several_losses() -> pd.DataFrame:
    frame = grid(code=0.0, ppl=0.0)
    return frame.assign(code=0.6 * frame["loss"], ppl=np.exp(1.1 * frame["loss"]))


LOSSES = ["loss=loss", "loss=code", "loss=ppl:perplexity"]


def test_several_losses_answer_beside_each_other():
    answer = fit_runs(of_several_losses(), "additive", maps=LOSSES, **SAID)
    others = answer.to_json()["other_rows"]
    assert list(others) == ["--map loss=code", "--map loss=ppl:perplexity"]
    for flag, loss in zip(others, LOSSES[1:], strict=True):
        alone = fit_runs(of_several_losses(), "additive", maps=[loss], **SAID)
        for name, item in alone.parameters.items():
            assert others[flag]["parameters"][name]["value"] == item.value
    assert "--map loss=code" in answer.text()
    assert others["--map loss=code"]["parameters"]["alpha"]["value"] == pytest.approx(
        answer.parameters["alpha"].value, rel=0.05
    )


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (predict, {"params": 7e9, "tokens": 1e12}),
        (allocate, {"flops": 1e21}),
        (rank_runs, {}),
        (design_runs, {"budget": 1e20}),
    ],
)
def test_every_question_is_asked_of_each_loss(question, said):
    answer = question(of_several_losses(), maps=LOSSES[:2], **said, **SAID)
    assert answer.to_json()["other_rows"]["--map loss=code"]["n"] == 20


def test_recipes_are_compared_by_each_loss():
    tables = {
        "a": of_several_losses(),
        "b": of_several_losses().assign(tokens=lambda f: f.tokens / 2),
    }
    answer = compare_runs(tables, maps=LOSSES[:2], **SAID)
    assert "answer" in answer.to_json()["other_rows"]["--map loss=code"]


def test_several_losses_are_offered_and_typed(tmp_path, capsys):
    names = {"loss": "web_loss", "code": "code_loss", "ppl": "f1"}
    frame = of_several_losses().rename(columns=names)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    assert main(["fit", str(tmp_path / "runs.csv"), "--json"]) == 2
    both = "--map loss=web_loss --map loss=code_loss"
    assert both in capsys.readouterr().err
    assert main(["fit", str(tmp_path / "runs.csv"), "--json", "--yes", *both.split()]) == 0
    assert list(json.loads(capsys.readouterr().out)["other_rows"]) == ["--map loss=code_loss"]
    folders = ["--cards", str(tmp_path), "--data", str(tmp_path)]
    assert main(["new", str(tmp_path / "runs.csv"), "--yes", *both.split(), *folders]) == 2
    assert "about one loss" in capsys.readouterr().err


def test_what_is_said_twice_is_refused(tmp_path):
    with pytest.raises(ScalingStudiesError, match="tokens was said before"):
        read_runs(grid(), maps=["tokens=tokens", "tokens=params"])


@pytest.mark.parametrize("lacks", ["params", "tokens"])
@pytest.mark.parametrize("names", [True, False])
def test_a_recipe_without_compute_is_named_with_what_can_be_typed(tmp_path, lacks, names):
    whole = grid()
    label = [
        f"gpt-{n / 1e6:.0f}M-d{d / 1e9:g}B"
        for n, d in zip(whole["params"], whole["tokens"], strict=True)
    ]
    short = grid(1.01, name=label).drop(columns=lacks).iloc[::6]
    short.to_csv(tmp_path / "short.csv", index=False)
    (whole.assign(name=label) if names else whole).to_csv(tmp_path / "whole.csv", index=False)
    tables = [tmp_path / "whole.csv", tmp_path / "short.csv"]
    with pytest.raises(MustBeSaid) as caught:
        compare_runs(tables, yes=True, rows="all")
    line = str(caught.value)
    assert "table short.csv" in line and f"add a column {lacks}" in line and "\n" not in line
    assert (f"--map {lacks}=name" in line) == names
    if names:
        answer = compare_runs(tables, yes=True, maps=[f"{lacks}=name"], assume_same_shape=True)
        assert len(answer.part["multipliers"]) == 1
