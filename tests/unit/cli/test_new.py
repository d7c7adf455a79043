"""`scaling-studies new`: tables and tracker exports become cards that are in order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scaling_studies.cards import load
from scaling_studies.cli.main import main

ROWS = [
    (f"run-{i}", 2e7 * 2**i, 4e8 * 2 ** (i + 4 * (i % 2)), round(1.7 + 3.0 * 0.8**i, 4))
    for i in range(10)
]
PLAIN = pd.DataFrame(ROWS, columns=["run", "params", "tokens", "loss"])


class Project:
    """Folders of cards and tables, in which the command is called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "cards").mkdir()
        (path / "data").mkdir()

    def new(self, table: Path, *arguments: str) -> int:
        folders = ["--cards", str(self.path / "cards"), "--data", str(self.path / "data")]
        return main(["new", str(table), *folders, *arguments])

    def card(self, study: str) -> dict:
        return load.load_card(self.path / f"cards/{study}.yaml").as_dict()

    def files(self) -> list[str]:
        return sorted(
            path.relative_to(self.path).as_posix()
            for folder in ("cards", "data")
            for path in (self.path / folder).rglob("*")
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_ten_runs_become_a_card_with_every_law(project, tmp_path, capsys):
    table = tmp_path / "my runs.csv"
    PLAIN.to_csv(table, index=False)
    assert project.new(table, "--yes", "--year", "2026") == 0
    assert project.files() == ["cards/my_runs.yaml", "data/my_runs", "data/my_runs/runs.csv"]
    card = project.card("my_runs")
    entry = card["tables"]["runs"]
    assert entry["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert (project.path / "data/my_runs/runs.csv").read_bytes() == table.read_bytes()
    assert list(card["ranking"]["fits"]) == [
        "additive", "kaplan", "overtrained", "power", "power_offset",
    ]  # fmt: skip
    assert card["ranking"]["by"] == {
        "params": "params_total", "tokens": "tokens", "flops": "flops_6nd",
    }  # fmt: skip
    assert set(card["plan"]) == {"fits"}
    assert card["fits"]["additive"]["held_out"] == "rest"
    assert card["fits"]["additive"]["resample"]["kind"] == "parametric"
    assert "Next: snakemake --config studies=own" in capsys.readouterr().out


def test_the_largest_fifth_is_held_out(project, tmp_path):
    table = tmp_path / "a.csv"
    PLAIN.to_csv(table, index=False)
    project.new(table, "--yes", "--study", "mine")
    limit = project.card("mine")["fits"]["power"]["rows"]["where"]["flops_6nd"]["max"]
    compute = sorted(6 * PLAIN["params"] * PLAIN["tokens"])
    assert compute[-3] < limit < compute[-2]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("repeats", [1, 2, 4])
def test_the_share_that_is_held_out_is_that_of_the_runs(project, tmp_path, share, repeats):
    """Runs that share sizes stay together; their number is what the share counts."""
    sizes, ratios = np.geomspace(1e7, 1e9, 5), np.array([10.0, 30.0, 100.0])
    params = np.repeat(np.repeat(sizes, 3), repeats)
    tokens = np.repeat((sizes[:, None] * ratios).ravel(), repeats)
    seeds = np.arange(len(params)) % repeats + 1
    loss = 1.8 + 300 * params**-0.33 + 900 * tokens**-0.3 + 0.001 * seeds
    frame = pd.DataFrame({"params": params, "tokens": tokens, "seed": seeds, "loss": loss})
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert project.new(tmp_path / "a.csv", "--yes", "--held-out", str(share)) == 0
    limit = project.card("a")["fits"]["power"]["rows"]["where"]["flops_6nd"]["max"]
    held_out = (6 * params * tokens > limit).mean()
    assert abs(held_out - share) <= 1 / 15


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_other_files_give_the_same_fits(project, tmp_path, ending):
    table = tmp_path / f"runs.{ending}"
    match ending:
        case "csv":
            PLAIN.to_csv(table, index=False)
        case "parquet":
            PLAIN.to_parquet(table)
        case "jsonl":
            PLAIN.to_json(table, orient="records", lines=True)
    assert project.new(table, "--yes") == 0
    card = project.card("runs")
    assert card["tables"]["runs"]["columns"]["tokens"] == {"from": "tokens", "unit": "tokens"}
    assert len(card["fits"]) == 8


def test_names_of_trackers_units_and_states_are_understood(project, tmp_path):
    table = tmp_path / "tracker.csv"
    frame = pd.DataFrame(
        {
            "Name": PLAIN["run"],
            "State": ["finished"] * 9 + ["crashed"],
            "config.n_params_m": PLAIN["params"] / 1e6,
            "summary/train_tokens (B)": PLAIN["tokens"] / 1e9,
            "eval/bpb": PLAIN["loss"],
            "train/loss": PLAIN["loss"] * 0.9,
        }
    )
    frame.to_csv(table, index=False)
    assert project.new(table, "--yes") == 0
    entry = project.card("tracker")["tables"]["runs"]
    assert entry["columns"]["params_total"] == {"from": "config.n_params_m", "unit": "million"}
    assert entry["columns"]["tokens"]["unit"] == "billion"
    assert entry["columns"]["status"]["values"] == {"finished": "ok", "crashed": "unfinished"}
    assert entry["measurements"][0]["unit"] == "bits_per_byte"
    assert entry["measurements"][0]["from"] == "eval/bpb"


def steps(run: int) -> pd.DataFrame:
    """Curve of a run: its loss at four steps."""
    return pd.DataFrame(
        {"step": [100, 200, 300, 400], "loss": [5.0 - 0.1 * run - k / 9 for k in range(4)]}
    )


def write_sizes(path: Path) -> Path:
    path.write_text("run,params\n" + "".join(f"r{i},{2e7 * 2**i:.0f}\n" for i in range(6)))
    return path


def test_a_wide_chart_with_sizes_and_a_batch(project, tmp_path):
    wide = pd.DataFrame({"Step": steps(0)["step"]})
    for run in range(6):
        wide[f"r{run} - val/loss"] = steps(run)["loss"]
        wide[f"r{run} - val/loss__MIN"] = steps(run)["loss"]
        wide[f"r{run} - _step"] = steps(run)["step"]
    wide.to_csv(tmp_path / "chart.csv", index=False)
    sizes = write_sizes(tmp_path / "sizes.csv")
    said = ["--join", str(sizes), "--map", "tokens=step:sequences_of_524288"]
    assert project.new(tmp_path / "chart.csv", "--yes", *said) == 0
    card = project.card("chart")
    entry = card["tables"]["runs"]
    assert entry["group"] == ["run"]
    assert card["fits"]["additive"]["resample"]["kind"] == "cluster"
    assert card["fits"]["additive"]["rows"]["where"]["run_id"] == ["r0", "r1", "r2", "r3", "r4"]
    made = pd.read_csv(project.path / "data/chart/runs.csv")
    assert {"run", "params", "tokens", "loss"} <= set(made) and len(made) == 24


@pytest.mark.parametrize("tagged", [False, True])
def test_a_folder_with_a_file_a_run(project, tmp_path, tagged):
    folder = tmp_path / "curves"
    folder.mkdir()
    for run in range(6):
        if tagged:
            frame = steps(run).rename(columns={"step": "Step", "loss": "Value"})
            frame.insert(0, "Wall time", 1.5)
            frame.to_csv(folder / f"run-r{run}-tag-loss.csv", index=False)
        else:
            steps(run).to_csv(folder / f"r{run}.csv", index=False)
    (folder / "link.csv").symlink_to("/etc/passwd")
    sizes = write_sizes(tmp_path / "sizes.csv")
    said = ["--join", str(sizes), "--map", "tokens=step:sequences_of_524288"]
    assert project.new(folder, "--yes", *said) == 0
    made = pd.read_csv(project.path / "data/curves/runs.csv")
    assert len(made) == 24 and set(made["run"]) == {f"r{i}" for i in range(6)}


def test_a_nested_history(project, tmp_path):
    table = tmp_path / "history.jsonl"
    lines = [
        json.dumps({"run": run, "config": {"n_params": n, "tokens": d}, "summary": {"loss": loss}})
        for run, n, d, loss in ROWS
    ]
    table.write_text("\n".join(lines))
    assert project.new(table, "--yes") == 0
    entry = project.card("history")["tables"]["runs"]
    assert entry["file"] == "history/runs.csv"
    made = pd.read_csv(project.path / "data/history/runs.csv")
    pd.testing.assert_series_equal(made["params"], PLAIN["params"])


@pytest.mark.parametrize(
    ("kept", "laws", "axis"),
    [
        ("tokens", {"power", "power_offset"}, "tokens"),
        ("params", {"power", "power_offset"}, "params_total"),
    ],
)
def test_one_axis_gives_power_laws_and_no_plan(project, tmp_path, kept, laws, axis):
    PLAIN[["run", kept, "loss"]].to_csv(tmp_path / "one.csv", index=False)
    assert project.new(tmp_path / "one.csv", "--yes") == 0
    card = project.card("one")
    assert set(card["fits"]) == laws and "plan" not in card
    assert card["fits"]["power"]["axes"] == {"x": axis}


REFUSED = {
    "nothing is asked without a terminal": ({}, [], "say it with --unit"),
    "a loss that is not there": ({"loss": "quality"}, ["--yes"], "--map loss=quality"),
    "a unit that cannot be known": ({"params": "small"}, ["--yes"], "params=params:million"),
    "a map of no column": ({}, ["--yes", "--map", "tokens=tokenz"], "did you mean 'tokens'?"),
    "a map of nothing": ({}, ["--yes", "--map", "tokenz=tokens"], "did you mean 'tokens'?"),
    "a map without a sign": ({}, ["--yes", "--map", "tokens"], "name=column"),
    "a unit of nothing": ({}, ["--yes", "--map", "tokens=tokens:milion"], "did you mean"),
    "a unit of no loss": ({}, ["--yes", "--unit", "bits"], "is not a unit"),
    "an id with a way out": ({}, ["--yes", "--study", "../x"], "is no id of a study"),
    "a share of more than one": ({}, ["--yes", "--held-out", "2"], "0.001 to 0.999"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_known_is_one_line_with_the_flag(project, tmp_path, capsys, name):
    renamed, arguments, fix = REFUSED[name]
    frame = PLAIN.copy()
    if renamed.get("params"):
        frame["params"] /= 1e6
        renamed = {}
    frame.rename(columns=renamed).to_csv(tmp_path / "runs.csv", index=False)
    must_be_said = "say" in fix or "quality" in fix or "million" in fix
    assert project.new(tmp_path / "runs.csv", *arguments) == (2 if must_be_said else 1)
    err = capsys.readouterr().err
    assert err.startswith("Error: ") and err.count("\n") == 1
    assert fix in err, err
    assert project.files() == []


def test_a_bad_cell_leaves_nothing_behind(project, tmp_path, capsys):
    frame = PLAIN.astype(object)
    frame.loc[3, "loss"] = "about 3"
    frame.to_csv(tmp_path / "runs.csv", index=False)
    assert project.new(tmp_path / "runs.csv", "--yes") == 1
    assert "row 4, column loss: 'about 3' is not a number" in capsys.readouterr().err
    assert project.files() == []


HOSTILE = [
    "a: b, {c} # d",
    "[x",
    "- x",
    "{{ 7 * 7 }}",
    "null",
    "'",
    '"',
    "two\nlines",
    "\u00a0é",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_of_a_column_or_title_stands_in_the_card_as_it_is(project, tmp_path, name):
    PLAIN.rename(columns={"loss": name}).to_parquet(tmp_path / "runs.parquet")
    said = ["--map", f"loss={name}", "--title", name, "--authors", name]
    assert project.new(tmp_path / "runs.parquet", "--yes", *said) == 0
    card = project.card("runs")
    assert card["title"] == card["citation"]["authors"] == name
    assert card["tables"]["runs"]["measurements"][0]["from"] == name


def test_a_title_that_no_page_can_show_is_refused(project, tmp_path, capsys):
    PLAIN.to_csv(tmp_path / "runs.csv", index=False)
    assert project.new(tmp_path / "runs.csv", "--yes", "--title", "\x85\u2028é") == 1
    assert "key title" in capsys.readouterr().err and project.files() == []


def test_too_few_runs_are_refused(project, tmp_path, capsys):
    PLAIN.head(3).to_csv(tmp_path / "runs.csv", index=False)
    assert project.new(tmp_path / "runs.csv", "--yes") == 1
    assert "too few to fit a law. Fix: give at least 4" in capsys.readouterr().err


def test_a_card_is_not_replaced_unless_asked(project, tmp_path, capsys):
    PLAIN.to_csv(tmp_path / "runs.csv", index=False)
    assert project.new(tmp_path / "runs.csv", "--yes", "--title", "First") == 0
    assert project.new(tmp_path / "runs.csv", "--yes", "--title", "Second") == 1
    assert "--force" in capsys.readouterr().err
    assert project.card("runs")["title"] == "First"
    assert project.new(tmp_path / "runs.csv", "--yes", "--title", "Second", "--force") == 0
    assert project.card("runs")["title"] == "Second"


def test_a_person_is_asked(project, tmp_path, monkeypatch):
    PLAIN.to_csv(tmp_path / "runs.csv", index=False)
    answers = iter(["furlongs", "bits_per_byte", "non_embedding", "My own runs"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    assert project.new(tmp_path / "runs.csv") == 0
    card = project.card("runs")
    assert card["title"] == "My own runs"
    assert "params_non_embedding" in card["tables"]["runs"]["columns"]
    assert card["tables"]["runs"]["measurements"][0]["unit"] == "bits_per_byte"


def test_samples_become_an_axis_without_a_plan(project, tmp_path):
    PLAIN.rename(columns={"tokens": "n_samples"}).to_csv(tmp_path / "s.csv", index=False)
    assert project.new(tmp_path / "s.csv", "--yes") == 0
    card = project.card("s")
    assert card["fits"]["additive"]["axes"] == {"params": "params_total", "tokens": "samples"}
    assert "plan" not in card


def test_a_design_of_one_ratio_gets_laws_of_one_axis_and_says_why(project, tmp_path, capsys):
    PLAIN.assign(tokens=20 * PLAIN["params"]).to_csv(tmp_path / "one.csv", index=False)
    assert project.new(tmp_path / "one.csv", "--yes") == 0
    assert "one ratio of 20 tokens a parameter" in capsys.readouterr().out
    card = project.card("one")
    assert set(card["fits"]) == {"power", "power_offset"} and "plan" not in card
    assert any("one ratio" in note for note in card["notes"])


def test_rows_that_are_selected_are_written_and_said(project, tmp_path):
    frame = pd.concat([PLAIN.assign(lr=lr, loss=PLAIN["loss"] + 50 * lr) for lr in (1e-3, 3e-3)])
    frame.to_csv(tmp_path / "sweep.csv", index=False)
    assert project.new(tmp_path / "sweep.csv", "--yes") == 2
    assert project.files() == []
    assert project.new(tmp_path / "sweep.csv", "--yes", "--best-of", "lr") == 0
    made = pd.read_csv(project.path / "data/sweep/runs.csv")
    assert len(made) == len(PLAIN)
    assert any("another lr has a lower loss" in note for note in project.card("sweep")["notes"])


NEAR = 1e8 * np.linspace(1.0, 1.1, 8)
#: Tables of which `fit` says that they determine no law, and the words both commands say it in.
UNDETERMINED = {
    "compute": ({"flops": 1e12 * NEAR}, "compute span only 10"),
    "data": ({"params": np.full(8, 1e8), "tokens": 20 * NEAR}, "nothing is known"),
    "sizes": ({"params": np.append(1e8 * np.linspace(1.0, 1.01, 7), 3e9)}, "2 different sizes"),
}


@pytest.mark.parametrize("columns, words", UNDETERMINED.values(), ids=UNDETERMINED)
def test_runs_that_determine_no_law_get_no_card_as_they_get_no_fit(
    project, tmp_path, capsys, columns, words
):
    table = tmp_path / "near.csv"
    pd.DataFrame(columns).assign(loss=np.linspace(3.0, 2.9, 8)).to_csv(table, index=False)
    assert project.new(table, "--yes") == 1
    assert words in capsys.readouterr().err
    assert project.files() == []
    assert main(["fit", str(table), "--yes"]) == 2
    assert words in capsys.readouterr().err


def test_two_sizes_are_taken_along_compute_as_a_fit_takes_them(project, tmp_path, capsys):
    params, tokens = np.repeat([1e8, 1e9], 6), np.tile(np.geomspace(1e9, 1e11, 6), 2)
    loss = 1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37
    table = tmp_path / "two.csv"
    pd.DataFrame({"params": params, "tokens": tokens, "loss": loss}).to_csv(table, index=False)
    assert project.new(table, "--yes", "--study", "two") == 0
    assert project.card("two")["ranking"]["by"] == {"flops": "flops_6nd"}
