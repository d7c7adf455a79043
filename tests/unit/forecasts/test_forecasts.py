"""Rollouts, rankings and plans: who predicts larger runs, on equal terms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entries, fit_entry
from fit_artefacts import LAW, artefact
from simulated_pages import as_rows

from scaling_studies import fit
from scaling_studies.errors import TableError
from scaling_studies.fits.allocations import compute_optimal
from scaling_studies.forecasts.plans import plan_runs
from scaling_studies.forecasts.rankings import rank_laws
from scaling_studies.forecasts.rollouts import roll_out
from scaling_studies.laws import get_law
from scaling_studies.pages.forecasts import forecast_view

BY = {"params": "params_total", "tokens": "tokens", "flops": "flops_6nd"}
ENTRIES = {
    law: {"title": law, "law": law, "objective": {"name": "huber_log", "delta": 1e-3}}
    for law in ("power", "power_offset")
}


def runs(offset: float = 1.7) -> pd.DataFrame:
    """Twelve runs along compute whose loss approaches an offset."""
    params = 2e7 * 2.0 ** np.arange(12)
    tokens = 20.0 * params
    flops = 6.0 * params * tokens
    noise = np.random.default_rng(2).normal(0.0, 0.001, 12)
    loss = (offset + 60.0 * flops**-0.08) * np.exp(noise)
    names = [f"r{i}" for i in range(12)]
    return pd.DataFrame(
        {
            "row_key": names,
            "run_id": names,
            "params": params,
            "tokens": tokens,
            "params_total": params,
            "flops_6nd": flops,
            "x": flops,
            "observed": loss,
            "weight": 1.0,
            "role": "fit",
        }
    )


def ranked(points: pd.DataFrame, rolled: dict[str, pd.DataFrame]) -> pd.DataFrame:
    described = {
        law: points.assign(predicted=fit(law, points, response="observed").predict(points))
        for law in rolled
    }
    return rank_laws(
        "a_2020", fit_entries({law: ENTRIES[law] for law in rolled}), described, rolled
    )


def rolled(points: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {law: roll_out("a_2020", law, fit_entry(ENTRIES[law]), points, BY) for law in ENTRIES}


def test_a_rollout_never_sees_what_it_predicts():
    points = runs()
    table = rolled(points)["power_offset"]
    size = points.set_index("row_key")["flops_6nd"]
    rows = table[table["by"] == "flops"]
    assert (size[rows["row_key"]].to_numpy() > rows["cutoff"].to_numpy()).all()
    for cutoff, group in rows.groupby("cutoff"):
        kept = points[points["flops_6nd"] <= cutoff]
        alone = fit("power_offset", kept, "huber_log", response="observed", confirm=False)
        ahead = points[points["flops_6nd"] > cutoff]
        assert group["predicted"].to_numpy() == pytest.approx(alone.predict(ahead), rel=1e-9)
        assert set(group["fitted_rows"]) == {len(kept)}


def test_no_cutoff_leaves_as_few_rows_as_parameters():
    table = rolled(runs())
    assert table["power"]["fitted_rows"].min() == 3
    assert table["power_offset"]["fitted_rows"].min() == 4


def test_the_law_that_made_the_runs_predicts_them_best():
    ranking = ranked(runs(), rolled(runs()))
    assert list(ranking["law"]) == ["power_offset", "power"]
    assert list(ranking["extrapolation_rank"]) == [1, 2]
    # Both are compared on the predictions that both make.
    assert len(set(ranking["predictions"])) == 1


def test_a_law_that_predicts_nothing_is_not_ranked_and_spoils_no_other():
    tables = rolled(runs())
    tables["power"] = tables["power"].iloc[:0]
    ranking = ranked(runs(), tables)
    assert list(ranking["law"]) == ["power_offset", "power"]
    assert np.isnan(ranking["extrapolation_rank"].iloc[1]) and not ranking["flipped"].any()


def test_a_flip_is_flagged_and_said():
    points = runs()
    tables = rolled(points)
    # The simpler law is made to predict better than the one that describes better.
    tables["power"] = tables["power"].assign(relative_error=0.0)
    ranking = ranked(points, tables)
    assert list(ranking["law"]) == ["power", "power_offset"]
    assert ranking["flipped"].all()
    view = forecast_view("a_2020", {"ranking": as_rows(ranking)})
    assert view["flip"] == (
        "The law that describes the runs best, power_offset, does not predict larger ones best: "
        "power does."
    )


def test_an_axis_that_is_not_known_is_named():
    with pytest.raises(TableError, match=r"column gpus.*ranking\.by"):
        roll_out("a_2020", "power", fit_entry(ENTRIES["power"]), runs(), {"params": "gpus"})
    points = runs()
    points.loc[4, "tokens"] = np.nan
    with pytest.raises(TableError, match=r"row r4, column tokens"):
        roll_out("a_2020", "power", fit_entry(ENTRIES["power"]), points, {"tokens": "tokens"})


@pytest.mark.parametrize("law", ["additive", "kaplan", "overtrained"])
def test_a_plan_is_the_optimum_of_its_law(law):
    params = 2e7 * 2.0 ** np.arange(12)
    tokens = params * np.tile([10.0, 20.0, 40.0], 4)
    points = pd.DataFrame({"params": params, "tokens": tokens, "role": "fit"})
    points["observed"] = 1.7 + 400 * params**-0.34 + 1500 * tokens**-0.35
    found = fit(law, points, response="observed")
    plan = [artefact(fit=law, law=law, parameters=found.parameters)]
    row = plan_runs(plan, [points], [pd.DataFrame()], multiples=[10]).iloc[0]
    assert row["flops"] == pytest.approx(60 * (params * tokens).max())
    around = row["params_opt"] * np.array([0.9, 1.0, 1.1])
    loss = found.predict({"params": around, "tokens": row["flops"] / 6 / around})
    assert loss[1] == min(loss) and loss[1] == pytest.approx(row["loss_opt"])
    assert np.isnan(row["params_opt_low"])


def test_a_plan_has_the_95_per_cent_bands_of_its_resamples_and_marks_the_best():
    points = pd.DataFrame({"params": [1e8, 1e9, 1e9], "tokens": [2e9, 2e9, 2e10], "role": "fit"})
    spread = np.random.default_rng(0).normal(1.0, 0.01, (50, len(LAW)))
    drawn = pd.DataFrame({name: LAW[name] * spread[:, i] for i, name in enumerate(LAW)})
    ranking = pd.DataFrame(
        {
            "law": ["additive", "kaplan"],
            "fit": ["f", "k"],
            "extrapolation_rank": [1.0, np.nan],
            "tied": ["", ""],
        }
    )
    others = [artefact(study="other", fit="g", estimator="printed")]
    table = plan_runs(
        [artefact()], [points], [drawn], ranking, others, [pd.DataFrame()], multiples=[1, 10]
    )
    assert table["flops"].tolist() == pytest.approx([1.2e20, 1.2e21] * 2)
    assert table["own"].tolist() == [True, True, False, False] == table["best"].tolist()
    assert table["source"].tolist() == ["refit"] * 2 + ["published"] * 2
    sets = {name: drawn[name].to_numpy() for name in LAW}
    sizes = compute_optimal(get_law("additive"), sets, np.array([1.2e20, 1.2e21]))["params_opt"]
    low, high = np.quantile(sizes, [0.025, 0.975], axis=0)
    assert table["params_opt_low"][:2].to_numpy() == pytest.approx(low)
    assert table["params_opt_high"][:2].to_numpy() == pytest.approx(high)
    assert table["params_opt_low"][2:].isna().all() and (table["message"] == "").all()
