"""Compute multipliers between recipes: what they cover, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scaling_studies.engine.planning.compare import compare
from scaling_studies.engine.planning.robust import contrast_error, extra_columns_test
from scaling_studies.errors import FitError

LAW = {"E": 1.75, "A": 420.0, "B": 1200.0, "alpha": 0.34, "beta": 0.31}
SMALL, LARGE = (3, (10.0, 100.0)), (4, (10.0, 30.0, 100.0))


def recipe(design, needs=(1.0, 1.0), seed=0, noise=0.004, **changed):
    """Runs of a recipe that needs so many times the parameters and tokens."""
    sizes, ratios = design
    law = LAW | changed
    params = np.repeat(np.geomspace(2e7, 1e9, sizes), len(ratios))
    tokens = params * np.tile(ratios, sizes)
    loss = law["E"] + law["A"] * (params / needs[0]) ** -law["alpha"]
    loss = loss + law["B"] * (tokens / needs[1]) ** -law["beta"]
    rng = np.random.default_rng(seed)
    return {
        "params": params,
        "tokens": tokens,
        "loss": loss * np.exp(noise * rng.normal(size=len(params))),
    }


@pytest.mark.parametrize("needs", [(0.9, 0.85), (1.0, 2.0), (3.0, 1.0), (0.5, 1.5)])
def test_without_noise_the_multiplier_and_its_parts_come_back(needs):
    answer = compare({"A": recipe(LARGE, noise=0), "B": recipe(LARGE, needs, noise=0)})
    item = answer.multipliers[0]
    assert item.value == pytest.approx(np.prod(needs), rel=1e-5)
    assert (item.params, item.tokens) == pytest.approx(needs, rel=1e-5)


@pytest.mark.parametrize("design, other", [(SMALL, SMALL), (LARGE, SMALL)])
def test_intervals_cover_at_their_level(design, other):
    """The bench does it for ten situations and 500 tables."""
    covered = {0.95: [], 0.5: []}
    for seed in range(60):
        tables = {
            "A": recipe(design, seed=2 * seed),
            "B": recipe(other, (0.9, 0.85), seed=2 * seed + 1),
        }
        for level, hits in covered.items():
            item = compare(tables, assume_same_shape=True, level=level).multipliers[0]
            hits.append(item.low <= 0.9 * 0.85 <= item.high)
    assert np.mean(covered[0.95]) >= 0.88
    assert 0.33 <= np.mean(covered[0.5]) <= 0.68


def test_the_order_of_recipes_inverts_the_multiplier():
    a, b = recipe(LARGE, seed=1), recipe(SMALL, (0.8, 0.8), seed=2)
    forth, back = compare({"A": a, "B": b}), compare({"B": b, "A": a})
    assert forth.multipliers[0].value == pytest.approx(1 / back.multipliers[0].value, rel=1e-4)
    assert forth.multipliers[0].low == pytest.approx(1 / back.multipliers[0].high, rel=1e-3)


def test_more_than_two_recipes_share_one_curve():
    tables = {
        "base": recipe(LARGE, seed=3, noise=1e-4),
        "better": recipe(LARGE, (0.7, 1.0), seed=4, noise=1e-4),
        "worse": recipe(SMALL, (1.0, 1.4), seed=5, noise=1e-4),
    }
    answer = compare(tables)
    assert [item.group for item in answer.multipliers] == ["better", "worse"]
    assert [item.value for item in answer.multipliers] == pytest.approx([0.7, 1.4], rel=0.03)
    assert len([line for line in answer.lines() if "times the compute of base" in line]) == 2


def test_compute_alone_is_enough():
    flops = np.geomspace(1e18, 1e21, 8)
    loss = 1.8 + 1500 * flops**-0.16
    answer = compare(
        {"A": {"flops": flops, "loss": loss}, "B": {"flops": 0.6 * flops, "loss": loss}}
    )
    assert answer.law == "power_offset"
    assert answer.multipliers[0].value == pytest.approx(0.6, rel=1e-6)


def test_compute_that_is_not_6nd_counts():
    a, b = recipe(LARGE, noise=0), recipe(LARGE, noise=0)
    a["flops"], b["flops"] = 6 * a["params"] * a["tokens"], 9 * b["params"] * b["tokens"]
    assert compare({"A": a, "B": b}).multipliers[0].value == pytest.approx(1.5, rel=1e-5)


def test_a_ladder_beside_a_grid_says_what_it_assumes():
    answer = compare({"A": recipe(LARGE, seed=1), "B": recipe((4, (20.0,)), (0.8, 0.8), seed=2)})
    item = answer.multipliers[0]
    assert item.low < 0.64 < item.high and np.isnan(item.params)
    assert any("same proportion" in line for line in answer.lines())


def test_two_ladders_of_one_ratio_are_compared_along_compute():
    ladder = (6, (20.0,))
    answer = compare({"A": recipe(ladder, seed=1), "B": recipe(ladder, (0.8, 0.8), seed=2)})
    assert answer.law == "power_offset"
    assert any("20 tokens per parameter" in line for line in answer.lines())
    assert answer.multipliers[0].low < 0.64 < answer.multipliers[0].high


@pytest.mark.parametrize("ratio", [5.0, 100.0])
def test_ladders_of_different_ratios_are_refused(ratio):
    with pytest.raises(FitError, match=r"recipe and ratio cannot be told apart\. Fix: "):
        compare({"A": recipe((6, (20.0,))), "B": recipe((6, (ratio,)))})


@pytest.mark.parametrize("changed", [{"alpha": 0.28}, {"beta": 0.4, "B": 9000.0}, {"E": 1.6}])
def test_curves_of_another_shape_are_refused_and_measured(changed):
    tables = {"A": recipe(LARGE, seed=1, noise=1e-3)}
    tables["B"] = recipe(LARGE, seed=2, noise=1e-3, **changed)
    with pytest.raises(FitError, match=r"in shape \(p = .*B needs .* times the compute"):
        compare(tables)
    answer = compare(tables, assume_same_shape=True)
    assert any("differ in shape" in line for line in answer.warnings)


def test_equal_shapes_are_seldom_called_different():
    refused = 0
    for seed in range(60):
        tables = {"A": recipe(LARGE, seed=2 * seed), "B": recipe(LARGE, seed=2 * seed + 1)}
        refused += compare(tables, assume_same_shape=True).shape_p < 0.01
    assert refused <= 3


@pytest.mark.parametrize(
    "tables, words",
    [
        ({"A": recipe(LARGE)}, "second table"),
        ({"A": recipe(LARGE), "B": {"params": [1e8], "loss": [3.0]}}, "group B: no column flops"),
        ({"A": recipe(LARGE), "B": {"flops": [1e18]}}, "group B: no column loss"),
        ({"A": recipe((2, (10.0,))), "B": recipe((2, (10.0,)))}, "give at least"),
        ({"A": recipe(LARGE), "B": recipe(LARGE) | {"loss": -np.ones(12)}}, "group B"),
    ],
)
def test_what_cannot_be_compared_is_one_line(tables, words):
    with pytest.raises(FitError, match=words) as refused:
        compare(tables)
    assert "\n" not in str(refused.value) and "Fix: " in str(refused.value)


def test_answers_are_plain_data_and_always_the_same():
    tables = {"A": recipe(LARGE, seed=1), "B": recipe(SMALL, seed=2)}
    first, second = (json.dumps(compare(tables).to_dict(), allow_nan=False) for _ in range(2))
    assert first == second and json.loads(first)["multipliers"][0]["reference"] == "A"


def along(losses):
    """Runs of one compute ladder."""
    return {"flops": np.geomspace(1e18, 1e21, len(losses)), "loss": np.asarray(losses)}


RNG = np.random.default_rng(0)
JUDGED = {
    "a grid": ((recipe(LARGE, seed=1), recipe(SMALL, (0.8, 0.8), seed=2)), True),
    "no noise": ((recipe(LARGE, noise=0), recipe(SMALL, (0.8, 0.8), noise=0)), True),
    "no offset": ((recipe(LARGE, E=0.0), recipe(LARGE, (0.8, 0.8), seed=3, E=0.0)), True),
    "ladders": ((recipe((6, (20.0,)), seed=1), recipe((6, (20.0,)), seed=2)), True),
    "much noise": ((recipe(SMALL, noise=0.2), recipe(SMALL, noise=0.2, seed=3)), False),
    "flat": ((along([2.0] * 8), along([2.0] * 8)), False),
    "noise alone": ((along(2 + 0.02 * RNG.normal(size=8)), along(2 + 0.02 * RNG.normal(size=8))),
                    False),
}  # fmt: skip


@pytest.mark.parametrize("tables, identified", JUDGED.values(), ids=JUDGED)
def test_a_comparison_says_whether_the_runs_determine_its_curve(tables, identified):
    answer = compare(dict(zip("AB", tables, strict=True)), assume_same_shape=True)
    assert answer.identified is identified
    assert answer.objective_value >= 0.0
    assert identified is not any("do not determine all" in line for line in answer.warnings)
    for name, (low, high) in answer.intervals.items():
        assert low <= answer.parameters[name] <= high
        assert not identified or (np.isfinite([low, high]).all() and low >= 0)


def test_losses_that_fall_with_nothing_bound_no_multiplier():
    item = compare({"A": along([2.0] * 8), "B": along([2.0] * 8)}).multipliers[0]
    assert (item.low, item.high) == (0.0, np.inf)


def test_intervals_of_shared_parameters_cover_the_truth():
    names, hits = ("E", "alpha", "beta"), []
    for seed in range(40):
        pair = {"A": recipe(LARGE, seed=2 * seed), "B": recipe(LARGE, seed=2 * seed + 1)}
        ends = compare(pair, assume_same_shape=True).intervals
        hits.append([ends[name][0] <= LAW[name] <= ends[name][1] for name in names])
    assert (np.mean(hits, axis=0) >= 0.85).all()


def test_a_search_that_is_cut_short_is_not_called_converged(monkeypatch):
    import scipy.optimize

    whole = scipy.optimize.least_squares
    monkeypatch.setattr(
        scipy.optimize,
        "least_squares",
        lambda *args, **options: whole(*args, **options | {"max_nfev": 2}),
    )
    answer = compare({"A": recipe(LARGE), "B": recipe(SMALL, seed=2)}, assume_same_shape=True)
    assert not answer.converged
    assert any("did not converge" in line for line in answer.warnings)


def test_a_run_far_from_the_curve_is_named():
    tables = {"A": recipe(LARGE, seed=1, noise=1e-4), "B": recipe(LARGE, seed=2, noise=1e-4)}
    tables["B"]["loss"][4] *= 1.05
    assert any("Run 5 of B" in line for line in compare(tables, assume_same_shape=True).lines())


def test_robust_errors_are_those_of_the_textbook_formula():
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(15), rng.normal(size=15), rng.uniform(size=15)])
    residuals = rng.normal(size=15)
    bread = np.linalg.inv(x.T @ x)
    leverage = np.einsum("ij,jk,ik->i", x, bread, x)
    meat = (x * (residuals**2 / (1 - leverage))[:, None]).T @ x
    contrast = np.array([0.3, -1.0, 2.0])
    found = contrast_error(x, residuals, contrast)
    assert found.error == pytest.approx(np.sqrt(contrast @ bread @ meat @ bread @ contrast))
    assert 2.35 <= found.freedom <= 12


def test_a_contrast_that_the_rows_do_not_determine_has_no_bounds():
    x = np.column_stack([np.ones(8), np.arange(8.0), 2 * np.arange(8.0)])
    assert contrast_error(x, np.ones(8), np.array([0.0, 1.0, 0.0])).half_width(0.95) == np.inf
    assert np.isfinite(contrast_error(x, np.ones(8), np.array([0.0, 1.0, 2.0])).half_width(0.95))


def test_the_test_of_further_columns_holds_its_level_and_finds_them():
    rng = np.random.default_rng(2)
    base, extra = np.ones((20, 1)), rng.normal(size=(20, 2))
    nulls, effects = [], []
    for _ in range(200):
        noise = rng.normal(size=20)
        nulls.append(extra_columns_test(base, extra, noise - noise.mean())[0])
        moved = noise + 3 * extra[:, 0]
        effects.append(extra_columns_test(base, extra, moved - moved.mean())[0])
    assert np.mean(np.array(nulls) < 0.05) < 0.09
    assert np.mean(np.array(effects) < 0.01) > 0.99
    assert extra_columns_test(base, base, np.ones(20)) == (1.0, 0)
