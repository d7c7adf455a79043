"""A table of ten runs: two commands to a page; and the workflow as a module of another one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pandas as pd
from own_runs import RESAMPLES, TRUTH
from projects import BIN

from scaling_studies.artefacts import files


def test_laws_are_ranked_by_extrapolation(mine):
    ranking = files.read_parquet(mine.folder / "results/rankings/my_runs.parquet")
    assert set(ranking["law"]) == {"additive", "kaplan", "overtrained", "power", "power_offset"}
    ranked = ranking.dropna(subset=["extrapolation_rank"])
    # Ten runs determine the laws with an offset in few rollouts or none; those count for nothing.
    assert len(ranked) >= 1
    assert sorted(ranked["extrapolation_rank"]) == [*range(1, len(ranked) + 1)]
    assert (ranking["unusable"] > 0).any() and len(set(ranking["predictions"])) == 1


def test_a_card_may_ask_for_fewer_resamples_than_the_settings(mine):
    counts = {
        path.parent.name: len(files.read_parquet(path))
        for path in (mine.folder / "results/resamples").glob("*/additive*.parquet")
    }
    published = files.read_parquet(
        mine.folder / "results/resamples/hoffmann_2022/approach_3_refit.parquet"
    )
    assert counts == {"my_runs": RESAMPLES} and len(published) == mine.resamples


def test_the_plan_holds_the_optimum_of_the_truth(mine):
    plan = files.read_parquet(mine.folder / "results/plans/my_runs.parquet")
    rows = plan[(plan["fit"] == "additive_all_runs") & (plan["multiple"] == 10)]
    row = rows.iloc[0]
    ratio = TRUTH["alpha"] * TRUTH["A"] / (TRUTH["beta"] * TRUTH["B"])
    total = TRUTH["alpha"] + TRUTH["beta"]
    best = ratio ** (1 / total) * (row["flops"] / 6) ** (TRUTH["beta"] / total)
    assert row["params_opt_low"] < best < row["params_opt_high"]
    assert plan[plan["best"]]["own"].all() and plan["best"].sum() == 3
    assert set(plan.loc[~plan["own"], "study"]) == {"hoffmann_2022"}


def test_the_page_says_so(mine):
    page = (mine.folder / "reports/studies/my_runs.html").read_text(encoding="utf-8")
    for words in ("Laws ranked by extrapolation", "The next run", "Among the other studies", "★"):
        assert words in page
    assert 'href="hoffmann_2022.html"' in page
    assert "Laws ranked" not in (mine.folder / "reports/studies/hoffmann_2022.html").read_text()


def test_a_second_run_has_nothing_to_do(mine):
    assert mine.planned() == {}


OUTER = """
module scaling:
    snakefile: "{folder}/Snakefile"
    config: config["scaling"]

use rule * from scaling as scaling_*

rule everything:
    default_target: True
    input: "results/rankings/my_runs.parquet"
    output: "copied.parquet"
    shell: "cp {{input}} {{output}}"
"""


def test_the_workflow_is_a_module_of_another(mine, tmp_path: Path):
    (tmp_path / "Snakefile").write_text(OUTER.format(folder=mine.folder))
    config = {
        "cards": mine.folder / "config/studies",
        "data": mine.folder / "data",
        "comparisons": mine.folder / "config/comparisons.yaml",
    }
    lines = "".join(f"  {key}: {path}\n" for key, path in config.items())
    (tmp_path / "config.yaml").write_text(f"scaling:\n  resamples: 20\n{lines}")
    done = subprocess.run(
        [BIN / "snakemake", "--cores", "2", "--configfile", "config.yaml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(mine.folder / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    inner = mine.folder / "results/rankings/my_runs.parquet"
    made = pd.read_parquet(tmp_path / "copied.parquet")
    pd.testing.assert_frame_equal(made, pd.read_parquet(inner))
