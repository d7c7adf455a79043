"""Laws of size and data in one form, and their plans, from artefacts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import LAW, artefact

from scaling_studies.comparisons.trade_offs import DECADES, PURPOSES, plans_for, trade_offs
from scaling_studies.engine.allocation.trade_off import TradeOff
from scaling_studies.fits.new_runs import new_run_band

STARS = {"R_D_star": 15.0, "R_N_star": 5.0}


def rows() -> pd.DataFrame:
    size, data = (axis.ravel() for axis in np.meshgrid([1e8, 1e9], [1e10, 1e11, 1e12]))
    frame = pd.DataFrame({"params": size, "tokens": data, "role": "fit"})
    frame["predicted"] = [TradeOff(**LAW).loss(n, d) for n, d in zip(size, data, strict=True)]
    return frame.assign(observed=frame["predicted"] * (1 + 0.01 * np.array([1, -1, 1, -1, 1, -1])))


def repeated(**changes):
    return artefact(fit="r", law="data_constrained", parameters=LAW | STARS, **changes)


def table(*fits, lenders=()):
    found = list(fits) or [artefact()]
    return trade_offs(found, [rows()] * len(found), list(lenders) or [repeated()])


def test_constants_reach_and_lender_are_those_of_the_artefacts():
    (law,) = table().to_dict("records")
    assert {name: law[name] for name in LAW} == LAW and law["power"] == 1.0
    assert law["flops_low"] == 6e18 and law["flops_high"] == pytest.approx(6e21)
    assert (law["data_repeats"], law["size_repeats"], law["repeats_of"]) == (15.0, 5.0, "s/r")


def test_printed_constants_of_repeated_data_go_before_refitted_ones():
    printed = repeated(estimator="evaluate", study="z")
    assert set(table(lenders=[repeated(), printed])["repeats_of"]) == {"z/r"}


def test_a_law_that_no_card_lets_plan_or_of_another_form_is_left_out():
    other = artefact(law="power", parameters={"A": 1.0, "alpha": 0.1})
    assert table(artefact(allocation=False), other).empty
    assert plans_for(table(artefact(allocation=False))).empty


def test_plans_hold_each_purpose_at_each_decade():
    plans = plans_for(table())
    assert set(plans["purpose"]) == set(PURPOSES)
    form = TradeOff(**LAW)
    for row in plans[plans["purpose"] == "compute_optimal"].itertuples():
        assert (row.params, row.tokens) == pytest.approx(form.best(row.asked))
        assert row.cost == pytest.approx(1.0) and row.flops == pytest.approx(row.asked)
    assert len(plans[plans["purpose"] == "compute_optimal"]) == len(DECADES)
    others = plans[~plans["purpose"].isin(["compute_optimal", "target_loss"])]
    # Rounding aside, nothing is cheaper than compute-optimal training.
    assert (others["cost"] >= 1 - 1e-9).all()
    served = plans[plans["purpose"] == "serving"]
    best = plans[plans["purpose"] == "compute_optimal"].set_index("asked")
    assert (served["params"] < best["params"].loc[served["asked"]].to_numpy()).all()
    np.testing.assert_allclose(served["loss"], best["loss"].loc[served["asked"]])
    ratio = served["params"].to_numpy() / best["params"].loc[served["asked"]].to_numpy()
    np.testing.assert_allclose(served["size"], ratio)
    assert (best["size"] == 1.0).all()
    assert plans.loc[plans["purpose"] == "target_loss", "size"].isna().all()


def test_without_a_law_of_repeated_data_nothing_is_said_of_few_data():
    found = trade_offs([artefact()], [rows()], [])
    assert set(found["repeats_of"]) == {""}
    assert "unique_data" not in set(plans_for(found)["purpose"])


def test_a_new_run_has_an_interval_that_grows_with_the_distance():
    flops = np.array([1e21, 1.2e22, 3e23, 1e26])
    loss = np.array([TradeOff(**LAW).loss(*TradeOff(**LAW).best(one)) for one in flops])
    band = (loss * 0.995, loss * 1.005)
    found = new_run_band(artefact(fixed={"E": 1.0}), rows(), flops, loss, band)
    width = np.log(found["new_run_high"] / found["new_run_low"])
    known = np.isfinite(width)
    assert known[:3].all() and (found["new_run_low"][known] <= band[0][known]).all()
    assert found["new_run_basis"][0] == "scatter of the fitted runs"
    assert "1 to 3 times" in found["new_run_basis"][1]
    assert width[1] < width[2]


@pytest.mark.parametrize(
    ("changes", "frame", "band"),
    [
        ({}, rows().iloc[:0], 1.01),
        ({}, rows().iloc[:4], 1.01),
        ({}, rows(), np.nan),
        ({"law": "compute_optimal"}, rows(), 1.01),
    ],
)
def test_without_rows_or_resamples_a_new_run_has_none(changes, frame, band):
    found = new_run_band(artefact(**changes), frame, np.array([1e24]), np.array([2.0]),
                         (np.array([2.0 / band]), np.array([2.0 * band])))  # fmt: skip
    assert np.isnan(found["new_run_low"]).all() and "no interval" in found["new_run_basis"][0]
