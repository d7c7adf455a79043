"""Designs of runs: within what is allowed, better than the usual ones, and honest about widths."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scaling_studies.engine.planning.design import candidate_runs, design
from scaling_studies.engine.planning.posterior import draw_laws, log_losses, log_optimum
from scaling_studies.engine.planning.shared_shape import Rows, fit_shared
from scaling_studies.errors import FitError

BUDGET = 2e20


def losses(params, tokens, seed, noise=0.004):
    loss = 1.8 + 420 * params**-0.34 + 1200 * tokens**-0.31
    return loss * np.exp(noise * np.random.default_rng(seed).normal(size=len(params)))


def prior(ratios=(10.0, 30.0, 100.0), sizes=4, seed=0):
    params = np.repeat(np.geomspace(2e7, 2e8, sizes), len(ratios))
    tokens = params * np.tile(ratios, sizes)
    return {"params": params, "tokens": tokens, "loss": losses(params, tokens, seed)}


def width(frame, params, tokens, seed, at):
    """Standard error of the log of the optimal size in a fit to old and new runs."""
    params, tokens = np.append(frame["params"], params), np.append(frame["tokens"], tokens)
    new = losses(params, tokens, seed)
    loss = np.append(frame["loss"], new[len(frame["loss"]) :])
    logs = np.log(np.stack([params, tokens]))
    found = fit_shared(Rows(logs, loss, np.zeros(len(loss), int), np.zeros((1, 2, 0))))
    point = np.append(found.parameters[:3], np.log(found.exponents))
    jacobian = found.jacobian * np.r_[1, 1, 1, found.exponents]
    steps = 1e-5 * np.eye(5)
    product = np.log(at / 6)
    gradient = log_optimum(point + steps, found.centre, product)
    gradient = (gradient - log_optimum(point - steps, found.centre, product)) / 2e-5
    variance = found.residuals @ found.residuals / (len(loss) - 5)
    return np.sqrt(variance * gradient @ np.linalg.pinv(jacobian.T @ jacobian) @ gradient)


@pytest.mark.parametrize("target", ["optimum", "loss"])
@pytest.mark.parametrize("limit", [None, 6e8])
def test_a_design_keeps_to_what_is_allowed(target, limit):
    answer = design(prior(), BUDGET, target, max_params=limit, most_runs=12)
    assert 0.5 * BUDGET < sum(run.flops for run in answer.runs) <= BUDGET * (1 + 1e-9)
    assert 1 <= len(answer.runs) <= 12
    for run in answer.runs:
        assert run.flops == pytest.approx(6 * run.params * run.tokens)
        assert limit is None or run.params <= limit * (1 + 1e-9)
    factors = [answer.factor_before, *(run.factor for run in answer.runs)]
    assert factors == sorted(factors, reverse=True) and answer.factor_after == factors[-1]


@pytest.mark.parametrize("ratios, sizes", [((10.0, 30.0, 100.0), 4), ((20.0,), 6)])
def test_half_the_compute_of_an_isoflop_grid_is_enough(ratios, sizes):
    """Also after runs of one ratio; the bench does it for 200 truths."""
    grid, ours = [], []
    for seed in range(6):
        frame = prior(ratios, sizes, seed)
        flops = np.repeat(BUDGET / 5 * 3.0 ** -np.arange(4) / sum(3.0 ** -np.arange(4)), 5)
        params = np.sqrt(flops / 120) * np.tile(np.geomspace(0.25, 4, 5), 4)
        grid.append(width(frame, params, flops / 6 / params, 50 + seed, 10 * BUDGET))
        answer = design(frame, BUDGET / 2, at_flops=10 * BUDGET)
        runs = np.array([[run.params, run.tokens] for run in answer.runs]).T
        ours.append(width(frame, *runs, 50 + seed, 10 * BUDGET))
    assert np.median(ours) < np.median(grid)


def test_the_expected_width_is_that_of_resampled_experiments():
    frame = prior()
    answer = design(frame, BUDGET, noise=0.004)
    runs = np.array([[run.params, run.tokens] for run in answer.runs]).T
    found = [width(frame, *runs, seed, answer.at_flops) for seed in range(20)]
    expected = np.log(answer.factor_after) / (2 * 1.959964)
    assert 0.6 < expected / np.median(found) < 1.6


def test_plausible_laws_follow_the_runs_and_the_prior_where_the_runs_are_silent():
    frame = prior((20.0,), 6)
    logs = np.log(np.stack([frame["params"], frame["tokens"]]))
    centre = logs.mean(axis=1)
    points, noise = draw_laws(logs, frame["loss"], centre)
    error = log_losses(points, logs, centre) - np.log(frame["loss"])
    assert np.sqrt((error**2).mean()) < 0.01 and 0.002 < noise < 0.008
    apart = np.std(log_optimum(points, centre, np.log(1e21 / 6)))
    both = prior()
    logs = np.log(np.stack([both["params"], both["tokens"]]))
    centre = logs.mean(axis=1)
    points, _ = draw_laws(logs, both["loss"], centre)
    assert apart > 1.5 * np.std(log_optimum(points, centre, np.log(1e21 / 6)))


def test_candidates_span_the_budget_and_the_ratios():
    logs = np.log(np.stack([[1e7, 1e8], [2e8, 2e9]]))
    points, costs = candidate_runs(logs, 1e20, None)
    ratios = np.exp(points[1] - points[0])
    assert costs.max() == pytest.approx(1e20)
    assert (ratios.min(), ratios.max()) == pytest.approx((2, 500))


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"budget": -1.0}, "budget must be finite and above zero"),
        ({"budget": float("nan")}, "budget must be finite"),
        ({"target": "optimun"}, "did you mean 'optimum'"),
        ({"max_params": 0.0}, "max_params must be finite"),
        ({"max_params": 1.0}, "raise max_params or lower the budget"),
        ({"most_runs": 0}, "most_runs must be at least one"),
        ({"noise": 0.0}, "noise must be finite and above zero"),
        ({"frame": {"params": [1e8] * 3, "tokens": [1e9] * 3}}, "loss"),
        ({"frame": {n: v[:2] for n, v in prior().items()}}, "give at least 3"),
    ],
)
def test_what_cannot_be_designed_is_one_line(changed, words):
    with pytest.raises(FitError, match=words) as refused:
        design(**({"frame": prior(), "budget": BUDGET} | changed))
    assert "\n" not in str(refused.value) and "Fix: " in str(refused.value)


def test_answers_are_plain_data_and_always_the_same():
    first, second = (
        json.dumps(design(prior(), BUDGET).to_dict(), allow_nan=False) for _ in range(2)
    )
    assert first == second


def test_sentences_name_the_runs_and_what_they_bring():
    answer = design(prior((20.0,), 6), BUDGET, "loss")
    lines = answer.lines()
    assert "lowest loss at 2×10²¹ FLOP" in lines[0]
    assert "per parameter" in lines[1]
    assert "comes from a prior" in lines[-1] or "comes from a prior" in lines[-2]
