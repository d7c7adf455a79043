"""Allocations by the names that cards use, and their bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import LAW

from scaling_studies.errors import FitError
from scaling_studies.fits.allocations import allocation_at, allocation_bands, compute_optimal
from scaling_studies.laws import get_law

FLOPS = np.array([6e18, 6e20, 6e24])
#: Exponents and coefficients of both terms alike: the optimum is N = D = sqrt(C / 6).
EVEN = {"E": 1.0, "A": 300.0, "B": 300.0, "alpha": 0.3, "beta": 0.3}


def drawn(count: int = 400, law: dict[str, float] = LAW) -> pd.DataFrame:
    spread = np.random.default_rng(0).normal(1.0, 0.01, (count, len(law)))
    return pd.DataFrame({name: law[name] * spread[:, i] for i, name in enumerate(law)})


def test_the_optimum_of_even_terms_divides_compute_evenly():
    found = compute_optimal(get_law("additive"), {k: np.array([v]) for k, v in EVEN.items()}, FLOPS)
    root = np.sqrt(FLOPS / 6)
    assert found["params_opt"][0] == pytest.approx(root)
    assert found["tokens_opt"][0] == pytest.approx(root)
    assert found["tokens_per_parameter"][0] == pytest.approx([1.0, 1.0, 1.0])
    assert found["loss_opt"][0] == pytest.approx(1.0 + 600.0 * root**-0.3)
    only = compute_optimal(
        get_law("additive"), {k: np.array([v]) for k, v in EVEN.items()}, FLOPS, ["tokens_opt"]
    )
    assert list(only) == ["tokens_opt"]


def test_one_parameter_set_is_allocated_or_told_why_not():
    found, message = allocation_at(get_law("additive"), EVEN, FLOPS)
    assert message == "" and found["params_opt"] == pytest.approx(np.sqrt(FLOPS / 6))
    none, message = allocation_at(get_law("additive"), EVEN | {"alpha": 0.0}, FLOPS)
    assert message == "the fitted exponents leave no compute-optimal size"
    assert all(np.isnan(values).all() for values in none.values()) and len(none) == 4
    _, message = allocation_at(get_law("power"), {"A": 1.0, "alpha": 0.1}, FLOPS)
    assert "no allocation" in message


def test_bands_are_the_95_per_cent_quantiles_of_the_resamples():
    draws, law = drawn(), get_law("additive")
    bands = allocation_bands(law, draws, FLOPS, most=10)
    # A law with a closed form uses every resample.
    every = compute_optimal(law, {name: draws[name].to_numpy() for name in LAW}, FLOPS)
    for name, band in bands.items():
        assert band == pytest.approx(np.quantile(every[name], [0.025, 0.975], axis=0), rel=1e-12)


def test_a_searched_optimum_uses_evenly_chosen_resamples():
    law = get_law("overtrained")
    centre = {"a": 166.0, "b": 366.0, "exponent": -0.27, "E": 1.83}
    draws = drawn(100, centre)
    bands = allocation_bands(law, draws, FLOPS[:2], most=50)
    sets = {name: draws[name].to_numpy()[::2] for name in law.parameter_names}
    every = compute_optimal(law, sets, FLOPS[:2])
    assert bands["params_opt"] == pytest.approx(
        np.quantile(every["params_opt"], [0.025, 0.975], axis=0), rel=1e-12
    )


def test_resamples_without_an_optimum_have_no_place_in_a_band():
    law = get_law("overtrained")
    draws = drawn(60, {"a": 166.0, "b": 366.0, "exponent": -0.27, "E": 1.83})
    whole = allocation_bands(law, draws, FLOPS, most=1000)
    lost = draws.assign(b=np.where(np.arange(60) == 3, 0.0, draws["b"]))
    with pytest.raises(FitError):
        sets = {name: lost[name].to_numpy() for name in law.parameter_names}
        compute_optimal(law, sets, FLOPS)
    rest = allocation_bands(law, lost, FLOPS, most=1000)
    expected = allocation_bands(law, draws.drop(index=3), FLOPS, most=1000)
    assert rest["params_opt"] == pytest.approx(expected["params_opt"], rel=1e-12)
    assert (rest["params_opt"] != whole["params_opt"]).any()
    missing = pd.concat([draws, draws.iloc[:5].assign(a=np.nan)])
    again = allocation_bands(law, missing, FLOPS, most=1000)
    assert again["loss_opt"].tolist() == whole["loss_opt"].tolist()


@pytest.mark.parametrize("count", [0, 5, 39])
def test_few_resamples_make_no_band(count):
    bands = allocation_bands(get_law("additive"), drawn().iloc[:count], FLOPS, most=500)
    assert len(bands) == 4
    for band in bands.values():
        assert band.shape == (2, 3) and np.isnan(band).all()
