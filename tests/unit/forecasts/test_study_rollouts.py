"""Every run table rolled out, intervals of new runs that hold, and the board of laws."""

from __future__ import annotations

from functools import cache

import chinchilla
import numpy as np
import pandas as pd
import pytest

from scaling_studies.cards.models.fit import Response
from scaling_studies.forecasts.board import ALL, LEARNED, TODAY, compare_forecasts
from scaling_studies.forecasts.contenders import (
    LARGEST_AGAIN,
    LAST_TWO,
    STACKED,
    of_largest,
    of_last_two,
    of_law,
)
from scaling_studies.forecasts.new_runs import counted, distinct_points, half_width, winkler
from scaling_studies.forecasts.study_rollouts import roll_out_study

STUDIES = 8


def surface(seed: int, noise: float = 0.003, bend: float = 0.0) -> pd.DataFrame:
    """Runs on a grid of size and data, on the additive law of a study of its own, with noise."""
    rng = np.random.default_rng(seed)
    grid = np.meshgrid(np.geomspace(3e7, 3e9, 5), np.geomspace(1e9, 1e11, 4))
    size, data = (axis.ravel() for axis in grid)
    alpha, beta = rng.uniform(0.28, 0.4, 2)
    loss = 1.7 + 900.0 * size**-alpha + 2000.0 * data**-beta
    loss *= np.exp(noise * rng.standard_normal(len(loss)) + bend * np.log(size * data / 1e17) ** 2)
    names = [f"{seed}-{number}" for number in range(len(loss))]
    rows = {"run_id": names, "row_key": names, "params": size, "tokens": data, "observed": loss}
    return pd.DataFrame({**rows, "params_total": size, "weight": 1.0, "role": "fit"})


@cache
def rolled(seed: int) -> pd.DataFrame:
    return roll_out_study(f"s{seed}", {"a": chinchilla.entry()}, {"a": surface(seed)})


@cache
def compared() -> tuple[pd.DataFrame, ...]:
    return compare_forecasts(rolled(seed) for seed in range(STUDIES))


def test_no_prediction_is_of_a_row_that_was_fitted():
    table = rolled(0)
    assert (table["horizon"] > 1.0).all() and set(table["by"]) == {"flops"}
    size = surface(0).assign(flops=lambda t: 6 * t["params"] * t["tokens"]).set_index("row_key")
    for (cutoff, _), part in table.groupby(["cutoff", "law"]):
        assert (size.loc[part["row_key"], "flops"] > cutoff * (1 - 1e-12)).all()
        assert (part["fitted_rows"] == (size["flops"] <= cutoff).sum()).all()


def test_rows_beyond_a_cutoff_do_not_move_its_predictions():
    early = rolled(0)["cutoff"].min()
    points = surface(0)
    beyond = 6 * points["params"] * points["tokens"] > early
    changed = points.assign(observed=points["observed"].where(~beyond, points["observed"] * 1.5))
    again = roll_out_study("s0", {"a": chinchilla.entry()}, {"a": changed})
    first = rolled(0)
    names = ["law", "row_key", "predicted"]
    pd.testing.assert_frame_equal(
        again[again["cutoff"] == early][names], first[first["cutoff"] == early][names]
    )


def test_the_law_that_made_the_runs_predicts_them_best():
    rows = counted(rolled(1))
    errors = rows.groupby("law")["log_error"].apply(lambda e: e.abs().median())
    assert errors["additive"] < 0.01 < errors[LARGEST_AGAIN]
    assert errors["additive"] < errors["power"] and STACKED in errors


def test_each_run_counts_once_for_a_law_and_distance():
    rows = counted(rolled(2))
    assert not rows.duplicated(["law", "row_key", "bin"]).any()
    assert rows["bin"].nunique() >= 3


def test_points_that_two_studies_share_count_once():
    one = rolled(3).assign(points="shared")
    other = rolled(3).assign(points="shared", study="other")
    assert set(distinct_points([one, other])["study"]) == {"s3"}


def test_learned_intervals_hold_new_studies():
    coverage, intervals, _, _ = compared()
    new = coverage[(coverage["kind"] == "new_run") & (coverage["level"] == 0.95)]
    by = new[new["law"] == STACKED].groupby("distance_bin")[["n", "covered"]].sum()
    share = by["covered"] / by["n"]
    assert (share[["1 to 3", "3 to 10", "10 to 100"]] > 0.85).all()
    assert set(coverage["kind"]) == {"law", "new_run"} and set(coverage["level"]) == {0.8, 0.95}
    assert set(intervals["method"]) == {TODAY, LEARNED}
    assert (coverage["covered"] <= coverage["n"]).all()


def test_coverage_of_a_study_is_learned_without_it():
    tables = [rolled(seed) for seed in range(4)]
    wild = tables[3].copy()
    wild["log_error"] = wild["log_error"] + 5.0
    coverage, *_ = compare_forecasts([*tables[:3], wild])
    new = coverage[(coverage["study"] == "s3") & (coverage["kind"] == "new_run")]
    assert new["covered"].sum() < 0.2 * new["n"].sum()


def test_the_board_ranks_the_true_law_before_laws_of_compute_alone():
    *_, board, learned = compared()
    everything = board[board["distance_bin"] == ALL].set_index("law")
    assert everything.loc["additive", "rank"] < everything.loc["power", "rank"]
    assert everything.loc["additive", "in_sample_rank"] < everything.loc["power", "in_sample_rank"]
    assert everything.loc[STACKED, "relative_error"] == pytest.approx(1.0)
    assert np.isnan(everything.loc[LARGEST_AGAIN, "in_sample_rank"])
    assert (learned["quantile"] > 0).all()


def test_one_study_alone_learns_nothing_and_says_nothing():
    coverage, intervals, board, _ = compare_forecasts([rolled(0)])
    assert set(coverage["kind"]) == {"law"} and intervals.empty
    assert board["covered"].isna().all() and len(board)


def test_no_roll_out_at_all_gives_empty_tables():
    none = roll_out_study("s", {}, {})
    for tables in ([none], []):
        assert [len(table) for table in compare_forecasts(tables)] == [0, 0, 0, 0]


def test_what_is_no_loss_is_not_forecast():
    entry = chinchilla.entry()
    for response in (Response(metric="elo"), Response(metric="loss", column="learning_rate")):
        other = entry.model_copy(update={"response": response})
        assert roll_out_study("s", {"a": other}, {"a": surface(0)}).empty


def test_a_forecast_of_exact_rows_is_exact_and_sure():
    points = surface(5, noise=0.0)
    small = points["params"] * points["tokens"] < 3e18
    table = {name: points[name].to_numpy() for name in ("params", "tokens")}
    fitted = {name: values[small] for name, values in table.items()}
    beyond = {name: values[~small] for name, values in table.items()}
    found = of_law("additive", fitted | {"response": points["observed"][small].to_numpy()}, beyond)
    assert found is not None and found.usable
    np.testing.assert_allclose(found.logs, np.log(points["observed"][~small]), rtol=1e-6)
    assert (found.half_width(0.95, new_run=True) < 1e-5).all()


def test_the_error_of_a_law_is_that_of_its_simulations():
    points = surface(6)
    small = (points["params"] * points["tokens"] < 3e19).to_numpy()
    table = {name: points[name].to_numpy() for name in ("params", "tokens")}
    fitted, beyond = ({k: v[kept] for k, v in table.items()} for kept in (small, ~small))
    truth = surface(6, noise=0.0)["observed"].to_numpy()[small]
    rng = np.random.default_rng(0)
    logs, errors = [], []
    for _ in range(60):
        response = truth * np.exp(0.003 * rng.standard_normal(small.sum()))
        found = of_law("additive", fitted | {"response": response}, beyond)
        assert found is not None
        logs.append(found.logs)
        errors.append(found.law_error)
    np.testing.assert_allclose(np.median(errors, axis=0), np.std(logs, axis=0), rtol=0.4)


def test_naive_peers():
    size, response = np.array([1.0, 10.0, 100.0]), np.array([4.0, 2.0, 1.0])
    assert np.exp(of_last_two(size, response, np.array([1000.0]))) == pytest.approx([0.5])
    assert np.exp(of_largest(size, response, np.array([1000.0]))) == pytest.approx([1.0])
    assert of_last_two(np.array([1.0, 1.1]), response[:2], size) is None
    assert LAST_TWO in set(rolled(0)["law"])


def test_the_interval_score_charges_width_and_misses():
    assert winkler(np.array([0.0, 0.3]), np.array([0.1, 0.1]), 0.95) == pytest.approx([0.2, 8.2])


def test_a_law_without_quantiles_of_its_own_takes_those_of_any():
    found = {("any law", "1 to 3", 0.95): 2.0, ("additive", "1 to 3", 0.95): 1.0}
    assert half_width(found, "kaplan", "1 to 3", 0.95, np.array([0.1])) == pytest.approx([0.2])
    assert half_width(found, "additive", "1 to 3", 0.95, np.array([0.1])) == pytest.approx([0.1])
    assert np.isnan(half_width(found, "additive", "3 to 10", 0.95, np.array([0.1]))).all()
