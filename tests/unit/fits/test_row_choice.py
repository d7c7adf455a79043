"""Which rows a fit takes: the lowest of groups and bins, and what the response is made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import TableError
from scaling_studies.fits.frames import fit_frame
from scaling_studies.fits.row_choice import choose


def sweep() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "params": [1e8, 1e8, 1e8, 1e9, 1e9, 1e9],
            "observed": [1e-3, 2e-3, 4e-3, 1e-3, 2e-3, 4e-3],
            "value": [3.00, 2.99, 3.20, 2.505, 2.50, 2.51],
        },
        index=[10, 11, 12, 13, 14, 15],
    )


def chosen(rows: dict) -> list[int]:
    return list(np.flatnonzero(choose(sweep(), rows, "study")))


def test_lowest_keeps_one_row_of_each_group():
    assert chosen({"lowest": {"of": "value", "within": ["params"]}}) == [1, 4]
    assert chosen({"lowest": {"of": "value"}}) == [4]
    assert chosen({"lowest": {}}) == [0]  # of the response; the first of equal ones


def test_lowest_within_a_margin_keeps_every_row_near_the_best():
    near = {"of": "value", "within": ["params"], "margin": 0.0025}
    assert chosen({"lowest": near}) == [1, 3, 4]
    assert chosen({"lowest": near | {"margin": 0.005}}) == [0, 1, 3, 4, 5]


def test_lowest_of_what_the_conditions_leave():
    rows = {"where": {"params": 1e9, "value": {"above": 2.5}}, "lowest": {"of": "value"}}
    assert chosen(rows) == [3]


def test_lowest_in_bins_of_equal_width_in_the_logarithm():
    frame = pd.DataFrame({"flops": [1.0, 2.0, 9.0, 11.0, 100.0], "observed": [5.0, 4, 3, 2, 1]})
    rows = {"lowest": {"bins": {"column": "flops", "count": 2}}}
    # The bins are [1, 10) and [10, 100]; the last value belongs to the last bin.
    assert list(np.flatnonzero(choose(frame, rows, "study"))) == [2, 4]


def test_an_unknown_column_is_refused():
    with pytest.raises(TableError, match="no such column"):
        choose(sweep(), {"lowest": {"within": ["tokens"]}}, "study")


def runs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "study": "study",
            "table": "runs",
            "run_id": ["a", "b"],
            "row_key": ["a", "b"],
            "status": "ok",
            "params_total": [1e8, 1e9],
            "learning_rate": [1e-3, 5e-4],
            "metric": "accuracy",
            "eval_set": "test",
            "unit": "fraction",
            "value": [0.6, 0.7],
            "value_low": [0.55, np.nan],
            "value_high": [0.62, np.nan],
            "value_std": np.nan,
        }
    )


def test_a_complement_turns_the_interval_round():
    entry = {
        "response": {"metric": "accuracy", "complement": True},
        "axes": {"x": "params_total"},
    }
    frame = fit_frame(runs(), entry, study="study")
    assert list(frame["observed"]) == pytest.approx([0.4, 0.3])
    assert frame["observed_low"][0] == pytest.approx(0.38)
    assert frame["observed_high"][0] == pytest.approx(0.45)


def test_a_column_may_be_the_response_and_the_measurement_choose_rows():
    entry = {
        "response": {"metric": "accuracy", "column": "learning_rate"},
        "axes": {"x": "params_total"},
        "rows": {"lowest": {"of": "value"}},
    }
    frame = fit_frame(runs(), entry, study="study")
    assert list(frame["observed"]) == [1e-3]
    assert frame["observed_low"].isna().all()
