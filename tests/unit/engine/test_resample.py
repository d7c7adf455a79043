"""Bootstrap: determinism, kinds, and agreement with plain refits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.uncertainty.bands import percentile_interval
from scaling_studies.engine.uncertainty.blocks import block_size
from scaling_studies.engine.uncertainty.draws import row_counts
from scaling_studies.errors import FitError


@pytest.fixture(scope="module")
def fit(runs):
    return ss.fit("additive", runs)


def same(first: ss.Bootstrap, second: ss.Bootstrap) -> bool:
    """Byte-identical parameters and objectives."""
    return first.objective_value.tobytes() == second.objective_value.tobytes() and all(
        first.parameters[name].tobytes() == second.parameters[name].tobytes()
        for name in first.parameters
    )


def test_shards_and_threads_change_nothing(fit):
    whole = ss.bootstrap(fit, 200, seed=3)
    for cuts in ([0, 200], [0, 64, 200], [0, 1, 77, 130, 200]):
        shards = [
            ss.bootstrap(fit, high - low, seed=3, first=low, threads=2)
            for low, high in itertools.pairwise(cuts)
        ]
        for name, values in whole.parameters.items():
            joined = np.concatenate([shard.parameters[name] for shard in shards])
            assert joined.tobytes() == values.tobytes()
    assert same(whole, ss.bootstrap(fit, 200, seed=3, threads=2))
    assert not same(whole, ss.bootstrap(fit, 200, seed=4))


def test_resamples_are_plain_refits(fit, runs):
    boot = ss.bootstrap(fit, 6, seed=1)
    for number in range(6):
        weights = row_counts(1, number, 120)
        refit = ss.fit("additive", runs, weights=weights)
        assert boot.objective_value[number] == pytest.approx(refit.objective_value, rel=1e-8)
        assert boot.parameters["alpha"][number] == pytest.approx(
            refit.parameters["alpha"], rel=1e-5
        )
    assert boot.converged == 1.0


def test_contract(fit):
    boot = ss.bootstrap(fit, 150, seed=0)
    low, high = boot.interval("alpha", level=0.9)
    assert low < fit.parameters["alpha"] < high
    alpha = boot.parameters["alpha"]
    expected = percentile_interval(alpha, 0.9, estimate=fit.parameters["alpha"])
    np.testing.assert_allclose((low, high), expected.ends, rtol=1e-14)
    assert boot.covariance().shape == (5, 5)
    assert boot.covariance()[3, 3] == pytest.approx(boot.standard_error("alpha") ** 2)
    np.testing.assert_allclose(
        boot.quantity("a_opt"),
        boot.parameters["beta"] / (boot.parameters["alpha"] + boot.parameters["beta"]),
    )
    frame = ss.bootstrap(fit, 10, seed=0, first=140).frame()
    assert list(frame["resample"]) == list(range(140, 150))
    assert {"E", "a_opt", "log_A", "objective_value"} <= set(frame)
    assert frame["alpha"].tolist() == boot.parameters["alpha"][140:].tolist()
    assert "95 %" in repr(boot)
    with pytest.raises(FitError, match="no quantity"):
        boot.quantity("gamma")


def test_clusters_keep_rows_together(fit, runs):
    groups = np.repeat(np.arange(24), 5)
    clustered = ss.bootstrap(fit, 100, seed=0, groups=groups)
    assert clustered.kind == "cluster"
    own = ss.fit("additive", runs, groups=groups)
    assert same(clustered, ss.bootstrap(own, 100, seed=0, kind="cluster"))
    pairs = ss.bootstrap(own, 10)
    assert any("grouped" in message for message in pairs.messages)
    renamed = np.array([f"run {g}" for g in groups], dtype=object)
    assert ss.bootstrap(fit, 50, groups=renamed).standard_error("alpha") > 0


def test_stratified_draws_keep_the_size_of_each_stratum():
    from scaling_studies.engine.uncertainty.draws import stratified_counts

    strata = [np.arange(10), np.arange(10, 40)]
    counts = stratified_counts(0, 5, strata, 40)
    assert counts[:10].sum() == 10 and counts[10:].sum() == 30


def test_stratified_and_parametric(fit, runs):
    strata = (runs["flops"] > 1e20).astype(int)
    assert ss.bootstrap(fit, 64, kind="stratified", strata=strata).converged == 1.0
    drawn = ss.bootstrap(fit, 200, kind="parametric")
    assert drawn.converged == 1.0
    pairs = ss.bootstrap(fit, 200)
    ratio = drawn.standard_error("alpha") / pairs.standard_error("alpha")
    # The noise has one size here, so that the two must tell much the same.
    assert 0.6 < ratio < 1.6


def test_parametric_from_published_intervals():
    truth = {"a": 110.0, "b": 190.0, "exponent": -0.24, "E": 1.5}
    params = np.array([1e7, 8e7, 1.5e8, 4e8, 1e7])
    tokens = params * np.array([20, 20, 20, 20, 320])
    frame = {"params": params, "tokens": tokens}
    frame["loss"] = ss.get_law("overtrained").value(truth, frame)
    fit = ss.fit("overtrained", frame, "squared")
    low, high = frame["loss"] - 0.004, frame["loss"] + 0.002
    boot = ss.bootstrap(fit, 300, kind="parametric", response_interval=(low, high))
    assert boot.converged > 0.99
    assert 0 < boot.standard_error("E") < 0.2
    assert any("degenerate" in m for m in ss.bootstrap(fit, 20).messages)
    with pytest.raises(FitError, match="row 1: the interval of the response does not contain it"):
        ss.bootstrap(fit, 5, kind="parametric", response_interval=(high, high))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"kind": "magic"}, "unknown kind of bootstrap"),
        ({"kind": "cluster"}, "needs groups"),
        ({"kind": "stratified"}, "needs strata"),
        ({"groups": np.zeros(7)}, "7 groups for 120 rows"),
        ({"groups": np.zeros(120)}, "only 1 distinct groups"),
        ({"resamples": 0}, "resamples must be positive"),
    ],
)
def test_unusable_requests_are_refused(fit, arguments, text):
    with pytest.raises(FitError, match=text):
        ss.bootstrap(fit, **{"resamples": 5, **arguments})


def test_bootstrap_of_the_likelihood_with_fitted_scale(runs):
    fit = ss.fit("additive", runs, "huber_density")
    boot = ss.bootstrap(fit, 8, seed=2)
    refit = ss.fit("additive", runs, "huber_density", weights=row_counts(2, 5, 120))
    assert boot.objective_value[5] == pytest.approx(refit.objective_value, rel=1e-6)


def test_intervals_with_failed_and_infinite_resamples(fit):
    boot = ss.bootstrap(fit, 100)
    boot.parameters["alpha"] = np.where(np.arange(100) < 5, np.nan, boot.parameters["alpha"])
    low, high = boot.interval("alpha")
    assert np.isfinite([low, high, boot.standard_error("alpha")]).all()
    assert np.isfinite(boot.covariance()).all()
    boot.parameters["E"] = np.where(np.arange(100) < 50, 0.0, boot.parameters["E"])
    boot.estimate = {}
    low, high = boot.interval("log_E")
    assert low == -np.inf and np.isfinite(high)


def test_clusters_see_shared_noise_that_pairs_miss(runs, truth):
    rng = np.random.default_rng(4)
    groups = np.argsort(np.argsort(runs["params"])) // 4
    law = ss.get_law("additive")
    noise = 0.02 * rng.normal(size=30)[groups] + 0.004 * rng.normal(size=120)
    loss = law.value(truth, runs) * np.exp(noise)
    fit = ss.fit(law, {**runs, "loss": loss}, "squared_log", groups=groups)
    pairs = ss.bootstrap(fit, 400).standard_error("alpha")
    clusters = ss.bootstrap(fit, 400, kind="cluster").standard_error("alpha")
    assert clusters > 1.3 * pairs


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (0, 512),
        (1, 512),
        (128, 512),
        (129, 256),
        (256, 256),
        (257, 128),
        (7812, 128),
        (7813, 127),
        (10_000, 100),
        (2_000_000, 1),
    ],
)
def test_larger_tables_are_solved_in_smaller_blocks(rows, size):
    assert block_size(rows) == size


def test_weights_of_the_rows_are_kept_in_every_resample(runs):
    weights = np.linspace(0.5, 2.0, 120)
    boot = ss.bootstrap(ss.fit("kaplan", runs, weights=weights), 3, seed=1, first=2)
    counts = row_counts(1, 4, 120)
    refit = ss.fit("kaplan", runs, weights=counts * weights)
    assert boot.objective_value[2] == pytest.approx(refit.objective_value, rel=1e-8)


def test_held_parameters_are_the_same_in_every_resample(runs):
    boot = ss.bootstrap(ss.fit("additive", runs, fixed={"E": 1.8}), 4)
    assert boot.parameters["E"].tolist() == [1.8] * 4


def test_intervals_are_at_95_per_cent_and_refuse_few_resamples(fit):
    boot = ss.bootstrap(fit, 40)
    values = boot.parameters["alpha"]
    found = percentile_interval(values, 0.95, estimate=fit.parameters["alpha"])
    assert boot.interval("alpha") == pytest.approx(tuple(found.ends))
    boot.estimate = {}
    assert boot.interval("alpha") == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))
    assert boot.standard_error("alpha") == pytest.approx(np.std(values, ddof=1))
    assert "95 % interval" in repr(boot)
    few = ss.bootstrap(fit, 5)
    with pytest.raises(
        FitError, match=r"5 resamples of alpha carry no 0\.95 interval.*at least 40"
    ):
        few.interval("alpha")
    assert "interval" not in repr(few)
    with pytest.raises(FitError, match="the level is 95"):
        boot.interval("alpha", level=95)


def test_a_bootstrap_says_what_spoils_it(runs):
    few = {name: values[:6] for name, values in runs.items()}
    held = {"E": 1.8, "alpha": 0.35}
    three_free = ss.fit("additive", {name: v[:5] for name, v in runs.items()}, fixed=held)
    assert any("5 rows for 3 parameters" in text for text in ss.bootstrap(three_free, 2).messages)
    enough = ss.fit("additive", few, fixed=held)
    assert not any("degenerate" in text for text in ss.bootstrap(enough, 2).messages)


class Failing:
    """An estimator that has no estimate of some resamples."""

    def __call__(self, counts: np.ndarray) -> dict[str, float]:
        if counts[0] > 0:
            raise FitError("no minimum", fix="more rows")
        return {"A": float(counts.sum()), "alpha": 0.1}


def test_resamples_without_an_estimate_are_told(runs):
    law = ss.fit("power", {"x": runs["params"], "loss": runs["loss"]})
    law.refit = Failing()
    boot = ss.bootstrap(law, 60, seed=3)
    lost = np.array([row_counts(3, number, 120)[0] > 0 for number in range(60)])
    assert boot.frame()["converged"].tolist() == (~lost).tolist()
    assert np.isnan(boot.parameters["A"]).tolist() == lost.tolist()
    assert set(boot.parameters["A"][~lost]) == {120.0}
    assert np.isnan(boot.objective_value).all()
    assert boot.converged == pytest.approx((~lost).mean())
    assert any(text.startswith("Only ") for text in boot.messages)
    with pytest.raises(FitError, match="has no parametric bootstrap"):
        ss.bootstrap(law, 3, kind="parametric")


def test_given_responses_are_refitted(fit, runs):
    def drawn(number):
        return runs["loss"] * (1 + 0.01 * number)

    boot = ss.bootstrap(fit, 2, first=1, kind="parametric", responses=drawn)
    refit = ss.fit("additive", {**runs, "loss": drawn(2)})
    assert boot.objective_value[1] == pytest.approx(refit.objective_value, rel=1e-8)
    with pytest.raises(FitError, match="given responses make a parametric bootstrap"):
        ss.bootstrap(fit, 2, responses=drawn)


@pytest.mark.parametrize("arguments", [{"first": -1}, {"seed": -1}, {"resamples": -3}])
def test_numbers_below_zero_are_refused(fit, arguments):
    with pytest.raises(FitError, match="resamples must be positive"):
        ss.bootstrap(fit, **{"resamples": 5, **arguments})


def test_labels_may_name_an_axis(fit, runs):
    named = ss.bootstrap(fit, 5, groups="params")
    given = ss.bootstrap(fit, 5, groups=runs["params"])
    assert same(named, given)
    with pytest.raises(FitError, match="column flops: only axes of the law"):
        ss.bootstrap(fit, 5, groups="flops")
    short = runs["loss"][:7]
    with pytest.raises(FitError, match="response_interval does not match the rows"):
        ss.bootstrap(fit, 5, kind="parametric", response_interval=(short, short))
