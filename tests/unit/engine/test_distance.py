"""Intervals of new runs: the scatter of the rows among them, a learned quantile beyond."""

from __future__ import annotations

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.uncertainty import distance
from scaling_studies.engine.uncertainty.distance import (
    ANY_LAW,
    BINS,
    CARRIED_LEVELS,
    carried_quantiles,
    growth,
    interval_scale,
    new_runs,
)

N, D = (axis.ravel() for axis in np.meshgrid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 6)))
LARGEST = 6.0 * N.max() * D.max()


def fitted(noise: float = 0.003, **settings):
    rng = np.random.default_rng(0)
    loss = (1.7 + 400 * N**-0.34 + 2000 * D**-0.37) * np.exp(noise * rng.standard_normal(len(N)))
    return ss.fit("additive", {"params": N, "tokens": D, "loss": loss}, confirm=False, **settings)


@pytest.fixture(scope="module")
def fit():
    return fitted()


def at(times: float) -> dict[str, np.ndarray]:
    return {"params": np.array([N.max() * times**0.5]), "tokens": np.array([D.max() * times**0.5])}


def test_the_carried_table_says_more_of_higher_levels():
    found = carried_quantiles()
    for law in {key[0] for key in found}:
        for name in BINS:
            values = [found[law, name, one] for one in CARRIED_LEVELS if (law, name, one) in found]
            assert values == sorted(values) and all(np.isfinite(values))
    assert {(ANY_LAW, name, 0.95) for name in BINS[:3]} <= found.keys()


def test_the_carried_table_has_the_levels_and_bins_that_are_learned():
    found = carried_quantiles()
    assert {level for *_, level in found} == set(CARRIED_LEVELS)
    assert {name for _, name, _ in found} <= set(BINS)


@pytest.mark.parametrize(
    ("times", "name"), [(2.0, "1 to 3"), (5.0, "3 to 10"), (50.0, "10 to 100")]
)
def test_beyond_the_runs_the_interval_is_the_learned_quantile(fit, times, name):
    point = at(times)
    found = fit.predict(**point, kind="run", resamples=200)
    residuals = np.log(fit.problem.response / fit.fitted())
    noise = np.sqrt((residuals**2).sum() / (fit.n - 5))
    predicted = fit.law.value(fit.parameters, point)
    best = fit.problem.response[np.argmax(N * D)]
    scale = interval_scale(
        distance.law_error(fit, point, predicted), noise, np.abs(np.log(predicted / best))
    )
    table = carried_quantiles()
    quantile = table.get(("additive", name, 0.95), table[ANY_LAW, name, 0.95])
    half = np.log(found["high"] / found["loss"])
    assert (half >= quantile * scale * (1 - 1e-9)).all()
    law = fit.predict(**point, resamples=200)
    wider = np.maximum(np.log(law["high"] / law["loss"]), quantile * scale)
    np.testing.assert_allclose(half, wider, rtol=1e-9)
    assert found["distance"][0] == pytest.approx(times) and name in found["basis"][0]


def test_among_the_runs_a_new_one_scatters_as_they_do(fit):
    found = fit.predict(params=1e8, tokens=1e10, kind="run", resamples=400)
    half = np.log(found["high"] / found["low"])[0] / 2
    assert found["basis"][0] == "scatter of the fitted runs" and found["distance"][0] < 1
    assert 1.5 * 0.003 < half < 3 * 0.003


@pytest.mark.parametrize("level", [0.85, 0.7])
def test_a_level_without_a_record_says_so(fit, level):
    found = fit.predict(**at(5.0), kind="run", resamples=100, level=level)
    assert "no record" in found["basis"][0] and np.isfinite(found["low"][0])


def test_a_distance_without_a_record_says_so(fit, monkeypatch):
    monkeypatch.setattr(distance, "carried_quantiles", dict)
    found = fit.predict(**at(5.0), kind="run", resamples=100)
    assert "no record of a law 3 to 10 times beyond" in found["basis"][0]


def test_what_is_no_loss_has_no_record():
    flops = np.geomspace(1e18, 1e21, 12)
    size = 0.1 * flops**0.5 * np.exp(0.01 * np.random.default_rng(1).standard_normal(12))
    line = ss.fit("compute_optimal", {"flops": flops, "params_opt": size}, confirm=False)
    (basis,) = line.predict(flops=1e23, kind="run", resamples=100)["basis"]
    assert "no record of laws of such a quantity" in basis


def test_too_few_rows_tell_nothing():
    rows = {"params": N[:5], "tokens": D[::8][:5]}
    rows["loss"] = 1.7 + 400 * rows["params"] ** -0.34 + 2000 * rows["tokens"] ** -0.37
    found = new_runs(ss.fit("additive", rows, confirm=False), at(5.0), 0.95)
    assert np.isnan(found.half).all() and "do not tell" in found.basis[0]


def test_runs_grow_along_compute_where_it_is_known():
    axes = {"params": np.array([2.0]), "tokens": np.array([3.0])}
    assert growth(axes) == pytest.approx([36.0])
    assert growth({"params": np.array([2.0])}) == pytest.approx([2.0])
    assert growth({"loss": np.array([2.0])}) is None
