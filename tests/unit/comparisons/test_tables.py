"""Quantities of cards and tables across studies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import LAW, artefact, uncertainty

from scaling_studies.comparisons.allocation import allocation
from scaling_studies.comparisons.exponents import exponents, gather_parameters
from scaling_studies.comparisons.held_out import held_out
from scaling_studies.fits.allocations import compute_optimal
from scaling_studies.fits.held_out import held_out_statistic
from scaling_studies.fits.uncertainty import Interval
from scaling_studies.laws import get_law
from scaling_studies.models.law import predict


def draws(count: int = 50) -> pd.DataFrame:
    spread = np.random.default_rng(0).normal(1.0, 0.01, (count, len(LAW)))
    return pd.DataFrame({name: LAW[name] * spread[:, i] for i, name in enumerate(LAW)})


def points() -> pd.DataFrame:
    frame = pd.DataFrame({"params": [1e8, 1e9, 1e10], "tokens": [2e9, 2e10, 2e11]})
    frame["observed"] = get_law("additive").value(LAW, frame)
    frame["predicted"] = frame["observed"] * 1.01
    frame["relative_residual"] = 0.01
    frame["flops_6nd"] = 6 * frame["params"] * frame["tokens"]
    return frame.assign(role=["fit", "fit", "held_out"], run_id=list("abc"))


def test_many_parameter_sets_are_predicted_at_once():
    law, frame, drawn = get_law("additive"), points(), draws()
    batch = predict(law, {name: drawn[name].to_numpy() for name in LAW}, frame)
    assert batch.shape == (50, 3)
    np.testing.assert_allclose(batch[7], law.value(drawn.iloc[7].to_dict(), frame), rtol=1e-12)


def test_allocation_is_where_the_loss_is_lowest():
    table = allocation([artefact()], [points()], [draws()])
    row = table.iloc[20]
    law = get_law("additive")
    sizes = row["params_opt"] * np.array([0.9, 1.0, 1.1])
    tokens = row["flops"] / (6 * sizes)
    losses = law.value(LAW, {"params": sizes, "tokens": tokens})
    assert losses.argmin() == 1
    assert losses[1] == pytest.approx(row["loss_opt"], rel=1e-12)
    assert row["params_opt_low"] < row["params_opt"] < row["params_opt_high"]
    fitted = table["flops"].between(6 * 1e8 * 2e9, 6 * 1e9 * 2e10)
    assert (table["extrapolated"] == ~fitted).all()


def test_published_law_has_no_band():
    published = artefact(estimator="evaluate")
    table = allocation([published], [points()], [pd.DataFrame()])
    assert (table["source"] == "published").all()
    assert table["params_opt_low"].isna().all()


def test_exponents_hold_headline_quantities():
    table = exponents([artefact()], [uncertainty(0.8, alpha=Interval(0.3, 0.4))])
    assert table["quantity"].tolist() == ["alpha", "a_opt"]
    assert table["ci_low"].tolist()[0] == 0.3
    assert np.isnan(table["ci_low"].tolist()[1])
    assert table["level"].tolist()[0] == 0.8
    assert np.isnan(table["level"].tolist()[1])


def test_held_out_error_and_extrapolation():
    table = held_out([artefact()], [points()], [draws()])
    assert table["run_id"].tolist() == ["c"]
    assert table["relative_error"].tolist() == [0.01]
    assert table["extrapolation_factor"].tolist() == pytest.approx([100.0])
    drawn, row = draws(), points().iloc[2:]
    sets = {name: drawn[name].to_numpy() for name in LAW}
    errors = predict(get_law("additive"), sets, row)[:, 0] / row["observed"].to_numpy()[0] - 1
    ends = table[["relative_error_low", "relative_error_high"]].iloc[0].tolist()
    assert ends == pytest.approx(np.quantile(errors, [0.025, 0.975]).tolist(), rel=1e-10)


def test_held_out_rows_without_resamples_or_compute_have_no_band_and_no_factor():
    table = held_out([artefact()], [points().drop(columns="flops_6nd")], [pd.DataFrame()])
    empty = ["relative_error_low", "relative_error_high", "extrapolation_factor"]
    assert table[empty].isna().all(axis=None) and len(table) == 1
    fitted = points().assign(role="fit")
    assert len(held_out([artefact()], [fitted], [draws()])) == 0


def test_rows_of_a_chained_law_stand_below_its_own():
    chained = points().assign(error_observed=0.5, error_predicted=[0.4, 0.5, 0.6])
    table = held_out([artefact()], [chained], [draws()])
    assert table["response"].tolist() == ["own", "error"]
    assert table["relative_error"].tolist() == pytest.approx([0.01, 0.2])
    assert table["relative_error_low"].isna().tolist() == [False, True]
    assert table["observed"].tolist()[1] == 0.5 and table["predicted"].tolist()[1] == 0.6


@pytest.mark.parametrize("function", [allocation, held_out])
def test_tables_without_a_row_keep_their_columns(function):
    assert len(function([], [], [])) == 0
    assert "study" in function([], [], []).columns


def test_bands_of_allocations_are_at_95_per_cent():
    drawn = draws()
    table = allocation([artefact()], [points()], [drawn])
    sets = {name: drawn[name].to_numpy() for name in LAW}
    sizes = compute_optimal(get_law("additive"), sets, table["flops"].to_numpy())["params_opt"]
    low, high = np.quantile(sizes, [0.025, 0.975], axis=0)
    assert table["params_opt_low"].to_numpy() == pytest.approx(low)
    assert table["params_opt_high"].to_numpy() == pytest.approx(high)
    assert len(allocation([artefact(allocation=False)], [points()], [drawn])) == 0


def test_parameters_are_gathered_long():
    alpha = Interval(0.3, 0.4, 0.35, 0.02)
    table = gather_parameters([artefact()], [uncertainty(alpha=alpha)]).set_index("parameter")
    assert table.loc["alpha", "standard_error"] == 0.02
    assert table.loc["E", "value"] == LAW["E"]
    assert set(table["objective"]) == {"huber_log(delta=0.001)"}
    printed = gather_parameters([artefact()], [uncertainty(0.8, alpha=alpha)])
    assert printed["ci_low"].isna().all()


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("relative_error", 0.1),
        ("predicted", 3.3),
        ("observed", 3.0),
        ("mean_absolute_error", 0.3),
        ("rms_log_error", np.log(1.1)),
        ("mean_absolute_relative_error", 0.1),
        ("rmsle", np.log1p(3.3) - np.log1p(3.0)),
    ],
)
def test_statistic_of_one_prediction(statistic, expected):
    found = held_out_statistic(statistic, np.array([3.0]), np.array([[3.3]]))
    assert found == pytest.approx([expected])
