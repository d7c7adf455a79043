"""Every kind of quantity that a card may define, against arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry

from scaling_studies.errors import FitError
from scaling_studies.fits.chains import chains_of
from scaling_studies.fits.quantities import (
    card_quantities,
    derived,
    described,
    finite_values,
    signed_errors,
)
from scaling_studies.laws import get_law

POWER = get_law("power")
#: Two parameter sets: L = 8 x^-0.5 and L = 4 x^-1.
SETS = {"A": np.array([8.0, 4.0]), "alpha": np.array([0.5, 1.0])}
POINTS = pd.DataFrame(
    {
        "x": [1.0, 4.0, 16.0, 64.0],
        "observed": [8.0, 5.0, 1.0, 1.0],
        "role": ["fit", "held_out", "held_out", "held_out"],
        "size": ["s", "m", "m", "l"],
        "error_observed": [0.9, 0.8, 0.7, 0.6],
    }
)


def made(law=POWER, sets=SETS, chains=None, **quantities) -> dict[str, np.ndarray]:
    entry = {"law": law.name, "quantities": quantities}
    known = {**sets, **derived(law, sets)}
    return card_quantities(fit_entry(entry), law, sets, known, POINTS, chains or {}, "study")


def test_a_parameter_may_be_scaled_and_raised():
    found = made(
        plain={"of": "alpha"},
        turned={"of": "alpha", "scale": -1},
        power={"of": "alpha", "power": 2, "scale": 3},
        again={"of": "turned", "scale": 10},
    )
    assert found["plain"].tolist() == [0.5, 1.0]
    assert found["turned"].tolist() == [-0.5, -1.0]
    assert found["power"].tolist() == [0.75, 3.0]
    assert found["again"].tolist() == [-5.0, -10.0]


def test_an_expression_uses_parameters_and_other_quantities():
    found = made(sum={"expression": "A + 10 * half"}, half={"of": "alpha", "scale": 0.5})
    assert found["sum"].tolist() == [8.0 + 2.5, 4.0 + 5.0]


def test_growth_is_how_much_larger_x_must_be():
    # To halve the loss, x must grow by 2^(1 / alpha).
    found = made(growth={"growth": {"from": 4.0, "to": 2.0}})
    assert found["growth"] == pytest.approx([4.0, 2.0])


def test_held_out_statistics_are_about_the_rows_that_are_meant():
    one = {"x": 16.0}
    found = made(
        error={"held_out": "relative_error", "rows": one},
        predicted={"held_out": "predicted", "rows": one},
        observed={"held_out": "observed", "rows": {"x": {"min": 16}}, "scale": 2},
        every={"held_out": "mean_absolute_error"},
        by_size={"held_out": "mean_absolute_error", "mean_over": "size"},
    )
    # At x = 16: 2 and 0.25 are predicted, 1 was observed; x = 1 was fitted and does not count.
    assert found["predicted"] == pytest.approx([2.0, 0.25])
    assert found["error"] == pytest.approx([1.0, 0.75])
    assert found["observed"].tolist() == [2.0, 2.0]
    assert found["every"] == pytest.approx([(1 + 1 + 0) / 3, (4 + 0.75 + 0.9375) / 3])
    # The mean of the means of two sizes, one of which has two rows.
    assert found["by_size"] == pytest.approx([(2 / 2 + 0) / 2, (4.75 / 2 + 0.9375) / 2])


def test_no_held_out_row_is_refused():
    with pytest.raises(FitError, match=r"quantities\.error\.rows: no held-out row satisfies"):
        made(error={"held_out": "relative_error", "rows": {"size": "xl"}})


def chained():
    entry = {
        "chain": {"error": {"fit": "e", "axis": "loss", "law": "error_from_loss", "response": {}}}
    }
    return chains_of(fit_entry(entry), {"e": {"epsilon": 0.9, "k": 2.0, "gamma": 0.8}})


def test_a_chain_is_predicted_and_held_against_its_own_observations():
    quantity = {"held_out": "relative_error", "rows": {"x": 16.0}, "chain": "error"}
    found = made(chains=chained(), error=quantity)["error"]
    predicted = 0.9 - 2.0 * np.exp(-0.8 * np.array([2.0, 0.25]))
    assert found == pytest.approx(np.abs(predicted / 0.7 - 1.0))


def signed(**quantities) -> dict[str, np.ndarray]:
    entry = {"law": "power", "quantities": quantities}
    return signed_errors(fit_entry(entry), POWER, SETS, POINTS, chained(), "study")


def test_errors_of_single_rows_are_known_with_their_sign():
    one = {"x": 16.0}
    found = signed(
        error={"held_out": "relative_error", "rows": one},
        percent={"held_out": "mean_absolute_relative_error", "rows": one, "scale": 100},
        chained={"held_out": "relative_error", "rows": one, "chain": "error"},
        squared={"held_out": "relative_error", "rows": one, "power": 2},
        several={"held_out": "relative_error"},
        other={"held_out": "mean_absolute_error", "rows": one},
        parameter={"of": "alpha"},
    )
    assert set(found) == {"error", "percent", "chained"}
    assert found["error"] == pytest.approx([1.0, -0.75])
    assert found["percent"] == pytest.approx([100.0, -75.0])
    predicted = 0.9 - 2.0 * np.exp(-0.8 * np.array([2.0, 0.25]))
    assert found["chained"] == pytest.approx(predicted / 0.7 - 1.0)


ADDITIVE = {"E": 1.7, "A": 400.0, "B": 400.0, "alpha": 0.3, "beta": 0.3}


def test_allocations_inference_and_frontiers_follow_from_the_parameters():
    sets = {name: np.array([value, value]) for name, value in ADDITIVE.items()}
    settings = {
        "sizes": {"low": 1e6, "high": 1e11, "count": 2001},
        "embedding": {"coefficient": 0.0, "exponent": 1.0},
        "counted": "total",
        "flops": {"low": 1e18, "high": 1e22, "count": 20},
    }
    served = {"reference_params": 7e9, "inference_tokens": 0.0, "gives": "data_ratio"}
    found = made(
        get_law("additive"),
        sets,
        size={"of": "params_opt", "at_flops": 6e20},
        data={"of": "tokens_opt", "at_flops": 6e20, "scale": 1e-10},
        ratio={"of": "tokens_per_parameter", "at_flops": 6e20},
        served={"inference_adjusted": served},
        frontier={"frontier_exponent": settings},
    )
    assert found["size"] == pytest.approx([1e10, 1e10])
    assert found["data"] == pytest.approx([1.0, 1.0])
    assert found["ratio"] == pytest.approx([1.0, 1.0])
    assert found["served"] == pytest.approx([1.0, 1.0], rel=1e-3)
    assert found["frontier"] == pytest.approx([0.5, 0.5], abs=2e-3)


def test_what_needs_a_covariance_is_left_to_the_resamples():
    wald = {"wald_against": {"A": 8.0}}
    found = made(before={"of": "A"}, joint=wald, later={"of": "alpha"})
    assert list(found) == ["before", "later"]


def test_values_that_are_not_finite_are_left_out():
    batch = {"a": np.array([1.0]), "b": np.array([np.nan]), "c": np.array([np.inf])}
    assert finite_values(batch) == {"a": 1.0}
    entry = {"quantities": {"a": {"of": "A", "description": "Words"}, "b": {"of": "A"}}}
    assert described(fit_entry(entry)) == {"a": "Words"}
    assert derived(get_law("additive"), {k: np.array([v]) for k, v in ADDITIVE.items()})[
        "a_opt"
    ] == pytest.approx([0.5])
