"""Rankings and plans of people's own runs: what they may say, and what they must not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entries, fit_entry
from fit_artefacts import artefact
from simulated_pages import as_rows

import scaling_studies as ss
from scaling_studies.engine.planning.independence import repeated_designs, why_dependent
from scaling_studies.engine.planning.rank import rank
from scaling_studies.engine.planning.scores import score
from scaling_studies.errors import FitError
from scaling_studies.forecasts.plans import plan_runs, reservations, why_no_plan
from scaling_studies.forecasts.rankings import rank_laws
from scaling_studies.forecasts.rollouts import roll_out
from scaling_studies.pages.forecasts import forecast_view

TRUTH = {"E": 1.8, "A": 400.0, "B": 1500.0, "alpha": 0.34, "beta": 0.32}
LAWS = ("additive", "kaplan", "overtrained", "power_offset")
PLANNED = LAWS[:3]


def points_of(params, tokens, seed=0, noise=0.003, extra=0.0):
    """Rows of runs as the stages hand them on."""
    loss = TRUTH["E"] + TRUTH["A"] * params ** -TRUTH["alpha"]
    loss = loss + TRUTH["B"] * tokens ** -TRUTH["beta"] + extra
    names = [f"r{place}" for place in range(len(params))]
    return pd.DataFrame(
        {
            "row_key": names,
            "run_id": names,
            "params": params,
            "tokens": tokens,
            "x": 6 * params * tokens,
            "observed": loss * np.exp(noise * np.random.default_rng(seed).normal(size=len(params))),
            "weight": 1.0,
            "role": "fit",
        }
    )


def best_size(flops):
    """Compute-optimal size of the truth."""
    ratio = TRUTH["alpha"] * TRUTH["A"] / (TRUTH["beta"] * TRUTH["B"])
    total = TRUTH["alpha"] + TRUTH["beta"]
    return ratio ** (1 / total) * (flops / 6) ** (TRUTH["beta"] / total)


def board(points, laws=LAWS):
    """Ranking, plan and page of some runs."""
    entries = {
        law: {"title": law, "law": law, "objective": {"name": "huber_log", "delta": 1e-3}}
        for law in laws
    }
    rolled = {
        law: roll_out("mine", law, fit_entry(entry), points, {"flops": "x"})
        for law, entry in entries.items()
    }
    fits = {law: ss.fit(law, points, response="observed", confirm=False) for law in laws}
    described = {law: points.assign(predicted=found.predict(points)) for law, found in fits.items()}
    ranking = rank_laws("mine", fit_entries(entries), described, rolled)
    planned = [law for law in PLANNED if law in laws]
    artefacts = [
        artefact(
            study="mine",
            fit=law,
            law=law,
            parameters=fits[law].parameters,
            converged=fits[law].converged,
            identified=fits[law].identified,
        )
        for law in planned
    ]
    drawn = [
        ss.bootstrap(fits[law], 100, kind="parametric").frame()
        if fits[law].identified
        else pd.DataFrame()
        for law in planned
    ]
    plan = plan_runs(artefacts, [points] * len(planned), drawn, ranking, multiples=[1, 10, 100])
    view = forecast_view("mine", {"ranking": as_rows(ranking), "plan": as_rows(plan)})
    return ranking, plan, view


@pytest.mark.parametrize("ratio, runs", [(20.0, 8), (100.0, 7)])
def test_runs_of_one_ratio_give_no_plan_and_no_headline(ratio, runs):
    params = np.geomspace(1e7, 1e9, runs)
    ranking, plan, view = board(points_of(params, ratio * params), ("additive", "power_offset"))
    assert plan["params_opt"].isna().all() and not plan["best"].any()
    assert plan["message"].str.contains(f"about {ratio:g} tokens per parameter").all()
    assert "would train" not in view["answer"] and "No next run is named" in view["answer"]
    # Laws of size and data, which these rows cannot tell from one of compute, have no rank.
    ranked = ranking.dropna(subset=["extrapolation_rank"])
    assert set(ranked["law"]) <= {"power_offset"}


@pytest.mark.parametrize(
    "params, tokens, words",
    [
        (np.full(8, 1e8), np.geomspace(1e9, 1e11, 8), "about one size"),
        (np.geomspace(1e7, 1e9, 8), np.full(8, 1e10), "data of all runs"),
        (np.geomspace(1e7, 1e9, 8), 1e19 / np.geomspace(1e7, 1e9, 8), "about the same compute"),
        (
            np.geomspace(1e7, 1e9, 8),
            20 * np.geomspace(1e7, 1e9, 8) * np.tile([0.85, 1.18], 4),
            "rise together",
        ),
    ],
)
def test_designs_that_do_not_vary_size_and_data_apart(params, tokens, words):
    assert words in why_dependent(params, tokens)
    rows = pd.DataFrame({"params": params, "tokens": tokens})
    assert words in why_no_plan(artefact(), rows)


def test_a_fit_that_is_not_determined_or_not_converged_gives_no_plan():
    params, tokens = (x.ravel() for x in np.meshgrid([1e7, 1e8, 1e9], [1e9, 1e10, 1e11]))
    rows = pd.DataFrame({"params": params, "tokens": tokens})
    assert why_no_plan(artefact(), rows) == ""
    assert "do not determine" in why_no_plan(artefact(identified=False), rows)
    assert "do not determine" in why_no_plan(artefact(undetermined=["allocation"]), rows)
    assert "not converge" in why_no_plan(artefact(converged=False), rows)


def test_a_sweep_of_another_setting_is_noticed():
    params = np.repeat(np.geomspace(2e7, 1e9, 5), 12)
    tokens = params * np.tile(np.repeat([10.0, 30.0, 100.0], 4), 5)
    worse = np.tile([0.0, 0.02, 0.08, 0.2], 15)
    _, plan, view = board(points_of(params, tokens, extra=worse), ("additive", "power_offset"))
    assert repeated_designs(params, tokens) == 60
    said = plan.loc[plan["message"] == "", "warning"]
    assert len(said) and said.str.contains("60 of 60 runs share size and data").all()
    assert "60 of 60 runs" in view["answer"]


def test_the_range_of_a_plan_spans_the_laws_that_are_not_told_apart():
    """Sixteen runs of a ladder: the law that ranks first need not hold at ten times the compute."""
    params = np.repeat(np.geomspace(2e8, 1.3e9, 4), 4)
    tokens = params * np.tile([10.0, 20.0, 50.0, 100.0], 4)
    ranking, plan, view = board(points_of(params, tokens, 1), ("additive", "kaplan", "power"))
    ranks = ranking.dropna(subset=["extrapolation_rank"])
    assert (ranks["extrapolation_rank_low"] <= ranks["extrapolation_rank"]).all()
    # As if the runs could not tell the laws apart.
    every = ranking.assign(tied=" ".join(ranking["fit"]), extrapolation_rank=[1.0, 2.0, 3.0])
    fits = {law: ss.fit(law, points_of(params, tokens, 1), response="observed") for law in LAWS[:2]}
    plan = plan_runs(
        [artefact(fit=law, law=law, parameters=one.parameters) for law, one in fits.items()],
        [points_of(params, tokens, 1)] * 2,
        [pd.DataFrame()] * 2,
        every,
        multiples=[10],
    )
    row = plan[plan["best"]].iloc[0]
    assert set(row["laws"].split()) == {"additive", "kaplan"}
    assert row["params_opt_least"] == plan["params_opt"].min()
    assert row["params_opt_most"] == plan["params_opt"].max()
    view = forecast_view("mine", {"ranking": as_rows(every), "plan": as_rows(plan)})
    assert "these runs do not tell apart" in view["answer"]
    assert "cannot be told apart from it" in view["answer"]


def test_two_ratios_do_not_make_a_confident_wrong_plan():
    """20 and 200 tokens a parameter: alone, the law of over-training is sure of a wrong answer."""
    params = np.repeat(np.geomspace(2e7, 1e9, 6), 2)
    tokens = params * np.tile([20.0, 200.0], 6)
    held = []
    for seed in range(3):
        _, plan, _ = board(points_of(params, tokens, seed), ("additive", "overtrained"))
        row = plan[plan["best"] & (plan["multiple"] == 10)]
        held += [
            one["params_opt_least"] < best_size(one["flops"]) < one["params_opt_most"]
            for _, one in row.iterrows()
        ]
    assert held and np.mean(held) > 0.6


def test_plans_say_what_lies_outside_the_runs():
    rows = pd.DataFrame({"params": [1e8, 1e8], "tokens": [1e9, 1e10]})
    said = reservations(rows, np.array([50.0, 2.0, 2000.0, 50.0]), np.array([1.0, 1, 1, 1000]))
    assert said[0] == ""
    assert "outside the 10 to 100 tokens" in said[1] and "2 tokens per parameter are" in said[1]
    assert "unusual" in said[2] and "1,000 times the compute" in said[3]


def test_a_law_that_divides_no_compute_is_not_marked():
    params = np.repeat(np.geomspace(2e7, 1e9, 6), 3)
    tokens = params * np.tile([10.0, 30.0, 100.0], 6)
    ranking, plan, view = board(points_of(params, tokens))
    ranking.loc[ranking["law"] == "power_offset", "extrapolation_rank"] = 0.5
    assert plan["best"].sum() == 3 and set(plan.loc[plan["best"], "law"]) <= set(PLANNED)
    assert "would train" in view["answer"]


def prediction(law, run, error, **changes):
    return {
        "law": law,
        "by": "flops",
        "cutoff": 1.0,
        "row": run,
        "run": run,
        "horizon": 10.0,
        "log_error": error,
        "usable": True,
    } | changes


def test_what_is_not_determined_does_not_count():
    rows = [prediction("sound", run, 0.02 + 0.001 * run) for run in range(8)]
    rows += [prediction("lucky", run, 0.0, usable=False) for run in range(8)]
    rows += [prediction("poor", run, 0.05 + 0.001 * run) for run in range(8)]
    table, tied = score(pd.DataFrame(rows))
    assert table["rank"].to_dict() == pytest.approx(
        {"sound": 1, "lucky": np.nan, "poor": 2}, nan_ok=True
    )
    assert table.loc["lucky", "unusable"] == 1.0 and tied["sound"] == []


def test_a_run_counts_once_and_at_the_distance_of_plans():
    rows = []
    for run in range(8):
        for law, near, far in (("a", 0.0, 0.04), ("b", 0.03, 0.01)):
            for cutoff, horizon, error in ((5.0, 1.5, near), (1.0, 9.0, far), (0.1, 90.0, 0.5)):
                place = {"cutoff": cutoff, "horizon": horizon}
                rows.append(prediction(law, run, error * (1 + 0.01 * run), **place))
    table, _ = score(pd.DataFrame(rows))
    assert table["rank"].to_dict() == {"a": 2.0, "b": 1.0}
    assert table["runs"].tolist() == [8, 8]


@pytest.mark.parametrize("runs, told_apart", [(3, False), (12, True)])
def test_few_runs_tell_no_laws_apart(runs, told_apart):
    rows = [prediction("a", run, 0.01 + 1e-3 * run) for run in range(runs)]
    rows += [prediction("b", run, 0.05 + 1e-3 * run) for run in range(runs)]
    table, tied = score(pd.DataFrame(rows))
    assert (tied["a"] == []) is told_apart
    assert table.loc["b", ["rank_low", "rank_high"]].tolist() == ([2, 2] if told_apart else [1, 2])


def test_equal_laws_are_tied_whatever_the_order():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(2, 30))
    rows = [prediction(law, run, errors[n, run]) for n, law in enumerate("ab") for run in range(30)]
    rows += [prediction("c", run, errors[0, run]) for run in range(30)]
    for table in (pd.DataFrame(rows), pd.DataFrame(rows[::-1])):
        _, tied = score(table)
        assert "c" in tied["a"] and "a" in tied["c"]


def test_ranks_of_a_frame_are_plain_data_and_sentences():
    params = np.repeat(np.geomspace(2e7, 1e9, 6), 3)
    tokens = params * np.tile([10.0, 30.0, 100.0], 6)
    frame = points_of(params, tokens).rename(columns={"observed": "loss"})[
        ["params", "tokens", "loss"]
    ]
    answer = rank(frame, ["additive", "power"])
    assert [one.law for one in answer.laws] == ["additive", "power"]
    assert answer.to_dict()["laws"][0]["rank"] == 1.0
    assert answer.lines()[0].startswith("additive predicts larger runs best")
    assert rank(frame, ["additive", "power"]) == answer


@pytest.mark.parametrize(
    "frame, options, words",
    [
        ({"loss": [2.0, 3.0]}, {}, "no size, data or compute"),
        ({"params": [1e8, 1e9]}, {}, "column loss"),
        ({"params": [1e8, 1e9], "loss": [3.0, 2.0]}, {"by": "flops"}, "cannot grow by flops"),
        ({"params": [1e8, 1e9], "loss": [3.0, 2.0]}, {"laws": ["additive"]}, "needs tokens"),
    ],
)
def test_what_cannot_be_ranked_is_one_line(frame, options, words):
    with pytest.raises(FitError, match=words) as refused:
        rank(frame, **options)
    assert "\n" not in str(refused.value) and "Fix: " in str(refused.value)


def test_too_few_runs_are_ranked_by_nothing():
    answer = rank({"params": [1e8, 1e9, 1e10], "loss": [3.0, 2.5, 2.2]})
    assert answer.lines()[0].startswith("No law could be ranked")


def test_a_law_that_meets_no_other_leaves_the_comparison_to_them():
    rows = [prediction(law, run, 0.01 + 1e-3 * run) for law in "ab" for run in range(8)]
    rows += [prediction("c", run, 0.0, cutoff=2.0) for run in range(7)]
    table, _ = score(pd.DataFrame(rows))
    assert np.isnan(table.loc["c", "rank"]) and table.loc[["a", "b"], "rank"].tolist() == [1, 1]


def test_without_a_ranked_law_the_plan_spans_them_all():
    params, tokens = (x.ravel() for x in np.meshgrid([1e7, 1e8, 1e9], [1e9, 1e10, 1e11]))
    rows = pd.DataFrame({"params": params, "tokens": tokens, "role": "fit"})
    other = {"E": 1.8, "A": 300.0, "B": 3000.0, "alpha": 0.33, "beta": 0.38}
    ranking = pd.DataFrame(
        {
            "law": ["additive"],
            "fit": ["f"],
            "extrapolation_rank": [np.nan],
            "in_sample_rank": [1.0],
            "tied": [""],
        }
    )
    fits = [artefact(), artefact(fit="g", parameters=other)]
    plan = plan_runs(fits, [rows] * 2, [pd.DataFrame()] * 2, ranking, multiples=[10])
    assert plan["best"].sum() == 1
    ends = plan.loc[plan["best"], ["params_opt_least", "params_opt_most"]].iloc[0].tolist()
    assert ends == [plan["params_opt"].min(), plan["params_opt"].max()]
