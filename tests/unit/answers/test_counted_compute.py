"""Compute that a table counts in its own way is told beside 6ND, by which answers count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_studies.answers.allocate import allocate
from scaling_studies.answers.compare import compare_runs
from scaling_studies.answers.design import design_runs
from scaling_studies.answers.fit import fit_runs
from scaling_studies.answers.predict import predict
from scaling_studies.answers.rank import rank_runs

SAID = {"unit": "nats_per_token", "params_convention": "total"}
QUESTIONS = {
    "fit": lambda runs: fit_runs(runs, "additive", **SAID),
    "predict": lambda runs: predict(runs, 1e9, 2e10, law="additive", **SAID),
    "allocate": lambda runs: allocate(runs, flops=1e21, law="additive", **SAID),
    "rank": lambda runs: rank_runs(runs, ["additive"], **SAID),
    "design": lambda runs: design_runs(runs, 1e19, **SAID),
    "compare": lambda runs: compare_runs([runs, runs], **SAID),
}


def runs(counted: float | None, spread: float = 0.0) -> pd.DataFrame:
    """Runs of the additive law with a column of compute so many times 6ND, or without one."""
    draw = np.random.default_rng(0)
    params = 10 ** draw.uniform(7, 9, 24)
    tokens = params * 10 ** draw.uniform(0.5, 2.5, 24)
    loss = 1.7 + 400 * params**-0.34 + 2000 * tokens**-0.37
    frame = pd.DataFrame({"params": params, "tokens": tokens})
    frame["loss"] = loss * np.exp(0.004 * draw.normal(size=24))
    if counted is None:
        return frame
    return frame.assign(
        budget_flops=counted * 6 * params * tokens * np.geomspace(1 - spread, 1 / (1 - spread), 24)
    )


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("counted", [0.2, 0.6, 1.5, 6.0])
def test_every_answer_tells_how_the_table_counts(question, counted):
    (said,) = [line for line in QUESTIONS[question](runs(counted)).warnings if "6ND" in line][:1]
    assert f"column budget_flops gives {counted:g} times that" in said.replace("'", "")
    assert said.endswith(f"by {counted:g}.")


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("counted", "spread"), [(None, 0.0), (1.0, 0.0), (1.0, 0.05)])
def test_what_is_6nd_or_rounded_needs_no_word(question, counted, spread):
    assert not any("6ND" in line for line in QUESTIONS[question](runs(counted, spread)).warnings)


def test_a_share_that_differs_by_run_is_told_from_end_to_end():
    (said,) = [line for line in fit_runs(runs(1.0, 0.4), **SAID).warnings if "6ND" in line]
    assert "gives 0.6 to 1.7 times that" in said


def test_factors_near_one_are_told_apart():
    answer = design_runs(runs(None), 1e19, "loss", **SAID)
    factors = [row[-1] for row in answer.tables[0].rows]
    near = [float(cell) for cell in factors]
    exact = [run["factor"] for run in answer.part["runs"]]
    assert near == pytest.approx(exact, abs=0.06 * min(abs(one - 1) for one in exact))
