"""Answers about runs: what they say, what they refuse, and the forms they take."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scaling_studies.answers.allocate import allocate, flops_of_gpu_hours, lifetime_plan
from scaling_studies.answers.axes import Axes, as_runs
from scaling_studies.answers.design import design_runs
from scaling_studies.answers.estimate import Estimate
from scaling_studies.answers.fit import fit_runs
from scaling_studies.answers.fitted import FittedLaw, fit_one
from scaling_studies.answers.plan import plans, why_no_plan
from scaling_studies.answers.predict import predict
from scaling_studies.answers.rank import rank_runs
from scaling_studies.cli.main import main
from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.errors import MustBeSaid, ScalingStudiesError

SAID = {"unit": "nats_per_token", "params_convention": "total"}
TRUTH = {"E": 1.7, "A": 400.0, "B": 2000.0, "alpha": 0.34, "beta": 0.37}


def runs(n: int = 60, noise: float = 0.004, **changes) -> pd.DataFrame:
    """Runs of the additive law, sizes and data drawn independently."""
    draw = np.random.default_rng(0)
    params = 10 ** draw.uniform(7, 9.5, n)
    tokens = params * 10 ** draw.uniform(0.5, 2.5, n)
    frame = pd.DataFrame({"params": params, "tokens": tokens}).assign(**changes)
    loss = TRUTH["E"] + TRUTH["A"] * frame["params"] ** -TRUTH["alpha"]
    loss += TRUTH["B"] * frame["tokens"] ** -TRUTH["beta"]
    return frame.assign(loss=loss * np.exp(noise * draw.normal(size=n)))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return runs()


def test_a_fit_finds_the_law_and_covers_its_constants(table):
    answer = fit_runs(table, **SAID)
    assert answer.law == "additive" and answer.converged and answer.identified
    for name, true in TRUTH.items():
        found = answer.parameters[name]
        assert found.low < true < found.high, name
        assert found.low <= found.value <= found.high
    assert answer.to_json()["laws"][0]["law"] == "additive"
    assert len(answer.to_json()["laws"]) == 5


def test_every_answer_is_one_object_without_infinities(table):
    for answer in (
        fit_runs(table, **SAID),
        predict(table, 7e9, 2e12, law="additive", **SAID),
        allocate(table, flops=1e22, law="additive", **SAID),
        rank_runs(table, **SAID),
    ):
        found = json.loads(json.dumps(answer.to_json(), allow_nan=False))
        assert {"law", "n", "parameters", "objective_value", "converged", "identified"} <= set(
            found
        )
        assert all(isinstance(line, str) for line in found["warnings"])
        assert all(set(item) == {"value", "low", "high"} for item in found["parameters"].values())


def test_a_prediction_has_the_interval_of_the_law_and_a_wider_one_of_a_run(table):
    part = predict(table, 7e9, 2e12, law="additive", **SAID).to_json()
    true = TRUTH["E"] + TRUTH["A"] * 7e9**-0.34 + TRUTH["B"] * 2e12**-0.37
    assert part["loss"]["low"] < true < part["loss"]["high"]
    assert part["new_run"]["low"] < part["loss"]["low"]
    assert part["new_run"]["high"] > part["loss"]["high"]


def test_new_runs_fall_into_their_interval_as_often_as_it_says(table):
    truth = TRUTH["E"] + TRUTH["A"] * 1e9**-0.34 + TRUTH["B"] * 2e10**-0.37
    found = predict(table, 1e9, 2e10, law="additive", **SAID).to_json()["new_run"]
    losses = truth * np.exp(0.004 * np.random.default_rng(5).normal(size=4000))
    assert 0.92 < ((found["low"] < losses) & (losses < found["high"])).mean() < 0.99


def test_a_plan_is_the_optimum_of_the_law(table):
    part = allocate(table, flops=1e21, law="additive", **SAID).to_json()
    g = (0.34 * 400 / (0.37 * 2000)) ** (1 / 0.71)
    true = g * (1e21 / 6) ** (0.37 / 0.71)
    assert part["params"]["low"] < true < part["params"]["high"]
    assert part["params"]["value"] * part["tokens"]["value"] * 6 == pytest.approx(1e21)
    assert part["reservations"] == []


def test_the_compute_for_a_loss_gives_that_loss(table):
    part = allocate(table, loss=2.0, law="additive", **SAID).to_json()
    assert part["loss"]["value"] == pytest.approx(2.0, rel=1e-9)
    again = allocate(table, flops=part["flops"], law="additive", **SAID).to_json()
    assert again["params"]["value"] == pytest.approx(part["params"]["value"], rel=1e-6)


def test_serving_many_tokens_asks_for_a_smaller_model_of_the_same_loss(table):
    plain = allocate(table, flops=1e21, law="additive", **SAID).to_json()
    served = allocate(table, flops=1e21, inference_tokens=1e12, **SAID).to_json()
    assert served["params"]["value"] < plain["params"]["value"]
    assert served["tokens"]["value"] > plain["tokens"]["value"]
    assert served["loss"]["value"] == pytest.approx(plain["loss"]["value"])
    true = inference_adjusted_allocation(TRUTH, 1e12, loss=served["loss"]["value"])
    assert served["params"]["low"] < true.params < served["params"]["high"]
    assert served["tokens"]["low"] < true.tokens < served["tokens"]["high"]


def test_the_interval_of_a_served_model_follows_the_rule_of_all_intervals(table):
    law = fit_one(Axes(as_runs(table, **SAID)), "additive")
    (plan,) = plans(law, np.array([1e21]))
    whole, few = (
        lifetime_plan(FittedLaw(law.axes, law.fit, count), plan, 1e12) for count in (60, 30)
    )
    drawn = [
        inference_adjusted_allocation(
            dict(zip(TRUTH, constants, strict=True)), 1e12, loss=plan.loss.value
        ).params
        for constants in np.stack(
            [FittedLaw(law.axes, law.fit, 60).sets[name] for name in TRUTH], axis=1
        )
    ]
    asked = percentile_interval(np.array(drawn), estimate=whole.params.value)
    assert [whole.params.low, whole.params.high] == pytest.approx(list(asked.ends))
    # Thirty draws have no 2.5 % on each side, and an open plan has no closed lifetime.
    assert few.params.is_open and few.tokens.is_open and few.params.value == whole.params.value
    wide = replace(plan, tokens=Estimate(plan.tokens.value, None, None))
    assert lifetime_plan(law, wide, 1e12).tokens.is_open
    assert not lifetime_plan(law, wide, 1e12).params.is_open


def test_a_plan_far_from_the_runs_says_so_in_its_sentence(table):
    title = allocate(table, flops=1e27, law="additive", **SAID).title
    assert "times the compute of the largest run" in title
    title = allocate(table, flops=1e12, law="additive", **SAID).title
    assert "times below the compute of the smallest run" in title
    assert "compute of" not in allocate(table, flops=1e18, law="additive", **SAID).title
    narrow = runs(tokens=lambda frame: frame["params"] * np.tile([80.0, 300.0, 1200.0], 20))
    said = allocate(narrow, flops=1e21, law="additive", **SAID).title
    assert "tokens per parameter of the runs" in said


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "how much compute is not said"),
        ({"flops": 1e21, "loss": 2.0}, "--flops and --loss are given"),
        ({"loss": 1.0}, "reaches no loss of 1"),
        ({"flops": -1.0}, "--flops is -1"),
        ({"flops": float("nan")}, "--flops is nan"),
        ({"gpu_hours": 100}, "--gpu"),
        ({"gpu_hours": 100, "gpu": "H10"}, "H100"),
        ({"gpu_hours": 100, "gpu": "H100", "utilisation": 40}, "no share"),
        ({"flops": 1e21, "law": "power"}, "law power has no division of compute"),
    ],
)
def test_what_must_be_said_first_is_one_line(table, asked, says):
    with pytest.raises(ScalingStudiesError) as error:
        allocate(table, **asked, **SAID)
    assert says in str(error.value) and "Fix: " in str(error.value)


@pytest.mark.parametrize("given", [{}, {"params": 1e9}, {"params": 0.0, "tokens": 1e9}])
def test_a_prediction_says_what_it_needs(table, given):
    with pytest.raises(MustBeSaid):
        predict(table, law="additive", **given, **SAID)


def test_a_prediction_or_design_far_below_the_runs_says_so(table):
    less = "times below the compute of the smallest run"
    assert less in predict(table, 1e5, 2e6, law="additive", **SAID).title
    tokens = predict(table[["tokens", "loss"]], tokens=1e4, **SAID).title
    assert "times below the tokens of the smallest run" in tokens
    assert any(less in line for line in design_runs(table, 1e11, **SAID).warnings)
    assert not any("smallest run" in line for line in design_runs(table, 1e18, **SAID).warnings)


def test_size_data_and_compute_that_contradict_one_another_are_refused(table):
    with pytest.raises(MustBeSaid, match=r"3e\+20 is not 6ND .* 1\.2e\+20"):
        predict(table, 1e9, 2e10, flops=3e20, law="additive", **SAID)
    given = predict(table, 1e9, 2e10, flops=1.2e20, law="additive", **SAID).to_json()
    assert given["loss"] == predict(table, 1e9, 2e10, law="additive", **SAID).to_json()["loss"]


def test_size_and_compute_give_data(table):
    one = predict(table, 1e9, 2e10, law="additive", **SAID).to_json()
    other = predict(table, 1e9, flops=6 * 1e9 * 2e10, law="additive", **SAID).to_json()
    assert one["loss"] == pytest.approx(other["loss"])


def one_size() -> pd.DataFrame:
    return runs(12, params=1.1e8, tokens=np.geomspace(5e8, 8e10, 12))


def one_ratio() -> pd.DataFrame:
    params = np.geomspace(1e7, 1e9, 12)
    return runs(12, params=params, tokens=20 * params)


@pytest.mark.parametrize("frame", [one_size(), one_ratio()], ids=["one size", "one ratio"])
@pytest.mark.parametrize("law", ["additive", "kaplan", "overtrained"])
def test_a_law_that_the_design_cannot_determine_is_refused_with_those_it_can(frame, law):
    for ask in (
        lambda: fit_runs(frame, law, **SAID),
        lambda: predict(frame, 1e9, 2e10, law=law, **SAID),
        lambda: allocate(frame, flops=1e21, law=law, **SAID),
    ):
        with pytest.raises(MustBeSaid, match="--law power"):
            ask()
    answer = fit_runs(frame, **SAID)
    assert answer.law in ("power", "power_offset")
    left_out = "Laws additive, kaplan and overtrained are left out: all runs have one"
    assert sum(line.startswith(left_out) for line in answer.warnings) == 1
    with pytest.raises(MustBeSaid, match="scaling-studies design"):
        allocate(frame, flops=1e21, **SAID)


def test_what_rows_leave_open_has_no_interval_and_no_plan():
    one = fit_one(Axes(as_runs(one_size(), **SAID)), "additive")
    assert not one.fit.identified
    found = one.parameters()
    assert all(found[name].is_open for name in ("E", "A", "alpha"))
    assert found["beta"].low < found["beta"].value < found["beta"].high
    assert why_no_plan(one) is not None
    (there,) = one.loss({"params": np.array([1e9]), "tokens": np.array([2e10])})
    (inside,) = one.loss({"params": np.array([1.1e8]), "tokens": np.array([1e10])})
    assert there.is_open and inside.low < inside.value < inside.high


def test_a_page_stands_on_its_own(table):
    page = predict(table, 7e9, 2e12, law="additive", **SAID).html()
    assert not re.search(r"https?://|<script|url\(|@import", page.replace("url(#frame", ""))
    assert page.count("<svg") == 2 and "prefers-color-scheme: dark" in page
    assert not re.search(r"\bnan\b", page)


def test_names_of_strangers_are_text_on_a_page(table, tmp_path):
    path = tmp_path / "<b>runs.csv"
    table.to_csv(path, index=False)
    page = fit_runs(path, law="additive", **SAID).html()
    assert "<b>runs" not in page and "&lt;b&gt;runs" in page


def test_a_figure_is_one_of_matplotlib(table):
    figure = allocate(table, flops=1e22, law="additive", **SAID).plot()
    assert figure.axes[0].get_yscale() == "log"


def test_a_one_axis_law_predicts_along_its_axis():
    frame = runs(20, params=1e8, tokens=np.geomspace(1e8, 1e11, 20)).drop(columns="params")
    answer = predict(frame, tokens=1e12, **SAID)
    assert answer.law in ("power", "power_offset")
    with pytest.raises(ScalingStudiesError, match="does not give sizes and data"):
        allocate(frame, flops=1e22, **SAID)


def test_estimates_write_their_open_ends():
    assert Estimate.of(2.0, float("-inf"), 3.0).text() == "2 (at most 3)"
    assert Estimate.of(2.0, 1.0, float("inf")).to_dict() == {"value": 2.0, "low": 1.0, "high": None}


def test_hours_become_compute():
    assert flops_of_gpu_hours(1.0, "a100", 0.5) == pytest.approx(3600 * 312e12 * 0.5)


def test_the_law_that_made_the_runs_ranks_first():
    table = runs(noise=5e-4)
    answer = rank_runs(table, **SAID)
    assert answer.law == answer.part["laws"][0]["law"] == "additive"
    assert answer.converged and answer.identified and answer.objective_value > 0
    for name, one in answer.parameters.items():
        assert one.value == pytest.approx(TRUTH[name], rel=0.15) and one.low < one.value < one.high
    assert rank_runs(table, ["chinchilla", "additive"], **SAID).part["not_tried"] == {}


def test_samples_are_the_data_of_a_ranking():
    samples = np.geomspace(1e3, 1e6, 12)
    wave = np.exp(0.002 * np.sin(7 * np.arange(12.0)))
    frame = pd.DataFrame({"samples": samples, "loss": wave * (0.3 + 30 * samples**-0.4)})
    answer = rank_runs(frame, unit="nats_per_token")
    assert (answer.law, answer.part["by"]) == ("power_offset", "samples")


LADDER = {"params": np.geomspace(1e7, 1e9, 10), "tokens": np.geomspace(2e8, 2e10, 10)}


def test_laws_that_the_design_cannot_determine_are_named_and_not_ranked():
    frame = runs(10, **LADDER)
    answer = rank_runs(frame, **SAID)
    assert {one["law"] for one in answer.part["laws"]} == {"power", "power_offset"}
    assert set(answer.part["not_tried"]) == {"additive", "kaplan", "overtrained"}
    assert sum("was not tried" in line for line in answer.warnings) == 3
    with pytest.raises(MustBeSaid, match="one ratio of 20"):
        rank_runs(frame, ["additive"], **SAID)


@pytest.mark.parametrize(
    "frame, asked, says",
    [
        (runs(10, **LADDER).head(4), {}, "too few runs are left to fit"),
        (runs(10, params=1e8, tokens=1e10), {}, "no law can be ranked, as all runs have one"),
        (runs(10), {"by": "samples"}, "cannot grow by samples"),
    ],
    ids=["four", "one design", "no such axis"],
)
def test_what_cannot_be_ranked_is_refused(frame, asked, says):
    with pytest.raises(MustBeSaid, match=says):
        rank_runs(frame, **asked, **SAID)


SIZES = np.geomspace(1e7, 1e9, 10)
#: Size and data of runs along one line, a run on it far beyond them, and one as far off it.
LINES = {
    "one ratio": (SIZES, 20 * SIZES, (1e11, 2e12), (1e9, 2e12)),
    "a ratio that rises": (SIZES, 1e3 * SIZES**0.8, (1e11, 1e3 * 1e11**0.8), (1e11, 1e7)),
    "one size": (np.full(10, 1e8), 20 * SIZES, (1e8, 1e12), (1e10, 1e10)),
    "one amount of data": (SIZES, np.full(10, 1e10), (1e11, 1e10), (1e9, 1e12)),
}


@pytest.mark.parametrize("noise", [0.0, 1e-6, 3e-3])
@pytest.mark.parametrize("params, tokens, on, off", LINES.values(), ids=LINES)
def test_runs_along_a_line_say_nothing_off_it_however_exact(params, tokens, on, off, noise):
    frame = runs(10, noise, params=params, tokens=tokens)
    answer = predict(frame, *on, law="power_offset", **SAID)
    loss = answer.to_json()["loss"]
    assert loss["low"] < loss["value"] < loss["high"]
    for law in (None, "power", "power_offset"):
        with pytest.raises(MustBeSaid, match="is not determined"):
            predict(frame, *off, law=law, **SAID)


@pytest.mark.parametrize(("name", "scale"), [("samples_seen", 1.0), ("samples (M)", 1e6)])
@pytest.mark.parametrize("question", ["allocate", "design"])
def test_samples_become_tokens_as_the_refusal_says(tmp_path, capsys, name, scale, question):
    params, samples = (side.ravel() for side in np.meshgrid([1e7, 4e7, 2e8, 8e8], [4e6, 2e7, 1e8]))
    loss = 1.9 + 350 * params**-0.34 + 1200 * (256 * samples) ** -0.31
    loss = loss * (1 + 0.002 * np.random.default_rng(0).standard_normal(len(loss)))
    path = tmp_path / "runs.csv"
    pd.DataFrame({"params": params, name: samples / scale, "loss": loss}).to_csv(path, index=False)
    asked = {"allocate": ["--flops", "1e21"], "design": ["--budget", "1e20"]}[question]
    line = [question, str(path), *asked, "--yes"]
    assert main(line) == 2
    fix = capsys.readouterr().err.partition("holds: ")[2].partition(" with your")[0]
    assert main([*line, *shlex.split(fix)]) == 0
    assert main(["predict", str(path), "--yes", "--params", "1e9", "--samples", "1e9"]) == 0


@pytest.mark.parametrize("truth", ["additive", "coupled", "flat"])
def test_serving_needs_no_law_to_be_named(truth):
    frame = runs(noise=0.001)
    size, data = frame["params"], frame["tokens"]
    frame["loss"] = {
        "additive": frame["loss"],
        "coupled": 1.7 + (500 * size**-0.34 + 900 * data**-0.31) ** 1.3,
        "flat": 6.5 * size**-0.03 * data**-0.02,
    }[truth]
    answer = allocate(frame, flops=1e21, inference_tokens=1e12, **SAID)
    assert answer.law == "additive" and "no other counts inference" in " ".join(answer.warnings)
    assert answer.to_json()["other_laws"] == []
    with pytest.raises(MustBeSaid, match="--law additive, or no --law"):
        allocate(frame, flops=1e21, inference_tokens=1e12, law="kaplan", **SAID)


def test_serving_under_runs_that_do_not_tell_is_refused_with_what_works(table):
    narrow = runs(tokens=lambda frame: 20 * frame["params"])
    for law in (None, "additive"):
        with pytest.raises(MustBeSaid) as caught:
            allocate(narrow, flops=1e21, inference_tokens=1e12, law=law, **SAID)
        assert "one ratio" in str(caught.value)
        assert "without --inference-tokens" in str(caught.value.fix)
