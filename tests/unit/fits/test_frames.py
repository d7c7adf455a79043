"""Which rows a fit sees, as what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry, rows_entry

from scaling_studies.errors import FitError, TableError
from scaling_studies.fits.frames import fit_frame
from scaling_studies.fits.row_choice import choose


@pytest.fixture
def runs() -> pd.DataFrame:
    """Four runs with a loss and an error each; the last one diverged."""
    losses = pd.DataFrame(
        {
            "table": "runs",
            "run_id": list("abcd"),
            "row_key": list("abcd"),
            "group_id": list("aabb"),
            "dataset": ["x", "x", "y", "y"],
            "params_total": [1e6, 1e7, 1e8, 1e9],
            "tokens": [2e7, 2e8, 2e9, 2e10],
            "flops_6nd": [1.2e14, 1.2e16, 1.2e18, 1.2e20],
            "metric": "loss",
            "eval_set": "c4",
            "value": [5.0, 4.0, 3.0, 2.0],
            "value_low": np.nan,
            "value_high": np.nan,
            "value_std": [0.1, 0.2, 0.3, 0.4],
            "status": ["ok", "ok", "ok", "diverged"],
            "note": None,
        }
    )
    errors = losses.assign(metric="error", eval_set="mean", value=losses["value"] / 10)
    return pd.concat([errors.iloc[::-1], losses], ignore_index=True)


FIT = {
    "response": {"metric": "loss"},
    "axes": {"params": "params_total", "tokens": "tokens"},
}


def test_rows_axes_and_roles(runs):
    entry = FIT | {"rows": {"where": {"dataset": "x"}}, "held_out": "rest"}
    frame = fit_frame(runs, fit_entry(entry), study="s")
    assert frame["role"].tolist() == ["fit", "fit", "held_out"]
    assert frame["params"].tolist() == [1e6, 1e7, 1e8]
    assert frame["observed"].tolist() == [5.0, 4.0, 3.0]
    assert frame["tokens_per_parameter"].tolist() == [20.0, 20.0, 20.0]


def test_another_measurement_as_an_axis_is_matched_by_row(runs):
    entry = {"response": {"metric": "error"}, "axes": {"loss": {"metric": "loss"}}}
    frame = fit_frame(runs, fit_entry(entry), study="s")
    assert (frame["observed"] * 10).tolist() == frame["loss"].tolist()


def test_weights_are_powers_of_a_column(runs):
    entry = FIT | {"weights": {"column": "value_std", "power": -2}}
    np.testing.assert_allclose(
        fit_frame(runs, fit_entry(entry), study="s")["weight"], [100, 25, 100 / 9]
    )
    relative = FIT | {"weights": {"column": "value_std", "power": -2, "relative": True}}
    np.testing.assert_allclose(
        fit_frame(runs, fit_entry(relative), study="s")["weight"], [2500.0, 400.0, 100.0]
    )


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ({"drop_largest": {"column": "response", "count": 1}}, "bc"),
        ({"keep_smallest": {"column": "params", "count": 2}}, "ab"),
        ({"where": {"params": {"above": 1e6, "max": 1e8}}}, "bc"),
        ({"where": {"dataset": {"not": ["x"]}}}, "c"),
        ({"where": {"dataset": ["x", "y"]}, "any": [{"run_id": "a"}, {"run_id": "c"}]}, "ac"),
    ],
)
def test_choice_of_rows(runs, rows, kept):
    frame = fit_frame(runs, fit_entry(FIT | {"rows": rows}), study="s")
    assert "".join(frame["run_id"]) == kept


def test_ties_are_broken_by_row_order():
    frame = pd.DataFrame({"observed": [1.0, 2.0, 2.0, 2.0]})
    rows = {"drop_largest": {"column": "response", "count": 2}}
    assert choose(frame, rows_entry(rows), "s").tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"response": {"metric": "bleu"}}, "no measurement of 'bleu'"),
        ({"response": {"metric": "loss", "eval_set": "pile"}}, "not measured on 'pile'"),
        ({"axes": {"params": "size", "tokens": "tokens"}}, "no such column"),
        ({"rows": {"where": {"size": 1}}}, "no such column"),
    ],
)
def test_what_is_not_there_is_named(runs, change, words):
    with pytest.raises(TableError, match=words) as caught:
        fit_frame(runs, fit_entry(FIT | change), study="some_2020")
    assert "some_2020" in str(caught.value)


def test_no_row_left(runs):
    with pytest.raises(FitError, match="no row is left"):
        fit_frame(runs, fit_entry(FIT | {"rows": {"where": {"dataset": "z"}}}), study="s")


def test_empty_axis_is_named(runs):
    runs.loc[runs["run_id"] == "b", "tokens"] = np.nan
    with pytest.raises(TableError, match="column tokens: the value is empty"):
        fit_frame(runs, fit_entry(FIT), study="s")


def test_rows_of_another_table_or_status_take_no_part(runs):
    runs["table"] = np.where(runs["run_id"] == "b", "other", "runs")
    frame = fit_frame(runs, fit_entry(FIT | {"table": "runs"}), study="s")
    assert "".join(frame["run_id"]) == "ac"


def test_a_frame_has_the_columns_that_are_not_empty_then_axes_and_observations(runs):
    frame = fit_frame(runs.assign(study="s", nothing=np.nan), fit_entry(FIT), study="s")
    assert list(frame) == [
        "table", "run_id", "row_key", "group_id", "dataset", "params_total", "tokens", "flops_6nd",
        "eval_set", "params", "tokens_per_parameter", "observed", "observed_low", "observed_high",
        "observed_std", "weight", "role",
    ]  # fmt: skip
    assert (frame["weight"] == 1.0).all() and frame["observed_std"].tolist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("held_out", "roles"),
    [
        (None, {"a": "fit", "b": "fit"}),
        ("rest", {"a": "fit", "b": "fit", "c": "held_out"}),
        ({"where": {"params_total": {"min": 1e7}}}, {"a": "fit", "b": "fit", "c": "held_out"}),
        ({"where": {"dataset": "x"}}, {"a": "fit", "b": "fit"}),
    ],
)
def test_a_row_is_held_out_unless_it_is_fitted(runs, held_out, roles):
    entry = (
        FIT | {"rows": {"where": {"dataset": "x"}}} | ({"held_out": held_out} if held_out else {})
    )
    frame = fit_frame(runs, fit_entry(entry), study="s")
    assert dict(zip(frame["run_id"], frame["role"], strict=True)) == roles
    assert frame.index.tolist() == list(range(len(frame)))


def test_an_empty_axis_of_a_row_that_takes_no_part_does_no_harm(runs):
    runs.loc[runs["run_id"] == "c", "tokens"] = np.nan
    frame = fit_frame(runs, fit_entry(FIT | {"rows": {"where": {"dataset": "x"}}}), study="s")
    assert "".join(frame["run_id"]) == "ab"


def test_tokens_per_parameter_take_the_size_that_is_known(runs):
    only = {"response": {"metric": "loss"}, "axes": {"x": "params_total"}}
    assert fit_frame(runs, fit_entry(only), study="s")["tokens_per_parameter"].tolist() == [
        20.0,
        20.0,
        20.0,
    ]
    bare = fit_frame(runs.drop(columns="tokens"), fit_entry(only), study="s")
    assert "tokens_per_parameter" not in bare


def test_points_may_be_means_of_rows(runs):
    entry = FIT | {"average": {"by": "group_id", "at": "tokens"}}
    frame = fit_frame(runs, fit_entry(entry), study="s")
    assert "".join(frame["run_id"]) == "bc" and frame["observed"].tolist() == [4.5, 3.0]


def test_rows_are_reduced_where_the_fit_asks_for_it(runs):
    at = pd.DataFrame({"metric": "k", "eval_set": "e", "value": [1.0, 2.0], "status": "ok"})
    table = pd.concat([runs.assign(samples_drawn=10.0), at], ignore_index=True)
    entry = {
        "response": {"metric": "loss"},
        "axes": {"x": "samples_drawn"},
        "reduce": {"kind": "coverage", "at": {"metric": "k"}},
    }
    frame = fit_frame(table, fit_entry(entry), study="s")
    assert frame["samples_drawn"].tolist() == [1.0, 2.0]
    # Of ten samples 5, 4 and 3 are correct: the mean chance of one right is 0.4.
    assert frame["observed"][0] == pytest.approx(-np.log(0.4))


def test_what_belongs_to_the_measurement_is_no_column_of_the_points(runs):
    entry = {"law": "additive", "response": {"metric": "loss"}}
    axes = {"params": "params_total", "tokens": "tokens"}
    frame = fit_frame(runs, fit_entry(entry | {"axes": axes}), study="study")
    assert not {"note", "status", "value", "value_std", "metric", "unit"} & set(frame.columns)
    assert list(frame["observed_std"]) == [0.1, 0.2, 0.3]


def test_a_column_as_the_response_has_no_interval_of_the_measurement(runs):
    entry = {"law": "power", "axes": {"x": "tokens"}}
    response = {"metric": "loss", "column": "params_total"}
    frame = fit_frame(runs, fit_entry(entry | {"response": response}), study="study")
    assert list(frame["observed"]) == [1e6, 1e7, 1e8]
    assert frame[["observed_low", "observed_high", "observed_std"]].isna().all(axis=None)
