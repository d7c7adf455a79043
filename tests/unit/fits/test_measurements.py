"""Measurements of a run table: one set, several, means, and measurements as axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import average_entry, measured
from fit_artefacts import runs

from scaling_studies.errors import TableError
from scaling_studies.fits.measurements import average_rows, axis_values, measurement


def two_sets() -> pd.DataFrame:
    return pd.concat([runs(), runs().iloc[:8].assign(eval_set="pile", value=9.0)])


def test_a_metric_on_its_only_set_need_not_name_it():
    assert (
        measurement(runs(), measured({"metric": "loss"}), "s")["value"].tolist()
        == runs()["value"][:8].tolist()
    )


def test_of_several_sets_one_is_named():
    found = measurement(two_sets(), measured({"metric": "loss", "eval_set": "pile"}), "s")
    assert (found["value"] == 9.0).all() and len(found) == 8
    with pytest.raises(TableError, match=r"on 2 evaluation sets.*say which: c4, pile"):
        measurement(two_sets(), measured({"metric": "loss"}), "s")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (
            {"metric": "bleu"},
            r"study s, key response: there is no measurement of 'bleu'.*error, loss",
        ),
        ({"metric": "loss", "eval_set": "x"}, r"key eval_set: 'loss' was not measured on 'x'.*c4"),
    ],
)
def test_what_was_not_measured_is_named_with_what_was(wanted, text):
    with pytest.raises(TableError, match=text):
        measurement(runs(), measured(wanted), "s")


def test_a_mean_keeps_the_row_that_went_furthest():
    points = pd.DataFrame(
        {
            "run": ["b", "a", "b", "a", "b"],
            "step": [1, 5, 3, 4, 2],
            "value": [1.0, 2.0, 3.0, 6.0, 8.0],
            "value_low": 0.0,
            "value_high": 9.0,
            "value_std": 1.0,
            "row_key": list("vwxyz"),
        }
    )
    found = average_rows(points, average_entry({"by": "run", "at": "step"}), "s")
    assert found["row_key"].tolist() == ["w", "x"]
    assert found["value"].tolist() == [4.0, 4.0]
    assert found[["value_low", "value_high", "value_std"]].isna().all(axis=None)
    with pytest.raises(TableError, match="no such column"):
        average_rows(points, average_entry({"by": "seed", "at": "step"}), "s")


def test_an_axis_is_a_column_or_another_measurement_of_the_row():
    points = measurement(runs(), measured({"metric": "error"}), "s").iloc[[3, 0]]
    column = axis_values(runs(), points, "x", "params_total", "s", None)
    assert column.tolist() == runs()["params_total"][[3, 0]].tolist() and column.dtype.kind == "f"
    assert axis_values(runs(), points, "x", "run_id", "s", None).dtype == object
    other = axis_values(runs(), points, "loss", measured({"metric": "loss"}), "s", None)
    assert other.tolist() == runs()["value"][[3, 0]].tolist()
    unknown = points.assign(row_key=["r3", "nowhere"])
    assert np.isnan(
        axis_values(runs(), unknown, "loss", measured({"metric": "loss"}), "s", None)[1]
    )


def test_a_measurement_as_an_axis_is_averaged_like_the_response():
    table = runs().assign(step=range(16))
    average = {"by": "group_id", "at": "step"}
    points = average_rows(
        measurement(table, measured({"metric": "error"}), "s"), average_entry(average), "s"
    )
    found = axis_values(
        table, points, "loss", measured({"metric": "loss"}), "s", average_entry(average)
    )
    means = table.iloc[:8].groupby("group_id")["value"].mean()
    assert found == pytest.approx(means.to_numpy())


def test_a_row_measured_twice_is_no_axis():
    twice = pd.concat([runs(), runs().iloc[:1]])
    points = measurement(runs(), measured({"metric": "error"}), "s")
    with pytest.raises(TableError, match="column loss: several measurements share a row"):
        axis_values(twice, points, "loss", measured({"metric": "loss"}), "s", None)
