"""Means over the last evaluations of a run, before a law is fitted."""

import pandas as pd
import pytest
from card_entries import fit_entry

from scaling_studies.cards.models.fit import AverageRows
from scaling_studies.errors import TableError
from scaling_studies.fits.frames import fit_frame
from scaling_studies.fits.measurements import average_rows


def run_table() -> pd.DataFrame:
    rows = [
        ("a", 10.0, "loss", 3.0),
        ("a", 10.0, "error", 0.5),
        ("a", 20.0, "loss", 2.0),
        ("a", 20.0, "error", 0.3),
        ("b", 30.0, "loss", 1.5),
        ("b", 30.0, "error", 0.2),
        ("b", 25.0, "loss", 1.7),
        ("b", 25.0, "error", 0.4),
    ]
    frame = pd.DataFrame(rows, columns=["run_id", "tokens", "metric", "value"])
    keys = frame["run_id"] + "@" + frame["tokens"].astype(str)
    return frame.assign(
        row_key=keys, table="t", eval_set="web", unit="nats_per_token", status="ok",
        value_low=frame["value"] - 0.1, value_high=frame["value"] + 0.1, value_std=0.1,
    )  # fmt: skip


AVERAGE = {"by": "run_id", "at": "tokens"}


def test_the_last_row_stands_for_the_mean():
    entry = {"response": {"metric": "loss"}, "axes": {"tokens": "tokens"}, "average": AVERAGE}
    frame = fit_frame(run_table(), fit_entry(entry), study="made_2020")
    assert list(frame["run_id"]) == ["a", "b"]
    assert list(frame["tokens"]) == [20.0, 30.0]
    assert list(frame["observed"]) == pytest.approx([2.5, 1.6])
    assert frame[["observed_low", "observed_high", "observed_std"]].isna().all(axis=None)


def test_an_axis_that_is_a_measurement_is_averaged_too():
    entry = {
        "response": {"metric": "error"},
        "axes": {"loss": {"metric": "loss"}},
        "average": AVERAGE,
    }
    frame = fit_frame(run_table(), fit_entry(entry), study="made_2020")
    assert list(frame["loss"]) == pytest.approx([2.5, 1.6])
    assert list(frame["observed"]) == pytest.approx([0.4, 0.3])


def test_an_unknown_column_is_named():
    with pytest.raises(TableError, match=r"made_2020.*steps"):
        average_rows(run_table(), AverageRows(by="run_id", at="steps"), "made_2020")
