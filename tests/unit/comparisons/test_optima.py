"""Laws of the best size alone, in the columns of laws of size and data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import artefact

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.allocation import FLOPS_GRID, allocation
from scaling_studies.comparisons.optima import (
    UNITS,
    joined,
    optima,
    optima_over_compute,
    plans_of_optima,
    with_optima,
)
from scaling_studies.comparisons.trade_offs import DECADES, plans_for, trade_offs

LAW = {"G": 0.09, "a": 0.5}
DATA = {"G": 2.0, "a": 0.48}


def cards(optimum: dict[str, Any] | None, **conventions: Any) -> dict[str, StudyCard]:
    fit = {"title": "A line", "law": "compute_optimal", "estimator": "printed", "fixed": LAW}
    stated = conventions | ({"optimum": optimum} if optimum else {})
    fits = {"size": fit | {"conventions": stated}, "data": fit | {"fixed": DATA}}
    card = {"study": "s", "title": "Lines", "tables": {}, "fits": fits}
    return {"s": StudyCard.rebuilt(card)}


def lines(optimum: dict[str, Any], frame: pd.DataFrame | None = None, **conventions: Any):
    known = cards(optimum, **conventions)
    fits = [
        artefact(fit=name, law="compute_optimal", estimator="printed", parameters=law)
        for name, law in {"size": LAW, "data": DATA}.items()
    ]
    places = with_optima(known)
    chosen = [fit for fit in fits if (fit.study, fit.fit) in places]
    points = pd.DataFrame() if frame is None else frame
    return known, optima(known, chosen, [points] * len(chosen))


@pytest.mark.parametrize("unit", UNITS)
def test_size_is_as_the_law_gives_it_and_data_follow_from_compute(unit):
    _, table = lines({"gives": "params", "unit": unit})
    (law,) = table.to_dict("records")
    for flops in (1e18, 3e21, 1e26):
        size = law["params_coefficient"] * flops ** law["params_exponent"]
        data = law["tokens_coefficient"] * flops ** law["tokens_exponent"]
        assert size == pytest.approx(LAW["G"] * (flops / UNITS[unit]) ** LAW["a"])
        assert 6.0 * size * data == pytest.approx(flops)


def test_a_law_of_tokens_leaves_the_size_and_one_of_flop_per_token_a_sixth():
    _, tokens = lines({"gives": "tokens"})
    assert tokens["tokens_coefficient"][0] == pytest.approx(LAW["G"])
    assert tokens["params_coefficient"][0] == pytest.approx(1.0 / (6.0 * LAW["G"]))
    assert tokens["params_exponent"][0] == 1.0 - LAW["a"]
    _, per_token = lines({"gives": "flops_per_token"})
    assert per_token["params_coefficient"][0] == pytest.approx(LAW["G"] / 6.0)
    # C = M D: six parameters' worth of FLOP times the data is the compute.
    assert per_token["tokens_coefficient"][0] == pytest.approx(1.0 / LAW["G"])


@pytest.mark.parametrize("unit", UNITS)
def test_data_of_a_fit_of_their_own_go_before_those_of_compute(unit):
    known, table = lines({"gives": "params", "tokens": "data", "unit": unit})
    assert with_optima(known) == [("s", "size"), ("s", "data")]
    (law,) = table.to_dict("records")
    assert law["tokens_of"] == "data" and law["tokens_exponent"] == DATA["a"]
    assert law["tokens_coefficient"] * 1e22 ** DATA["a"] == pytest.approx(
        DATA["G"] * (1e22 / UNITS[unit]) ** DATA["a"]
    )


def test_conventions_and_reach_stand_beside_the_line():
    frame = pd.DataFrame({"role": ["fit", "fit", "held_out"], "flops": [1e18, 4e19, 1e22]})
    stated = {"params": "active", "flops": "6ND_active"}
    _, table = lines({"gives": "params", "note": "far below"}, frame, **stated)
    (law,) = table.to_dict("records")
    assert (law["flops_low"], law["flops_high"]) == (1e18, 4e19)
    assert (law["params_count"], law["flops_count"]) == ("active", "6ND_active")
    assert law["note"] == "far below"


def test_curves_have_the_columns_of_the_other_laws_and_their_bands():
    frame = pd.DataFrame({"role": "fit", "flops": [1e19, 1e21]})
    known, table = lines({"gives": "params"}, frame)
    rng = np.random.default_rng(0)
    draws = pd.DataFrame({"G": LAW["G"] * np.exp(0.1 * rng.standard_normal(400)), "a": LAW["a"]})
    along = optima_over_compute(known, table, {("s", "size"): draws})
    assert list(along["flops"]) == list(FLOPS_GRID)
    assert set(along) == set(allocation([], [], []))
    assert (along["params_opt_low"] < along["params_opt"]).all()
    np.testing.assert_allclose(
        along["tokens_opt_low"] * along["params_opt_high"], along["flops"] / 6.0
    )
    assert along["loss_opt"].isna().all() and along["new_run_low"].isna().all()
    assert along.loc[~along["extrapolated"], "flops"].between(1e19, 1e21).all()
    other, own = lines({"gives": "params", "tokens": "data"}, frame)
    apart = optima_over_compute(other, own, {("s", "size"): draws})
    assert apart["tokens_opt_low"].isna().all() and apart["params_opt_low"].notna().all()
    assert optima_over_compute(known, table, {})["params_opt_low"].isna().all()


def test_plans_answer_for_a_budget_and_for_nothing_else():
    _, table = lines({"gives": "params"})
    plans = plans_of_optima(table)
    assert set(plans["purpose"]) == {"compute_optimal"} and len(plans) == len(DECADES)
    assert plans["loss"].isna().all() and plans["cost"].isna().all()
    assert set(plans) == set(plans_for(trade_offs([], [], [])))


def test_tables_without_rows_do_not_change_the_columns():
    none, some = allocation([], [], []), pd.DataFrame({"study": ["s"], "flops": [1e20]})
    assert list(joined([none, pd.DataFrame()])) == list(none)
    assert joined([some, pd.DataFrame()]).equals(some)
    both = joined([some, some])
    assert list(both) == list(some) and len(both) == 2


def test_a_card_without_the_key_gives_none():
    assert with_optima(cards(None)) == []
    assert optima({}, [], []).empty and plans_of_optima(optima({}, [], [])).empty
